"""Ping-pong: forwards, then backwards, where the motion itself comes and goes the same way.

Any span closes when it is played there and back, and mostly it looks like film in reverse. It does
not where the motion turns by itself: a swing, a nod, arms that go up and come down again. There the
frames after the turn already look like those before it in reverse order, and that can be measured.
So both ends must be such turns.
"""

import numpy as np

from streaming.loops.guards import NOISE
from streaming.mending.ends import Limits
from streaming.mending.lead import Lead
from streaming.mending.model import Blend, Mend
from streaming.mending.sight import Sight

__all__ = ["pendulums", "turns"]

WINGS = 6  # frames on either side of a turn that must mirror each other
MIRRORED = 1.5  # ordinary steps by which they may differ
SWING = 2.5  # ordinary steps that the motion must at least cover between two turns
LEAST_WING = 3
MOST_OF = 0.4  # share of the span that must be left, or it is another loop and not this one mended


def turns(sight: Sight) -> tuple[tuple[int, float], ...]:
    """Frames at which the motion turns back, and how far from mirrored it is around each.

    Returns:
        Frame and ordinary steps, in order of time; of neighbours the best alone.
    """
    apart, count = sight.apart_in_place, len(sight.looks)
    step = _step(sight)
    rated = []
    for at in range(LEAST_WING, count - LEAST_WING):
        wing = min(WINGS, at, count - 1 - at)
        ahead = np.arange(1, wing + 1)
        uneven = float(apart[at - ahead, at + ahead].mean()) / step
        gone = float(apart[at, [at - wing, at + wing]].min()) / step
        if uneven <= MIRRORED and gone > max(1.0, 1.5 * uneven):
            rated.append((sight.first + at, uneven))
    return tuple(
        (frame, uneven)
        for frame, uneven in rated
        if all(uneven <= other for near, other in rated if abs(near - frame) <= WINGS)
    )


def pendulums(sight: Sight, start: int, end: int, limits: Limits) -> tuple[Mend, ...]:
    """Loops there and back between two turns in or near a span, the most mirrored first.

    Args:
        sight: The footage.
        start: First frame as given.
        end: Frame after the last, as given.
        limits: How many frames a loop has.
    """
    made = []
    known = [each for each in turns(sight) if start - WINGS <= each[0] <= end + WINGS]
    for number, (first, uneven) in enumerate(known):
        for last, other in known[number + 1 :]:
            between = sight.apart_in_place[sight.at(first), sight.at(first) : sight.at(last) + 1]
            if last - first < MOST_OF * (end - start) or not limits.allow(2 * (last - first)):
                continue
            if float(between.max()) < SWING * _step(sight):
                continue
            made.append((max(uneven, other), -(last - first), there_and_back(sight, first, last)))
    made.sort(key=lambda each: each[:2])
    return tuple(mend for _, _, mend in made)


def _step(sight: Sight) -> float:
    """An ordinary step in place."""
    return max(float(np.median(np.diag(sight.apart_in_place, 1))), NOISE)


def there_and_back(sight: Sight, first: int, last: int) -> Mend:
    """From one frame to another and back again, both ends shown once."""
    start_s, turn_s = sight.time_s(first), sight.time_s(last)
    way_s = turn_s - start_s
    there = [Blend(sight.time_s(each) - start_s, each) for each in range(first, last)]
    back = [Blend(way_s + turn_s - sight.time_s(each), each) for each in range(last, first, -1)]
    return Mend("pingpong", first, last, (*there, *back), 2 * way_s, Lead())
