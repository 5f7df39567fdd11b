"""What counts as another pose, and what is only early or late."""

import math
from fractions import Fraction

import pytest

from streaming.loops.fingerprint import Fingerprinter
from streaming.loops.pose import OTHER, pose_gap
from streaming.loops.window import Window
from tests.loops.figures import Limb, body, draw, looks_of, strider


def gap(phases: list[float], length: int, *, walk: float = 0.0, free: bool = True) -> float:
    """The gap of the span that ends four frames before the last, of a figure in these phases."""
    return gap_of([strider(2 * math.pi * phase, 58) for phase in phases], length, walk, free)


def gap_of(figures: list[list[Limb]], length: int, walk: float = 0.0, free: bool = True) -> float:
    window, maker = Window(Fraction(6), 5), Fingerprinter()
    pictures = (draw(each, 50 + walk * k, 38, (128, 72)) for k, each in enumerate(figures))
    for look in looks_of(pictures):
        for print_ in maker.push(look):
            window.add(print_)
    return pose_gap(window, 4, length, free, free)


def test_a_whole_stride_is_the_same_pose_and_half_a_stride_is_not() -> None:
    phases = [k / 16 for k in range(40)]
    assert gap(phases, 16) < 0.01
    assert gap(phases, 8) > OTHER
    assert gap(phases, 24) > OTHER


def test_legs_that_pass_each_other_do_not_hide_it() -> None:
    """The span's ends are one picture there; what follows tells."""
    phases = [k / 16 for k in range(37)]
    assert gap(phases, 16) < 0.01
    assert gap(phases, 8) > OTHER


def test_being_late_is_no_other_pose() -> None:
    """A period of 16.5 frames: every single period is half a frame off, 0.13 as it stands."""
    figures = [body(2 * math.pi * k / 16.5, 58) for k in range(40)]
    assert gap_of(figures, 16) < 0.1


@pytest.mark.parametrize("walk", [0.0, 0.5])
def test_where_the_subject_stands_counts_only_where_it_is_held(walk: float) -> None:
    phases = [k / 16 for k in range(40)]
    assert gap(phases, 16, walk=walk) < 0.06
    assert (gap(phases, 16, walk=walk, free=False) > OTHER) == (walk > 0)


def test_at_the_ends_of_a_clip_what_there_is_will_do() -> None:
    phases = [k / 16 for k in range(21)]
    assert gap(phases, 16) < 0.01
