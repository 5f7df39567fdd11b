"""Which frames are handed over, and when."""

import logging
import weakref
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

import pytest

from streaming.loops.emitter import ROLL, Cut, LoopEmitter
from streaming.loops.model import Loop, Moment


@dataclass(frozen=True, slots=True, weakref_slot=True)
class Item:
    index: int
    time_s: Fraction
    nbytes: int = 100


def emitter(loops: int = 2, budget: int = 10**9) -> LoopEmitter[Item]:
    return LoopEmitter(loops=loops, lookback_s=Fraction(3), budget_bytes=budget)


def frame(index: int) -> Item:
    return Item(index, Fraction(index, 30))


def found(
    name: str, start: int, end: int, mismatch: float = 0.5, replaces: str | None = None
) -> Moment:
    kind: Literal["loop", "near"] = "near" if name.startswith("N") else "loop"
    loop = Loop(
        name, kind, start, end, Fraction(start, 30), Fraction(end, 30), mismatch, 0.05,
        replaces=replaces,
    )  # fmt: skip
    return Moment(end, loop.end_s, mismatch, start, (loop,))


def run(
    stage: LoopEmitter[Item], frames: Iterable[int], moments: dict[int, Moment]
) -> list[tuple[int, Cut[Item]]]:
    """Push frames, and each moment after the frame it is filed under."""
    cuts: list[tuple[int, Cut[Item]]] = []
    newest = 0
    for index in frames:
        newest = index
        cuts.extend((index, cut) for cut in stage.push(frame(index)))
        if index in moments:
            cuts.extend((index, cut) for cut in stage.push(moments[index]))
    cuts.extend((newest + 1, cut) for cut in stage.flush())
    return cuts


def test_a_loop_comes_as_soon_as_its_post_roll_is_there() -> None:
    ((when, cut),) = run(emitter(), range(200), {65: found("L1", 30, 60)})
    assert when == 60 + ROLL - 1
    assert [item.index for item in cut.frames] == list(range(15, 75))
    assert cut.lead == ROLL
    assert [item.index for item in cut.inside] == list(range(30, 60))


def test_at_the_ends_of_the_stream_there_is_less_around_it() -> None:
    ((when, cut),) = run(emitter(), range(66), {65: found("L1", 4, 60)})
    assert when == 66
    assert cut.lead == 4
    assert [item.index for item in cut.frames] == list(range(66))


def test_a_late_moment_is_served_at_once() -> None:
    ((when, _),) = run(emitter(), range(200), {90: found("L1", 30, 60)})
    assert when == 90


def test_near_loops_wait_and_fill_up_at_the_end() -> None:
    moments = {40: found("N1", 5, 35, 2.0), 65: found("L1", 30, 60), 70: found("N2", 10, 64, 1.5)}
    cuts = run(emitter(loops=2), range(100), moments)
    assert [cut.loop.id for _, cut in cuts] == ["L1", "N2"]
    assert cuts[1][0] == 100


def test_near_loops_come_in_the_order_of_time() -> None:
    moments = {65: found("N1", 40, 60, 0.9), 66: found("N2", 20, 50, 0.8)}
    cuts = run(emitter(), range(70), moments)
    assert [cut.loop.id for _, cut in cuts] == ["N2", "N1"]
    moments = {65: found("N1", 40, 60, 0.2), 66: found("N2", 20, 30, 0.9)}
    assert [cut.loop.id for _, cut in run(emitter(), range(70), moments)] == ["N2", "N1"]


def test_after_the_end_only_the_cuts_hold_frames() -> None:
    stage = emitter()
    (cut,) = (each for _, each in run(stage, range(70), {65: found("N1", 40, 60)}))
    first = weakref.ref(cut.frames[0])
    assert first() is not None
    next(cut.taken())
    assert first() is None


def test_no_near_loop_where_loops_enough_were_found() -> None:
    moments = {40: found("N1", 5, 35), 65: found("L1", 30, 60), 70: found("L2", 10, 66)}
    cuts = run(emitter(loops=2), range(300), moments)
    assert [cut.loop.id for _, cut in cuts] == ["L1", "L2"]


def test_a_near_loop_is_handed_over_when_its_first_frame_must_go() -> None:
    cuts = run(emitter(), range(400), {65: found("N1", 30, 60, 2.0)})
    ((when, cut),) = cuts
    assert 30 - ROLL + 90 < when < 30 + 90 + 4 * ROLL + 10
    assert [item.index for item in cut.frames] == list(range(15, 75))


def test_only_the_best_near_loops_are_kept_for_later() -> None:
    moments = {
        40: found("N1", 5, 35, 3.0), 80: found("N2", 45, 75, 1.2), 120: found("N3", 85, 115, 1.4),
    }  # fmt: skip
    cuts = run(emitter(loops=2), range(130), moments)
    assert sorted(cut.loop.id for _, cut in cuts) == ["N2", "N3"]


def test_spilled_near_loops_stay_few_in_a_long_stream() -> None:
    moments = {k: found(f"N{k}", k - 35, k - 5, 2.0) for k in range(40, 3000, 40)}
    assert len(run(emitter(loops=2), range(3000), moments)) <= 4


def test_a_replacement_does_not_count_twice() -> None:
    moments = {
        45: found("N1", 5, 35, 2.0), 65: found("L1", 30, 60),
        75: found("L2", 35, 66, 0.2, replaces="L1"),
    }  # fmt: skip
    cuts = run(emitter(loops=2), range(100), moments)
    assert [cut.loop.id for _, cut in cuts] == ["L1", "L2", "N1"]


def test_a_ring_that_is_too_small_is_told(caplog: pytest.LogCaptureFixture) -> None:
    stage = emitter(budget=2000)
    with caplog.at_level(logging.WARNING):
        assert run(stage, range(100), {65: found("L1", 30, 60)}) == []
    assert stage.lost == 1
    assert "too small" in caplog.text
