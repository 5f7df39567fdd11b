"""`loopmatte serve` as a process of its own, spied upon, and what a script asks of it."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from streaming.matting.weights import default_cache
from tests.commands import ROOT

__all__ = ["Live", "serving"]

LIMIT_S = 90.0

# Where a datagram goes and which names are looked up is written down. A machine that has no
# network but itself still has peers: aioice leaves 127.0.0.1 out, so it is told of it there.
SPY = """
import sys
import aioice.ice
if not aioice.ice.get_host_addresses(use_ipv4=True, use_ipv6=True):
    aioice.ice.get_host_addresses = lambda use_ipv4, use_ipv6: ["127.0.0.1"]
seen = open(sys.argv[1], "a", buffering=1)
known = set()
def hear(event, arguments):
    if event == "socket.sendto":
        where = arguments[1]
    elif event in ("socket.getaddrinfo", "socket.connect"):
        where = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
    else:
        return
    line = event + " " + repr(where)
    if line not in known:
        known.add(line)
        seen.write(line + "\\n")
sys.addaudithook(hear)
from streaming.cli import main
sys.exit(main(sys.argv[2:]))
"""


@dataclass(slots=True)
class Live:
    """A server with a library of its own.

    Attributes:
        folder: Holds its library, its log and what the spy saw.
        port: Where it listens; known once it has run.
        link: What it printed last.
    """

    folder: Path
    flags: tuple[str, ...] = ()
    port: int = 0
    link: str = ""
    process: "subprocess.Popen[str] | None" = field(default=None)

    @property
    def origin(self) -> str:
        return self.link.partition("/?token=")[0]

    @property
    def log(self) -> str:
        """What it said on stderr, over all its starts."""
        return (self.folder / "log").read_text("utf-8")

    def spied(self) -> list[str]:
        """Names that were looked up and places that something was sent to, each once."""
        return (self.folder / "spy").read_text("utf-8").splitlines()

    def begin(self) -> None:
        """Start it, on the port that it had before."""
        words = [sys.executable, "-c", SPY, str(self.folder / "spy"), "serve"]
        words += ["--port", str(self.port), "--library", str(self.folder / "library")]
        words += ["--cache", str(default_cache()), *self.flags]
        with (self.folder / "log").open("a") as log:
            self.process = subprocess.Popen(
                words,
                cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        assert self.process.stdout is not None
        self.link = self.process.stdout.readline().strip()
        assert "?token=" in self.link, self.log
        self.port = int(self.origin.rpartition(":")[2])

    def end(self, number: int = signal.SIGTERM) -> None:
        """Send it a signal and wait until it is gone."""
        assert self.process is not None
        with self.process:
            self.process.send_signal(number)
            try:
                self.process.wait(20)
            finally:
                self.process.kill()
        self.process = None

    def page(self, sid: str = "") -> str:
        """The link to the front page, or to a session."""
        return f"{self.link}#s/{sid}" if sid else self.link

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> dict[str, Any]:
        """Ask with the token, as a script does; `{}` for an answer without a body."""
        headers = {**self._bearer, **headers}
        asked = urllib.request.Request(
            self.origin + path, data=body, headers=headers, method=method
        )
        with urllib.request.urlopen(asked, timeout=LIMIT_S) as answer:
            found: dict[str, Any] = json.loads(answer.read() or b"{}")
            return found

    def tell(self, method: str, path: str, **wanted: Any) -> dict[str, Any]:
        """Send JSON."""
        body = json.dumps(wanted).encode()
        return self.ask(method, path, body, **{"Content-Type": "application/json"})

    def play(self, film: Path, *, name: str = "disc.webm", **wanted: Any) -> str:
        """Upload a film that is transparent already, and run it; gives the session's id."""
        sent = self.ask("POST", "/api/uploads", film.read_bytes(), **{"X-File-Name": quote(name)})
        source = {"kind": "upload", "upload": sent["upload"]}
        made = self.tell("POST", "/api/sessions", source=source, matte="source", **wanted)
        return str(made["id"])

    def facts(self, sid: str) -> dict[str, Any]:
        """What is known of a session."""
        return self.ask("GET", f"/api/sessions/{sid}")

    def all(self) -> list[dict[str, Any]]:
        """The sessions, newest first."""
        found: list[dict[str, Any]] = self.ask("GET", "/api/sessions")["sessions"]
        return found

    def forget(self, sid: str) -> None:
        """Delete a session."""
        self.ask("DELETE", f"/api/sessions/{sid}?kept=too")

    def until(self, sid: str, good: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Look at a session's facts at each of its events until they are good."""
        end = time.monotonic() + LIMIT_S
        asked = urllib.request.Request(
            f"{self.origin}/api/sessions/{sid}/events", headers=self._bearer
        )
        with urllib.request.urlopen(asked, timeout=LIMIT_S) as events:
            for line in events:
                if line.startswith(b"event:") and good(facts := self.facts(sid)):
                    return facts
                assert time.monotonic() < end, self.facts(sid)
        raise AssertionError(f"the events ended: {self.facts(sid)}")

    @property
    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.link.partition('?token=')[2]}"}


@contextmanager
def serving(folder: Path, *flags: str) -> Iterator[Live]:
    """Run a server; its log must hold no fault."""
    live = Live(folder, flags)
    live.begin()
    try:
        yield live
    finally:
        if live.process is not None:
            live.end()
    assert "Traceback" not in live.log, live.log
    assert "ERROR" not in live.log, live.log
