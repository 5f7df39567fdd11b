"""A server for each test of the web face, and an end to it before the test is over."""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from server.sessions import Sessions
from tests.server.lives import ONE, disc_clip, retired, run, wanted
from tests.server.servers import Site, serving

Check = Callable[[Site], Awaitable[None]]


@pytest.fixture
def library(tmp_path: Path) -> Path:
    """Where the test's server keeps what it keeps."""
    return tmp_path / "library"


@pytest.fixture
def alive(library: Path) -> Callable[..., None]:
    """Runs a check against a server of its own, with the settings that are given."""

    def run(check: Check, **settings: Any) -> None:
        async def within() -> None:
            async with serving(library, **settings) as site:
                await check(site)

        asyncio.run(within())

    return run


@pytest.fixture(scope="session")
def disc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip with its own alpha that loops."""
    return disc_clip(tmp_path_factory.mktemp("disc") / "disc.webm")


@pytest.fixture(scope="session")
def finished(disc: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one session that is over; not to be written to."""
    root = tmp_path_factory.mktemp("finished") / "library"

    async def check(sessions: Sessions) -> None:
        await retired(sessions, (await sessions.create(wanted(disc), limits=ONE)).id)

    run(root, check)
    return root


@pytest.fixture
def root(finished: Path, tmp_path: Path) -> Path:
    """A library of one's own with that session in it."""
    return Path(shutil.copytree(finished, tmp_path / "library"))
