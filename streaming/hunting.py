"""A search whose bounds can change while it runs: a detector that can be replaced by another.

A detector is built for one set of limits and keeps what it needs for them. When a user wants other
limits, a new one is built and shown the fingerprints of the last seconds again, so that a loop that
was passed over a moment ago is found now. What both find is told once, and names go on counting.
"""

import logging
from collections import deque
from dataclasses import replace
from fractions import Fraction

from streaming.face import Mark
from streaming.loops.detector import LoopDetector
from streaming.loops.fingerprint import Fingerprint
from streaming.loops.gauge import AROUND, SpanGauge
from streaming.loops.model import Diagnosis, Loop, Moment
from streaming.loops.ranking import alike, clearly_better
from streaming.settings import LoopSettings

__all__ = ["LoopHunt"]

log = logging.getLogger(__name__)

MARGIN = 16  # frames before the longest loop that its seam is compared with
WHILE_S = Fraction(12)  # for so long a motion that was told is no news
SAME_PERIOD = 0.06  # share of a period by which two that count as one may differ


class LoopHunt:
    """A stage from fingerprints to moments whose limits can be changed.

    Args:
        settings: The limits at first.
        ceiling_s: Longest loop that any limits may ask for.
        sparing: Whether the same motion, or so many times it, is told only once in a while: before
            a camera somebody may repeat a movement for minutes.
    """

    def __init__(
        self, settings: LoopSettings, ceiling_s: Fraction, *, sparing: bool = False
    ) -> None:
        self._sparing = sparing
        self._detector = LoopDetector(settings)
        self._ceiling_s = ceiling_s
        self._history: deque[Fingerprint] = deque()
        self._names: dict[str, str] = {}
        self._counted = {"L": 0, "N": 0}
        self._told: deque[Loop] = deque(maxlen=256)

    def push(self, print_: Fingerprint, /) -> list[Moment]:
        """Take the next frame; give what is now certain about an earlier one."""
        self._remember(print_)
        return [self._named(moment) for moment in self._detector.push(print_)]

    def flush(self) -> list[Moment]:
        """Say what is known of the last frames."""
        return [self._named(moment) for moment in self._detector.flush()]

    def retune(self, settings: LoopSettings) -> list[Loop]:
        """Go on with other limits; give the loops of the last seconds that fit them as well."""
        self._detector = LoopDetector(settings)
        self._names = {}
        fresh = []
        for print_ in self._history:
            for moment in self._detector.push(print_):
                for loop in moment.found:
                    known = self._known(loop)
                    if known is None:
                        fresh.append(self._name(loop))
                    else:  # what betters it later says so, by the name under which it was told
                        self._names[loop.id] = known.id
        return fresh

    def marked(self, mark: Mark) -> Loop | None:
        """The span that somebody marked, measured; None where its frames are not known any more."""
        if not self._history:
            return None
        start, end = (self._nearest(each) for each in (mark.start_s, mark.end_s))
        prints = [each for each in self._history if start - AROUND <= each.index <= end + AROUND]
        newest_s = self._history[-1].time_s
        step_s = newest_s - self._history[max(0, len(self._history) - 2)].time_s
        held = self._history[0].time_s <= mark.start_s and mark.end_s < newest_s + step_s / 2
        if not held or len(prints) < 2:
            log.warning("%s: the frames from %s s are not held", mark.id, float(mark.start_s))
            return None
        gauge = SpanGauge(prints)
        return gauge.loop(start, end, id=mark.id) if gauge.covers(start, end) else None

    def diagnosis(self) -> Diagnosis:
        """Why there is no loop."""
        return self._detector.diagnosis()

    def _remember(self, print_: Fingerprint) -> None:
        self._history.append(print_)
        while (
            len(self._history) > MARGIN
            and self._history[MARGIN].time_s < print_.time_s - self._ceiling_s
        ):
            self._history.popleft()

    def _known(self, loop: Loop) -> Loop | None:
        """The same loop as it was told before; to have told of a near-loop is not enough."""
        for each in reversed(self._told):
            if alike(loop, each) and (each.kind == "loop" or loop.kind == "near"):
                return each
        return None

    def _nearest(self, time_s: Fraction) -> int:
        return min(self._history, key=lambda each: abs(each.time_s - time_s)).index

    def _named(self, moment: Moment) -> Moment:
        if not moment.found:
            return moment
        news = (loop for loop in moment.found if not self._spared(loop))
        return replace(moment, found=tuple(self._name(loop) for loop in news))

    def _spared(self, loop: Loop) -> bool:
        """Whether a loop shows what one did that was told a moment ago, and hardly better."""
        if not self._sparing or loop.kind != "loop":
            return False
        for told in reversed(self._told):
            recent = loop.end_s - told.end_s < WHILE_S and told.kind == "loop"
            if recent and _repeats(loop, told) and not clearly_better(loop, told):
                self._names[loop.id] = told.id
                return True
        return False

    def _name(self, loop: Loop) -> Loop:
        kind = loop.id[0]
        self._counted[kind] += 1
        name = f"{kind}{self._counted[kind]}"
        self._names[loop.id] = name
        named = replace(loop, id=name, replaces=self._names.get(loop.replaces or ""))
        self._told.append(named)
        return named


def _repeats(loop: Loop, told: Loop) -> bool:
    """Whether a loop lasts about as long as an earlier one, or a whole number of times as long."""
    times = max(1, round(loop.frames / told.frames))
    return abs(loop.frames - times * told.frames) <= max(2, SAME_PERIOD * loop.frames)
