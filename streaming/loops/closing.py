"""How exactly a span closes: its seam from the thumbnails themselves, and its drift to a fraction.

The scan's distances come out of a matrix product in single precision, good to a hundredth of a grey
level or so; for the few spans that matter the differences are taken directly.

The centroids of two mattes tell how far the subject moved as long as the mattes are alike. Where
they differ (a hand that is lost for a frame) least squares does better: the shift that brings the
five thumbnails after the seam onto the five before it, which the parts that agree decide.

Source: Lucas, Kanade, "An Iterative Image Registration Technique", IJCAI 1981, one step of it.
"""

import math
from dataclasses import dataclass

import numpy as np

from streaming.loops.distance import F32, F64, distance, shift_cost
from streaming.loops.seams import TAPS, WEIGHTS
from streaming.loops.subject import Framing
from streaming.loops.window import Column, Window

__all__ = ["Closing", "Drift", "closing", "refined"]

FARTHEST = 0.75  # samples of a thumbnail; beyond it one step of least squares is not to be trusted


@dataclass(frozen=True, slots=True)
class Drift:
    """A displacement to the right and downwards, in px of the reduced frame."""

    x: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Tap:
    """Two frames that stand over each other at the seam.

    Attributes:
        weight: What they count.
        before: (4, N) thumbnail near the start of the loop.
        after: (4, N) thumbnail near its end.
        x: How far right of the common drift the later subject stands, px of the reduced frame.
        y: The same downwards.
    """

    weight: float
    before: F32
    after: F32
    x: float
    y: float


@dataclass(frozen=True, slots=True, eq=False)
class Closing:
    """The seam of one span.

    Attributes:
        distance: D(i, j), exact.
        taps: The frames around it.
        framing: The window their thumbnails show.
    """

    distance: float
    taps: tuple[Tap, ...]
    framing: Framing


def closing(window: Window, lag: int, length: int, free_x: bool, free_y: bool) -> Closing:
    """Measure a seam directly.

    Args:
        window: Where the frames are.
        lag: How far back the span's end is.
        length: How many frames it has.
        free_x: Whether a common shift to the side is allowed.
        free_y: Whether a common shift up or down is.
    """
    framing = window.bank.framing
    taps = [k for k in range(-TAPS, TAPS + 1) if lag - k >= 0 and lag + length - k < window.count]
    later = np.array([lag - k for k in taps])
    weights = WEIGHTS[np.array(taps) + TAPS]
    weights = weights / weights.sum()
    x = _uncommon(window.column(Column.X), later, length, weights, free_x) * framing.free_x
    y = _uncommon(window.column(Column.Y), later, length, weights, free_y) * framing.free_y
    bank = window.bank
    made = tuple(
        Tap(float(w), bank.planes(int(at) + length), bank.planes(int(at)), float(dx), float(dy))
        for w, at, dx, dy in zip(weights, later, x, y, strict=True)
    )
    costs = shift_cost(window.at(lag).stiff, x, y)
    seam = sum(
        tap.weight * math.sqrt(distance(tap.before, tap.after) ** 2 + float(cost))
        for tap, cost in zip(made, costs, strict=True)
    )
    return Closing(float(seam), made, framing)


def refined(close: Closing) -> Drift:
    """What the drift between centroids is short of, by least squares over all taps.

    Returns:
        The correction in px of the reduced frame; nothing where there is nothing to hold on to, or
        where the answer is too large to be trusted.
    """
    grid, framing = close.framing.grid, close.framing
    scale_x, scale_y = 2 * framing.half_x / grid.width, 2 * framing.half_y / grid.height
    normal, right = np.zeros((2, 2)), np.zeros(2)
    for tap in close.taps:
        before = tap.before.reshape(4, grid.height, grid.width)
        after = tap.after.reshape(4, grid.height, grid.width)
        down, across = np.gradient((before + after) / 2, axis=(1, 2))
        gap = after - before
        slopes = np.stack((across.ravel(), down.ravel()))
        normal += tap.weight * (slopes @ slopes.T)
        # the thumbnails are centred apart by what is left of their shift: lay them over each other
        here = slopes @ gap.ravel() - (slopes @ slopes.T) @ (tap.x / scale_x, tap.y / scale_y)
        right -= tap.weight * here
    if np.linalg.det(normal) < 1e-6:
        return Drift(0.0, 0.0)
    shift = np.linalg.solve(normal, right)
    if float(np.abs(shift).max()) > FARTHEST:
        return Drift(0.0, 0.0)
    return Drift(float(shift[0]) * scale_x, float(shift[1]) * scale_y)


def _uncommon(
    place: F64, later: "np.ndarray[tuple[int], np.dtype[np.intp]]", length: int, w: F64, free: bool
) -> F64:
    moved = place[later] - place[later + length]
    return moved - float(w @ moved) if free else moved
