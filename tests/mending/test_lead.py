"""The way back of a loop: place, size, tilt and light by the share that has passed."""

import json
import math

import numpy as np
import pytest

from streaming.frames import Size
from streaming.loops.anchor import Anchor
from streaming.mending.lead import Lead

SIZE = Size(200, 100)
LEAD = Lead(
    drift_x=0.1,
    drift_y=-0.04,
    base_x=0.01,
    growth=math.log(1.1),
    turn=0.2,
    pivot_x=0.4,
    pivot_y=0.6,
    tone=(0.1, 0.0, -0.1),
    note="so it is",
)


def test_the_middle_of_the_subject_ends_where_it_began() -> None:
    start = np.array([0.4 * 200, 0.6 * 100, 1.0])
    end = np.array([(0.4 + 0.1) * 200, (0.6 - 0.04) * 100, 1.0])
    first, last = LEAD.matrix(0.0, SIZE), LEAD.matrix(1.0, SIZE)
    assert first is not None and last is not None
    assert np.allclose(first @ start, last @ end)
    hand = end + np.array(
        [11.0, 0.0, 0.0]
    )  # grown and turned at the end: 10 px from the middle, on one level
    back = last @ hand - last @ end
    assert np.allclose(back, (10 * math.cos(0.2), -10 * math.sin(0.2)))


def test_nothing_is_moved_where_nothing_drifted() -> None:
    still = Lead.of(Anchor(), SIZE)
    assert still.matrix(0.7, SIZE) is None
    assert not still.tones
    assert (still.gains(0.5) == 1).all()


def test_what_an_anchor_does_not_lead_stays() -> None:
    lead = Lead.of(Anchor(8.0, 5.0, 1.0, 0.0, led_x=True, led_y=False, note="cut"), SIZE)
    assert lead.shift(1.0, SIZE) == pytest.approx((-7.0, 0.0))
    assert lead.shift(-0.5, SIZE) == pytest.approx((5.0, 0.0))
    assert lead.note == "cut"


def test_light_goes_back_to_what_it_was() -> None:
    assert LEAD.gains(1.0) == pytest.approx(np.exp([-0.1, 0.0, 0.1]))


def test_a_lead_survives_json_and_nonsense_does_not() -> None:
    told = json.loads(json.dumps(LEAD.as_json()))
    assert Lead.of_json(told) == LEAD
    for broken in ({**told, "drift": [1]}, {**told, "tone": [float("nan")] * 3}):
        with pytest.raises(ValueError, match="wanted"):
            Lead.of_json(broken)
