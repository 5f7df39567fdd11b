"""A close look at one span that might be a loop."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from streaming.loops.distance import F32, F64, agreement, distance, shift_cost
from streaming.loops.fingerprint import Fingerprint
from streaming.loops.guards import Span, ordinary_step
from streaming.loops.subject import Edges
from streaming.loops.window import Column, Window

__all__ = ["Candidate"]

WHOLE = 0.98  # coverage from which the matte is the whole picture


class Candidate:
    """One span [start, end) of the window.

    Args:
        window: Where its frames are.
        lag: How far back `end` lies from the newest frame.
        length: How many frames the span has.
        seam: D of its seam.
    """

    def __init__(self, window: Window, lag: int, length: int, seam: float) -> None:
        self._window = window
        self._inside = slice(lag, lag + length)
        self._both = slice(lag, lag + length + 1)
        self.seam = seam
        self.end = window.at(lag)
        self.start = window.at(lag + length)
        self._lag = lag
        self.length = length
        self._steps: F64 | None = None

    @property
    def duration_s(self) -> Fraction:
        """Exact length."""
        return self.end.time_s - self.start.time_s

    @property
    def steps(self) -> F64:
        """Steps inside in order, what goes beyond the common drift included."""
        if self._steps is None:
            around, x, y = (
                self._column(which)[self._inside]
                for which in (Column.STEP, Column.STEP_X, Column.STEP_Y)
            )
            drift = self.drift
            cost = shift_cost(self.end.stiff, x - drift.x / self.length, y - drift.y / self.length)
            self._steps = np.sqrt(around * around + cost)[::-1]
        return self._steps

    @property
    def step(self) -> float:
        """One ordinary step."""
        return ordinary_step(self.steps)

    @property
    def mismatch(self) -> float:
        """How many ordinary steps the seam is off."""
        return self.seam / self.step

    @property
    def drift(self) -> "Drift":
        """How far the subject moved from start to end, in px of the reduced frame."""
        framing = self._window.bank.framing
        a, b = self.start.place, self.end.place
        across, along = self.cut.across, self.cut.along
        return Drift(
            b.x - a.x if framing.free_x and not across else 0.0,
            b.y - a.y if framing.free_y and not along else 0.0,
        )

    @property
    def cut(self) -> Edges:
        """Sides of the frame that cut the subject at the start or the end."""
        a, b = self.start.place.edges, self.end.place.edges
        return Edges(a.left or b.left, a.top or b.top, a.right or b.right, a.bottom or b.bottom)

    def span(self) -> Span:
        """Everything the guards ask for."""
        framing = self._window.bank.framing
        drift = self.drift
        coverage = self._column(Column.COVERAGE)[self._both][::-1]
        return Span(
            seam=self.seam,
            peak=self._peak(),
            steps=self.steps,
            luma=self._column(Column.LUMA)[self._both][::-1],
            glow=self._column(Column.GLOW)[self._inside][::-1],
            agreement=agreement(*self._motions),
            pace=self._pace(),
            coverage=coverage,
            wander=max(abs(drift.x) / (2 * framing.half_x), abs(drift.y) / (2 * framing.half_y)),
            cut=self.cut,
            whole_picture=float(np.median(coverage)) > WHOLE,
        )

    @property
    def _motions(self) -> tuple[F32, F32]:
        """How the picture changes around the start, and around the end."""
        return self._motion(self._lag + self.length), self._motion(self._lag)

    def _motion(self, lag: int) -> F32:
        after, before = self._around(lag)
        bank = self._window.bank
        change: F32 = bank.planes(after) - bank.planes(before)
        return change

    def _around(self, lag: int) -> tuple[int, int]:
        return max(0, lag - 1), min(self._window.count - 1, lag + 1)

    def _pace(self) -> float:
        """The slower of the motions around the start and the end, in ordinary steps."""
        bank, paces = self._window.bank, []
        for lag in (self._lag, self._lag + self.length):
            after, before = self._around(lag)
            apart = distance(bank.planes(before), bank.planes(after))
            paces.append(apart / max(1, before - after) / self.step)
        return min(paces)

    def _peak(self) -> float:
        row, drift = self._window.row(self._lag + self.length), self.drift
        passed = np.arange(self.length, -1, -1) / self.length
        x = row.x[self._both] + drift.x * passed
        y = row.y[self._both] + drift.y * passed
        d = row.d[self._both]
        return float(np.sqrt(d * d + shift_cost(self.start.stiff, x, y)).max())

    def _column(self, which: Column) -> F64:
        return self._window.column(which)


@dataclass(frozen=True, slots=True)
class Drift:
    """A displacement to the right and downwards, in px of the reduced frame."""

    x: float
    y: float


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
