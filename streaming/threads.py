"""Where the engine's threads live: everything upstream runs ahead, or a stage runs aside.

`ahead` lets a reader work on one item while the next ones are made, `newest` does the same for live
input that cannot wait, `Aside` runs a stage on its own thread, so that encoding never holds up the
network, and `together` does two things at once that need nothing of each other. All are bounded,
all hand an error to whoever reads next, and none leaves a thread behind when its user walks away.
What comes from somebody else's thread comes in through `Inbox`.
"""

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from types import TracebackType
from typing import Generic, TypeVar

from streaming.stage import Stage

__all__ = ["Aside", "Inbox", "ahead", "newest", "together"]

Item = TypeVar("Item")
Made = TypeVar("Made")
Other = TypeVar("Other")

POLL_S = 0.05  # how often a blocked thread looks whether its partner is still there


class _End:
    """Marks the end of a stream in a queue."""


class _Failure:
    """Carries an exception across threads."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def ahead(items: Iterable[Item], *, depth: int, name: str) -> Generator[Item]:
    """Make `items` on a thread of their own, up to `depth` items ahead of the reader.

    Args:
        items: What to iterate; only the new thread touches it.
        depth: Most items that wait, at least 1.
        name: The thread's name.

    Yields:
        The items in order. An exception upstream is raised here in its place.
    """
    lane = _Lane[Item](depth)
    thread = threading.Thread(target=lane.fill, args=(items,), name=name, daemon=True)
    thread.start()
    try:
        yield from lane.drain()
    finally:
        lane.left.set()
        thread.join()


def newest(
    items: Iterable[Item], *, depth: int, name: str, dropped: Callable[[], object]
) -> Generator[Item]:
    """Make `items` on a thread of their own that never waits: the oldest ones make room.

    For live input, where a late frame is worth less than the next one.

    Args:
        items: What to iterate; only the new thread touches it.
        depth: Most items that wait, at least 1.
        name: The thread's name.
        dropped: Called, on the new thread, for each item that was thrown away.

    Yields:
        Items in order, with gaps. An exception upstream is raised here in its place.
    """
    lane = _Lane[Item](depth, dropped)
    thread = threading.Thread(target=lane.fill, args=(items,), name=name, daemon=True)
    thread.start()
    try:
        yield from lane.drain()
    finally:
        lane.left.set()
        thread.join()


def together(
    here: Callable[[], Made], there: Callable[[], Other], *, name: str
) -> tuple[Made, Other]:
    """Do two things at once, the second one on a thread of its own.

    Args:
        here: Done on the caller's thread.
        there: What only the new thread touches meanwhile.
        name: The thread's name.

    Returns:
        What each of them gave, when both have ended.

    Raises:
        BaseException: What `here` raised, else what `there` did; both have ended then, too.
    """
    made: list[Other | _Failure] = []

    def work() -> None:
        try:
            made.append(there())
        except BaseException as error:  # every error is the caller's to see
            made.append(_Failure(error))

    thread = threading.Thread(target=work, name=name, daemon=True)
    thread.start()
    try:
        own = here()
    finally:
        thread.join()
    (other,) = made
    if isinstance(other, _Failure):
        raise other.error
    return own, other


class Inbox(Generic[Item]):
    """Takes items from any thread and gives the newest ones, in order, to one reader.

    Args:
        depth: Most items that wait; a further one pushes the oldest out.
        patience_s: How long the reader waits for the next item before it gives up.
        late: Makes the error that is raised then.

    Attributes:
        dropped: How many items were pushed out.
    """

    def __init__(
        self, depth: int, *, patience_s: float, late: Callable[[], Exception] = TimeoutError
    ) -> None:
        if depth < 1:
            raise ValueError(f"an inbox of {depth} items holds nothing")
        self.dropped = 0
        self._items: deque[Item] = deque()
        self._depth = depth
        self._patience_s = patience_s
        self._late = late
        self._closed = False
        self._changed = threading.Condition()

    def put(self, item: Item) -> None:
        """Hand an item over; never waits. After `close` it is forgotten."""
        with self._changed:
            if self._closed:
                return
            if len(self._items) == self._depth:
                self._items.popleft()
                self.dropped += 1
            self._items.append(item)
            self._changed.notify()

    def close(self) -> None:
        """Nothing more comes: the reader ends after what waits."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Item]:
        """Give items as they come until the inbox is closed.

        Raises:
            Exception: What `late` makes, when nothing came for too long.
        """
        while True:
            with self._changed:
                if not self._changed.wait_for(self._ready, self._patience_s):
                    raise self._late()
                if not self._items:
                    return
                item = self._items.popleft()
            yield item

    def _ready(self) -> bool:
        return self._closed or bool(self._items)


class _Lane(Generic[Item]):
    """One bounded queue from a thread that fills it to a reader that may leave."""

    def __init__(self, depth: int, dropped: Callable[[], object] | None = None) -> None:
        self._waiting: queue.Queue[Item | _End | _Failure] = queue.Queue(depth)
        self._dropped = dropped
        self.left = threading.Event()

    def fill(self, items: Iterable[Item]) -> None:
        """Run on the new thread until the items end, fail, or nobody reads any more."""
        try:
            self._take(iter(items))
        except BaseException as error:  # every error is the reader's to see
            self._offer(_Failure(error), final=True)

    def drain(self) -> Iterator[Item]:
        """Give what was filled in, until it ends or fails."""
        while True:
            item = self._waiting.get()
            if isinstance(item, _End):
                return
            if isinstance(item, _Failure):
                raise item.error
            yield item

    def _take(self, source: Iterator[Item]) -> None:
        try:
            for item in source:
                if not self._offer(item, final=False):
                    return
        finally:
            close = getattr(source, "close", None)
            if close is not None:
                close()
        self._offer(_End(), final=True)

    def _offer(self, item: Item | _End | _Failure, *, final: bool) -> bool:
        while not self.left.is_set():
            try:
                self._waiting.put(item, timeout=POLL_S if final or not self._dropped else 0)
            except queue.Full:
                if self._dropped and not final:
                    self._drop(self._dropped)
                continue
            return True
        return False

    def _drop(self, dropped: Callable[[], object]) -> None:
        with contextlib.suppress(queue.Empty):
            self._waiting.get_nowait()
            dropped()


class Aside(Generic[Item, Made]):
    """Stages that run on threads of their own, together one stage.

    Each item goes to whichever stage is free. `push` hands the item over, waiting where `depth`
    items already wait, and returns whatever has been finished by now; `flush` gives the rest as it
    is finished. Use it as a context manager: leaving the block early abandons what still waits and
    ends the threads.

    Args:
        stages: One per thread; only that thread touches it.
        depth: Most items that wait, at least 1.
        name: The threads' name.
    """

    def __init__(self, *stages: Stage[Item, Made], depth: int, name: str) -> None:
        self._waiting: queue.Queue[Item | _End] = queue.Queue(depth)
        self._made: queue.SimpleQueue[Made] = queue.SimpleQueue()
        self._error: BaseException | None = None
        self._left = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(stage,), name=name, daemon=True)
            for stage in stages
        ]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> "Aside[Item, Made]":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abandon()

    def push(self, item: Item, /) -> list[Made]:
        """Hand one item over; give what has been finished meanwhile.

        Raises:
            BaseException: Whatever an inner stage raised.
        """
        self._offer(item)
        return self.ready()

    def ready(self) -> list[Made]:
        """Give what has been finished, without handing anything over."""
        self._raise()
        return self._finished()

    def abandon(self) -> list[Made]:
        """Give up what still waits and end the threads; give what was finished, error or not."""
        self._left.set()
        for thread in self._threads:
            thread.join()
        return self._finished()

    def flush(self) -> Iterator[Made]:
        """Give the rest as it is finished, until everything is done."""
        for _ in self._threads:
            self._offer(_End())
        while any(thread.is_alive() for thread in self._threads):
            with contextlib.suppress(queue.Empty):
                yield self._made.get(timeout=POLL_S)
        yield from self.ready()

    def _finished(self) -> list[Made]:
        made: list[Made] = []
        with contextlib.suppress(queue.Empty):
            while True:
                made.append(self._made.get_nowait())
        return made

    def _offer(self, item: Item | _End) -> None:
        while self._error is None:
            try:
                self._waiting.put(item, timeout=POLL_S)
            except queue.Full:
                continue
            return
        self._raise()

    def _raise(self) -> None:
        if self._error is not None:
            raise self._error

    def _items(self) -> Iterator[Item]:
        while not self._left.is_set() and self._error is None:
            try:
                item = self._waiting.get(timeout=POLL_S)
            except queue.Empty:
                continue
            if isinstance(item, _End):
                return
            yield item

    def _work(self, stage: Stage[Item, Made]) -> None:
        try:
            for item in self._items():
                for made in stage.push(item):
                    self._made.put(made)
            if not self._left.is_set() and self._error is None:
                for made in stage.flush():
                    self._made.put(made)
        except BaseException as error:  # every error is the pusher's to see
            self._error = error
