"""What a session has told, numbered, so that a page that lost its connection misses nothing.

Entries that change something are kept (a bounded number of them) and repeated to whoever comes back
with the number of the last one seen. Passing ones, such as numbers twice a second, go only to those
who listen at that moment. Whoever comes for the first time, or too late, gets a snapshot instead.
"""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Entry", "Journal"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was told.

    Attributes:
        number: Rising from 1; None for a passing entry, which is not repeated.
        kind: Its name, as the API describes it.
        data: Plain values for JSON.
    """

    number: int | None
    kind: str
    data: Any


class Journal:
    """The entries of one session; used on the event loop only.

    Args:
        snapshot: Gives the whole state, for those who come for the first time; None where entries
            alone say everything.
        kept: How many entries can be repeated.
        waiting: How many entries may wait for one slow listener before it starts anew.
    """

    def __init__(
        self, snapshot: Callable[[], Any] | None = None, *, kept: int = 2000, waiting: int = 500
    ) -> None:
        self._snapshot = snapshot
        self._kept: deque[Entry] = deque(maxlen=kept)
        self._waiting = waiting
        self._number = 0
        self._listeners: set[asyncio.Queue[Entry | None]] = set()
        self._closed = False

    @property
    def last(self) -> int:
        """The number of the newest entry."""
        return self._number

    def tell(self, kind: str, data: Any, *, passing: bool = False) -> None:
        """Add an entry and hand it to everyone who listens."""
        number = None
        if not passing:
            self._number += 1
            number = self._number
        entry = Entry(number, kind, data)
        if number is not None:
            self._kept.append(entry)
        for queue in self._listeners:
            self._hand(queue, entry)

    def close(self) -> None:
        """Nothing more will be told: listeners end once they have read what waits."""
        self._closed = True
        for queue in self._listeners:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(None)

    async def entries(self, since: int | None) -> AsyncGenerator[Entry, None]:
        """Everything after entry `since`, then whatever comes, until the journal closes.

        Args:
            since: Number of the last entry seen; None for none. Where what follows it is no longer
                kept, or the number is not ours, a snapshot comes first.
        """
        queue: asyncio.Queue[Entry | None] = asyncio.Queue(self._waiting)
        self._listeners.add(queue)
        try:
            for entry in self._missed(since):
                yield entry
            if self._closed:
                return
            while (entry_or_end := await queue.get()) is not None:
                yield entry_or_end
        finally:
            self._listeners.discard(queue)

    def _missed(self, since: int | None) -> list[Entry]:
        first = self._kept[0].number if self._kept else self._number + 1
        if since is not None and first is not None and first - 1 <= since <= self._number:
            return [each for each in self._kept if (each.number or 0) > since]
        return self._whole()

    def _whole(self) -> list[Entry]:
        if self._snapshot is None:
            return list(self._kept)
        return [Entry(self._number, "snapshot", self._snapshot())]

    def _hand(self, queue: "asyncio.Queue[Entry | None]", entry: Entry) -> None:
        """Give an entry to a listener; one that is far behind gets the whole state instead."""
        if not queue.full():
            queue.put_nowait(entry)
            return
        while not queue.empty():
            queue.get_nowait()
        for each in self._whole()[-self._waiting :]:
            queue.put_nowait(each)
