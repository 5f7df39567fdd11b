"""The verdict on a written loop."""

import math
from collections.abc import Iterator

import pytest

from streaming.frames import U8
from streaming.loops.seam import seam_of
from tests.loops.figures import Limb, Swing, draw


def swing(first: int, last: int) -> Iterator[U8]:
    figure = Swing(30)
    return (figure.picture(k) for k in range(first, last))


def test_a_whole_period_closes_with_an_ordinary_step() -> None:
    seam = seam_of(swing(3, 33))
    assert 0.3 < seam.ratio < 2.5
    assert seam.frames == 30


def turned(frames: range) -> Iterator[U8]:
    """A disc that circles at a steady speed, once in 24 frames."""
    disc = [Limb(0, 0, 0, 0, 9, (200, 120, 40))]
    for k in frames:
        angle = 2 * math.pi * k / 24
        yield draw(disc, 64 + 18 * math.cos(angle), 36 + 18 * math.sin(angle), (128, 72))


def test_a_disc_that_turns_steadily_closes_with_one_step() -> None:
    assert seam_of(turned(range(24))).ratio == pytest.approx(1.0, abs=0.1)


def test_a_frame_too_many_or_too_few_shows() -> None:
    assert seam_of(turned(range(25))).ratio < 0.1
    assert seam_of(turned(range(23))).ratio > 1.3


def test_a_wrong_cut_shows() -> None:
    assert seam_of(swing(7, 24)).ratio > 1.6


def test_drift_that_was_not_led_back_shows() -> None:
    walker = Swing(30, walk=0.5, x=0.3)
    assert seam_of(walker.picture(k) for k in range(30)).ratio > 3


def test_the_end_frame_written_twice_shows_as_no_step() -> None:
    assert seam_of(swing(3, 34)).ratio < 0.2


def test_one_frame_or_none_closes() -> None:
    assert seam_of(swing(0, 1)).ratio == 1.0
    assert seam_of(iter(())).frames == 0
