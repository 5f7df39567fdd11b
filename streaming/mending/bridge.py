"""Bridge: a few frames that were never filmed, between a loop's end and its start.

For motion that was cut off just before it came round: the limbs go on in the direction in which
they go, from the last frame to the first. Where the way back leads against the motion on either
side, a bridge would turn it round, and nothing is built. Nothing is led back either: where the
subject stands is part of its motion here.
"""

import math
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from streaming.loops.guards import NOISE
from streaming.mending.ends import Ends, Limits, around
from streaming.mending.lead import Lead
from streaming.mending.model import Blend, Mend
from streaming.mending.sight import Sight
from streaming.motion.flow import F32, flow_between

__all__ = ["bridged", "bridges"]

LONGEST = 5  # frames that are made up at most
LOOKED = 1  # ends whose motion is looked at closely
ONWARD = 0.3  # least agreement of the way over the bridge with the motion on either side


def bridged(sight: Sight, start: int, end: int, frames: int) -> Mend:
    """A span, and so many frames from its last one to its first.

    Args:
        sight: The footage.
        start: First frame.
        end: Frame after the last.
        frames: How many are made up.
    """
    first_s, length_s = sight.time_s(start), sight.time_s(end) - sight.time_s(start)
    step_s = length_s / (end - start)
    plain = [Blend(sight.time_s(each) - first_s, each) for each in range(start, end)]
    made = [
        Blend(
            length_s + (number - 1) * step_s,
            end - 1,
            start,
            round(number / (frames + 1), 6),
            True,
        )
        for number in range(1, frames + 1)
    ]
    return Mend("bridge", start, end, (*plain, *made), length_s + frames * step_s, Lead())


def bridges(sight: Sight, start: int, end: int, limits: Limits) -> Iterator[tuple[Ends, int]]:
    """Ends between which a bridge leads onward, and how many frames it takes, the shortest first.

    Args:
        sight: The footage.
        start: First frame as given.
        end: Frame after the last, as given.
        limits: How many frames a loop has.
    """
    rated = []
    step = max(float(np.median(np.diag(sight.apart_in_place, 1))), NOISE)
    for ends in around(sight, start, end, limits):
        gap = float(sight.apart_in_place[sight.at(ends.end - 1), sight.at(ends.start)]) / step
        frames = 2 * round((gap - 2) / 2) + 1  # odd: one half way, where most can be wrong
        if 1 <= frames <= LONGEST:
            rated.append((replace(ends, cost=ends.cost + gap), frames))
    rated.sort(key=lambda each: each[0].cost)
    for ends, frames in rated[:LOOKED]:
        if onward(sight, ends.start, ends.end):
            yield ends, frames
            if frames + 2 <= LONGEST:  # distances level off: it may be further than it looks
                yield ends, frames + 2


def onward(sight: Sight, start: int, end: int) -> bool:
    """Whether the motion before the end and after the start leads over the gap."""
    if not sight.holds(end - 3) or not sight.holds(start + 2):
        return False
    last, first = sight.picture(end - 1), sight.picture(start)
    over = flow_between(last, first)
    before = flow_between(last, sight.picture(end - 3)).there
    after = flow_between(first, sight.picture(start + 2)).there
    return min(_agree(over.there, -before, last), _agree(-over.back, after, first)) > ONWARD


def _agree(a: F32, b: F32, picture: F32) -> float:
    """Whether two motions of one picture go the same way: 1 the same, -1 backwards."""
    weight = picture[..., 3:]
    both, one, other = (float((weight * x * y).sum()) for x, y in ((a, b), (a, a), (b, b)))
    return both / math.sqrt(one * other) if one > 0 and other > 0 else 0.0
