"""Which frames of a loop are shown, and when: its rate changes, its closure does not.

A loop is a circle of frames. At another rate, moments are spread evenly over the whole circle and
each shows the frame that is nearest to it, so that the step from the last moment to the first is as
large as any other. Neighbours are not blended: a blend of two poses is a ghost, and the nearest
frame is never more than half a frame late (measured on a perfect loop at 30 frames per second,
written at 25: the seam is 1.00 ordinary steps; blended 0.9, with limbs doubled).

Frames are left out by whole numbers where a limit allows it, every second or third: 24 shown of 30
stutter six times a second.
"""

import math
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction

from streaming.errors import OutputError
from streaming.exports.cycle import Cycle
from streaming.exports.targets import Target

__all__ = ["RATE_SLACK", "Timing", "TooFewError", "TooLongError", "fits", "resampled", "timing_for"]

TEMPO = Fraction(1, 10)  # of its speed that a loop may gain or lose for whole seconds
RATE_SLACK = Fraction(201, 200)  # a loop cut by milliseconds has 30.004 frames a second, not 30
SPARSE = Fraction(9, 8)  # up to which share more frames than allowed are thinned unevenly
PLAYS = 4  # most plays where a target counts them


class TooLongError(OutputError):
    """A loop lasts longer than its target allows."""


class TooFewError(OutputError):
    """A loop has fewer frames than its target wants."""


@dataclass(frozen=True, slots=True)
class Timing:
    """How a loop is shown.

    Attributes:
        frames: For each shown frame its number in the cycle, in order of showing.
        times_s: When each is shown; the first at 0.
        duration_s: Until when the last is shown.
        rounds: How often the cycle goes round within that.
        tempo: How much faster than the source it goes; 1 as it was.
        plays: How often a player is told to play it, 0 for ever.
    """

    frames: tuple[int, ...]
    times_s: tuple[Fraction, ...]
    duration_s: Fraction
    rounds: int = 1
    tempo: Fraction = Fraction(1)
    plays: int = 0


def timing_for(
    cycle: Cycle,
    target: Target,
    *,
    start: int = 0,
    rate: Fraction | None = None,
    thin: int = 1,
) -> Timing:
    """Settle frames and times for a target.

    Args:
        cycle: The loop.
        target: Where it goes.
        start: Number of the frame to begin with.
        rate: Frames per second at most, where the user wants fewer than the target allows.
        thin: Shows every how-manieth of those frames only, to save bytes.

    Raises:
        TooLongError: The loop lasts longer than the target allows.
        TooFewError: It has too few frames for the target.
    """
    length_s, rounds = _length(cycle.duration_s, target)
    count = _count(cycle.frames, length_s / rounds, rounds, target, rate)
    if count * rounds < target.least_frames:
        raise TooFewError(
            f"{cycle.frames} frames in {_seconds(cycle.duration_s)}: {target.place} wants at least "
            f"{target.least_frames}; choose a longer loop"
        )
    count = min(count, max(round(count / thin), math.ceil(target.least_frames / rounds)))
    once = _spread(cycle, start, count)
    tempo = rounds * cycle.duration_s / length_s
    times_s = [(turn * cycle.duration_s + at) / tempo for turn in range(rounds) for _, at in once]
    return Timing(
        tuple(number for number, _ in once) * rounds,
        tuple(times_s),
        length_s,
        rounds,
        tempo,
        _plays(length_s, target),
    )


def fits(duration_s: Fraction, target: Target) -> bool:
    """Whether a loop of this length can be shown there."""
    try:
        _length(duration_s, target)
    except TooLongError:
        return False
    return True


def resampled(times_s: tuple[Fraction, ...], duration_s: Fraction, count: int) -> tuple[int, ...]:
    """The frames of a closed cycle that are nearest to evenly spread moments.

    Args:
        times_s: When each frame is shown; the first at 0.
        duration_s: Length of the cycle.
        count: How many moments.

    Returns:
        The number of a frame for each moment; the first one's is 0.
    """
    marks = (*times_s, duration_s)
    found = []
    for each in range(count):
        moment = each * duration_s / count
        after = bisect_right(marks, moment)
        nearer = after if marks[after] - moment < moment - marks[after - 1] else after - 1
        found.append(nearer % len(times_s))
    return tuple(found)


def _spread(cycle: Cycle, start: int, count: int) -> list[tuple[int, Fraction]]:
    """Frames of one round, from `start` on, with the time at which each is shown."""
    turned = tuple(
        (cycle.times_s[(start + each) % cycle.frames] - cycle.times_s[start]) % cycle.duration_s
        for each in range(cycle.frames)
    )
    if count == cycle.frames:
        return [((start + each) % cycle.frames, at) for each, at in enumerate(turned)]
    chosen = resampled(turned, cycle.duration_s, count)
    return [
        ((start + number) % cycle.frames, each * cycle.duration_s / count)
        for each, number in enumerate(chosen)
    ]


def _length(duration_s: Fraction, target: Target) -> tuple[Fraction, int]:
    """How long the written loop lasts, and how often the cycle goes round in it."""
    if target.whole_seconds:
        return _whole_seconds(duration_s, target)
    if target.most_s is not None and duration_s > target.most_s:
        raise TooLongError(
            f"the loop lasts {_seconds(duration_s)}, {target.place} takes {_seconds(target.most_s)}"
        )
    return duration_s, 1


def _whole_seconds(duration_s: Fraction, target: Target) -> tuple[Fraction, int]:
    """The fewest rounds, then the least change of tempo, that make whole seconds."""
    most = math.floor(target.most_s or 60)
    for rounds in range(1, (target.most_frames or 20) + 1):
        length_s = rounds * duration_s
        for seconds in sorted(range(1, most + 1), key=lambda each: abs(length_s / each - 1)):
            if abs(length_s / seconds - 1) <= TEMPO:
                return Fraction(seconds), rounds
    raise TooLongError(
        f"the loop lasts {_seconds(duration_s)}, {target.place} takes whole seconds up to {most}: "
        "none is near enough"
    )


def _count(
    frames: int, length_s: Fraction, rounds: int, target: Target, rate: Fraction | None
) -> int:
    """How many frames one round shows."""
    rates = [each for each in (target.most_fps, rate) if each is not None]
    most = frames
    if rates:
        most = min(most, max(1, math.floor(min(rates) * RATE_SLACK * length_s)))
    if target.most_frames is not None:
        most = min(most, max(1, target.most_frames // rounds))
    if most == frames:
        return frames
    asked = rate is not None and most == math.floor(rate * RATE_SLACK * length_s)
    if asked or frames <= SPARSE * most:
        return most  # the user wants it, be it uneven; or few are left out
    return min(most, max(round(frames / math.ceil(frames / most)), target.least_frames))


def _plays(length_s: Fraction, target: Target) -> int:
    if not target.counts_plays:
        return 0
    return min(PLAYS, math.floor((target.most_s or length_s) / length_s))


def _seconds(length_s: Fraction) -> str:
    return f"{float(length_s):.4g} s"
