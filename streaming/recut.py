"""Other ends for a loop that is written already, from its master.

A person who looks at a seam wants to see what a frame earlier or later would give, and to have it.
Everything for that is in the master: the frames around both ends, near-lossless, with exact times.
It is read once, into small pictures and a table of every seam that its ends could make.
"""

import io
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import islice
from pathlib import Path

from PIL import Image

from streaming.errors import InputError, OutputError
from streaming.frames import Patch
from streaming.loops.gauge import SpanGauge
from streaming.loops.model import Loop
from streaming.media.master import Master, read_master
from streaming.mending.choose import closes
from streaming.mending.model import Mend
from streaming.mending.sight import Sight
from streaming.repairing import LONGEST_S, TRIES, looks_of, offered, plans, sight_of, subjects_of
from streaming.results.records import LoopRecord
from streaming.rewriting import closed, rewritten
from streaming.settings import Repair

__all__ = ["OpenedMaster", "SeamTable", "offers", "open_master", "recut"]

SHOWN_PX = 640
REACH = 15  # frames by which an end can be moved: what a master carries beyond them
QUALITY = 80
_HOPELESS = {
    True: "no way to mend makes this seam invisible; move its ends, or cut it as it is",
    False: "this way to mend leaves the seam visible; try auto, or other ends",
}


@dataclass(frozen=True, slots=True)
class SeamTable:
    """Every seam that a loop's ends could make nearby.

    Attributes:
        starts: Frames at which it could start.
        ends: Frames before which it could end.
        mismatch: For each start, for each end, how many ordinary steps that seam is off; None where
            there is no such span.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    mismatch: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True, eq=False)
class OpenedMaster:
    """A master as somebody looks at it.

    Attributes:
        master: What it says of itself.
        subjects: Each frame's subject, in a picture of at most 640 px.
        table: The seams that its ends could make.
    """

    master: Master
    subjects: tuple[Patch, ...]
    table: SeamTable

    @property
    def nbytes(self) -> int:
        """Memory that keeping it costs."""
        return sum(each.rgba.nbytes for each in self.subjects)

    def shown(self, number: int) -> bytes:
        """One frame as WebP with alpha.

        Args:
            number: One of the master's `indices`.
        """
        subject = self.subjects[self.master.indices.index(number)]
        into = io.BytesIO()
        Image.fromarray(subject.whole()).save(into, "WEBP", quality=QUALITY, method=0)
        return into.getvalue()

    @property
    def fps(self) -> float:
        """Frames per second, on average."""
        times_s = self.master.times_s
        return (len(times_s) - 1) / float(times_s[-1] - times_s[0]) if len(times_s) > 1 else 25.0


def open_master(path: Path) -> OpenedMaster:
    """Read a master for looking at; takes a few milliseconds a frame.

    Raises:
        InputError: It is damaged or gone.
    """
    master = read_master(path)
    subjects = subjects_of(master, SHOWN_PX)
    return OpenedMaster(master, subjects, _table(master, SpanGauge.of(looks_of(master, subjects))))


def recut(
    path: Path, to: Path, *, start: int, end: int, id: str, repair: Repair = "none"
) -> LoopRecord:
    """Write a loop anew with other ends, or mended.

    Args:
        path: Its master.
        to: The new file, a name that is not taken.
        start: Number of its first frame.
        end: Number of the frame after its last.
        id: The new loop's name.
        repair: What may be done so that it closes; mending may move the ends by a few frames. One
            way that is named is taken even where a plain cut shows as little; "auto" then cuts.

    Returns:
        What was written, measured on the file; its places are names alone, without their folders.

    Raises:
        InputError: The master is damaged, or has not these frames, or nothing that may be done
            makes the seam invisible.
        OutputError: The file cannot be written, or is not what it should be.
    """
    master = read_master(path)
    _require(master, start, end)
    sight = sight_of(master)
    loop = replace(sight.loop(start, end), id=id)
    if repair != "none":  # as offered, so of any length
        mended = _mended(master, to, loop, sight, repair)
        if mended is not None:
            return mended
        if repair != "auto" or not closes(sight, start, end):
            raise InputError(f"frames {start} to {end}: {_HOPELESS[repair == 'auto']}")
    record = rewritten(master, to, loop)
    if record.problems:
        to.unlink(missing_ok=True)
        raise OutputError(f"{to.name} failed its check: {'; '.join(record.problems)}")
    return record


def _mended(
    master: Master, to: Path, loop: Loop, sight: Sight, repair: Repair
) -> LoopRecord | None:
    """A span mended, None where no way makes it better, or none that is allowed hides its seam."""
    asked = repair != "auto"
    mends = plans(sight, loop, repair=repair, least_s=Fraction(0), most_s=LONGEST_S, asked=asked)
    return closed(master, to, loop, islice(mends, TRIES))


def offers(opened: OpenedMaster, *, start: int, end: int) -> tuple[Mend, ...]:
    """Every way in which a loop could be mended, the least intrusive first; takes some seconds.

    Args:
        opened: Its master, which whoever looks at a seam has open.
        start: Number of its first frame.
        end: Number of the frame after its last.

    Raises:
        InputError: The master has not these frames.
    """
    _require(opened.master, start, end)
    return offered(Sight(looks_of(opened.master, opened.subjects)), start, end)


def _require(master: Master, start: int, end: int) -> None:
    if start not in master.indices or end not in master.indices or end - start < 3:
        low, high = master.indices[0], master.indices[-1]
        raise InputError(f"frames {start} to {end}: {master.path.name} holds {low} to {high}")


def _table(master: Master, gauge: SpanGauge) -> SeamTable:
    starts = _near(master, master.start)
    ends = _near(master, master.end)
    return SeamTable(
        starts,
        ends,
        tuple(
            tuple(
                round(gauge.mismatch(start, end), 4) if gauge.covers(start, end) else None
                for end in ends
            )
            for start in starts
        ),
    )


def _near(master: Master, frame: int) -> tuple[int, ...]:
    return tuple(each for each in master.indices if abs(each - frame) <= REACH)
