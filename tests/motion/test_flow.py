"""Flow between two pictures of a subject, against motion that is known."""

import numpy as np
import pytest

from streaming.motion.flow import F32, carried, flow_between, folded, likeness, unsure

HIGH, WIDE = 96, 128


def subject(x: float, y: float, *, turn: float = 0.0, size: float = 1.0) -> F32:
    """A patterned patch of 60x40 px around (x, y), colours multiplied by alpha."""
    rows, columns = np.mgrid[:HIGH, :WIDE].astype(np.float64)
    across, down = (columns - x) / size, (rows - y) / size
    right = across * np.cos(turn) + down * np.sin(turn)
    below = down * np.cos(turn) - across * np.sin(turn)
    alpha = (31 - np.abs(right)).clip(0, 1) * (21 - np.abs(below)).clip(0, 1)
    grey = 140 + 60 * np.sin(right / 3.1) * np.cos(below / 2.7) + 40 * np.sin(right / 7 + below / 5)
    planes = [grey * alpha, (255 - grey) * alpha, 90 * alpha, 255 * alpha]
    return np.dstack(planes).astype(np.float32)


def test_a_shift_is_found_both_ways_and_the_half_way_picture_lies_between() -> None:
    a, b = subject(60, 48), subject(66, 45)
    flow = flow_between(a, b)
    inside = np.s_[34:62, 36:84]
    assert np.abs(flow.there[inside] - (6, -3)).mean() < 0.3
    assert np.abs(flow.back[inside] + (6, -3)).mean() < 0.5
    middle = subject(63, 46.5)
    fade = np.abs((a + b) / 2 - middle).mean()
    for made in (carried(a, flow.there, 0.5), carried(b, flow.back, 0.5)):
        assert np.abs(made - middle).mean() < 0.25 * fade
    assert carried(a, flow.there, 0) is a


def test_flow_that_contradicts_itself_is_known() -> None:
    a = subject(60, 48)
    same = unsure(flow_between(a, subject(63, 48)))[30:66, 34:86]
    other = a[::-1, ::-1].copy()
    assert float(np.median(same)) < 0.3
    assert float(np.median(unsure(flow_between(a, other))[30:66, 34:86])) > 4 * float(
        np.median(same)
    )


def test_a_picture_that_turns_over_on_itself_is_folded() -> None:
    flow = np.zeros((20, 20, 2), np.float32)
    assert (folded(flow) == 1).all()
    flow[..., 0] = -2 * np.arange(20)
    assert (folded(flow) < 0).all()


@pytest.mark.parametrize(("turn", "size"), [(0.05, 1.0), (0.0, 1.06), (-0.04, 0.95)])
def test_turn_and_growth_are_read_from_a_flow(turn: float, size: float) -> None:
    a, b = subject(60, 48), subject(60, 48, turn=turn, size=size)
    like = likeness(flow_between(a, b).there, (a[..., 3] > 200).astype(np.float32))
    assert like.turn == pytest.approx(turn, abs=0.012)
    assert like.growth == pytest.approx(np.log(size), abs=0.02)
