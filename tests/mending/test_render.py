"""Two pictures made one: half of each where they agree, one alone where the motion is in doubt."""

import numpy as np

from streaming.mending.render import Two
from streaming.motion.flow import F32, Flow

SHAPE = (90, 120)


def ball(x: int) -> F32:
    """A white disc around (x, 45)."""
    rows, columns = np.mgrid[: SHAPE[0], : SHAPE[1]]
    there = (15 - np.hypot(columns - x, rows - 45)).clip(0, 1)
    return np.asarray(np.repeat(255 * there[..., None], 4, axis=2), np.float32)


def flow(right: float, back: float) -> Flow:
    made = np.zeros((2, *SHAPE, 2), np.float32)
    made[0, ..., 0], made[1, ..., 0] = right, back
    return Flow(made[0], made[1])


def between(two: Two) -> float:
    """Pixels that are neither there nor not, half way."""
    alpha = two.mixed(0.5)[..., 3]
    return float(((alpha > 40) & (alpha < 215)).sum())


def test_half_way_where_motion_is_sure_stands_one_ball_in_the_middle() -> None:
    made = Two(ball(40), ball(60), flow(20, -20)).mixed(0.5)
    assert np.abs(made - ball(50)).mean() < 0.5


def test_where_motion_contradicts_itself_one_picture_stands_alone() -> None:
    """Flow that finds the ball too early, and finds another way back."""
    near, far = ball(40), ball(60)
    unsure = Two(near, far, flow(8, -16))
    assert between(unsure) < 1.3 * (((far > 40) & (far < 215)).sum() / 4)
    sure = Two(near, far, flow(8, -8))  # as far apart half way, yet nothing contradicts it
    assert between(sure) > 1.5 * between(unsure)
