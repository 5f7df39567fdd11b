"""What may be done to the spans of one run so that they close.

A near-loop may take any ends in sight, as long as it shows what no other loop of the run does. A
loop that was found keeps its own, give or take a few frames: only its seam is looked at again.

Most spans of most footage cannot be mended, and to find that out costs as much as to mend. So what
near-loops may cost is bounded, by the length of the footage: counted in pairs of pictures and not
in seconds, so that a slow machine finds what a fast one does.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import islice

from streaming.keeping import Kept
from streaming.loops.emitter import Cut
from streaming.media.master import Master
from streaming.mending.model import INVISIBLE, Mend
from streaming.meter import Meter
from streaming.repairing import LEAST_S, TRIES, glimpsed, plans, sight_of
from streaming.results import LoopRecord
from streaming.rewriting import spanned
from streaming.settings import LoopSettings
from streaming.shelf import Shelf

__all__ = ["Remedies"]

GRANTED, PER_S = 300, 4  # pairs in any run, and for each second of it: 0.06 s of a core each


class Remedies:
    """Finds ways to mend; safe to ask from several threads.

    Args:
        loops: What was asked for: what may be done, and how long a loop may be.
        shelf: What the run has closed so far.
        meter: Counts the time of looking.
    """

    def __init__(self, loops: LoopSettings, shelf: Shelf, meter: Meter) -> None:
        self._loops = loops
        self._shelf = shelf
        self._meter = meter

    def wanted(self, record: LoopRecord) -> bool:
        """Whether the seam of a loop that was found shows in its file."""
        asked = self._loops.repair != "none" and record.loop.kind == "loop"
        return asked and record.seam_worst is not None and record.seam_worst > INVISIBLE

    def of_near(self, cut: Cut[Kept]) -> Iterator[Mend]:
        """What could be done to a near-loop, each claimed until the next is asked for."""
        loop, shelf = cut.loop, self._shelf
        allowed = GRANTED + int(PER_S * cut.frames[-1].time_s)
        over = shelf.full or shelf.effort >= allowed
        sight = None if over else glimpsed(cut.frames, loop)
        if sight is None:
            return
        times_s = {each.index: each.time_s for each in cut.frames}
        planned = plans(
            sight,
            loop,
            repair=self._loops.repair,
            least_s=self._least_s,
            most_s=self._loops.max_duration_s,
            fresh=lambda mend: (
                shelf.effort + sight.effort < allowed
                and not shelf.spare(spanned(times_s, loop, mend))
                and shelf.untried(mend)
            ),
        )
        spans = ((mend, spanned(times_s, loop, mend)) for mend in self._timed(planned))
        claimed = ((mend, span) for mend, span in spans if shelf.claim(span))
        try:
            for mend, span in islice(claimed, TRIES):
                yield mend
                shelf.give_up(span)
        finally:  # most often whoever asks has what is needed after the first
            shelf.spent(sight.effort)

    def of_found(self, record: LoopRecord, master: Master) -> Iterator[Mend]:
        """What could be done to a loop that was found and written, whose seam shows.

        Args:
            record: What was measured of it.
            master: Where its frames are.

        Raises:
            InputError: The master is damaged.
        """
        with self._meter.timing("mend"):
            sight = sight_of(master)
        planned = plans(
            sight,
            record.loop,
            repair=self._loops.repair,
            least_s=min(self._least_s, record.loop.duration_s),
            most_s=self._loops.max_duration_s,
        )
        shown = record.seam_worst or 0.0
        yield from islice((mend for mend in self._timed(planned) if mend.after < shown), TRIES)

    @property
    def _least_s(self) -> Fraction:
        longest_s = self._loops.max_duration_s
        return min(max(self._loops.min_duration_s, LEAST_S), longest_s)

    def _timed(self, mends: Iterator[Mend]) -> Iterator[Mend]:
        while True:
            with self._meter.timing("mend"):
                mend = next(mends, None)
            if mend is None:
                return
            yield mend
