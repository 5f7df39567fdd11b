"""Where the engine's threads live: everything upstream runs ahead, or a stage runs aside.

`ahead` lets a reader work on one item while the next ones are made; `Aside` runs a stage on its own
thread, so that encoding never holds up the network. Both are bounded, both hand an error to whoever
reads next, and neither leaves a thread behind when its user walks away.
"""

import queue
import threading
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Generic, TypeVar

from streaming.stage import Stage

__all__ = ["Aside", "ahead"]

Item = TypeVar("Item")
Made = TypeVar("Made")

POLL_S = 0.05  # how often a blocked thread looks whether its partner is still there


class _End:
    """Marks the end of a stream in a queue."""


class _Failure:
    """Carries an exception across threads."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def ahead(items: Iterable[Item], *, depth: int, name: str) -> Iterator[Item]:
    """Make `items` on a thread of their own, up to `depth` items ahead of the reader.

    Args:
        items: What to iterate; only the new thread touches it.
        depth: Most items that wait, at least 1.
        name: The thread's name.

    Yields:
        The items in order. An exception upstream is raised here in its place.
    """
    waiting: queue.Queue[Item | _End | _Failure] = queue.Queue(depth)
    left = threading.Event()

    def offer(item: Item | _End | _Failure) -> bool:
        while not left.is_set():
            try:
                waiting.put(item, timeout=POLL_S)
            except queue.Full:
                continue
            return True
        return False

    def work() -> None:
        source = iter(items)
        try:
            for item in source:
                if not offer(item):
                    return
            offer(_End())
        except BaseException as error:  # noqa: BLE001 - every error is the reader's to see
            offer(_Failure(error))
        finally:
            close = getattr(source, "close", None)
            if close is not None:
                close()

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        while True:
            item = waiting.get()
            if isinstance(item, _End):
                return
            if isinstance(item, _Failure):
                raise item.error
            yield item
    finally:
        left.set()
        thread.join()


class Aside(Generic[Item, Made]):
    """A stage that runs on its own thread and is itself a stage.

    `push` hands the item over, waiting where `depth` items already wait, and returns whatever the
    inner stage has finished by now; `flush` waits for the rest. Use it as a context manager: leaving
    the block early abandons what still waits and ends the thread.

    Args:
        stage: The stage to run; only the new thread touches it.
        depth: Most items that wait, at least 1.
        name: The thread's name.
    """

    def __init__(self, stage: Stage[Item, Made], *, depth: int, name: str) -> None:
        self._stage = stage
        self._waiting: queue.Queue[Item | _End] = queue.Queue(depth)
        self._made: queue.SimpleQueue[Made] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def __enter__(self) -> "Aside[Item, Made]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._left.set()
        self._thread.join()

    def push(self, item: Item, /) -> list[Made]:
        """Hand one item over; give what has been finished meanwhile.

        Raises:
            BaseException: Whatever the inner stage raised.
        """
        self._offer(item)
        return self._collect()

    def flush(self) -> list[Made]:
        """Wait until everything is done; give the rest."""
        self._offer(_End())
        self._thread.join()
        return self._collect()

    def ready(self) -> list[Made]:
        """Give what has been finished, without handing anything over."""
        return self._collect()

    def _offer(self, item: Item | _End) -> None:
        while self._thread.is_alive():
            try:
                self._waiting.put(item, timeout=POLL_S)
            except queue.Full:
                continue
            return
        self._raise()

    def _collect(self) -> list[Made]:
        self._raise()
        made: list[Made] = []
        while not self._made.empty():
            made.append(self._made.get())
        return made

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _items(self) -> Iterator[Item]:
        while not self._left.is_set():
            try:
                item = self._waiting.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if isinstance(item, _End):
                return
            yield item

    def _work(self) -> None:
        try:
            for item in self._items():
                for made in self._stage.push(item):
                    self._made.put(made)
            if not self._left.is_set():
                for made in self._stage.flush():
                    self._made.put(made)
        except BaseException as error:  # noqa: BLE001 - every error is the pusher's to see
            self._error = error
