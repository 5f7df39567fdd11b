"""A real server on a real port for tests, and what its answers look like."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import numpy as np
from aiohttp import web

from server.app import build
from server.loopfacts import LoopFacts
from server.model import SessionFacts
from server.serving import runner_of
from server.settings import ServerSettings
from streaming.frames import Size
from streaming.matting.weights import default_cache
from tests.media.figures import orbit
from tests.runs import clip_of

TOKEN = "a-token-that-only-the-tests-know"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The words of a refusal, which must be JSON with nothing else in it."""
        assert self.headers["Content-Type"].startswith("application/json"), self.body
        assert list(self.json) == ["error"]
        return str(self.json["error"])


@dataclass(frozen=True, slots=True)
class Site:
    """A server that runs."""

    port: int
    app: web.Application
    client: aiohttp.ClientSession
    library: Path

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> Answer:
        """One request, with nothing but what is given; redirects are not followed."""
        async with self.client.request(
            method, self.origin + path, headers=headers, allow_redirects=False, **more
        ) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def as_program(self, method: str, path: str, **more: Any) -> Answer:
        """One request with the token, as a script sends it."""
        headers = {"Authorization": f"Bearer {TOKEN}", **more.pop("headers", {})}
        return await self.ask(method, path, headers=headers, **more)

    async def cookie(self) -> str:
        """A `Cookie` header, as a browser gets it for the printed link."""
        answer = await self.ask("GET", f"/?token={TOKEN}")
        assert answer.status == 303
        return answer.headers["Set-Cookie"].partition(";")[0]


@asynccontextmanager
async def serving(
    library: Path, *, at: int = 0, token: str = TOKEN, **settings: Any
) -> AsyncIterator[Site]:
    """Run the server with these settings and a library of its own."""
    given = {"cache": default_cache(), "port": 0, **settings}
    app = build(ServerSettings(library=library, **given), token)
    runner = runner_of(app)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", at)
        await site.start()
        async with aiohttp.ClientSession() as client:
            yield Site(runner.addresses[0][1], app, client, library)
    finally:
        await runner.cleanup()


def saved(library: Path, sid: str = "s1", *loops: LoopFacts, **facts: Any) -> SessionFacts:
    """Put a session of old into a library that no server has open."""
    now = datetime.now(UTC).isoformat()
    made = SessionFacts(sid, "A session.mp4", "upload", now, "ended", result="result")
    made = replace(made, loops=loops, **facts)
    folder = library / "sessions" / sid
    (folder / "result").mkdir(parents=True, exist_ok=True)
    (folder / "session.json").write_text(json.dumps(made.as_json(saved=True)), "utf-8")
    return made


def written(library: Path, sid: str = "s1", **facts: Any) -> LoopFacts:
    """A loop of that session whose file is there: a real WEBM."""
    folder = library / "sessions" / sid / "result"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "loop_0.webm"
    small_clip(path)
    loop = LoopFacts("L1", "loop", "written", 0, 12, 0.0, 0.4, 0.2, file=path.name)
    return replace(loop, bytes=path.stat().st_size, **facts)


def small_clip(path: Path) -> Path:
    """A disc that goes round once in 12 frames, over nothing in WEBM."""
    return clip_of(path, orbit(Size(64, 64), 12, np.array([200, 60, 40], np.uint8)))
