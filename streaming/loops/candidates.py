"""A close look at one span that might be a loop."""

from functools import cached_property

import numpy as np

from streaming.loops.closing import Closing, Drift, closing, refined
from streaming.loops.distance import F32, F64, agreement, distance, shift_cost
from streaming.loops.fingerprint import Fingerprint
from streaming.loops.guards import Span, ordinary_step
from streaming.loops.pose import OTHER, pose_gap
from streaming.loops.subject import Edges
from streaming.loops.window import Column, Window

__all__ = ["Candidate", "hashes_agree"]

PLAIN = 2.0  # ordinary steps from which everybody sees the seam
CLOSER = 3.0  # cut closely, two frames are never so many times as far apart as in the window
WHOLE = 0.98  # coverage from which the matte is the whole picture


class Candidate:
    """One span [start, end) of the window, good until the window's next frame.

    Attributes:
        start: Fingerprint of its first frame.
        end: Fingerprint of the frame that looks like it.
        seam: D of its seam.
        drift: How far the subject moved from start to end, in px of the reduced frame.

    Args:
        window: Where its frames are.
        lag: How far back `end` lies from the newest frame.
        length: How many frames the span has.
        seam: D of its seam as the scan has it.
    """

    def __init__(self, window: Window, lag: int, length: int, seam: float) -> None:
        self._window = window
        self._lag = lag
        self._length = length
        self._inside = slice(lag, lag + length)
        self._both = slice(lag, lag + length + 1)
        self.end = window.at(lag)
        self.start = window.at(lag + length)
        self.seam = seam
        self._pose = 0.0
        self.drift = self._apart()

    @cached_property
    def step(self) -> float:
        """One ordinary step."""
        return ordinary_step(self._steps)

    @property
    def mismatch(self) -> float:
        """How many ordinary steps the seam is off; a step beyond `OTHER` counts no more than it.

        The pose is known once the candidate is settled.
        """
        return max(self.seam / self.step, self._pose / OTHER)

    @cached_property
    def cut(self) -> Edges:
        """Sides of the frame that cut the subject at the start or the end."""
        a, b = self.start.place.edges, self.end.place.edges
        return Edges(a.left or b.left, a.top or b.top, a.right or b.right, a.bottom or b.bottom)

    @cached_property
    def span(self) -> Span:
        """Everything the guards ask for."""
        framing, drift, around = self._window.bank.framing, self.drift, self._motions
        coverage = self._column(Column.COVERAGE, self._both)
        return Span(
            seam=self.seam,
            mismatch=self.mismatch,
            peak=self._peak(),
            steps=self._steps,
            luma=self._column(Column.LUMA, self._both),
            glow=self._column(Column.GLOW, self._inside),
            agreement=agreement(around[0], around[1]),
            pace=self._paces[0],
            bustle=self._paces[1],
            coverage=coverage,
            wander=max(abs(drift.x) / (2 * framing.half_x), abs(drift.y) / (2 * framing.half_y)),
            cut=self.cut,
            whole_picture=float(coverage.mean()) > WHOLE,
        )

    def settle(self) -> float:
        """Measure seam, pose and drift exactly, from the thumbnails; give the mismatch."""
        close = self._closing
        self.seam = close.distance
        self._pose = self._poses_apart()
        moved = refined(close)
        self.drift = Drift(
            self.drift.x + moved.x if self._free_x else 0.0,
            self.drift.y + moved.y if self._free_y else 0.0,
        )
        return self.mismatch

    @cached_property
    def _steps(self) -> F64:
        """Steps inside in order, what goes beyond the common drift included."""
        around = self._column(Column.STEP, self._inside)
        x = self._column(Column.STEP_X, self._inside) - self.drift.x / self._length
        y = self._column(Column.STEP_Y, self._inside) - self.drift.y / self._length
        steps: F64 = np.sqrt(around * around + shift_cost(self.end.stiff, x, y))
        return steps

    @property
    def _free_x(self) -> bool:
        return self._window.bank.framing.free_x and not self.cut.across

    @property
    def _free_y(self) -> bool:
        return self._window.bank.framing.free_y and not self.cut.along

    def _apart(self) -> Drift:
        a, b = self.start.place, self.end.place
        return Drift(b.x - a.x if self._free_x else 0.0, b.y - a.y if self._free_y else 0.0)

    def _poses_apart(self) -> float:
        """Where steps are small, or the seam is plain to see, it cannot matter: not measured."""
        if self.step * CLOSER < OTHER or self.seam > PLAIN * self.step:
            return 0.0
        return pose_gap(self._window, self._lag, self._length, self._free_x, self._free_y)

    @property
    def _closing(self) -> Closing:
        return closing(self._window, self._lag, self._length, self._free_x, self._free_y)

    @property
    def _motions(self) -> tuple[F32, F32]:
        """How the picture changes around the start, and around the end."""
        return self._motion(self._lag + self._length), self._motion(self._lag)

    def _motion(self, lag: int) -> F32:
        bank = self._window.bank
        change: F32 = bank.planes(self._after(lag)) - bank.planes(self._before(lag))
        return change

    def _after(self, lag: int) -> int:
        return max(0, lag - 1)

    def _before(self, lag: int) -> int:
        return min(self._window.count - 1, lag + 1)

    @cached_property
    def _paces(self) -> tuple[float, float]:
        """How fast the motion is around the start and the end, in ordinary steps; slower first."""
        bank, paces = self._window.bank, []
        for lag in (self._lag, self._lag + self._length):
            after, before = self._after(lag), self._before(lag)
            apart = distance(bank.planes(before), bank.planes(after))
            paces.append(apart / max(1, before - after) / self.step)
        return min(paces), max(paces)

    def _peak(self) -> float:
        row, drift = self._window.row(self._lag + self._length), self.drift
        passed = np.arange(self._length, -1, -1) / self._length
        x = row.x[self._both] + drift.x * passed
        y = row.y[self._both] + drift.y * passed
        d = row.d[self._both]
        return float(np.sqrt(d * d + shift_cost(self.start.stiff, x, y)).max())

    def _column(self, which: Column, frames: slice) -> F64:
        """One column in the order of time."""
        return self._window.column(which)[frames][::-1]


def hashes_agree(a: Fingerprint, b: Fingerprint, bits: int) -> bool:
    """Whether two frames' hashes differ in `bits` bits at most; hashes of two framings always do.

    Args:
        a: One frame.
        b: The other.
        bits: How many of the 64 may differ, in either hash.
    """
    if a.thumb.framing != b.thumb.framing:
        return True
    colour = (a.colour_hash ^ b.colour_hash).bit_count()
    return colour <= bits and (a.matte_hash ^ b.matte_hash).bit_count() <= bits
