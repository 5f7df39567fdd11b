"""Whole sessions for tests: a library's `Sessions`, a quick source, and waiting for what it tells.

The source carries its own alpha, so no network is needed: a disc that goes round in 18 frames.
"""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from server.library import Library
from server.loopfacts import LoopFacts
from server.model import Limits, SessionFacts, Wanted
from server.sessions import Sessions
from server.settings import ServerSettings
from streaming.frames import Size
from streaming.media.alpha import probe_webm
from tests.media.figures import orbit
from tests.runs import clip_of

PERIOD, FRAMES, FPS = 18, 54, 30
ONE = Limits(max_duration_s=0.7, loops=1)
TOO_SHORT = Limits(max_duration_s=0.55, loops=1)
SOON_S = 50.0  # a fit of one disc takes 6 s, and 30 s beside ten busy processes

Check = Callable[[Sessions], Awaitable[None]]


def disc_clip(path: Path) -> Path:
    """The source."""
    round_once = orbit(Size(64, 64), PERIOD, np.array([200, 60, 40], np.uint8))
    return clip_of(path, (round_once[index % PERIOD] for index in range(FRAMES)), fps=FPS)


def run(root: Path, check: Check, *, kind: type[Library] = Library, **settings: int) -> None:
    """Run a check on the sessions of a library, and end them."""

    async def within() -> None:
        async with asyncio.timeout(2 * SOON_S):
            async with opened(kind(root), **settings) as sessions:
                await check(sessions)

    asyncio.run(within())


@asynccontextmanager
async def opened(library: Library, **settings: int) -> AsyncIterator[Sessions]:
    root = library.root
    given = ServerSettings(library=root, cache=root / "cache", **settings)  # type: ignore[arg-type]
    sessions = Sessions(library, given)
    try:
        yield sessions
    finally:
        await sessions.close()


def wanted(clip: Path, **changes: object) -> Wanted:
    source = Wanted("media", clip.name, str(clip), clip, matte="source", pace="fast")
    return replace(source, **changes)  # type: ignore[arg-type]


async def until(sessions: Sessions, sid: str, so: Callable[[SessionFacts], bool]) -> SessionFacts:
    """Wait until the facts of a session are so, looking whenever it tells something."""
    entries = sessions.journal_of(sid).entries(None)
    async with asyncio.timeout(SOON_S), contextlib.aclosing(entries):
        async for _ in entries:
            if so(sessions.facts(sid)):
                return sessions.facts(sid)
    raise AssertionError(f"it ended before that: {sessions.facts(sid)}")


async def retired(sessions: Sessions, sid: str) -> SessionFacts:
    """Wait for its end, and for its place among those of old."""
    return await until(sessions, sid, lambda facts: facts.over and facts.bytes > 0)


def only(sessions: Sessions) -> tuple[str, LoopFacts]:
    """The id of the only session and its only loop."""
    (facts,) = sessions.all()
    (loop,) = facts.loops
    return facts.id, loop


def all_whole(root: Path) -> None:
    assert not [each for each in root.rglob("*") if ".part" in each.name]
    for path in root.rglob("*.webm"):
        assert probe_webm(path).frames > 2, path
    for path in root.rglob("*.json"):
        json.loads(path.read_text("utf-8"))


def state_of(facts: SessionFacts, id: str) -> str:
    loop = facts.loop(id)
    return loop.state if loop else "unknown"


async def quiet() -> None:
    """Wait until this is the only task."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)
