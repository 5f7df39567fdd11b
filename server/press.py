"""Exports: each is made by a process of its own, one after the other.

An export keeps a core busy for seconds, and a codec may bring its process down; neither may cost
the picture of a session that runs. So the work crosses as one order in JSON, what becomes of it
comes back as lines of JSON, and whoever gives it up ends the process.
"""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from server.child import carried_out
from server.chronicle import Chronicle
from server.exported import ExportFacts

__all__ = ["Order", "Press"]

log = logging.getLogger(__name__)

PROGRAM = "streaming.exporter"
TOLD_SHARE = 0.05  # of the whole: by less than this progress is no news


@dataclass(frozen=True, slots=True)
class Order:
    """One export that is wanted.

    Attributes:
        sid: The session.
        lid: The loop.
        target: The destination's name.
        place: The folder of the loop's exports, relative to the session's result folder.
        plain: What the process is told: see `streaming.exporter`.
    """

    sid: str
    lid: str
    target: str
    place: str
    plain: dict[str, Any]

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by."""
        return self.sid, self.lid, self.target


class Press:
    """Makes exports and tells what becomes of them; event loop only.

    Args:
        told: Gives a session's chronicle by its id.
    """

    def __init__(self, told: Callable[[str], Chronicle]) -> None:
        self._told = told
        self._one = asyncio.Lock()
        self._tasks: dict[tuple[str, str, str], asyncio.Task[None]] = {}

    def begin(self, order: Order) -> None:
        """Make an export; one that is under way already goes on."""
        if order.key in self._tasks:
            return
        self._say(order, ExportFacts(order.target))
        task = asyncio.create_task(self._make(order))
        self._tasks[order.key] = task
        task.add_done_callback(lambda over: self._tasks.pop(order.key))

    async def give_up(self, sid: str, lid: str = "", target: str = "") -> None:
        """End what is under way for a session, for one of its loops, or for one target of that."""
        tasks = [
            task
            for key, task in self._tasks.items()
            if key[0] == sid and lid in ("", key[1]) and target in ("", key[2])
        ]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def close(self) -> None:
        """End everything that is under way."""
        for sid in {key[0] for key in self._tasks}:
            await self.give_up(sid)

    async def _make(self, order: Order) -> None:
        async with self._one:
            facts = told = ExportFacts(order.target, "making", step="Reading the loop")
            self._say(order, facts)

            def hear(said: dict[str, Any]) -> None:
                nonlocal facts, told
                facts = _heard(facts, said, order)
                if not facts.settled and facts.share - told.share >= TOLD_SHARE:
                    self._say(order, facts)
                    told = facts

            code = await carried_out(PROGRAM, order.plain, hear)
        if not facts.settled:
            why = f"the process that made it ended unexpectedly (code {code})"
            facts = replace(facts, state="failed", problems=(why,))
        self._say(order, facts)

    def _say(self, order: Order, export: ExportFacts) -> None:
        told = self._told(order.sid)
        loop = told.facts.loop(order.lid)
        if loop is not None:
            told.amend(loop.with_export(export))


def _heard(facts: ExportFacts, said: dict[str, Any], order: Order) -> ExportFacts:
    """An export's facts after one line from its process."""
    match said:
        case {"step": str(step), "share": float() | int() as share}:
            return replace(facts, step=step, share=min(1.0, float(share)))
        case {"done": dict(done)}:
            plain = {**done, "target": order.target, "file": f"{order.place}/{done['path']}"}
            return replace(ExportFacts.from_json(plain), state="ready", share=1.0)
        case {"error": str(words)}:
            return replace(facts, state="failed", step="", problems=(words,))
    log.warning("an export said %s", said)
    return facts
