"""When a frame goes through: told by a clock that the test turns."""

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from fractions import Fraction

import numpy as np
import pytest

from server.gate import LONGEST_GAP_S, Gate
from server.model import Pace
from streaming.frames import Frame
from streaming.media.picture import AvPicture

SOON_S = 10.0
HELD_S = 0.1  # to be held is a wait without an end, so there is no event for it
STEP_S = 1 / 64  # exact as a float: the clock stands just where a frame is due
PICTURE = AvPicture.of(np.zeros((16, 16, 3), np.uint8))


class Clock:
    """Stands where it is put."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


def frames(times: Iterable[float]) -> Iterator[Frame]:
    for index, time_s in enumerate(times):
        yield Frame(index, Fraction(time_s), Fraction(1, 30), PICTURE)


class Passing:
    """A reader behind a gate, on a thread of its own."""

    def __init__(self, gate: Gate, taken: Iterator[Frame]) -> None:
        self._seen: queue.Queue[int | None] = queue.Queue()
        self._thread = threading.Thread(target=self._read, args=(gate, taken))
        self._thread.start()

    def next(self) -> int | None:
        """The next frame's number, None at the end."""
        return self._seen.get(timeout=SOON_S)

    def held(self) -> bool:
        """Whether nothing comes."""
        try:
            self._seen.get(timeout=HELD_S)
        except queue.Empty:
            return True
        return False

    def join(self) -> None:
        self._thread.join(SOON_S)
        assert not self._thread.is_alive()

    def _read(self, gate: Gate, taken: Iterator[Frame]) -> None:
        for frame in gate.through(taken):
            self._seen.put(frame.index)
        self._seen.put(None)


@contextmanager
def passing(gate: Gate, times: Iterable[float]) -> Iterator[Passing]:
    reader = Passing(gate, frames(times))
    try:
        yield reader
    finally:
        gate.stop()
        reader.join()


def gate_of(
    clock: Clock,
    pace: Pace = "real",
    *,
    live: bool = False,
    passed: Callable[[Fraction, float], object] = lambda time_s, when: None,
) -> Gate:
    return Gate(live=live, pace=pace, clock=clock, passed=passed)


def test_a_file_goes_at_its_own_pace() -> None:
    clock, told = Clock(), list[tuple[float, float]]()
    gate = gate_of(clock, passed=lambda time_s, when: told.append((float(time_s), when)))
    with passing(gate, (0, STEP_S, 3 * STEP_S)) as reader:
        assert reader.next() == 0
        assert reader.held()
        clock.now_s += STEP_S
        assert reader.next() == 1
        clock.now_s += STEP_S
        assert reader.held()  # this one is shown for twice as long
        clock.now_s += STEP_S
        assert [reader.next(), reader.next()] == [2, None]
    assert told == [(each * STEP_S, 100 + each * STEP_S) for each in (0, 1, 3)]


def test_a_slow_machine_is_not_hurried_to_make_up_for_lost_time() -> None:
    clock = Clock()
    with passing(gate_of(clock), (0, STEP_S, 2 * STEP_S)) as reader:
        assert reader.next() == 0
        clock.now_s += 5
        assert reader.next() == 1
        assert reader.held()  # though it was due long ago
        clock.now_s += STEP_S
        assert reader.next() == 2


def test_a_hole_in_the_times_is_not_waited_out() -> None:
    clock = Clock()

    def later(time_s: Fraction, when: float) -> None:
        clock.now_s += LONGEST_GAP_S

    gate = gate_of(clock, passed=later)
    assert len(list(gate.through(frames((0, 3600, 7200))))) == 3


def test_in_a_hurry_nothing_waits_and_the_pace_may_change_meanwhile() -> None:
    clock = Clock()
    assert len(list(gate_of(clock, "fast").through(frames(range(50))))) == 50
    gate = gate_of(clock)
    with passing(gate, range(50)) as reader:
        assert reader.next() == 0
        assert reader.held()
        gate.hurry("fast")
        assert [reader.next() for _ in range(50)] == [*range(1, 50), None]


def test_a_paused_file_loses_nothing_and_goes_on_at_its_pace() -> None:
    clock = Clock()
    gate = gate_of(clock)
    with passing(gate, (0, STEP_S, 2 * STEP_S)) as reader:
        assert reader.next() == 0
        gate.pause(True)
        clock.now_s += 60
        assert reader.held()
        gate.pause(False)
        assert reader.next() == 1
        assert reader.held()  # the minute is not made up for
        clock.now_s += STEP_S
        assert [reader.next(), reader.next()] == [2, None]


def test_a_live_source_never_waits_and_what_comes_in_a_pause_is_gone() -> None:
    clock = Clock()
    gate = gate_of(clock, live=True)

    def camera() -> Iterator[Frame]:
        for frame in frames(range(9)):
            if frame.index in (3, 6):
                gate.pause(frame.index == 3)
            yield frame

    assert [each.index for each in gate.through(camera())] == [0, 1, 2, 6, 7, 8]


@pytest.mark.parametrize("paused", [False, True])
def test_stop_ends_a_reader_that_waits(paused: bool) -> None:
    gate = gate_of(Clock())
    gate.pause(paused)
    reader = Passing(gate, frames(range(9)))
    if not paused:
        assert reader.next() == 0
    assert reader.held()
    gate.stop()
    assert reader.next() is None
    reader.join()
    assert list(gate.through(frames(range(9)))) == []
