"""Which way to mend is taken, on figures whose faults are known."""

import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest

from streaming.frames import U8
from streaming.loops.model import Look
from streaming.mending.choose import Limits, mended, offers
from streaming.mending.drift import renderer
from streaming.mending.ends import Ends
from streaming.mending.lead import Lead
from streaming.mending.model import INVISIBLE, Mend
from streaming.mending.morph import faded
from streaming.mending.score import Score, score
from streaming.mending.sight import Sight
from tests.mending.footage import PERIOD, Faulty

START, END = 16, 16 + PERIOD
SAME = Limits(PERIOD - 3, PERIOD + 3)  # one swing, whatever else would do as well


@pytest.fixture(scope="module")
def leaning() -> Sight:
    return Faulty(lean=0.41).sight()


@pytest.mark.parametrize("light", [0.02, 0.05])
def test_slow_light_is_spread_and_nothing_else_is_touched(light: float) -> None:
    sight = Faulty(light=light).sight()
    mend = mended(sight, START, END, repair="drift", limits=SAME)
    assert mend is not None
    assert mend.fade == 0
    assert mend.after <= INVISIBLE
    assert mend.lead.tone == pytest.approx([np.log(1 + light)] * 3, abs=0.006)
    shown = renderer(sight, mend.lead, mend.start, mend.end)
    first, last = shown.led(mend.start), shown.led(mend.end)
    seen = (first[..., 3] > 250) & (last[..., 3] > 250)
    assert abs(float((last - first)[seen][..., :3].mean())) < 0.3


def test_slow_growth_is_spread() -> None:
    sight = Faulty(growth=0.05).sight()
    mend = mended(sight, START, END, repair="drift", limits=SAME)
    assert mend is not None
    assert mend.lead.growth == pytest.approx(np.log(1.05), abs=0.015)
    assert mend.after <= INVISIBLE


def test_no_mended_loop_is_worse_than_it_was() -> None:
    """Two faults at once, cut where the motion is quick: three steps off."""
    mend = mended(Faulty(light=0.05).sight(), 21, 21 + PERIOD + 3, repair="auto", limits=SAME)
    assert mend is not None
    assert mend.before >= 2
    assert mend.after <= INVISIBLE


def test_another_pose_is_morphed_and_no_limb_is_seen_twice(leaning: Sight) -> None:
    mend = mended(leaning, START, END, repair="auto", limits=SAME)
    assert mend is not None
    assert mend.method == "morph"
    assert mend.after <= INVISIBLE
    assert mend.before > mend.after
    faded_ = [each for each in mend.frames if each.other is not None]
    assert [each.weight for each in faded_] == sorted(each.weight for each in faded_)
    period = mend.end - mend.start
    assert all(each.frame - (each.other or 0) == period for each in faded_)
    assert len(mend.frames) == period
    plain = replace(mend, frames=tuple(replace(each, warped=False) for each in mend.frames))
    ghost = score(leaning, plain, hurried=False)
    assert ghost is not None
    assert ghost.ghost > 2 * mend.ghost


def test_the_method_asked_for_is_the_one_taken_or_none(leaning: Sight) -> None:
    assert mended(leaning, START, END, repair="none") is None
    assert mended(leaning, START, END, repair="crossfade", limits=SAME) is None
    ways = [each.method for each in offers(leaning, START, END, limits=SAME)]
    assert "morph" in ways and "crossfade" not in ways


def test_a_true_loop_is_merely_cut() -> None:
    mend = mended(Faulty().sight(), START + 2, END, repair="auto", limits=SAME)
    assert mend is not None
    assert (mend.method, mend.end - mend.start) == ("cut", PERIOD)


def test_what_is_not_better_than_the_cut_loses_to_it() -> None:
    plain = Score(worst=1.02, excess=0.9, pace=1.0)
    assert replace(plain, worst=0.9).betters(plain)
    for worst in (1.02, 1.15):
        assert not replace(plain, worst=worst).betters(plain)
    off = replace(plain, worst=0.7, gap=1.3)  # small steps, but from one pose to another
    assert replace(plain, worst=0.99).betters(off)
    assert not replace(plain, worst=1.15).betters(off)
    here = Limits(PERIOD, PERIOD, 0)  # where a morph would be 1.11, which nobody sees either
    assert mended(Faulty(lean=0.1).sight(), 20, 20 + PERIOD, repair="morph", limits=here) is None


def test_two_things_that_are_not_one_are_not_mixed() -> None:
    """A disc that jumps from one side to the other: whatever is done, something shows twice."""
    looks = [Look(n, n * _STEP, _disc(40 if n < 30 else 90, n)) for n in range(60)]
    sight = Sight(looks)
    mend = faded(sight, Ends(20, 44, 5, 0.0), Lead(), method="morph")
    rated = score(sight, mend, hurried=False)
    assert rated is not None
    assert not rated.whole


def test_there_and_back_only_where_the_motion_turns_by_itself() -> None:
    swing = Sight([Look(n, n * _STEP, _disc(64 + 30 * np.cos(n / 6), n)) for n in range(60)])
    mend = mended(swing, 10, 40, repair="pingpong")
    assert mend is not None
    turns = [mend.start, mend.end]
    assert all(min(abs(each - 6 * np.pi * k) for k in range(6)) <= 1 for each in turns)
    assert len(mend.frames) == 2 * (mend.end - mend.start)
    assert mend.duration_s == len(mend.frames) * _STEP
    walk = Sight([Look(n, n * _STEP, _disc(20 + 1.5 * n, n)) for n in range(60)])
    assert mended(walk, 10, 40, repair="pingpong") is None


def test_a_bridge_goes_on_and_never_back() -> None:
    turning = Sight([Look(n, n * _STEP, _disc(64 + 30 * np.cos(n / 4), n, 48 + 30 * np.sin(n / 4)))
                     for n in range(24)])  # fmt: skip
    mend = mended(turning, 0, 23, repair="bridge")
    assert mend is not None
    assert mend.after <= INVISIBLE
    assert len(mend.frames) == mend.end - mend.start + mend.fade
    back = Sight([Look(n, n * _STEP, _disc(40 + 2 * n, n)) for n in range(24)])
    assert mended(back, 0, 23, repair="bridge") is None


def test_a_plan_survives_json(leaning: Sight) -> None:
    mend = mended(leaning, START, END, repair="morph", limits=SAME)
    assert mend is not None
    read = Mend.of_json(json.loads(json.dumps(mend.as_json())))
    assert read.frames == mend.frames
    assert read.lead == mend.lead
    assert read.duration_s == mend.duration_s
    with pytest.raises(ValueError, match="no way to mend"):
        Mend.of_json({**mend.as_json(), "method": "glue"})


_STEP = Fraction(1, 30)


def _disc(x: float, seed: int, y: float = 48) -> U8:
    """A disc with a mark on it, so that it is not the same all around."""
    rows, columns = np.mgrid[:96, :128]
    away = np.hypot(columns - x, rows - y)
    rgba = np.full((96, 128, 4), (200, 80, 40, 0), np.uint8)
    rgba[np.hypot(columns - x - 5, rows - y) < 4, :3] = (40, 80, 220)
    rgba[..., 3] = ((14 - away) * 255).clip(0, 255)
    return rgba
