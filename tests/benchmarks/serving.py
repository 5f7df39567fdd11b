"""A server in a process of its own for the live benchmarks, and what it costs while they run."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import psutil

from streaming.matting.weights import default_cache

SLOWED = """
import sys, time
from streaming.matting.stream import NetworkMatting
push = NetworkMatting.push
def slowly(self, item):
    time.sleep({seconds})
    return push(self, item)
NetworkMatting.push = slowly
from streaming.cli import main
sys.exit(main(sys.argv[1:]))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What the server's process holds and has used."""

    cpu_s: float
    memory_mb: float
    threads: int
    files: int
    at_s: float


class Server:
    """A running `loopmatte serve`."""

    def __init__(self, process: "subprocess.Popen[str]", link: str, library: Path) -> None:
        self.process, self.link, self.library = process, link, library
        self.origin, self.token = link.split("/?token=")
        self._about = psutil.Process(process.pid)

    def cost(self) -> Cost:
        times = self._about.cpu_times()
        return Cost(
            times.user + times.system,
            self._about.memory_info().rss / 1e6,
            self._about.num_threads(),
            self._about.num_fds(),
            time.monotonic(),
        )

    def client(self) -> aiohttp.ClientSession:
        headers = {"Authorization": f"Bearer {self.token}"}
        return aiohttp.ClientSession(self.origin, headers=headers)


@asynccontextmanager
async def served(*flags: str, slowed_s: float = 0.0) -> AsyncIterator[Server]:
    """Start a server with a library of its own; stop it afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        how = ["-c", SLOWED.format(seconds=slowed_s)] if slowed_s else ["-m", "streaming"]
        command = [sys.executable, *how, "serve", "--port", "0", "--library", folder]
        command += ["--cache", str(default_cache()), *flags]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        try:
            assert process.stdout is not None
            link = await asyncio.to_thread(process.stdout.readline)
            yield Server(process, link.strip(), Path(folder))
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, 15)
