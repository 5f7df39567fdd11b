"""Bridge: a few frames that were never filmed, between a loop's end and its start.

For motion that was cut off just before it came round: the limbs go on in the direction in which
they go, from the last frame to the first. Where the way back leads against the motion on either
side, a bridge would turn it round, and nothing is built.
"""

from streaming.loops.distance import agreement
from streaming.mending.ends import Limits, around
from streaming.mending.lead import Lead
from streaming.mending.model import Blend, Mend
from streaming.mending.sight import Sight

__all__ = ["bridged", "bridges"]

LONGEST = 3  # frames that are made up at most
ONWARD = 0.15  # least agreement of the way over the bridge with the motion on either side


def bridged(sight: Sight, start: int, end: int, frames: int, lead: Lead) -> Mend:
    """A span, and so many frames from its last one to its first.

    Args:
        sight: The footage.
        start: First frame.
        end: Frame after the last.
        frames: How many are made up.
        lead: How frames are moved.
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
    return Mend("bridge", start, end, (*plain, *made), length_s + frames * step_s, lead)


def bridges(sight: Sight, start: int, end: int, limits: Limits) -> tuple[tuple[int, int, int], ...]:
    """Ends and lengths of bridges over which the motion goes on, the shortest first.

    Returns:
        First frame, frame after the last, frames to make up.
    """
    made = []
    for ends in around(sight, start, end, limits):
        gap = float(sight.apart[sight.at(ends.end - 1), sight.at(ends.start)]) / sight.step
        frames = 2 * round((gap - 2) / 2) + 1  # odd: one half way, where most can be wrong
        if 1 <= frames <= LONGEST and onward(sight, ends.start, ends.end):
            made.append((ends.cost + gap, ends.start, ends.end, frames))
    made.sort()
    return tuple((start, end, frames) for _, start, end, frames in made)


def onward(sight: Sight, start: int, end: int) -> bool:
    """Whether the motion before the end and after the start leads over the gap."""
    if not sight.holds(end - 3) or not sight.holds(start + 2):
        return False
    over = sight.pose(start) - sight.pose(end - 1)
    before = sight.pose(end - 1) - sight.pose(end - 3)
    after = sight.pose(start + 2) - sight.pose(start)
    return min(agreement(over, before), agreement(over, after)) > ONWARD
