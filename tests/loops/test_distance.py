"""The distance of thumbnails, alone and by the window."""

import math

import numpy as np
import pytest

from streaming.loops.distance import Thumb, agreement, distance, glow, shift_cost, stiffness
from streaming.loops.distance import thumb_of as cut
from streaming.loops.subject import Edges, Framing, cut_out, locate
from tests.loops.figures import body, draw

FRAMING = Framing(36.0, 36.0, free_x=True, free_y=True)


def thumb(phase: float, x: float = 64.0, tall: float = 50, framing: Framing = FRAMING) -> Thumb:
    cutout = cut_out(draw(body(phase, tall), x, 40, (128, 72)))
    return cut(cutout, locate(cutout, Edges()), framing)


def test_the_same_is_0_and_the_measure_is_symmetric() -> None:
    a, b = thumb(0.2).planes, thumb(1.2).planes
    assert distance(a, a) == 0
    assert distance(a, b) == distance(b, a) > 0.05


def test_a_white_subject_against_none_is_1() -> None:
    samples = np.ones((4, 100), np.float32)
    assert distance(samples, np.zeros_like(samples)) == pytest.approx(1.0)
    assert distance(np.zeros_like(samples), np.zeros_like(samples)) == 0


def test_a_small_subject_counts_as_much_as_a_large_one() -> None:
    near = [
        distance(thumb(0.2, tall=tall).planes, thumb(1.2, tall=tall).planes) for tall in (30, 55)
    ]
    assert near[0] == pytest.approx(near[1], rel=0.35)


def test_matte_alone_makes_a_distance() -> None:
    a = np.zeros((4, 64), np.float32)
    b = a.copy()
    b[3, :32] = 1
    assert distance(a, b) == pytest.approx(0.5)


def test_two_steps_look_nearly_twice_as_far_as_one() -> None:
    """What softening is for: without it the ratio is 1.4."""
    one = distance(thumb(0.0).planes, thumb(0.1).planes)
    two = distance(thumb(0.0).planes, thumb(0.2).planes)
    assert 1.7 < two / one < 2.1


def test_a_shift_costs_about_what_it_does_to_the_picture() -> None:
    stiff = stiffness(thumb(0.4))
    fixed = Framing(36.0, 36.0, free_x=False, free_y=False)
    shown = distance(thumb(0.4, 64.0, framing=fixed).planes, thumb(0.4, 65.0, framing=fixed).planes)
    told = math.sqrt(float(shift_cost(stiff, np.array(1.0), np.array(0.0))))
    assert told == pytest.approx(shown, rel=0.25)


def test_far_shifts_level_off() -> None:
    costs = shift_cost(stiffness(thumb(0.4)), np.array([0.0, 10.0, 1000.0]), np.zeros(3))
    assert costs[0] == 0
    assert costs[1] < costs[2] < 0.16


def test_glow_is_light_and_not_movement() -> None:
    a = thumb(0.0).planes
    brighter = a.copy()
    brighter[:3] *= 1.3
    assert glow(a, brighter) > 0.05
    assert abs(glow(a, thumb(0.5).planes)) < 0.035


def test_agreement_tells_onward_from_backward() -> None:
    onward = thumb(0.2).planes - thumb(0.0).planes
    assert agreement(onward, onward) == pytest.approx(1)
    assert agreement(onward, -onward) == pytest.approx(-1)
    assert agreement(onward, np.zeros_like(onward)) == 1
