"""The search for loops as one stage: matted frames in, loops and the frames to write them out.

It joins what `loops/` keeps apart (fingerprints, detector, emitter) with the form in which frames
wait, and gathers the picture of the clip's time that the report shows.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction

from streaming.face import Mark, Wish
from streaming.hunting import LoopHunt
from streaming.keeping import Glimpse, Keeper, Kept
from streaming.loops.detector import SPARE
from streaming.loops.emitter import Cut, LoopEmitter
from streaming.loops.fingerprint import Fingerprinter
from streaming.loops.model import Diagnosis, Look, Loop, Moment
from streaming.matting.stream import Matted
from streaming.meter import Meter, Timed
from streaming.results.curve import Curve
from streaming.results.filmstrip import Filmstrip
from streaming.settings import LoopSettings

__all__ = ["LoopSearch"]


GONE = "its frames are not held: mark a span within the last seconds of the timeline"


class LoopSearch:
    """A stage from `Matted` to the loops found in it and the cuts that are ready to be written.

    Args:
        settings: What counts as a loop.
        keeper: Gives frames the form in which they wait.
        ring_bytes: What waiting frames may cost.
        meter: Counts the time of fingerprints and detector.
        ceiling_s: Longest loop that may be asked for later; None for what is asked for now.
        live: The source does not wait, so the same motion is not cut again and again.
        judged: Told every moment.
        refused: Told of a marked span that cannot be cut, and why.

    Attributes:
        found: How many loops were found so far.
        hurried: Whether what nobody waits for is left out.
        strip: Small pictures of the stream so far.
        curve: The best mismatch at each moment so far.
    """

    def __init__(
        self,
        settings: LoopSettings,
        *,
        keeper: Keeper,
        ring_bytes: int,
        meter: Meter,
        ceiling_s: Fraction | None = None,
        live: bool = False,
        judged: Callable[[Moment], object] = lambda moment: None,
        refused: Callable[[Mark, str], object] = lambda mark, why: None,
    ) -> None:
        self._meter = meter
        self._judged = judged
        self._refused = refused
        self._live = live
        self._mends = settings.repair != "none"
        self._keeper = keeper
        self._fingerprint = Timed(
            Fingerprinter(centred=settings.anchor == "subject"), meter, "fingerprint"
        )
        lookback_s = ceiling_s or settings.max_duration_s
        self._hunt = LoopHunt(settings, lookback_s, sparing=live)
        self._detect = Timed(self._hunt, meter, "detect")
        self._emitter: LoopEmitter[Kept] = LoopEmitter(
            loops=self._wanted(settings),
            lookback_s=lookback_s,
            budget_bytes=ring_bytes,
            spare=1 if live or settings.repair == "none" else SPARE,
        )
        self.hurried = False
        self.found = 0
        self.strip = Filmstrip()
        self.curve = Curve()

    def push(self, item: Matted, /) -> Iterator[Loop | Cut[Kept]]:
        """Look at one frame."""
        frame = item.frame
        start = self._meter.clock()
        kept = self._keeper.keep(item)
        self.strip.push(max(Fraction(0), frame.time_s), item.look)
        self._meter.add("keep", self._meter.clock() - start, 1)
        prints = tuple(self._fingerprint.push(Look(frame.index, frame.time_s, item.look)))
        if self._mends:
            kept = replace(kept, glimpse=Glimpse.of(item.look, prints[0]))
        yield from self._emitter.push(kept)
        for print_ in prints:
            yield from self._tell(self._detect.push(print_))

    def flush(self) -> Iterator[Loop | Cut[Kept]]:
        """The stream is over: give what waited for more of it."""
        for print_ in self._fingerprint.flush():
            yield from self._tell(self._detect.push(print_))
        yield from self._tell(self._detect.flush())
        yield from self._emitter.flush(substitutes=not self.hurried)

    def heed(self, wish: Wish) -> Iterator[Loop | Cut[Kept]]:
        """Do what somebody wishes of a search that runs."""
        if wish.limits is not None:
            self._emitter.want(self._wanted(wish.limits))
            for loop in self._hunt.retune(wish.limits):
                yield from self._heard(loop)
        for mark in wish.marks:
            marked = self._hunt.marked(mark)
            if marked is None:
                self._refused(mark, GONE)
            else:
                yield from self._heard(marked)

    def hurry(self, hurried: bool) -> None:
        """Whether `flush` leaves out what nobody waits for."""
        self.hurried = hurried

    def diagnosis(self) -> Diagnosis:
        """Why there is no loop; ask after `flush`."""
        return self._hunt.diagnosis()

    def _wanted(self, settings: LoopSettings) -> int:
        """How many loops leave no room for near ones: before a camera, a true one does."""
        return 1 if self._live else settings.loops

    def _heard(self, loop: Loop) -> Iterator[Loop | Cut[Kept]]:
        """Tell of a loop that was not found in its own moment."""
        if loop.kind == "loop":
            self.found += 1
            yield loop
            yield from self._emitter.early(loop)
        yield from self._emitter.push(Moment(loop.end, loop.end_s, None, None, (loop,)))

    def _tell(self, moments: Iterable[Moment]) -> Iterator[Loop | Cut[Kept]]:
        for moment in moments:
            self._judged(moment)
            self.curve.push(max(Fraction(0), moment.time_s), moment.best)
            for loop in moment.found:
                if loop.kind == "loop":
                    self.found += 1
                    yield loop
                    yield from self._emitter.early(loop)
            yield from self._emitter.push(moment)
