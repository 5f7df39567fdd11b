"""What users do with loops: keep, name, discard, look into their seams, cut them anew.

Facts are changed at once, on the event loop; files are read and written by worker threads.
"""

import asyncio
import re
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from server.chronicle import Chronicle
from server.errors import RequestError
from server.library import Library
from server.loopfacts import LoopFacts
from server.loopfiles import LoopFiles
from server.model import SessionFacts
from server.session import Session
from server.wants import run_settings
from streaming.live import Mark

__all__ = ["Shelves"]

Found = TypeVar("Found")
MARKED = re.compile(r"H\d+")
NAMED_S = 5.0  # within this a session that renames its files has ended


class Shelves:
    """The loops of all sessions.

    Args:
        library: Where they lie.
        told: Gives a session's chronicle by its id.
        session: Gives a session that runs by its id.
        cache: Folder for weights and converted networks.
        ceiling_s: Longest span that can be marked.
    """

    def __init__(
        self,
        library: Library,
        *,
        told: Callable[[str], Chronicle],
        session: Callable[[str], Session],
        cache: Path,
        ceiling_s: float,
    ) -> None:
        self._library = library
        self._told = told
        self._session = session
        self._cache = cache
        self._ceiling_s = ceiling_s
        self._marks: dict[str, int] = {}
        self._writing: set[asyncio.Task[None]] = set()
        self._one = asyncio.Lock()  # a span that is read again takes the whole machine
        self._closing = False

    async def mark(self, sid: str, start_s: float, end_s: float) -> str:
        """Cut a span by hand; gives the id that its loop will have.

        While the session runs, from the frames that it holds; a file is read again where these are
        gone, or all is over.

        Raises:
            RequestError: The session is over and cannot be read again, or the span makes no sense.
        """
        facts = self._told(sid).facts
        if not facts.over:
            self._session(sid)
        elif not facts.again:
            raise RequestError(409, "this session is over, and its source cannot be read again")
        if not 0 <= start_s < end_s or end_s - start_s > self._ceiling_s:
            raise RequestError(
                422,
                f"{start_s:g} s to {end_s:g} s: a span lasts up to {self._ceiling_s:g} s",
            )
        mark = Mark(self._name(sid, facts), _exact(start_s), _exact(end_s))
        if facts.over:
            self._read_again(sid, mark)
        else:
            self._session(sid).mark(mark)
        return mark.id

    def missed(self, sid: str, mark: Mark, why: str) -> None:
        """A session that runs does not hold a marked span's frames any more."""
        if self._told(sid).facts.again:
            self._read_again(sid, mark)
        else:
            self._told(sid).refused(mark, why)

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
        return LoopFiles(self._library.result(sid))

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

    async def mends(self, sid: str, lid: str, start: int, end: int) -> list[dict[str, Any]]:
        """How a loop with these ends could be made to close; takes seconds."""
        return await self._found(sid, lid, lambda loop: self.files(sid).mends(loop, start, end))

    async def version(self, sid: str, lid: str, start: int, end: int, repair: str = "none") -> str:
        """Write a loop anew with other ends, or mended; gives the id that the version will have.

        Raises:
            RequestError: It has no master, or the ends are outside it.
        """
        loop, told, files = self.loop(sid, lid), self._told(sid), self.files(sid)
        fresh = files.version(loop, told.facts.loops, start, end, repair)
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
        """Wait for what is being written; what is being read again is given up."""
        self._closing = True
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

    def _name(self, sid: str, facts: SessionFacts) -> str:
        """The next name of a marked span, which no loop of an earlier server has either."""
        taken = [int(each.id[1:]) for each in facts.loops if MARKED.fullmatch(each.id)]
        self._marks[sid] = 1 + max(self._marks.get(sid, 0), *taken, 0)
        return f"H{self._marks[sid]}"

    def _read_again(self, sid: str, mark: Mark) -> None:
        self._told(sid).awaited(mark)
        self._background(self._cut(sid, mark))

    async def _cut(self, sid: str, mark: Mark) -> None:
        facts = self._told(sid).facts
        wanted, folder = self._library.source(sid), self._library.folder(sid)
        settings = run_settings(replace(wanted, pace="fast"), facts, folder, self._cache)
        loop = self.loop(sid, mark.id)
        async with self._one:
            if self._closing or self._told(sid).facts.loop(mark.id) is None:
                return
            cut = partial(self.files(sid).cut, loop, mark, settings, stop=lambda: self._closing)
            written = await asyncio.to_thread(cut)
        self._settle(sid, written)

    async def _write(self, sid: str, loop: LoopFacts) -> None:
        written = await asyncio.to_thread(self.files(sid).write_version, loop)
        self._settle(sid, written)

    def _settle(self, sid: str, written: LoopFacts) -> None:
        """Tell what became of a loop."""
        told, files = self._told(sid), self.files(sid)
        if told.facts.loop(written.id) is None:  # discarded meanwhile
            files.remove(written, told.facts.loops)
        else:
            told.put(written)

    def _background(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)


def _exact(seconds: float) -> Fraction:
    return Fraction(round(seconds * 1_000_000), 1_000_000)
