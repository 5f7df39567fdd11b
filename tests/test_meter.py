"""Time is counted where it is spent, by a clock that the test holds."""

import threading
from collections.abc import Iterable, Iterator

import pytest

from streaming.meter import Meter, Pace, Spent, Timed
from streaming.stage import through


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now

    def passes(self, seconds: float) -> None:
        self.now += seconds


class Slow:
    """A second to take an item, two to make each of its two answers, five at the end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def push(self, item: str, /) -> Iterable[str]:
        self._clock.passes(1)
        for number in range(2):
            self._clock.passes(2)
            yield f"{item}{number}"

    def flush(self) -> Iterable[str]:
        self._clock.passes(5)
        yield "end"


def test_a_timed_stage_gives_the_same_and_counts_only_its_own_time() -> None:
    clock = Clock()
    meter, made = Meter(clock), []
    for answer in through(Timed(Slow(clock), meter, "slow"), "ab"):
        made.append(answer)
        clock.passes(1000)  # the reader's own time
    assert made == ["a0", "a1", "b0", "b1", "end"]
    assert meter.spent() == (Spent("slow", 2, 2 * (1 + 2 + 2) + 5.0),)


def test_items_count_the_time_that_each_took_to_come() -> None:
    clock = Clock()

    def made() -> Iterator[int]:
        for number in range(3):
            clock.passes(0.5)
            yield number
        clock.passes(0.25)

    meter, got = Meter(clock), []
    for item in meter.items("decode", made()):
        got.append(item)
        clock.passes(7)
    assert got == [0, 1, 2]
    assert meter.spent() == (Spent("decode", 3, 1.75),)


def test_stages_stand_in_the_order_in_which_they_first_worked() -> None:
    meter = Meter(Clock())
    for name in ("decode", "matting", "decode", "write"):
        meter.add(name, 1.0, 1)
    assert [(each.name, each.items) for each in meter.spent()] == [
        ("decode", 2),
        ("matting", 1),
        ("write", 1),
    ]


def test_several_threads_can_count_at_once() -> None:
    meter = Meter(Clock())

    def count() -> None:
        for _ in range(2000):
            meter.add("shared", 0.5, 1)

    threads = [threading.Thread(target=count) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert meter.spent() == (Spent("shared", 8000, 4000.0),)


def test_pace_tells_now_and_then_and_gets_the_speed_right() -> None:
    clock = Clock()
    pace, told = Pace(clock, every_s=0.25), []
    for frame in range(40):
        clock.passes(0.125)
        if pace.frame():
            told.append(frame)
    assert told == list(range(1, 40, 2))
    assert pace.fps == pytest.approx(8)


def test_pace_follows_a_change_of_speed_smoothly() -> None:
    clock = Clock()
    pace = Pace(clock, every_s=1)
    for _ in range(10):
        clock.passes(0.5)
        pace.frame()
    assert pace.fps == pytest.approx(2)
    for _ in range(4):
        clock.passes(0.25)
        pace.frame()
    assert 2 < pace.fps < 4
