"""Which frames are shown and when: the circle stays closed, limits are kept."""

from fractions import Fraction

import numpy as np
import pytest

from streaming.errors import OutputError
from streaming.exports.cycle import Cycle
from streaming.exports.targets import TARGETS, Pixels, Target, target_called
from streaming.exports.timing import TooLongError, fits, resampled, timing_for
from streaming.frames import Size
from streaming.loops.seam import seam_of
from tests.exports.cycles import orbit

WEB = target_called("web")
LINE = target_called("line-sticker")
AT_25 = Target("t", "t", "webm", Pixels("own"), "test", most_fps=Fraction(25))


def still(count: int, fps: Fraction = Fraction(30)) -> Cycle:
    times = tuple(each / fps for each in range(count))
    return Cycle(Size(8, 8), times, count / fps, lambda: iter(()))


def test_a_target_without_limits_shows_every_frame_at_its_own_time() -> None:
    uneven = tuple(Fraction(each, 1000) for each in (0, 33, 67, 180, 240))
    cycle = Cycle(Size(8, 8), uneven, Fraction(3, 10), lambda: iter(()))
    timing = timing_for(cycle, WEB, start=3)
    assert timing.frames == (3, 4, 0, 1, 2)
    assert timing.times_s == tuple(Fraction(each, 1000) for each in (0, 60, 120, 153, 187))
    assert timing.duration_s == cycle.duration_s and timing.plays == 0


@pytest.mark.parametrize("count", [60, 61, 75, 31])
def test_another_rate_leaves_the_seam_an_ordinary_step(count: int) -> None:
    cycle = orbit(Size(64, 64), count)
    timing = timing_for(cycle, AT_25, rate=Fraction(25))
    frames = list(cycle.read())
    seam = seam_of(frames[each] for each in timing.frames)
    assert 24 <= len(timing.frames) / cycle.duration_s <= 25 * 1.005
    assert seam.ratio <= 1.1
    assert timing.duration_s == cycle.duration_s


def test_a_limit_of_rate_leaves_out_whole_frames_evenly() -> None:
    timing = timing_for(still(120, Fraction(60)), target_called("telegram-sticker"))
    assert timing.frames == tuple(range(0, 120, 2))


@pytest.mark.parametrize("start", [0, 7])
@pytest.mark.parametrize("count", [1, 2, 3, 9, 10])
def test_moments_are_never_more_than_half_a_frame_off(count: int, start: int) -> None:
    times = tuple(Fraction(each, 30) for each in range(10))
    chosen = resampled(times, Fraction(1, 3), count)
    assert chosen[0] == 0 and len(set(chosen)) == count
    for number, frame in enumerate(chosen):
        moment = Fraction(number, 3 * count)
        assert min(abs(moment - times[frame]), abs(moment - times[frame] - Fraction(1, 3))) <= (
            Fraction(1, 60)
        )


@pytest.mark.parametrize("count", [24, 27, 30, 33, 45, 58, 60, 62, 66, 90, 110, 120, 130])
def test_line_gets_whole_seconds_within_a_tenth_of_the_tempo(count: int) -> None:
    cycle = still(count)
    timing = timing_for(cycle, LINE)
    assert timing.duration_s.denominator == 1 and timing.duration_s * timing.plays <= 4
    assert 1 <= timing.plays <= 4
    assert 5 <= len(timing.frames) <= 20
    assert abs(timing.tempo - 1) <= Fraction(1, 10)
    assert timing.tempo == timing.rounds * cycle.duration_s / timing.duration_s


def test_what_is_too_long_says_so() -> None:
    with pytest.raises(TooLongError, match=r"lasts 4 s.*takes 3 s"):
        timing_for(still(120), target_called("telegram-sticker"))
    with pytest.raises(TooLongError, match="whole seconds"):
        timing_for(still(180), LINE)
    with pytest.raises(TooLongError, match=r"1.667 s.*none is near enough"):
        timing_for(still(50), LINE)  # twice is 3.33 s, a ninth off
    assert not fits(Fraction(100), LINE) and fits(Fraction(100), WEB)
    assert [each.name for each in TARGETS if each.limited and fits(Fraction(11), each)] == []


@pytest.mark.parametrize("count", [1, 2])
def test_loops_of_one_or_two_frames_are_taken_where_few_frames_are(count: int) -> None:
    cycle = still(count, Fraction(2))
    for target in TARGETS:
        if target.least_frames == 1:
            assert len(timing_for(cycle, target).frames) == count
    with pytest.raises(OutputError, match="at least 5"):
        timing_for(cycle, LINE)


def test_thinning_keeps_the_length() -> None:
    timing = timing_for(still(60), WEB, thin=3)
    assert timing.frames == tuple(range(0, 60, 3)) and timing.duration_s == 2


def test_no_frame_is_shown_outside_the_loop() -> None:
    for target in TARGETS:
        for count in (30, 31, 89):
            timing = timing_for(still(count), target, start=5)
            assert set(timing.frames) <= set(range(count))
            assert timing.frames[0] == 5
            assert np.all(np.diff([float(each) for each in timing.times_s]) > 0)
