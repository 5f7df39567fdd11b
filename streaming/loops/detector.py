"""The online detector: fingerprints go in, and for every frame comes what is now known of it.

The scan tells, a few frames late, which seams are the best of their neighbourhood. Only those are
looked at closely: the ordinary step, the drift of the subject, the guards. So the cost of a frame
is linear in the window and the memory is constant, however long the stream.

The hashes turn away candidates before the close look. Their bound is so wide that it changes no
answer (a test compares); it saves work where many seams are merely the best of a bad lot.
"""

from collections.abc import Iterable
from fractions import Fraction
from typing import Literal

import numpy as np

from streaming.frames import Size
from streaming.loops.candidates import Candidate, hashes_agree
from streaming.loops.diagnosis import SEAM, TOO_FAR, Tally
from streaming.loops.fingerprint import Fingerprint
from streaming.loops.guards import jolts, objection
from streaming.loops.model import Diagnosis, Loop, Moment
from streaming.loops.scan import LOOKAHEAD, Ending, Scan
from streaming.loops.verdicts import Verdicts
from streaming.settings import LoopSettings

__all__ = ["NEAR", "SPARE", "LoopDetector"]

NEAR = 4.0  # mismatch up to which a span is worth showing as a start for mending,
FAR = 8.0  # and up to which mending is tried: where all is slow, much of a seam is little to see
SPARE = (
    2  # so many times as many near-loops as loops are told where they may be mended: some cannot
)
LOOP_MOTION, NEAR_MOTION = 2.0, 1.5  # how many times the seam the motion inside must be
HASH_BITS = 26  # of 64; unrelated frames differ in 26 to 32, real near-loops in up to 22
JOLT = "the seam would show, the motion around it is too quiet"


class LoopDetector:
    """A stage that finds loops in a stream of fingerprints.

    Attributes:
        lookback_s: How far before the end of a loop it may start.
        lookahead: How many frames after its end a loop becomes certain.

    Args:
        settings: What counts as a loop.
        gated: Whether the hashes turn candidates away; off only to show that it changes nothing.
    """

    lookahead: int = LOOKAHEAD

    def __init__(self, settings: LoopSettings, *, gated: bool = True) -> None:
        self.lookback_s: Fraction = settings.max_duration_s
        self._settings = settings
        self._gated = gated
        self._tally = Tally(settings)
        self._far = NEAR if settings.repair == "none" else FAR
        spare = 1 if settings.repair == "none" else SPARE
        self._verdicts = Verdicts(
            settings.loops, settings.max_duration_s, near=spare * settings.loops
        )
        self._size: Size | None = None
        self._scan = self._fresh_scan()

    def push(self, print_: Fingerprint, /) -> Iterable[Moment]:
        """Take the next frame; give what is now certain about an earlier one."""
        moments: list[Moment] = []
        if self._size not in (None, print_.size):  # another picture: nothing before it fits
            moments = list(self.flush())
            self._scan = self._fresh_scan()
        self._size = print_.size
        self._tally.see(print_)
        moments.extend(self._moment(ending) for ending in self._scan.push(print_))
        return moments

    def flush(self) -> Iterable[Moment]:
        """Say what is known of the last frames, whose lookahead never came."""
        return [self._moment(ending) for ending in self._scan.finish()]

    def diagnosis(self) -> Diagnosis:
        """Why there is no loop, or that there is one. Ask after `flush`."""
        return self._tally.diagnosis()

    def _fresh_scan(self) -> Scan:
        return Scan(self._settings.min_duration_s, self._settings.max_duration_s)

    def _moment(self, ending: Ending) -> Moment:
        """Say what is certain about one frame as an end."""
        found = [self._judge(self._candidate(ending, int(at))) for at in ending.minima]
        end = self._scan.window.at(ending.lag)
        best = self._least(ending)
        return Moment(
            index=end.index,
            time_s=end.time_s,
            best=best.mismatch if best else None,
            partner=best.start.index if best else None,
            found=tuple(loop for loop in found if loop is not None),
        )

    def _candidate(self, ending: Ending, length: int) -> Candidate:
        return Candidate(self._scan.window, ending.lag, length, float(ending.d[length]))

    def _least(self, ending: Ending) -> Candidate | None:
        """The best seam that ends here: the least D, for the ordinary step hardly varies."""
        at = int(np.argmin(ending.d))
        return self._candidate(ending, at) if np.isfinite(ending.d[at]) else None

    def _judge(self, candidate: Candidate) -> Loop | None:
        """Decide whether a candidate is a loop, a near-loop or neither."""
        if self._gated and not hashes_agree(candidate.start, candidate.end, HASH_BITS):
            return None
        if candidate.mismatch > max(self._far, self._settings.seam):
            self._tally.miss(candidate, TOO_FAR)
            return None
        if candidate.mismatch <= self._settings.seam:
            if not self._verdicts.news(_loop(candidate, "loop")):
                return None
            stopped = self._loop_objection(candidate)
            if stopped is None and candidate.settle() <= self._settings.seam:
                self._tally.found()
                return self._verdicts.tell(_loop(candidate, "loop"))
        return self._judge_near(candidate)

    def _judge_near(self, candidate: Candidate) -> Loop | None:
        wanted = self._verdicts.news(_loop(candidate, "near"))
        if not wanted and not self._tally.nearer(candidate):
            return None
        stopped = self._objection(candidate, NEAR_MOTION)
        if candidate.mismatch <= self._settings.seam:
            self._tally.miss(candidate, stopped or self._loop_objection(candidate) or SEAM)
        else:
            self._tally.miss(candidate, stopped or SEAM)
        if stopped is not None or not wanted:
            return None
        candidate.settle()
        return self._verdicts.tell(_loop(candidate, "near"))

    def _loop_objection(self, candidate: Candidate) -> str | None:
        stopped = self._objection(candidate, LOOP_MOTION)
        if stopped is None and jolts(candidate.span, self._settings.seam):
            return JOLT
        return stopped

    def _objection(self, candidate: Candidate, motion: float) -> str | None:
        whole = self._settings.whole_subject
        return objection(candidate.span, motion=motion, whole_subject=whole)


def _loop(candidate: Candidate, kind: Literal["loop", "near"]) -> Loop:
    drift, frame = candidate.drift, candidate.end.cutout.frame
    return Loop(
        id="",
        kind=kind,
        start=candidate.start.index,
        end=candidate.end.index,
        start_s=candidate.start.time_s,
        end_s=candidate.end.time_s,
        mismatch=candidate.mismatch,
        step=candidate.step,
        drift_x=drift.x / frame.width,
        drift_y=drift.y / frame.height,
    )
