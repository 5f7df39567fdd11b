"""Ends from which a loop closes, or from which a fade costs least.

The pose that a limb is in counts more than any way of blending. So ends and fade are searched for
together, first roughly, by the distances of the frames that would go over into each other: of all
pairs of frames at once, or of those near ends that somebody has chosen.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from streaming.loops.distance import F64
from streaming.mending.sight import Sight

__all__ = ["REACH", "Ends", "Limits", "around", "closest", "fades"]

REACH = 12  # frames by which an end may be moved that somebody has chosen
MOVED = 0.005  # what moving an end by a frame costs, in ordinary steps,
FARTHEST = 0.2  # and at most
CALM = 1.1  # steps up to which the motion is no reason to look for a calmer moment,
HASTY = 2.0  # and what a step beyond costs
SPARED = 5  # frames by which the ends of two of the best differ, or one of them is enough
SPREAD = 1.2  # steps that every frame of a fade may add to the motion, at a rough guess
TAPS = (-1, 0, 1)


@dataclass(frozen=True, slots=True)
class Ends:
    """One choice of ends.

    Attributes:
        start: First frame.
        end: Frame after the last.
        fade: How many of the last frames go over into those before the start.
        cost: The larger the worse, in ordinary steps.
    """

    start: int
    end: int
    fade: int
    cost: float


@dataclass(frozen=True, slots=True)
class Limits:
    """What a mended loop may be.

    Attributes:
        least: Frames that it has at least.
        most: At most.
        reach: Frames by which its ends may be moved.
    """

    least: int = 8
    most: int = 1_000_000
    reach: int = REACH

    def allow(self, frames: int) -> bool:
        """Whether so many are within the limits."""
        return self.least <= frames <= self.most


def around(sight: Sight, start: int, end: int, limits: Limits) -> Iterator[Ends]:
    """All ends near a span's, unrated.

    Args:
        sight: The footage.
        start: First frame as given.
        end: Frame after the last, as given.
        limits: What a loop may be.
    """
    near = min(REACH, limits.reach)
    for first in range(start - near, start + near + 1):
        for last in range(end - near, end + near + 1):
            if sight.holds(first) and sight.holds(last) and limits.allow(last - first):
                yield Ends(first, last, 0, MOVED * (abs(first - start) + abs(last - end)))


def fades(sight: Sight, start: int, end: int, limits: Limits, *, fade: int) -> Iterator[Ends]:
    """The best ends for a fade of some frames, best first, of neighbours the best alone.

    Args:
        sight: The footage.
        start: First frame as given.
        end: Frame after the last, as given.
        limits: What a loop may be.
        fade: How many of its frames go over.
    """
    weights = np.array([each / (fade + 1) for each in range(1, fade + 1)])
    shifted = [
        4 * weight * (1 - weight) * _shifted(sight.apart, fade - at)
        for at, weight in enumerate(weights)
    ]
    gap = np.max(shifted, axis=0) / sight.step
    haste = (_paces(sight, fade) + gap / (fade + 1) - CALM).clip(0, None)
    cost = gap + HASTY * haste + _away(sight, start, end)
    cost[gap > SPREAD * (fade + 1)] = np.inf
    longest = Limits(max(limits.least, 2 * fade), limits.most, limits.reach)
    return _apart(sight, _bounded(sight, cost, (start, end), longest), fade)


def closest(sight: Sight, start: int, end: int, limits: Limits) -> Iterator[Ends]:
    """The ends at which a plain cut closes best, best first, of neighbours the best alone.

    Args:
        sight: The footage.
        start: First frame as given.
        end: Frame after the last, as given.
        limits: What a loop may be.
    """
    taps = np.stack([_shifted(sight.apart, -tap) for tap in TAPS])
    known = np.isfinite(taps)
    gap = np.where(known, taps, 0).sum(axis=0) / known.sum(axis=0).clip(1) / sight.step
    cost = gap + _away(sight, start, end)
    return _apart(sight, _bounded(sight, cost, (start, end), limits), 0)


def _shifted(apart: F64, by: int) -> F64:
    """(n, n) distances of the frames that lie `by` before each pair; infinite outside."""
    count = len(apart)
    made = np.full((count, count), np.inf)
    low, high = max(0, by), min(count, count + by)
    made[low:high, low:high] = apart[low - by : high - by, low - by : high - by]
    return made


def _away(sight: Sight, start: int, end: int) -> F64:
    """(n, n) what it costs to move the ends, by first and last frame."""
    frames = np.arange(sight.first, sight.last + 1)
    moved = abs(frames[:, None] - start) + abs(frames[None] - end)
    return np.asarray(np.minimum(MOVED * moved, FARTHEST))


def _bounded(sight: Sight, cost: F64, span: tuple[int, int], limits: Limits) -> F64:
    """The cost, infinite where a loop may not be."""
    frames = np.arange(sight.first, sight.last + 1)
    length = frames[None] - frames[:, None]
    bad = (length < limits.least) | (length > limits.most)
    bad |= abs(frames[:, None] - span[0]) > limits.reach
    bad |= abs(frames[None] - span[1]) > limits.reach
    return np.where(bad, np.inf, cost)


def _apart(sight: Sight, cost: F64, fade: int) -> Iterator[Ends]:
    """The best, the best of all that are not its neighbours, and so on."""
    left = cost.copy()
    while True:
        at, to = divmod(int(left.argmin()), len(left))
        if not np.isfinite(left[at, to]):
            return
        yield Ends(sight.first + at, sight.first + to, fade, float(left[at, to]))
        rows = slice(max(0, at - SPARED), at + SPARED + 1)
        left[rows, max(0, to - SPARED) : to + SPARED + 1] = np.inf


def _paces(sight: Sight, fade: int) -> F64:
    """(n, n) the largest step that the footage itself makes where it would be mended, usual ones.

    By first frame and frame after the last, as everything here.
    """
    paces = np.append(sight.paces, sight.paces[-1:])
    count = len(paces)
    before = [float(paces[max(0, k - fade) : k + 2].max(initial=0)) for k in range(count)]
    last = [float(paces[max(0, k - fade - 1) : k].max(initial=0)) for k in range(count)]
    both: F64 = np.maximum(np.array(before)[:, None], np.array(last)[None])
    return both
