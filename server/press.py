"""Exports: each is made by a process of its own, one after the other.

An export keeps a core busy for seconds, and a codec may bring its process down; neither may cost
the picture of a session that runs. So the work crosses as one order in JSON, what becomes of it
comes back as lines of JSON, and whoever gives it up ends the process.
"""

import asyncio
import contextlib
import json
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from server.chronicle import Chronicle
from server.exported import ExportFacts

__all__ = ["Order", "Press"]

log = logging.getLogger(__name__)

PROGRAM = (sys.executable, "-m", "streaming.exporter")
TOLD_SHARE = 0.05  # of the whole: by less than this progress is no news
LONGEST_LINE = 1 << 20


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
            facts = ExportFacts(order.target, "making", step="Reading the loop")
            self._say(order, facts)
            child = await asyncio.create_subprocess_exec(
                *PROGRAM,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                limit=LONGEST_LINE,
            )
            try:
                facts = await self._follow(child, order, facts)
            finally:
                if child.returncode is None:
                    child.kill()
                    await child.wait()
        if not facts.settled:
            why = f"the process that made it ended unexpectedly (code {child.returncode})"
            facts = replace(facts, state="failed", problems=(why,))
        self._say(order, facts)

    async def _follow(
        self, child: asyncio.subprocess.Process, order: Order, facts: ExportFacts
    ) -> ExportFacts:
        assert child.stdin is not None
        assert child.stdout is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            child.stdin.write(json.dumps(order.plain).encode())
            await child.stdin.drain()
        child.stdin.close()
        said = facts
        async for line in child.stdout:
            facts = _heard(facts, json.loads(line), order)
            if not facts.settled and facts.share - said.share >= TOLD_SHARE:
                self._say(order, facts)
                said = facts
        await child.wait()
        return facts

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
