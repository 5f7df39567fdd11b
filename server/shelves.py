"""What users do with loops: keep, name, discard, look into their seams, cut them anew.

Facts are changed at once, on the event loop; files are read and written by worker threads.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

from server.chronicle import Chronicle
from server.errors import RequestError
from server.library import Library
from server.loopfiles import LoopFiles
from server.model import LoopFacts
from server.session import Session
from server.wants import RESULT
from streaming.live import Mark

__all__ = ["Shelves"]

Found = TypeVar("Found")
NAMED_S = 5.0  # within this a session that renames its files has ended


class Shelves:
    """The loops of all sessions.

    Args:
        library: Where they lie.
        told: Gives a session's chronicle by its id.
        session: Gives a session that runs by its id.
        ceiling_s: Longest span that can be marked.
    """

    def __init__(
        self,
        library: Library,
        *,
        told: Callable[[str], Chronicle],
        session: Callable[[str], Session],
        ceiling_s: float,
    ) -> None:
        self._library = library
        self._told = told
        self._session = session
        self._ceiling_s = ceiling_s
        self._marks: dict[str, int] = {}
        self._writing: set[asyncio.Task[None]] = set()

    async def mark(self, sid: str, start_s: float, end_s: float) -> str:
        """Cut a span by hand; gives the id that its loop will have.

        Raises:
            RequestError: The session is over or the span makes no sense.
        """
        session = self._session(sid)
        if not 0 <= start_s < end_s or end_s - start_s > self._ceiling_s:
            raise RequestError(
                422,
                f"{start_s:g} s to {end_s:g} s: a span lasts up to {self._ceiling_s:g} s",
            )
        self._marks[sid] = self._marks.get(sid, 0) + 1
        id = f"H{self._marks[sid]}"
        session.mark(Mark(id, _exact(start_s), _exact(end_s)))
        return id

    def loop(self, sid: str, lid: str) -> LoopFacts:
        """One loop.

        Raises:
            RequestError: There is none of that id.
        """
        loop = self._told(sid).facts.loop(lid)
        if loop is None:
            raise RequestError(404, f"no loop {lid} in this session; it was discarded or bettered")
        return loop

    def change(
        self, sid: str, lid: str, *, title: str | None = None, kept: bool | None = None
    ) -> LoopFacts:
        """Take what the user says of a loop."""
        loop = self.loop(sid, lid)
        if title is not None:
            loop = replace(loop, title=title[:200])
        if kept is not None:
            loop = replace(loop, kept=kept)
        self._told(sid).amend(loop)
        return loop

    def discard(self, sid: str, lid: str) -> None:
        """Remove a loop's files.

        Raises:
            RequestError: It is kept.
        """
        loop = self.loop(sid, lid)
        if loop.kept:
            raise RequestError(409, "this loop is kept; let it go first")
        self.files(sid).remove(loop, self._told(sid).facts.loops)
        self._told(sid).drop(lid)

    def files(self, sid: str) -> LoopFiles:
        """The files of a session's loops."""
        self._told(sid)
        return LoopFiles(self._library.folder(sid) / RESULT)

    async def path(self, sid: str, lid: str) -> Path:
        """Where a loop's WEBM lies.

        Raises:
            RequestError: It is not written.
        """
        return await self._found(sid, lid, self.files(sid).path)

    async def poster(self, sid: str, lid: str) -> bytes:
        """A loop's first frame as WebP with alpha."""
        return await self._found(sid, lid, self.files(sid).poster)

    async def seam(self, sid: str, lid: str) -> dict[str, Any]:
        """How well other ends of a loop would close."""
        return await self._found(sid, lid, self.files(sid).seam)

    async def frame(self, sid: str, lid: str, number: int) -> bytes:
        """A frame of a loop's master as WebP with alpha."""
        return await self._found(sid, lid, lambda loop: self.files(sid).frame(loop, number))

    async def version(self, sid: str, lid: str, start: int, end: int) -> str:
        """Write a loop anew with other ends; gives the id that the version will have.

        Raises:
            RequestError: It has no master, or the ends are outside it.
        """
        loop, told, files = self.loop(sid, lid), self._told(sid), self.files(sid)
        fresh = files.version(loop, told.facts.loops, start, end)
        told.put(fresh)

        self._background(self._write(sid, fresh))
        return fresh.id

    def settle(self, sid: str) -> None:
        """Write what a session that was ended in a hurry found and did not write."""
        told = self._told(sid)
        for loop in told.facts.loops:
            if loop.state == "found" and loop.master:
                self._background(self._write(sid, loop))
            elif loop.state == "found":
                told.drop(loop.id)

    async def close(self) -> None:
        """Wait for what is being written."""
        await asyncio.gather(*self._writing, return_exceptions=True)

    async def _found(self, sid: str, lid: str, look: Callable[[LoopFacts], Found]) -> Found:
        """Look at a loop's files, and once more where they were given their final names meanwhile.

        That happens on the engine's thread when a session ends; here it is known a moment later.
        """
        loop = self.loop(sid, lid)
        try:
            return await asyncio.to_thread(look, loop)
        except RequestError as error:
            if error.status != 404:
                raise
            with suppress(RequestError, TimeoutError):  # it is over, or was not about to end
                async with asyncio.timeout(NAMED_S):
                    await self._session(sid).ended()
            if self.loop(sid, lid) == loop:
                raise
        return await asyncio.to_thread(look, self.loop(sid, lid))

    async def _write(self, sid: str, loop: LoopFacts) -> None:
        files, told = self.files(sid), self._told(sid)
        written = await asyncio.to_thread(files.write_version, loop)
        if told.facts.loop(loop.id) is None:  # discarded meanwhile
            files.remove(written, told.facts.loops)
        else:
            told.put(written)

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)


def _exact(seconds: float) -> Fraction:
    return Fraction(round(seconds * 1_000_000), 1_000_000)
