"""From verdicts to frames: which kept frames are written, and when.

A loop is handed over as soon as the frames after its end are there too (masters carry some on
either side). A near-loop is only a substitute: the best few wait in the ring, and one is handed
over when its first frame is about to leave, or at the end of the stream, and only while fewer loops
than wanted were found. So memory stays the ring's; a near-loop that was handed over early may turn
out to be surplus, and whoever writes the results drops it then.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Generic

from streaming.loops.model import Loop, Moment
from streaming.loops.ranking import best
from streaming.loops.ring import Kept, Ring
from streaming.loops.scan import LOOKAHEAD

__all__ = ["ROLL", "Cut", "LoopEmitter"]

ROLL = 15  # frames before and after a span that its master carries

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Cut(Generic[Kept]):
    """A span that is ready to be written.

    Attributes:
        loop: What it is.
        frames: The kept frames of the span with up to `ROLL` before and after it; emptied by
            `taken`, because the frames of a long cut cost more than the rest of the program.
        lead: How many of them come before `loop.start`.
        early: Whether these are the loop's own frames alone, handed over at once; what its master
            needs follows.
    """

    loop: Loop
    frames: list[Kept]
    lead: int
    early: bool = False

    @property
    def inside(self) -> tuple[Kept, ...]:
        """The frames of the loop itself, `end` not among them."""
        return tuple(each for each in self.frames if self.loop.start <= each.index < self.loop.end)

    def taken(self) -> Iterator[Kept]:
        """Give the frames in order and forget each one, so that a long cut soon costs nothing."""
        self.frames.reverse()
        while self.frames:
            yield self.frames.pop()


class LoopEmitter(Generic[Kept]):
    """A stage that takes kept frames and moments, and gives spans to write.

    A moment comes after the frames that it speaks of; otherwise the two may be mixed in any way
    that their order allows.

    Attributes:
        lost: Loops whose frames had left the ring before they could be handed over.

    Args:
        loops: How many loops are wanted.
        lookback_s: The detector's.
        budget_bytes: What the kept frames may cost.
        spare: So many times as many near-loops as are missing are handed over: where they are to
            be mended, some cannot.
    """

    def __init__(
        self, *, loops: int, lookback_s: Fraction, budget_bytes: int, spare: int = 1
    ) -> None:
        self.lost = 0
        self._spare = spare
        self._wanted = loops
        self._ring: Ring[Kept] = Ring(
            span_s=lookback_s, extra=3 * ROLL + LOOKAHEAD, budget_bytes=budget_bytes
        )
        self._first: int | None = None
        self._waiting: list[Loop] = []
        self._near: tuple[Loop, ...] = ()
        self._spilled: tuple[Loop, ...] = ()
        self._found: set[str] = set()

    def push(self, item: Kept | Moment, /) -> Iterable[Cut[Kept]]:
        """Take the next frame, or what is known of an earlier one."""
        if isinstance(item, Moment):
            return self._hear(item)
        return self._keep(item)

    def want(self, loops: int) -> None:
        """Change how many loops are wanted."""
        self._wanted = loops

    def flush(self, *, substitutes: bool = True) -> Iterable[Cut[Kept]]:
        """Hand over what still waits for frames that never came, then the near-loops.

        Near-loops come in the order of time: they overlap, and what was made of a frame for one of
        them is still at hand for the next. The spare ones come last, for they may not be needed.

        Args:
            substitutes: Whether near-loops are wanted at all.
        """
        cuts = self._cuts(self._waiting)
        self._waiting = []
        missing = self._missing() if substitutes else 0
        ready, spare = self._near[:missing], self._near[missing : self._spare * missing]
        self._near = ()
        for each in (ready, spare):
            cuts += self._cuts(sorted(each, key=lambda loop: loop.start))
        self._ring.clear()  # each cut holds its own frames, and lets them go as they are written
        return cuts

    def early(self, loop: Loop) -> Iterable[Cut[Kept]]:
        """The frames of a loop that was just heard of, without waiting for those around it."""
        frames = self._ring.span(loop.start, loop.end)
        if frames and frames[0].index == loop.start:
            yield Cut(loop, list(frames), 0, early=True)

    def _keep(self, frame: Kept) -> list[Cut[Kept]]:
        self._first = frame.index if self._first is None else self._first
        cuts = self._cuts(self._leaving(frame))
        self._ring.push(frame)
        ready = [loop for loop in self._waiting if loop.end + ROLL - 1 <= frame.index]
        self._waiting = [loop for loop in self._waiting if loop not in ready]
        return cuts + self._cuts(ready)

    def _hear(self, moment: Moment) -> list[Cut[Kept]]:
        ready: list[Loop] = []
        for loop in moment.found:
            if loop.kind == "near":
                self._near = best((*self._near, loop), self._spare * self._wanted)
                continue
            self._found.add(loop.id)
            self._found.discard(loop.replaces or "")
            newest = self._ring.newest
            late = newest is not None and loop.end + ROLL - 1 <= newest
            (ready if late else self._waiting).append(loop)
        return self._cuts(ready)

    def _leaving(self, frame: Kept) -> Sequence[Loop]:
        """The near-loops that need a frame which `frame` will push out."""
        if not self._near:
            return ()
        gone = self._ring.leaving(frame)
        if gone is None:
            return ()
        leaving = [near for near in self._near if self._from(near) <= gone]
        self._near = tuple(near for near in self._near if near not in leaving)
        spared = self._spare * max(0, self._missing())
        chosen = best((*self._spilled, *leaving), spared)
        spilled = [near for near in leaving if near in chosen]
        self._spilled = best((*self._spilled, *spilled), self._spare * self._wanted)
        return spilled

    def _from(self, loop: Loop) -> int:
        return max(loop.start - ROLL, self._first or 0)

    def _missing(self) -> int:
        return max(0, self._wanted - len(self._found))

    def _cuts(self, loops: Sequence[Loop]) -> list[Cut[Kept]]:
        return [cut for cut in map(self._cut, loops) if cut is not None]

    def _cut(self, loop: Loop) -> Cut[Kept] | None:
        frames = self._ring.span(loop.start - ROLL, loop.end + ROLL)
        if not frames or frames[0].index > loop.start:
            self.lost += 1
            log.warning(
                "%s (%.2f s to %.2f s) is lost: the ring is too small for it",
                loop.id, float(loop.start_s), float(loop.end_s),
            )  # fmt: skip
            return None
        lead = sum(frame.index < loop.start for frame in frames)
        return Cut(loop, list(frames), lead)
