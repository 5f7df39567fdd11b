"""The command as a process of its own, for tests of what a shell sees."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LIMIT_S = 60


@dataclass(frozen=True, slots=True)
class Ended:
    """A command that is over."""

    code: int
    out: str
    err: str

    @property
    def events(self) -> list[dict[str, Any]]:
        """Its stdout, every line of which must be JSON."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def said(self) -> list[str]:
        """The lines of its stderr."""
        return self.err.splitlines()


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "streaming", *map(str, arguments)]


def begun(
    arguments: Sequence[str],
    *,
    cwd: Path | None = None,
    before: Callable[[], object] | None = None,
) -> "subprocess.Popen[str]":
    """Start a command line with both outputs as pipes; `before` runs in the child."""
    return subprocess.Popen(
        arguments,
        cwd=cwd or ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="surrogateescape",  # as paths are
        preexec_fn=before,
    )


def ended(process: "subprocess.Popen[str]") -> Ended:
    """Wait for the end; kill what hangs."""
    with process:
        try:
            out, err = process.communicate(timeout=LIMIT_S)
        except BaseException:
            process.kill()
            raise
    return Ended(process.returncode, out, err)


def ended_after(process: "subprocess.Popen[str]", seen: str) -> Ended:
    """Wait for the end of what was read line by line; such a reader holds more than it gave."""
    assert process.stdout is not None
    assert process.stderr is not None
    late = threading.Timer(LIMIT_S, process.kill)
    late.start()
    try:
        with process:
            out, err = process.stdout.read(), process.stderr.read()
    finally:
        late.cancel()
        late.join()
    return Ended(process.returncode, seen + out, err)


def loopmatte(
    *arguments: str | Path, cwd: Path | None = None, before: Callable[[], object] | None = None
) -> Ended:
    """Run `loopmatte` with these arguments."""
    return ended(begun(command(*arguments), cwd=cwd, before=before))
