"""Masters: what a loop was cut from, kept near-lossless with exact times.

Whatever later moves a loop's ends, changes its format, mends or edits it starts from its master, so
it holds what the loop itself no longer does: the source's own frames, the matte apart from them,
frames before and after the loop, and every time as the exact fraction that it was.

It is one MKV that any player opens: stream 0 the source, 1 the matte as full-range grey, 2 the
foreground with its colours continued past the matte's edge and grey beyond. Streams 1 and 2 show
only the part of the picture in which the subject ever is (a person in 720p: 4.5 ms a frame less, no
more bytes); version 1 knew no such part. MKV counts milliseconds, so exact times stand in a tag as
text, with the loop's span, that part and whatever JSON the caller adds. A tag stands at a file's
head and times are known at its end: encoded packets wait in memory until then, about 0.1 MB a frame
at 720p for the few seconds that a master lasts.

Measured at 720p on one thread with x264's ultrafast preset, ms and kB a frame and luma PSNR in dB,
the last two cropped to a quarter of the picture: source qp 12: 5.5, 47, 50.2; matte qp 10: 1.0, 16,
59.6; foreground qp 15: 1.5, 23, 50.1. A fixed qp
rather than crf, which gives small pictures less than it gives large ones. The source's 4:2:0
planes are encoded as they are; FFV1 would take 30 ms and 700 kB, to keep the source's own
compression noise exactly.
"""

import json
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.container import InputContainer

from streaming.errors import InputError
from streaming.frames import U8, Patch, Picture, Rect, Size, read_only
from streaming.media.inlay import BLANK, Inlay, inlay_of, lay
from streaming.media.picture import AvPicture
from streaming.media.planes import BT709, FULL, copied, even, plane, tag
from streaming.media.reel import Reel, ReelWriter
from streaming.media.timing import MILLISECOND
from streaming.media.track import VideoTrack
from streaming.media.whole import telling

__all__ = ["Master", "MasterFrame", "MasterWriter", "read_master"]

TAG = "LOOPMATTE"
VERSION = 2
LEAST_PX = 16  # least side of the part that is written, of a subject that is never there
SOURCE, MATTE, FOREGROUND = range(3)


@dataclass(frozen=True, slots=True, eq=False)
class MasterFrame:
    """One frame of a master.

    Attributes:
        index: Its number in the source stream.
        time_s: Its exact time in the source stream.
        source: The source's picture, in the master's size when read back.
        rgba: (H, W, 4) uint8, straight alpha: the foreground's colours and the matte.
    """

    index: int
    time_s: Fraction
    source: Picture
    rgba: U8


@dataclass(frozen=True, slots=True)
class Master:
    """A master that was written.

    Attributes:
        path: The file.
        size: Size of its frames.
        start: Number of the loop's first frame, as its frames are numbered.
        end: Number of the frame after the loop's last.
        indices: Number of every frame.
        times_s: Exact time of every frame.
        about: What the writer was told about it.
        part: The part of the picture that its matte and foreground show; empty beyond.
    """

    path: Path
    size: Size
    start: int
    end: int
    indices: tuple[int, ...]
    times_s: tuple[Fraction, ...]
    about: Mapping[str, object]
    part: Rect

    @property
    def end_s(self) -> Fraction:
        """Until when its last frame is shown, by its mean step."""
        first, last = self.times_s[0], self.times_s[-1]
        return last + ((last - first) / max(1, len(self.times_s) - 1) or Fraction(1, 10))

    def subjects(self, long_px: int) -> Iterator[Patch]:
        """Decode the subject alone, small, frame by frame: several times as fast as `frames`.

        Args:
            long_px: Longest side of the whole picture; never larger than the master's own.

        Raises:
            InputError: The file is damaged or gone.
        """
        size, part = self._scaled(long_px)
        small = Size(max(1, part.x1 - part.x0), max(1, part.y1 - part.y0))
        own = self.part.within(Rect.whole(self.size))
        inner = Size(own.x1 - own.x0, own.y1 - own.y0)
        with _opened(self.path) as file:
            for _, (matte, colours) in zip(
                self.indices, _together(file, self.path, (MATTE, FOREGROUND)), strict=False
            ):
                rgb = AvPicture(copied(colours, inner)).rgb(small)
                grey = plane(matte, 0)[: inner.height, : inner.width]
                alpha = AvPicture.of(np.dstack((grey, grey, grey))).rgb(small)[..., :1]
                yield Patch(np.dstack((rgb, alpha)), part, size)

    def frames(self) -> Iterator[MasterFrame]:
        """Decode it, frame by frame.

        Raises:
            InputError: The file is damaged or gone.
        """
        count = 0
        with _opened(self.path) as file:
            for pictures in _together(file, self.path, (SOURCE, MATTE, FOREGROUND)):
                if count == len(self.indices):
                    break
                rgba = self._rgba(pictures[FOREGROUND], pictures[MATTE])
                source = AvPicture(copied(pictures[SOURCE], self.size))
                yield MasterFrame(self.indices[count], self.times_s[count], source, rgba)
                count += 1
        if count < len(self.indices):
            raise InputError(
                f"{self.path} holds {count} of its {len(self.indices)} frames; write it again"
            )

    def _scaled(self, long_px: int) -> tuple[Size, Rect]:
        """The whole picture's size, and the part's place in it, when the picture is that long."""
        scale = min(1.0, long_px / max(self.size.width, self.size.height))
        size = Size(round(self.size.width * scale), round(self.size.height * scale))
        own = self.part.within(Rect.whole(self.size))
        x0, y0 = min(size.width - 1, int(own.x0 * scale)), min(size.height - 1, int(own.y0 * scale))
        x1 = min(size.width, x0 + max(1, round((own.x1 - own.x0) * scale)))
        y1 = min(size.height, y0 + max(1, round((own.y1 - own.y0) * scale)))
        return size, Rect(x0, y0, x1, y1)

    def _rgba(self, foreground: av.VideoFrame, matte: av.VideoFrame) -> U8:
        part = self.part.within(Rect.whole(self.size))
        size = Size(part.x1 - part.x0, part.y1 - part.y0)
        colours = AvPicture(copied(foreground, size)).rgb(size)
        pixels = np.dstack((colours, plane(matte, 0)[: size.height, : size.width]))
        return read_only(Patch(pixels, part, self.size).whole())


class MasterWriter(ReelWriter):
    """Writes one master, which appears when `close` has been called.

    A context manager; leaving the block without `close` leaves no file.

    Args:
        path: The file's final name, ending in .mkv.
        size: Size of every frame.
        start: Number of the loop's first frame.
        end: Number of the frame after its last.
        about: More to keep with it, anything JSON can say.
        part: The part of the picture outside which there is never a subject; all of it where None.
        replace: Whether an existing file may be replaced.

    Raises:
        OutputError: Here and from every method: the file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        *,
        size: Size,
        start: int,
        end: int,
        about: Mapping[str, object],
        part: Rect | None = None,
        replace: bool = False,
    ) -> None:
        self._size = size
        self._part = _evened((part or Rect.whole(size)).within(Rect.whole(size)), size)
        self._facts: dict[str, object] = {
            "version": VERSION,
            "size": [size.width, size.height],
            "loop": [start, end],
            "part": [self._part.x0, self._part.y0, self._part.x1, self._part.y1],
            "about": dict(about),
        }
        json.dumps(self._facts)  # says now, not at the end, that something is no JSON
        self._written: list[tuple[int, Fraction]] = []
        self._packets: list[av.Packet] = []
        self._tracks: list[VideoTrack] = []
        self._reel = Reel(path, format="matroska", replace=replace)

    def write(self, frame: MasterFrame) -> None:
        """Add a frame; its picture is scaled to the master's size where it has another."""
        if frame.rgba.shape != (self._size.height, self._size.width, 4):
            raise ValueError(f"a picture of shape {frame.rgba.shape} in a master of {self._size}")
        self.lay(inlay_of(Patch.of(frame.rgba)), frame.source, frame.index, frame.time_s)

    def lay(self, subject: Inlay | None, source: Picture, index: int, time_s: Fraction) -> None:
        """Add a frame whose subject is prepared already; None is an empty one."""
        own = copied(_planar(source, self._size), even(self._size))
        if not self._tracks:
            self._begin(own)
        pictures = (own, _matte(subject, self._part), _colours(subject, self._part))
        first_s = self._written[0][1] if self._written else time_s
        with telling(self._reel.path):
            for track, picture in zip(self._tracks, pictures, strict=True):
                track.write(picture, time_s - first_s)
        self._written.append((index, time_s))

    def close(self, end_s: Fraction) -> None:
        """Finish the file and give it its name.

        Args:
            end_s: Time in the source stream until which the last frame is shown.
        """
        if not self._written:
            raise ValueError("a master without frames")
        self._facts["frames"] = [[index, str(time_s)] for index, time_s in self._written]
        with telling(self._reel.path):
            for track in self._tracks:
                track.end(end_s - self._written[0][1])
            self._reel.into.metadata[TAG] = json.dumps(self._facts)
            for packet in sorted(self._packets, key=lambda each: each.dts * each.time_base):
                self._reel.into.mux(packet)
        self._reel.keep()

    def _begin(self, source: av.VideoFrame) -> None:
        """Add the streams, now that the source's colours are known."""
        sides, part = even(self._size), self._part
        small = Size(part.x1 - part.x0, part.y1 - part.y0)
        full, matrix = source.color_range == FULL, source.colorspace
        with telling(self._reel.path):
            self._tracks = [
                self._track(sides, "yuv420p", 12, full, matrix),
                self._track(small, "gray", 10, True),
                self._track(small, "yuv420p", 15),
            ]

    def _track(
        self, size: Size, pixels: str, qp: int, full: bool = False, matrix: int = BT709
    ) -> VideoTrack:
        return VideoTrack(
            self._reel.into,
            "libx264",
            size=size,
            pixels=pixels,
            options={"preset": "ultrafast", "qp": str(qp)},
            time_base_s=MILLISECOND,
            matrix=matrix,
            full_range=full,
            mux=self._packets.append,
        )


def read_master(path: Path) -> Master:
    """Read what a master says about itself; its frames are decoded when asked for.

    Raises:
        InputError: The file cannot be read, or is no master.
    """
    with _opened(path) as source:
        text = source.metadata.get(TAG)
    try:
        facts = json.loads(text or "")
        frames = facts["frames"]
        size = Size(*facts["size"])
        return Master(
            path,
            size,
            int(facts["loop"][0]),
            int(facts["loop"][1]),
            tuple(int(index) for index, _ in frames),
            tuple(Fraction(time_s) for _, time_s in frames),
            facts["about"],
            Rect(*facts["part"]) if "part" in facts else Rect.whole(size),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is no master of this program; give a file of masters/") from error


def _evened(part: Rect, size: Size) -> Rect:
    """A part that begins and ends at even places and is not too small for the encoder."""
    x0, y0 = part.x0 // 2 * 2, part.y0 // 2 * 2
    x1, y1 = max(part.x1, x0 + LEAST_PX), max(part.y1, y0 + LEAST_PX)
    whole = even(size)
    return Rect(x0, y0, min(x1 + x1 % 2, whole.width), min(y1 + y1 % 2, whole.height))


def _matte(subject: Inlay | None, part: Rect) -> av.VideoFrame:
    frame = av.VideoFrame(part.x1 - part.x0, part.y1 - part.y0, "gray")
    plane(frame, 0)[:] = BLANK[3]
    if subject is not None:
        lay(subject, frame, part)
    return tag(frame, full=True)


def _colours(subject: Inlay | None, part: Rect) -> av.VideoFrame:
    frame = av.VideoFrame(part.x1 - part.x0, part.y1 - part.y0, "yuv420p")
    for index in range(3):
        plane(frame, index)[:] = BLANK[index]
    if subject is not None:
        lay(subject, frame, part)
    return tag(frame)


def _planar(picture: Picture, size: Size) -> av.VideoFrame:
    """The picture's 4:2:0 planes at `size`, without a conversion where it has them."""
    packed = picture.packed(size)
    if not isinstance(packed, AvPicture):
        packed = AvPicture.of(picture.rgb(size)).packed(size)
    return packed.frame


def _opened(path: Path) -> InputContainer:
    options = {"format_whitelist": "matroska,webm", "protocol_whitelist": "file"}
    try:
        source: InputContainer = av.open(f"file:{path}", options=options, metadata_errors="replace")
    except (OSError, av.FFmpegError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    return source


def _together(
    source: InputContainer, path: Path, wanted: tuple[int, ...]
) -> Iterator[list[av.VideoFrame]]:
    """Decode some of the three streams together; what is not wanted is not decoded."""
    streams = source.streams.video
    if len(streams) != 3:
        raise InputError(f"{path} holds {len(streams)} video streams where a master has 3")
    waiting: dict[int, deque[av.VideoFrame]] = {index: deque() for index in wanted}
    try:
        for packet in source.demux(*(streams[index] for index in wanted)):
            waiting[packet.stream.index].extend(packet.decode())
            while all(waiting.values()):
                yield [each.popleft() for each in waiting.values()]
    except (OSError, av.FFmpegError) as error:
        raise InputError(f"{path} is damaged: {error}") from error
