"""Stages and the three ways to join them.

A stage is a passive machine: `push` takes one item and gives what is now known, `flush` gives what
was still held back when the stream ends. It starts no thread, reads no clock and is not restarted:
a new stream gets a new stage. Because every stage has this one shape, each can be tested alone with
a list, and threads can be inserted between any two without changing an answer.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol, TypeVar

__all__ = ["Stage", "tap", "through"]

In = TypeVar("In", contravariant=True)
Out = TypeVar("Out", covariant=True)
Item = TypeVar("Item")
Made = TypeVar("Made")


class Stage(Protocol[In, Out]):
    """Anything that turns a stream of items into another one, item by item."""

    def push(self, item: In, /) -> Iterable[Out]:
        """Take one item; give what can be said now, often nothing."""
        ...

    def flush(self) -> Iterable[Out]:
        """Say what was held back. Nothing is pushed afterwards."""
        ...


def through(stage: Stage[Item, Made], items: Iterable[Item]) -> Iterator[Made]:
    """Send every item through the stage, then flush it."""
    for item in items:
        yield from stage.push(item)
    yield from stage.flush()


def tap(look: Callable[[Item], object], items: Iterable[Item]) -> Iterator[Item]:
    """Show every item to `look` on its way past."""
    for item in items:
        look(item)
        yield item
