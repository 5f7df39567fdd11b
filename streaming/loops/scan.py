"""Scanning for seams: which frame looks, with its neighbours, like which earlier one.

For the newest frame one matrix-vector product gives its distance to the whole window; five such
rows make a row of seams, two frames late; seven rows of seams tell which seam is the best of its
neighbourhood, three frames later still.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from streaming.loops.distance import F64
from streaming.loops.fingerprint import Fingerprint
from streaming.loops.guards import ABSENT, STILL
from streaming.loops.seams import REACH, TAPS, Held, SeamRow, hood, seam_row
from streaming.loops.window import Column, Row, Window

__all__ = ["LOOKAHEAD", "Ending", "Scan"]

MOST_MINIMA = 8  # seams per frame that are worth a close look
PX_COUNTS = 0.1  # what a shift by a pixel is held to be worth, generously
LOOKAHEAD = TAPS + REACH  # frames after an end before it can be judged


@dataclass(frozen=True, slots=True, eq=False)
class Ending:
    """One frame as the possible end of a loop.

    Attributes:
        lag: How many frames back from the newest it is.
        d: (n,) float64 distances D(i, j) by length of the loop in frames; infinite where the loop
            would be too short, too long, or has no subject at its ends, or where D is unknown.
        minima: Lengths at which D is the least of its neighbourhood in start and end.
    """

    lag: int
    d: F64
    minima: NDArray[np.intp]


class Scan:
    """Weighs every frame as the end of a loop, `LOOKAHEAD` frames late.

    Args:
        shortest_s: Shortest loop in seconds.
        longest_s: Longest loop in seconds.
    """

    def __init__(self, shortest_s: Fraction, longest_s: Fraction) -> None:
        self._bounds = float(shortest_s) - 1e-9, float(longest_s) + 1e-9
        self.window = Window(longest_s, 2 * LOOKAHEAD + 2)
        self._newest = -1
        self._next = 0
        self._rows: dict[int, Row] = {}
        self._seams: dict[int, SeamRow] = {}

    def push(self, print_: Fingerprint) -> tuple[Ending, ...]:
        """Take the next frame; give the ending that is certain now, if any."""
        self._newest += 1
        self._rows[self._newest] = self.window.add(print_)
        if self._newest >= TAPS:
            self._weigh(self._newest - TAPS)
        return (self._ending(),) if self._newest >= LOOKAHEAD else ()

    def finish(self) -> tuple[Ending, ...]:
        """The endings of the last frames, whose lookahead never came."""
        for frame in range(max(0, self._newest - TAPS + 1), self._newest + 1):
            self._weigh(frame)
        return tuple(self._ending() for _ in range(self._next, self._newest + 1))

    def _weigh(self, frame: int) -> None:
        lag = self._newest - frame
        across = self.window.column(Column.ACROSS)[lag:]
        along = self.window.column(Column.ALONG)[lag:]
        held = Held(np.maximum(across, across[0]), np.maximum(along, along[0]))
        rows = [self._rows.get(frame + k) for k in range(-TAPS, TAPS + 1)]
        self._seams[frame] = seam_row(rows, held, self.window.at(lag).stiff)
        self._rows.pop(frame - TAPS, None)

    def _ending(self) -> Ending:
        frame, self._next = self._next, self._next + 1
        lag = self._newest - frame
        around = range(-REACH, REACH + 1)
        near = [(k, self._seams[frame + k]) for k in around if frame + k in self._seams]
        times = self.window.column(Column.TIME)[lag:]
        length = min(len(times), len(self._seams[frame].d))
        lasts = times[0] - times[:length]
        fits = (lasts >= self._bounds[0]) & (lasts <= self._bounds[1])
        seen = self.window.column(Column.COVERAGE)[lag : lag + length] >= ABSENT
        fits &= seen if seen[0] else False
        fits[1:] &= self._moved(lag, length)
        d = np.where(fits, self._seams[frame].d[:length], np.inf)
        minima = np.flatnonzero((d <= hood(near, length)) & np.isfinite(d))
        if len(minima) > MOST_MINIMA:
            minima = minima[np.argsort(d[minima], kind="stable")[:MOST_MINIMA]]
        self._seams.pop(frame - REACH, None)
        return Ending(lag, d, minima)

    def _moved(self, lag: int, length: int) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
        """Whether enough happened for a loop, by length of the span from 1 on.

        No frame inside is farther from the first than all steps together; so a still is seen to be
        one here, before each of its frames is found to be the equal of every other.
        """
        inside = slice(lag, lag + length - 1)
        around, x, y = (
            self.window.column(which)[inside]
            for which in (Column.STEP, Column.STEP_X, Column.STEP_Y)
        )
        moved = np.cumsum(around + PX_COUNTS * (np.abs(x) + np.abs(y)))
        return np.asarray(moved >= STILL)
