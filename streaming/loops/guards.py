"""What a span must be, besides closing: moving, unbroken, with its subject in sight and in light.

Each guard answers in words that the diagnosis can show. The bounds are relative to the span's own
motion wherever they can be, for a step of a dance is a hundred times a step of a sleeper.
"""

from dataclasses import dataclass

import numpy as np

from streaming.loops.distance import F64
from streaming.loops.subject import Edges

__all__ = ["NOISE", "Span", "jolts", "objection", "ordinary_step"]

NOISE = 0.004  # one grey level in 255: distances below it are nothing
STILL = 3 * NOISE  # a span whose frames differ by less is a still
DARK = 0.02  # mean luma of the subject below which nothing can be seen
ABSENT = 0.002  # coverage below which there is no subject
VANISHING = 0.25  # least share of the span's usual coverage
SPIKE = 4.0  # a step this many times the ordinary one
JUMP = 0.25  # and at least this large, is a cut or a flash if it stands alone;
LEAP = 12.0  # or one this many times the ordinary step, if it is at least half as large
FLICKER = 0.04  # luma of the whole subject does not change by so much in one frame
RESTING = 0.5  # below this pace it does not matter which way the motion goes
EXCELLENT = 0.5  # a mismatch that shows nowhere,
MASKED = 1.5  # and one that the motion around it hides, in steps of its own
ONWARD = 0.0  # least agreement of the motion before and after the seam
WANDER = 1.0  # a subject led back by more than its own size would slide


@dataclass(frozen=True, slots=True, eq=False)
class Span:
    """What the guards look at.

    Attributes:
        seam: D of its seam.
        mismatch: The same in ordinary steps.
        peak: Largest distance of a frame inside from the first one.
        steps: (n,) steps inside, in order, shifts beyond the common drift included.
        luma: (n + 1,) luma of the subject, in order.
        glow: (n,) how much brighter it gets from frame to frame, in order.
        agreement: Whether the motion goes on over the seam: 1 it does, -1 it turns back.
        pace: How fast the motion is at the seam, in ordinary steps, on its slower side.
        bustle: The same on its faster side.
        coverage: (n + 1,) mean alpha, in order.
        wander: How far the subject stands from where it started, as a share of its size.
        cut: The sides of the frame that cut the subject at the first or the last frame.
        whole_picture: Whether the matte is everything, so that edges cut nothing.
    """

    seam: float
    mismatch: float
    peak: float
    steps: F64
    luma: F64
    glow: F64
    agreement: float
    pace: float
    bustle: float
    coverage: F64
    wander: float
    cut: Edges
    whole_picture: bool


def ordinary_step(steps: F64) -> float:
    """The median step of those that move at all, at least the noise.

    Frames that merely repeat the one before (film on video, animation on twos) are no steps; where
    almost nothing moves the noise is the measure.

    Args:
        steps: (n,) distances of neighbouring frames.
    """
    moving = steps[steps > NOISE]
    if 4 * len(moving) < len(steps) or len(moving) == 0:
        return NOISE
    middle = len(moving) // 2
    return float(np.partition(moving, middle)[middle])  # np.median costs five times as much


def objection(span: Span, *, motion: float, whole_subject: bool) -> str | None:
    """Say what stops a span from being a loop, None where nothing does.

    Args:
        span: What is known of it.
        motion: How many times the seam the motion inside must be.
        whole_subject: Whether the frame's edge may not cut the subject at the seam.
    """
    if float(span.coverage.min()) < ABSENT:
        return "the subject is out of sight"
    if float(span.coverage.min()) < VANISHING * float(np.median(span.coverage)):
        return "the subject leaves or enters"
    if float(span.luma.max()) < DARK:
        return "too dark"
    if span.peak < STILL or span.peak < motion * span.seam:
        return "too little motion"
    if _broken(span):
        return "a cut or a flash"
    if span.pace > RESTING and span.agreement < ONWARD:
        return "the motion turns back at the seam"
    if span.wander > WANDER:
        return "the subject ends too far from where it began"
    if whole_subject and span.cut.any and not span.whole_picture:
        return "the frame's edge cuts the subject"
    return None


def jolts(span: Span, seam: float) -> bool:
    """Whether the seam shows because everything around it is quieter than usual.

    The ordinary step is the whole span's; a jump of that size is lost in a busy moment and plain
    in a quiet one, and quiet moments are where the scan finds its minima. (A dancer's four best
    seams, 0.8 to 1.0 steps off at less than half the usual pace, are all seen as a start.)

    Args:
        span: What is known of it.
        seam: The bound on the mismatch that was asked for.
    """
    return span.mismatch > seam * max(EXCELLENT, MASKED * span.bustle)


def _broken(span: Span) -> bool:
    """Whether one step stands out as a cut, a flash or a jump of exposure does."""
    steps, usual = span.steps, max(ordinary_step(span.steps), NOISE)
    if float(steps.max()) > max(LEAP * usual, JUMP / 2):
        return True
    for at in np.flatnonzero(steps > max(SPIKE * usual, JUMP)):
        around = steps[max(0, at - 2) : at + 3]
        if np.count_nonzero(around > steps[at] / 2) <= 2:  # a flash is two steps, a gesture more
            return True
    change = np.abs(span.glow)
    return float(change.max()) > max(FLICKER, SPIKE * float(np.median(change)))
