"""How long each stage works, and how fast the whole runs.

The clock is passed in, so that a test can hold it. Time that a stage spends waiting for the one
before is not its own: only the inside of `push` and `flush` counts.
"""

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Generic, TypeVar

from streaming.stage import Stage

__all__ = ["Clock", "Meter", "Spent", "Timed"]

Clock = Callable[[], float]
Item = TypeVar("Item")
Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Spent:
    """What one stage has done.

    Attributes:
        name: The stage.
        items: How many items it took.
        total_s: Seconds that it worked.
    """

    name: str
    items: int
    total_s: float


class Meter:
    """Adds up the work of stages that may run on several threads.

    Args:
        clock: Gives seconds, rising.
    """

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self._spent: dict[str, Spent] = {}
        self._lock = threading.Lock()

    def add(self, name: str, seconds: float, items: int = 0) -> None:
        """Count `seconds` of work and `items` taken for a stage."""
        with self._lock:
            before = self._spent.get(name, Spent(name, 0, 0.0))
            self._spent[name] = Spent(name, before.items + items, before.total_s + seconds)

    @contextmanager
    def timing(self, name: str) -> Iterator[None]:
        """Count the time of a block, and one item."""
        start = self.clock()
        try:
            yield
        finally:
            self.add(name, self.clock() - start, 1)

    def spent(self) -> tuple[Spent, ...]:
        """All stages in the order in which they first worked."""
        with self._lock:
            return tuple(self._spent.values())

    def taken(self) -> tuple[Spent, ...]:
        """The same, and begin anew."""
        with self._lock:
            spent, self._spent = tuple(self._spent.values()), {}
        return spent

    def items(self, name: str, made: Iterable[Item]) -> Iterator[Item]:
        """Pass `made` on, counting the time that each item took to come."""
        source = iter(made)
        while True:
            start = self.clock()
            try:
                item = next(source)
            except StopIteration:
                return
            finally:
                self.add(name, self.clock() - start)
            self.add(name, 0.0, 1)
            yield item


class Timed(Generic[Item, Made]):
    """A stage that does what another does, and counts its time.

    Args:
        stage: The stage.
        meter: Where its time is added.
        name: Under which name.
    """

    def __init__(self, stage: Stage[Item, Made], meter: Meter, name: str) -> None:
        self._stage = stage
        self._meter = meter
        self._name = name

    def push(self, item: Item, /) -> Iterator[Made]:
        """Take one item."""
        self._meter.add(self._name, 0.0, 1)
        yield from self._counted(lambda: self._stage.push(item))

    def flush(self) -> Iterator[Made]:
        """Give the rest."""
        yield from self._counted(self._stage.flush)

    def _counted(self, work: Callable[[], Iterable[Made]]) -> Iterator[Made]:
        start = self._meter.clock()
        made = iter(work())
        while True:
            try:
                item = next(made)
            except StopIteration:
                return
            finally:
                self._meter.add(self._name, self._meter.clock() - start)
            yield item
            start = self._meter.clock()


class Pace:
    """Tells now and then how fast frames go by.

    Args:
        clock: Gives seconds, rising.
        every_s: Least time between two tellings.
    """

    def __init__(self, clock: Clock, *, every_s: float = 0.25) -> None:
        self._clock = clock
        self._every_s = every_s
        self._began = self._told = clock()
        self._frames = self._frames_told = 0
        self.fps = 0.0

    def frame(self) -> bool:
        """Count a frame; say whether it is time to tell, with `fps` fresh."""
        self._frames += 1
        now = self._clock()
        if now - self._told < self._every_s:
            return False
        lately = (self._frames - self._frames_told) / (now - self._told)
        self.fps = lately if self._frames_told == 0 else 0.7 * self.fps + 0.3 * lately
        self._told, self._frames_told = now, self._frames
        return True
