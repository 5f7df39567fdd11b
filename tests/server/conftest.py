"""A server for each test of the web face, and an end to it before the test is over."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

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
