"""How `loopmatte atlas` says what it does: a bar and sentences, or one JSON object per line.

With `--json` stdout holds nothing else: {"step": words, "share": 0..1} while it works, {"note":
sentence} for what a person should know, and at the end {"done": what was made} or {"error": what
went wrong}. The page that starts these commands reads them.
"""

import json
import time
from collections.abc import Mapping
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn

from streaming.results.naming import display_name

__all__ = ["Made", "Teller"]

EVERY_S = 0.1  # between two lines of progress
Made = Mapping[str, object]


class Teller:
    """Says what goes on: on a bar and in lines for people, in objects for programs.

    Args:
        notes: Where lines for people go.
        objects: Whether a program listens.
    """

    def __init__(self, notes: Console, *, objects: bool) -> None:
        self._notes = notes
        self._objects = objects
        self._last: tuple[str, float] = ("", 0.0)
        columns = (SpinnerColumn(), BarColumn(bar_width=24), TaskProgressColumn(), TextColumn(
            "{task.description}"))  # fmt: skip
        hidden = objects or not notes.is_terminal
        self._bar = Progress(*columns, console=notes, transient=True, disable=hidden)
        self._task = self._bar.add_task("", total=1.0)

    def __enter__(self) -> "Teller":
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def progress(self, words: str, share: float) -> None:
        """Say which share of a step is done; not so often that nobody could read it."""
        now = time.monotonic()
        if words == self._last[0] and share < 1 and now - self._last[1] < EVERY_S:
            return
        self._last = words, now
        if self._objects:
            self._print({"step": words, "share": round(share, 4)})
        else:
            self._bar.update(self._task, completed=share, description=words)

    def say(self, words: str) -> None:
        """Say what a person should know."""
        if self._objects:
            self._print({"note": words})
        else:
            self._notes.print(f"note: {display_name(words)}", style="yellow", markup=False)

    def done(self, made: Made, paths: list[Path], words: str) -> None:
        """Say what was made."""
        if self._objects:
            self._print({"done": made})
            return
        for line in words.splitlines():
            self._notes.print(display_name(line), markup=False)
        for each in paths:
            print(each, flush=True)  # noqa: T201 - results go to stdout

    def failed(self, why: str) -> None:
        """Say why nothing was made; people are told by whoever catches the error."""
        if self._objects:
            self._print({"error": display_name(why)})

    @staticmethod
    def _print(told: Made) -> None:
        print(json.dumps(told), flush=True)  # noqa: T201 - results go to stdout
