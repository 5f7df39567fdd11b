"""Any input as one stream of frames: numbered, with exact rising times, upright, of one size.

    with open_source("clip.mp4", SourceSettings()) as source:
        for frame in source.frames():
            ...

There are three readers (FFmpeg's containers, Pillow's pictures, folders); which one is right is
decided by the file's first bytes and never by its name. What they share stands here: times are
repaired, the part between start and end is cut out, and one frame is held back, because how long a
frame is shown is known for certain only when the next one comes.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from types import TracebackType

from streaming.errors import InputError
from streaming.frames import Frame
from streaming.media.clip import ClipReader
from streaming.media.folder import FolderReader
from streaming.media.opening import address_of
from streaming.media.reader import Reader, Shot, SourceInfo
from streaming.media.stills import AnimationReader, is_for_pillow
from streaming.media.timing import Timeline
from streaming.settings import SourceSettings

__all__ = ["Source", "SourceInfo", "open_source"]

# A file is called cut short when it lacks more than this; headers are often off by less.
MISSING_S, MISSING_SHARE = Fraction(1, 2), Fraction(1, 20)


def open_source(what: str, settings: SourceSettings) -> "Source":
    """Open whatever a user gave as input.

    Args:
        what: A path of a file or folder, a URL (http, https, rtsp) or a camera (`camera:0`).
        settings: What of it to read, and how large its pictures may be.

    Returns:
        The source; a context manager.

    Raises:
        InputError: It is not there, is not allowed, or cannot be read.
    """
    return Source(_reader(what, settings), settings)


def _reader(what: str, settings: SourceSettings) -> Reader:
    address = address_of(what)
    if address.path is None:
        return ClipReader(address, settings)
    if address.kind == "folder":
        return FolderReader(address.path, settings)
    if is_for_pillow(address.path):
        return AnimationReader(address.path, settings)
    return ClipReader(address, settings)


class Source:
    """An opened input. Its frames can be iterated once.

    Args:
        reader: The opened reader; closed with the source.
        settings: Start and end.
    """

    def __init__(self, reader: Reader, settings: SourceSettings) -> None:
        self._reader = reader
        self._settings = settings
        self._timeline = Timeline(1 / reader.info.rate)
        self._delivered = 0
        self._seen = 0
        self._end_s = Fraction(0)
        self._missing: str | None = None

    def __enter__(self) -> "Source":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def info(self) -> SourceInfo:
        """What is known beforehand."""
        return self._reader.info

    @property
    def skipped(self) -> int:
        """Damaged frames that were left out so far."""
        return self._reader.skipped

    def close(self) -> None:
        """Let go of the input; frames cannot be read any more."""
        self._reader.close()

    def frames(self) -> Iterator[Frame]:
        """Read the frames between start and end, one at a time.

        Yields:
            Frames numbered from 0. Their times are on the input's own clock, so the first one after
            `--start 5` has a time of about 5.

        Raises:
            InputError: Not one frame could be read, or one is larger than allowed.
        """
        for time, length, shot in self._lasting(self._reader.shots()):
            self._seen += 1
            if self._settings.start_s is not None and time < self._settings.start_s:
                continue
            if self._settings.end_s is not None and time >= self._settings.end_s:
                break
            yield Frame(self._delivered, time, length, shot.picture)
            self._delivered += 1
            self._end_s = time + length
        else:
            self._missing = self._what_is_missing()
        if self._delivered == 0:
            raise InputError(self._why_nothing())

    def notes(self) -> list[str]:
        """What a user should know of the input; complete once the frames were read."""
        notes = self._reader.notes()
        if self.skipped:
            notes.append(f"{_counted(self.skipped, 'damaged frame')} could not be read.")
        if self._timeline.repaired:
            changed = _counted(self._timeline.repaired, "frame")
            notes.append(
                f"The times of {changed} did not rise or were missing; they were repaired."
            )
        if self._missing is not None:
            notes.append(self._missing)
        return notes

    def _lasting(self, shots: Iterable[Shot]) -> Iterator[tuple[Fraction, Fraction, Shot]]:
        """Shots with their repaired times and for how long each is shown."""
        held: tuple[Fraction, Shot] | None = None
        for shot in shots:
            time = self._timeline.place(shot.time_s)
            if self.info.live:  # waiting for the next frame would show this one late
                yield time, self._stated(shot), shot
                continue
            if held is not None:
                yield held[0], time - held[0], held[1]
            held = time, shot
        if held is not None:
            yield held[0], self._stated(held[1]), held[1]

    def _stated(self, shot: Shot) -> Fraction:
        return shot.duration_s or 1 / self.info.rate

    def _what_is_missing(self) -> str | None:
        """A sentence if the input ends well before it said it would."""
        declared = self.info.duration_s
        if declared is None:
            return None
        wanted = min(declared, self._settings.end_s or declared)
        if wanted - self._end_s <= max(MISSING_S, wanted * MISSING_SHARE):
            return None
        return (
            f"The {self.info.kind} is cut short: it declares {float(declared):.2f} s"
            f"{f' ({self.info.frames} frames)' if self.info.frames else ''}, and "
            f"{_counted(self._delivered, 'frame')} up to {float(self._end_s):.2f} s could be read."
        )

    def _why_nothing(self) -> str:
        name, start, end = self.info.name, self._settings.start_s, self._settings.end_s
        length = self.info.duration_s
        if self._seen or (start is not None and length is not None and start >= length):
            until = "" if end is None else f" and --end {float(end):g} s"
            known = "" if length is None else f"; it is {float(length):.2f} s long"
            return (
                f"{name}: there is no frame after --start {float(start or 0):g} s{until}{known}; "
                f"give another part"
            )
        declared = f", though it declares {self.info.frames}" if self.info.frames else ""
        damaged = f" ({_counted(self.skipped, 'damaged one')} skipped)" if self.skipped else ""
        return (
            f"{name}: no frame could be read of it ({self._reader.format}){declared}{damaged}; "
            f"the file is damaged or incomplete, give a whole one"
        )


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
