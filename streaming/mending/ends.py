"""Ends near those that were given, from which a fade costs least.

To move an end by a few frames is the least that can be done to a loop, and often most of the cure:
the pose that a limb is in counts more than any way of blending. So ends and fade are searched for
together, first roughly, by the distances of the frames that would go over into each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from streaming.loops.distance import F64
from streaming.mending.sight import Sight

__all__ = ["Ends", "Limits", "around", "closest", "fades"]

REACH = 12  # frames by which an end may be moved
MOVED = 0.02  # what moving an end by a frame costs, in ordinary steps
CALM = 1.1  # steps up to which the motion is no reason to look for a calmer moment,
HASTY = 2.0  # and what a step beyond costs
SPARED = 3  # frames by which the ends of two of the best differ, or one of them is enough


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
    """How many frames a mended loop may have.

    Attributes:
        least: At least.
        most: At most.
    """

    least: int = 8
    most: int = 1_000_000

    def allow(self, frames: int) -> bool:
        """Whether so many are within the limits."""
        return self.least <= frames <= self.most


def around(sight: Sight, start: int, end: int, limits: Limits) -> Iterator[Ends]:
    """All ends near a span's, unrated.

    Args:
        sight: The footage.
        start: First frame as given.
        end: Frame after the last, as given.
        limits: How many frames a loop has.
    """
    for first in range(start - REACH, start + REACH + 1):
        for last in range(end - REACH, end + REACH + 1):
            if sight.holds(first) and sight.holds(last) and limits.allow(last - first):
                yield Ends(first, last, 0, MOVED * (abs(first - start) + abs(last - end)))


def fades(
    sight: Sight, start: int, end: int, limits: Limits, *, fade: int, most: int
) -> tuple[Ends, ...]:
    """The best ends for a fade of some frames, best first, of neighbours the best alone.

    Args:
        sight: The footage.
        start: First frame as given.
        end: Frame after the last, as given.
        limits: How many frames a loop has.
        fade: How many of them go over.
        most: How many choices are wanted.
    """
    weights = np.array([each / (fade + 1) for each in range(1, fade + 1)])
    weights = 4 * weights * (1 - weights)
    rated = []
    for each in around(sight, start, end, limits):
        if sight.holds(each.start - fade) and each.end - each.start >= 2 * fade:
            gap = _gap(sight, each, fade, weights) / sight.step
            haste = max(0.0, _pace(sight, each, fade) + gap / (fade + 1) - CALM)
            rated.append(Ends(each.start, each.end, fade, each.cost + gap + HASTY * haste))
    return _apart(rated, most)


def closest(sight: Sight, start: int, end: int, limits: Limits, *, most: int) -> tuple[Ends, ...]:
    """The ends at which a plain cut closes best, best first, of neighbours the best alone.

    Args:
        sight: The footage.
        start: First frame as given.
        end: Frame after the last, as given.
        limits: How many frames a loop has.
        most: How many choices are wanted.
    """
    rated = []
    for each in around(sight, start, end, limits):
        taps = [k for k in (-1, 0, 1) if sight.holds(each.start + k) and sight.holds(each.end + k)]
        gaps = [sight.apart[sight.at(each.end + k), sight.at(each.start + k)] for k in taps]
        rated.append(Ends(each.start, each.end, 0, each.cost + float(np.mean(gaps)) / sight.step))
    return _apart(rated, most)


def _apart(rated: list[Ends], most: int) -> tuple[Ends, ...]:
    """The best of all that are not neighbours."""
    chosen: list[Ends] = []
    for each in sorted(rated, key=lambda each: each.cost):
        gaps = (abs(each.start - old.start) + abs(each.end - old.end) for old in chosen)
        if all(gap >= SPARED for gap in gaps):
            chosen.append(each)
        if len(chosen) == most:
            break
    return tuple(chosen)


def _pace(sight: Sight, ends: Ends, fade: int) -> float:
    """The largest step that the footage itself makes where it would be mended, in usual steps."""
    last = slice(sight.at(ends.end - fade - 1), sight.at(ends.end - 1))
    first = slice(sight.at(ends.start - fade), min(sight.at(ends.start + 2), len(sight.paces)))
    return float(max(sight.paces[last].max(initial=0), sight.paces[first].max(initial=0)))


def _gap(sight: Sight, ends: Ends, fade: int, weights: F64) -> float:
    """The largest distance of two frames that are to be mixed."""
    rows = np.arange(ends.end - fade, ends.end) - sight.first
    columns = np.arange(ends.start - fade, ends.start) - sight.first
    return float((sight.apart[rows, columns] * weights).max())
