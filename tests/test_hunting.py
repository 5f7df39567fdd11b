"""A search whose limits change while it runs: nothing is missed, and nothing is told twice."""

import logging
from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import combinations

import pytest

from streaming.face import Mark
from streaming.hunting import LoopHunt
from streaming.loops.detector import LoopDetector
from streaming.loops.fingerprint import Fingerprint, Fingerprinter
from streaming.loops.model import Loop
from streaming.loops.ranking import alike, clearly_better
from streaming.settings import LoopSettings
from tests.loops.figures import Swing, looks_of

FPS, CEILING_S = 30, Fraction(4)
PERIOD = 40  # frames, 1.33 s
SHORT = LoopSettings(max_duration_s=Fraction(1))
USUAL = LoopSettings(max_duration_s=Fraction(2))
STRICT = LoopSettings(max_duration_s=Fraction(2), seam=0.01)
LONG = LoopSettings(max_duration_s=Fraction(4))


def prints(swing: Swing) -> list[Fingerprint]:
    stage = Fingerprinter(centred=True)
    made = [each for look in swing.looks() for each in stage.push(look)]
    return [*made, *stage.flush()]


@pytest.fixture(scope="module")
def swung() -> list[Fingerprint]:
    return prints(Swing(PERIOD, frames=170, noise=3.0))


def told(hunt: LoopHunt, some: Iterable[Fingerprint]) -> list[Loop]:
    return [loop for each in some for moment in hunt.push(each) for loop in moment.found]


def loops(found: Sequence[Loop]) -> list[Loop]:
    return [each for each in found if each.kind == "loop"]


def test_without_other_limits_it_says_what_the_detector_says(swung: list[Fingerprint]) -> None:
    hunt = LoopHunt(USUAL, CEILING_S)
    said = told(hunt, swung) + [loop for each in hunt.flush() for loop in each.found]
    plain = LoopDetector(USUAL)
    moments = [moment for each in swung for moment in plain.push(each)]
    assert said == [loop for each in [*moments, *plain.flush()] for loop in each.found]
    assert loops(said)


def test_other_limits_find_what_was_passed_over_a_moment_ago(swung: list[Fingerprint]) -> None:
    hunt = LoopHunt(SHORT, CEILING_S)
    assert loops(told(hunt, swung[:100])) == []
    fresh = loops(hunt.retune(USUAL))
    assert fresh
    assert {each.frames for each in fresh} == {PERIOD}
    assert fresh[0].id == "L1"


def test_a_near_loop_that_is_good_enough_now_is_told_as_a_loop(
    swung: list[Fingerprint],
) -> None:
    hunt = LoopHunt(STRICT, CEILING_S)
    before = told(hunt, swung[:100])
    assert before
    assert loops(before) == []
    fresh = loops(hunt.retune(USUAL))
    assert fresh[0].id == "L1"
    assert any(alike(loop, near) for loop in fresh for near in before)


def test_what_left_the_memory_is_not_found_again(swung: list[Fingerprint]) -> None:
    hunt = LoopHunt(SHORT, Fraction(3, 2))
    told(hunt, swung)
    oldest = swung[-1].time_s - Fraction(3, 2) - Fraction(17, FPS)
    fresh = hunt.retune(USUAL)
    assert fresh
    assert min(each.start_s for each in fresh) >= oldest


def test_nothing_is_told_twice_and_names_go_on_counting(swung: list[Fingerprint]) -> None:
    hunt = LoopHunt(USUAL, CEILING_S)
    before = told(hunt, swung[:130])
    fresh = hunt.retune(LONG)
    after = told(hunt, swung[130:])
    assert loops(before)
    assert {each.frames // PERIOD for each in loops(fresh)} >= {2}
    every = [*before, *fresh, *after]
    assert len({each.id for each in every}) == len(every)
    for kind in "LN":
        numbers = [int(each.id[1:]) for each in every if each.id[0] == kind]
        assert numbers == list(range(1, len(numbers) + 1))
    for one, other in combinations(loops(every), 2):
        assert not alike(one, other) or clearly_better(other, one), (one, other)


def test_the_same_limits_again_tell_nothing(swung: list[Fingerprint]) -> None:
    hunt = LoopHunt(USUAL, CEILING_S)
    assert told(hunt, swung[:130])
    assert hunt.retune(USUAL) == []


def test_one_that_betters_a_loop_of_before_says_so() -> None:
    """Three stretches, each less noisy than the one before: garbage, a fair loop, a good one."""

    def noise(index: int) -> float:
        return 90.0 if index < 20 else 24.0 if index < 40 else 0.0

    pictures = (Swing(PERIOD, noise=noise(index)).picture(index) for index in range(100))
    stage = Fingerprinter(centred=True)
    made = [each for look in looks_of(pictures) for each in stage.push(look)]
    for other in (None, LONG):  # whether the limits changed between the two or not
        hunt = LoopHunt(USUAL, CEILING_S)
        (first,) = loops(told(hunt, made[:70]))
        if other is not None:
            assert loops(hunt.retune(other)) == []
        later = loops(told(hunt, made[70:]))
        better = [each for each in later if alike(each, first)]
        assert [each.replaces for each in better] == ["L1"], other


def test_a_marked_span_is_measured_whatever_the_detector_thinks(
    swung: list[Fingerprint],
) -> None:
    hunt = LoopHunt(USUAL, CEILING_S)
    told(hunt, swung[:110])
    good = hunt.marked(Mark("H1", Fraction(40, FPS), Fraction(80, FPS)))
    assert good is not None
    assert (good.id, good.start, good.end) == ("H1", 40, 80)
    assert good.mismatch < 1
    between = hunt.marked(Mark("H2", Fraction(304, 10 * FPS), Fraction(496, 10 * FPS)))
    assert between is not None
    assert (between.id, between.start, between.end) == ("H2", 30, 50)  # the nearest frames
    assert between.mismatch > 1.5


def test_a_mark_on_frames_that_are_gone_is_none_and_says_so(
    swung: list[Fingerprint], caplog: pytest.LogCaptureFixture
) -> None:
    hunt = LoopHunt(USUAL, Fraction(2))
    mark = Mark("H1", Fraction(1, 2), Fraction(3, 2))
    assert hunt.marked(mark) is None
    told(hunt, swung)
    with caplog.at_level(logging.WARNING):
        assert hunt.marked(mark) is None
    assert "H1: the frames from 0.5 s are not held" in caplog.text
    newest_s = swung[-1].time_s
    assert hunt.marked(Mark("H2", newest_s, newest_s)) is None


def test_before_a_camera_the_same_motion_is_told_once_in_a_while(swung: list[Fingerprint]) -> None:
    everything = loops(told(LoopHunt(LONG, CEILING_S), swung))
    sparing = loops(told(LoopHunt(LONG, CEILING_S, sparing=True), swung))
    assert len(everything) > len(sparing) >= 1
    for one, other in combinations(sparing, 2):  # whatever came again was clearly better
        assert other.frames % PERIOD > 2 or clearly_better(other, one)
