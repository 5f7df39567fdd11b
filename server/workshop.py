"""Long work on loops, in processes of its own, one after the other.

Taking a loop apart keeps the cores busy for a minute, and a library may bring its process down;
neither may cost the picture of a session that runs. So the work crosses as one order in JSON, what
becomes of it comes back as lines of JSON, and whoever gives it up ends the process.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from server.child import carried_out

__all__ = ["Workshop"]

PROGRAM = "streaming.editing"

Heard = Callable[[dict[str, Any]], object]


class Workshop:
    """Carries orders out, one at a time; event loop only."""

    def __init__(self) -> None:
        self._one = asyncio.Lock()
        self._tasks: dict[tuple[str, str], asyncio.Task[None]] = {}

    def begin(self, sid: str, lid: str, order: dict[str, Any], heard: Heard) -> None:
        """Carry out an order.

        Args:
            sid: The session.
            lid: The loop; one order at a time for each.
            order: What the process is told: see `streaming.editing`.
            heard: Called with every line that it says; last with `{"done": ...}` or `{"error":
                words}`, unless the order is given up.
        """
        task = asyncio.create_task(self._carry_out(sid, lid, order, heard))
        self._tasks[sid, lid] = task
        task.add_done_callback(lambda over: self._forget(sid, lid, over))

    def busy(self, sid: str, lid: str) -> bool:
        """Whether an order for a loop waits or is being carried out."""
        return (sid, lid) in self._tasks

    async def give_up(self, sid: str, lid: str = "") -> None:
        """End what is under way for a session, or for one of its loops."""
        tasks = [task for key, task in self._tasks.items() if key[0] == sid and lid in ("", key[1])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """End everything that is under way."""
        for sid in {key[0] for key in self._tasks}:
            await self.give_up(sid)

    def _forget(self, sid: str, lid: str, task: "asyncio.Task[None] | None") -> None:
        if self._tasks.get((sid, lid)) is task:
            del self._tasks[sid, lid]

    async def _carry_out(self, sid: str, lid: str, order: dict[str, Any], heard: Heard) -> None:
        last: dict[str, Any] = {}

        def hear(said: dict[str, Any]) -> None:
            nonlocal last
            last = said
            if "step" in said:
                heard(said)

        async with self._one:
            code = await carried_out(PROGRAM, order, hear)
        if not {"done", "error"} & last.keys():
            why = f"the process that did it ended unexpectedly (code {code})"
            last = {"error": why}
        self._forget(sid, lid, asyncio.current_task())  # who hears it may begin the next
        heard(last)
