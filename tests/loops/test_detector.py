"""What must hold of the detector, on figures whose period is known."""

import math
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

from streaming.frames import U8
from streaming.loops.detector import LoopDetector
from streaming.loops.fingerprint import Fingerprint, Fingerprinter
from streaming.loops.model import Look, Loop, Moment
from streaming.loops.ranking import best
from streaming.settings import LoopSettings
from streaming.stage import through
from streaming.threads import ahead
from tests.loops.figures import Swing, body, draw, looks_of, noisy, strider
from tests.loops.runs import Outcome, detect

SIZE = (128, 72)


@cache
def swung(period: int, noise: float) -> Outcome:
    return detect(Swing(period, noise=noise).looks())


def off_period(loop: Loop, period: int) -> int:
    rest = loop.frames % period
    return min(rest, period - rest)


@pytest.mark.parametrize("noise", [0.0, 6.0])
@pytest.mark.parametrize("period", [30, 40, 60])
def test_every_loop_of_a_swing_lasts_whole_periods(period: int, noise: float) -> None:
    loops = swung(period, noise).loops
    assert len(loops) >= 3
    assert all(off_period(loop, period) <= 1 for loop in loops)
    assert all(loop.end_s - loop.start_s == Fraction(loop.frames, 30) for loop in loops)


@pytest.mark.parametrize("period", [30, 40, 60])
def test_the_first_loop_comes_while_the_stream_runs(period: int) -> None:
    first = swung(period, 6.0).findings[0]
    assert first.loop.kind == "loop"
    assert first.at < 180
    assert first.at <= 2 * period + 10
    assert first.at == first.loop.end + LoopDetector.lookahead


def test_no_swing_is_cut_where_it_turns_back() -> None:
    """Half a period on, every limb is in the same place and moves the other way."""
    for loop in [*swung(60, 0.0).loops, *swung(60, 0.0).near]:
        assert off_period(loop, 60) <= 1


def test_a_half_stride_on_the_other_leg_is_no_loop() -> None:
    """Fast limbs of one colour: in ordinary steps the wrong leg is only half a step off."""
    pictures = (draw(strider(2 * math.pi * k / 16, 58), 64, 38, SIZE) for k in range(96))
    outcome = detect(looks_of(pictures, fps=24), LoopSettings(min_duration_s=Fraction(1, 5)))
    assert {loop.frames % 16 for loop in outcome.loops} == {0}
    assert 16 in {loop.frames for loop in outcome.loops}


def test_every_frame_gets_its_moment_in_order() -> None:
    outcome = swung(30, 0.0)
    assert [moment.index for moment in outcome.moments] == list(range(180))
    assert outcome.moments[5].best is None
    later = outcome.moments[60]
    assert later.best is not None and later.best < 0.1
    assert later.partner is not None and (60 - later.partner) % 30 == 0


def grey(level: int, alpha: int = 255) -> U8:
    picture = np.full((SIZE[1], SIZE[0], 4), level, np.uint8)
    picture[..., 3] = alpha
    return picture


def still(frames: int, noise: float) -> Iterator[Look]:
    figure = draw(body(0.7, 58), 64, 40, SIZE)
    return looks_of(noisy(figure, noise, seed) for seed in range(frames))


@pytest.mark.parametrize(
    ("name", "looks"),
    [
        ("still", lambda: still(200, 0.0)),
        ("noisy still", lambda: still(200, 6.0)),
        ("25 s of black", lambda: looks_of((grey(0) for _ in range(250)), fps=10)),
        ("300 white frames", lambda: looks_of(grey(255) for _ in range(300))),
        ("nothing at all", lambda: looks_of(grey(90, alpha=0) for _ in range(200))),
    ],
)
def test_what_does_not_move_is_no_loop(name: str, looks: Callable[[], Iterable[Look]]) -> None:
    outcome = detect(looks())
    assert outcome.loops == [], name
    assert outcome.near == [], name
    assert outcome.diagnosis.reason in ("no motion", "no subject", "too dark"), name


def interrupted(at: int, frames: int, other: U8) -> Iterator[Look]:
    """A swing of period 40 that shows something else for a while."""
    swing = Swing(40, frames=120)
    for look in swing.looks():
        inside = at <= look.index < at + frames
        yield Look(look.index, look.time_s, other if inside else look.rgba)


def stretches_over(loop: Loop, frame: int) -> bool:
    return loop.start < frame < loop.end


@pytest.mark.parametrize("frames", [1, 2])
def test_a_flash_is_in_no_loop(frames: int) -> None:
    white = draw(body(math.pi, 58), 64, 40, SIZE)
    white[..., :3] = 255
    outcome = detect(interrupted(60, frames, white))
    found = [*outcome.loops, *outcome.near]
    assert found
    assert not any(stretches_over(loop, 60) for loop in found)


def test_a_hard_cut_is_in_no_loop() -> None:
    """The figure swings on, but stands elsewhere, in other colours, for ever."""

    def pictures() -> Iterator[U8]:
        for index, look in enumerate(Swing(40, frames=160).looks()):
            rgba = look.rgba.copy()
            if index >= 70:
                rgba = np.ascontiguousarray(rgba[:, ::-1])
                rgba[..., :3] = rgba[..., [2, 0, 1]] // 2
            yield rgba

    found = detect(looks_of(pictures()))
    assert any(loop.end < 70 for loop in found.loops)
    assert any(loop.start >= 70 for loop in found.loops)
    assert not any(stretches_over(loop, 70) for loop in [*found.loops, *found.near])


def test_a_slow_drift_of_exposure_is_no_obstacle() -> None:
    def pictures() -> Iterator[U8]:
        for look in Swing(40, noise=2).looks():
            rgba = look.rgba.astype(float)
            rgba[..., :3] *= 1 - 0.2 * look.index / 180
            yield rgba.round().astype(np.uint8)

    loops = detect(looks_of(pictures())).loops
    assert loops
    assert all(off_period(loop, 40) <= 1 for loop in loops)


def test_a_clip_of_40_frames_with_a_period_of_20() -> None:
    loops = detect(Swing(20, frames=40).looks()).loops
    assert [loop.frames for loop in loops] == [20]


def test_the_longer_of_two_near_equal_periods_comes_first() -> None:
    """A swing that takes 30 frames, then 36, over and over: 30, 36 and 66 all close."""

    def pictures() -> Iterator[U8]:
        phases = [k / 30 for k in range(30)] + [k / 36 for k in range(36)]
        for k in range(3 * 66):
            yield draw(body(2 * math.pi * phases[k % 66], 58), 64, 40, SIZE)

    loops = detect(looks_of(pictures())).loops
    assert {loop.frames for loop in loops} >= {30, 66}
    ranked = best(loops, 5)
    assert ranked[0].duration_s == max(loop.duration_s for loop in loops if loop.mismatch < 0.1)


def test_irregular_times_give_exact_durations() -> None:
    rng = np.random.default_rng(3)
    times = [Fraction(0)]
    for _ in range(119):
        times.append(times[-1] + Fraction(int(rng.integers(20, 60)), 1000))
    looks = [
        Look(look.index, times[look.index], look.rgba) for look in Swing(40, frames=120).looks()
    ]
    loops = detect(looks).loops
    assert loops
    for loop in loops:
        assert loop.duration_s == times[loop.end] - times[loop.start]
        assert loop.duration_s >= Fraction(1, 2)


def test_durations_are_seconds_and_their_bounds_hold() -> None:
    settings = LoopSettings(min_duration_s=Fraction(3), max_duration_s=Fraction(4))
    loops = detect(Swing(30).looks(), settings).loops
    assert {loop.frames for loop in loops} <= {90, 120}
    assert loops


@pytest.mark.parametrize("walk", [0.31, -0.23])
def test_a_walker_is_found_and_its_drift_known(walk: float) -> None:
    """0.3 px of a 640x360 picture are 0.06 of this one's."""
    swing = Swing(40, walk=walk, x=0.5 - 0.9 * walk, noise=2)
    outcome = detect(swing.looks())
    assert outcome.loops
    for loop in outcome.loops:
        assert off_period(loop, 40) <= 1
        assert loop.drift_x * SIZE[0] == pytest.approx(walk * loop.frames, abs=0.06)
        assert loop.drift_y * SIZE[1] == pytest.approx(0, abs=0.06)


def test_with_the_anchor_off_a_walker_does_not_close() -> None:
    swing = Swing(40, walk=0.31, x=0.22)
    assert detect(swing.looks(), LoopSettings(anchor="off")).loops == []


def test_without_a_walk_the_anchor_makes_no_difference_to_the_period() -> None:
    loops = detect(Swing(40).looks(), LoopSettings(anchor="off")).loops
    assert loops
    assert all(off_period(loop, 40) <= 1 and loop.drift_x == 0 for loop in loops)


def jumping() -> Iterator[U8]:
    """A figure that flies up and down without moving a limb."""
    for k in range(120):
        height = 10 * math.sin(2 * math.pi * k / 30)
        yield draw(body(0.4, 40), 64, 36 + height, SIZE)


def test_flying_up_is_not_coming_down() -> None:
    """Around its own centre the figure never moves: only the place tells up from down."""
    outcome = detect(looks_of(jumping()))
    assert outcome.loops
    assert all(off_period(loop, 30) <= 1 for loop in outcome.loops)


def test_sliding_without_a_movement_is_no_loop() -> None:
    pictures = (draw(body(0.6, 80), 45 + 0.7 * k, 76, (256, 144)) for k in range(90))
    assert detect(looks_of(pictures)).loops == []


def test_a_subject_that_goes_away_and_comes_back_is_in_no_loop_meanwhile() -> None:
    empty = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    outcome = detect(interrupted(55, 12, empty))
    assert outcome.loops
    assert not any(stretches_over(loop, 60) for loop in [*outcome.loops, *outcome.near])


def test_whole_subject_turns_down_what_the_edge_cuts() -> None:
    cut = Swing(30, frames=120, x=0.02)
    assert detect(cut.looks()).loops
    assert detect(cut.looks(), LoopSettings(whole_subject=True)).loops == []


def test_a_subject_cut_by_the_edge_is_judged_in_place() -> None:
    loops = detect(Swing(30, frames=120, x=0.02).looks()).loops
    assert all(loop.drift_x == 0 for loop in loops)


def test_near_duplicates_are_told_once() -> None:
    loops = swung(40, 6.0).loops
    for number, loop in enumerate(loops):
        for earlier in loops[:number]:
            overlap = min(loop.end, earlier.end) - max(loop.start, earlier.start)
            alike = overlap > 0 and abs(loop.frames - earlier.frames) <= 2
            assert not alike or loop.replaces == earlier.id


def test_a_clearly_better_seam_replaces_an_earlier_one() -> None:
    """The noise on the figure goes away, so later seams of the same period are better."""

    def pictures() -> Iterator[U8]:
        rng = np.random.default_rng(0)
        for k in range(100):
            jitter = 0.35 * max(0.0, 1 - k / 45) * rng.normal()
            yield draw(body(2 * math.pi * k / 40 + jitter, 58), 64, 40, SIZE)

    loops = detect(looks_of(pictures()), LoopSettings(seam=2.0)).loops
    replaced = [loop for loop in loops if loop.replaces]
    assert replaced
    by_id = {loop.id: loop for loop in loops}
    assert all(loop.mismatch < by_id[str(loop.replaces)].mismatch for loop in replaced)


def test_near_loops_are_apart_and_few() -> None:
    """A swing that never quite repeats: 4 % more at every period."""

    def pictures() -> Iterator[U8]:
        for k in range(180):
            tall = 30 * 1.005**k / 1.3
            yield draw(body(2 * math.pi * k / 40, tall), 64, 38, SIZE)

    outcome = detect(looks_of(pictures()), LoopSettings(loops=3, seam=0.05))
    assert outcome.loops == []
    assert outcome.near
    assert all(0.05 < loop.mismatch <= 4 for loop in outcome.near)
    assert outcome.diagnosis.reason == "no return"
    assert outcome.diagnosis.nearest is not None


def fingerprints(looks: Iterable[Look]) -> list[Fingerprint]:
    return list(through(Fingerprinter(), looks))


def test_the_same_answers_one_by_one_in_bursts_and_through_ahead() -> None:
    looks = list(Swing(30, frames=150, noise=5).looks())
    singly = list(through(LoopDetector(LoopSettings()), fingerprints(looks)))

    burst = LoopDetector(LoopSettings())
    bursts: list[Moment] = []
    prints = fingerprints(looks)
    for start in range(0, 150, 17):
        answers = [burst.push(print_) for print_ in prints[start : start + 17]]
        bursts.extend(moment for answer in answers for moment in answer)
    bursts.extend(burst.flush())

    apart = ahead(through(Fingerprinter(), looks), depth=4, name="looks")
    threaded = list(through(LoopDetector(LoopSettings()), ahead(apart, depth=4, name="prints")))
    assert singly == bursts == threaded
    assert any(moment.found for moment in singly)


@pytest.mark.parametrize("walk", [0.0, 0.31])
def test_the_hashes_change_no_answer(walk: float) -> None:
    looks = list(Swing(30, frames=110, walk=walk, x=0.3, noise=6).looks())
    gated = detect(looks)
    assert gated.findings
    assert gated.moments == detect(looks, gated=False).moments


def test_a_change_of_size_starts_anew() -> None:
    small = Swing(30, frames=70, size=(96, 54))
    large = list(Swing(30, frames=70).looks())
    more = [Look(70 + k, Fraction(70 + k, 30), look.rgba) for k, look in enumerate(small.looks())]
    outcome = detect([*large, *more])
    assert [moment.index for moment in outcome.moments] == list(range(140))
    assert not any(loop.start < 70 < loop.end for loop in outcome.loops)
    assert any(loop.start >= 70 for loop in outcome.loops)


def test_too_short_a_clip_says_so() -> None:
    assert detect(Swing(30, frames=10).looks()).diagnosis.reason == "too short"
    assert detect([]).diagnosis.reason == "too short"


def test_a_matte_tells_frames_apart_that_colour_does_not() -> None:
    """All red, and only the matte swings."""

    def pictures() -> Iterator[U8]:
        for look in Swing(40, frames=130).looks():
            rgba = look.rgba.copy()
            rgba[..., :3] = (200, 30, 30)
            yield rgba

    loops = detect(looks_of(pictures())).loops
    assert loops
    assert all(off_period(loop, 40) <= 1 for loop in loops)
