"""From distances of single frames to distances of seams.

One frame passes the same pose twice per period of a swing, in opposite directions. Five frames
around the seam do not: D(i, j) = sum_k w_k d(i+k, j+k). In lags every tap stands in the same
column, so a whole row of D is a weighted sum of five rows of d.

Each frame of a row is centred on its own subject, which would make a person who flies up look like
one who comes down again. So what the five displacements have in common is free (the written loop
leads the subject back by it) and what is left of them counts as a shift. Where the frame's edge
cuts the subject nothing is free: there the seam is judged in place.

Source: Schoedl, Szeliski, Salesin, Essa, "Video Textures", SIGGRAPH 2000, section 3.1 (the diagonal
    binomial filter that preserves dynamics).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streaming.loops.distance import F64, shift_cost
from streaming.loops.window import Row

__all__ = ["REACH", "TAPS", "Held", "SeamRow", "hood", "seam_row"]

TAPS = 2  # taps on either side of the seam
WEIGHTS = np.array([1, 4, 6, 4, 1]) / 16
REACH = 3  # a seam must be the best among those whose ends are this near


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """Which frames may not be centred, by lag from the row's own frame.

    Attributes:
        across: (n,) 1 where this frame or the other is cut on the left or right, else 0.
        along: (n,) the same for top and bottom.
    """

    across: F64
    along: F64


@dataclass(frozen=True, slots=True, eq=False)
class SeamRow:
    """Seams that end at one frame, by lag of their start.

    Attributes:
        d: (n,) float64 distances D(i, j); infinite where unknown, and at lag 0.
        least: (n,) the least of `d` among lags within the reach: of starts that near.
    """

    d: F64
    least: F64


def seam_row(rows: Sequence[Row | None], held: Held, stiff: F64) -> SeamRow:
    """Weigh five rows into one of seams.

    Args:
        rows: The rows of frames j-2..j+2, None where the clip has none.
        held: Where shifts count in full.
        stiff: (3,) what a shift costs at frame j.
    """
    length = len(held.across)
    weights, values = _stack(rows, length)
    squares = values[0] * values[0]
    if values[1:].any():
        x = values[1] - _mean(weights, values[1]) * (1 - held.across)
        y = values[2] - _mean(weights, values[2]) * (1 - held.along)
        squares += shift_cost(stiff, x, y)
    seam = _mean(weights, np.sqrt(squares, out=squares))
    middle = rows[TAPS]
    seam[0 if middle is None else len(middle.d) :] = np.inf
    seam[0] = np.inf
    return SeamRow(seam, _least(seam, REACH))


def hood(rows: Sequence[tuple[int, SeamRow]], length: int) -> F64:
    """The least D around every seam that ends at one frame, by lag.

    Args:
        rows: Rows of seams and how many frames later than the frame in question each ends.
        length: How many lags are wanted.
    """
    least = np.full(length, np.inf)
    for later, row in rows:
        # seen from an end `later` frames on, the same start has a lag that is larger by as much
        low, high = max(0, -later), min(length, len(row.least) - later)
        if high > low:
            seen = row.least[low + later : high + later]
            np.minimum(least[low:high], seen, out=least[low:high])
    return least


def _stack(rows: Sequence[Row | None], length: int) -> tuple[F64, F64]:
    """Lay five rows over each other.

    Returns:
        (5,) or (5, n) weights that add up to 1 wherever anything is known, 0 where a tap falls
        outside the clip, and (3, 5, n) d, x and y of the taps.
    """
    known = [row for row in rows if row is not None and len(row.d) >= length]
    if len(known) == len(rows):  # nearly always
        taps = [[row.d[:length] for row in known], [row.x[:length] for row in known]]
        return WEIGHTS, np.array([*taps, [row.y[:length] for row in known]])
    weights = np.zeros((len(rows), length))
    values = np.zeros((3, len(rows), length))
    for tap, (weight, row) in enumerate(zip(WEIGHTS, rows, strict=True)):
        if row is not None:
            end = min(length, len(row.d))
            weights[tap, :end] = weight
            for value, seen in zip(values, (row.d, row.x, row.y), strict=True):
                value[tap, :end] = seen[:end]
    weights /= np.maximum(weights.sum(axis=0), 1e-9)
    return weights, values


def _mean(weights: F64, values: F64) -> F64:
    """The weighted mean of (5, n) values over the taps."""
    return np.asarray(weights @ values if weights.ndim == 1 else (weights * values).sum(axis=0))


def _least(values: F64, reach: int) -> F64:
    """The least of all values within the reach of each, by windows that double in width."""
    least = np.full(len(values) + 2 * reach, np.inf)
    least[reach : reach + len(values)] = values
    wide, wanted = 1, 2 * reach + 1
    while wide < wanted:
        more = min(wide, wanted - wide)
        least = np.minimum(least[:-more], least[more:])
        wide += more
    return least
