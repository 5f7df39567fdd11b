"""Writing loops in a process of its own, so that a live picture never waits for it.

Writing is work for a whole core, done by Python that holds its lock between calls to the codecs. On
a thread beside a live session every such moment is one in which the picture stands still: a camera
that came through at 25 frames a second came through at 12 while a loop was written. A process has a
lock of its own, can be given what the others leave of the cores, and, should a codec bring it down,
takes one loop with it and not the session.

Cuts go there and events come back as pickles over pipes, a frame at a time. The child runs
`desk.py`, which unlike `multiprocessing` does not run the user's script a second time.
"""

import contextlib
import logging
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import IO

from streaming.desk import PICKLE, WRITERS, Answer, Nudge, Order
from streaming.events import LoopFailed, LoopWritten
from streaming.face import Face, Silent
from streaming.keeping import Kept
from streaming.loops.emitter import Cut
from streaming.loops.model import Loop
from streaming.meter import Meter
from streaming.results import ResultFolder
from streaming.settings import LoopSettings

__all__ = ["Scribe"]

log = logging.getLogger(__name__)

USUAL = LoopSettings()
NOBODY = Silent()
GOES_S = 5.0  # for so long a process that is told to end may take
BEGIN = """
import sys
sys.path.insert(0, sys.argv[1])
from streaming.priority import gently
from streaming.threads import ahead
for desk in ahead(gently("streaming.desk"), depth=1, name="load"):  # beside a session that begins
    desk.main()
"""


class Scribe:
    """A stage that writes cuts like `LoopMaker`, in another process; a context manager.

    Args:
        folder: Where loops and masters go.
        about: What every master carries about the run.
        meter: Gets the time of refining, encoding, mending and checking.
        loops: What was asked for.
        face: Told of each cut that is done, and asked whether near-loops may be left out.
    """

    def __init__(
        self,
        folder: ResultFolder,
        about: dict[str, object],
        meter: Meter,
        loops: LoopSettings = USUAL,
        face: Face = NOBODY,
    ) -> None:
        self._loops = loops
        self._folder = folder
        self._about = about
        self._meter = meter
        self._face = face
        self._alone = self._hurried = False
        self._number = 0
        self._sent: dict[int, Loop] = {}
        self._gentle: set[int] = set()  # of these, those that give way: they hold nobody up
        self._sending = threading.Lock()
        self._process = self._begun()

    def __enter__(self) -> "Scribe":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def alone(self, *, hurried: bool) -> None:
        """From now on nobody watches: several cuts are written at a time, and no new one gives way.

        Args:
            hurried: Write masters alone: whoever has one can write the loop another time.
        """
        self._hurried = hurried
        self._alone = True
        with (
            self._sending,
            contextlib.suppress(OSError, ValueError),
        ):  # one that died is noticed later
            pickle.dump(Nudge(), _pipe(self._process.stdin), PICKLE)
            _pipe(self._process.stdin).flush()

    def push(self, item: Cut[Kept], /) -> Iterator[LoopWritten | LoopFailed]:
        """Have a cut written; a process that dies over it costs the loops that it had.

        Raises:
            LoopmatteError: What could not be written, and why.
        """
        alone = self._alone
        yield from self._answered(len(self._gentle) + WRITERS - 1 if alone else 0)
        if alone and item.loop.kind == "near" and self._face.enough():
            self._folder.discard(item.loop.id)
            self._face.tried(item.loop)
            return
        self._number += 1
        self._sent[self._number] = item.loop
        gentle = not alone and self._face.live()
        if gentle:
            self._gentle.add(self._number)
        try:
            self._send(item, self._number, gentle=gentle)
        except OSError:
            yield from self._lost()
        if not alone:
            yield from self._answered(0, until_alone=True)

    def flush(self) -> Iterator[LoopWritten | LoopFailed]:
        """Wait for what is being written."""
        yield from self._answered(0)

    def close(self) -> None:
        """End the process."""
        with contextlib.suppress(OSError):
            _pipe(self._process.stdin).close()
        try:
            self._process.wait(GOES_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _pipe(self._process.stdout).close()

    def _answered(
        self, most: int, *, until_alone: bool = False
    ) -> Iterator[LoopWritten | LoopFailed]:
        """Take answers until at most so many are awaited, or until nobody watches."""
        while len(self._sent) > most and not (until_alone and self._alone):
            try:
                answer: Answer = pickle.load(_pipe(self._process.stdout))
            except (OSError, EOFError, pickle.UnpicklingError):
                yield from self._lost()
                return
            if answer.number:
                yield from self._heard(answer)

    def _heard(self, answer: Answer) -> Iterator[LoopWritten | LoopFailed]:
        self._gentle.discard(answer.number)
        self._face.tried(self._sent.pop(answer.number))
        for each in answer.spent:
            self._meter.add(each.name, each.total_s, each.items)
        if answer.error is not None:
            raise answer.error
        for event in answer.events:
            if isinstance(event, LoopFailed):
                self._folder.discard(event.loop.id)
            yield event

    def _begun(self) -> "subprocess.Popen[bytes]":
        root = Path(__file__).resolve().parents[1]
        process = subprocess.Popen(
            [sys.executable, "-c", BEGIN, str(root)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        with contextlib.suppress(OSError):  # a process that is gone is noticed at the first cut
            pickle.dump((self._folder.path, self._about, self._loops), _pipe(process.stdin), PICKLE)
            _pipe(process.stdin).flush()
        return process

    def _send(self, item: Cut[Kept], number: int, *, gentle: bool) -> None:
        into = _pipe(self._process.stdin)
        place = self._folder.place(item.loop.id, item.loop.kind)
        cut = replace(item, frames=[])
        order = Order(number, place, cut, len(item.frames), gentle, self._hurried)
        with self._sending:
            pickle.dump(order, into, PICKLE)
            for kept in item.taken():
                # a runtime stays here; whoever has none refines on its own core
                glimpse = kept.glimpse if item.loop.kind == "near" else None  # only that is mended
                pickle.dump(replace(kept, runtime=None, glimpse=glimpse), into, PICKLE)
            into.flush()

    def _lost(self) -> Iterator[LoopFailed]:
        """Begin a new process; what the one that ended had in hand is lost."""
        self.close()
        how = self._process.returncode
        lost, self._sent, self._gentle = self._sent, {}, set()
        self._process = self._begun()
        for loop in lost.values():
            log.warning("the process that wrote %s ended (%s); a new one begins", loop.id, how)
            self._folder.discard(loop.id)
            self._face.tried(loop)
            yield LoopFailed(loop, (f"the process that wrote it ended unexpectedly ({how})",))


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    assert end is not None, "the process was begun with pipes"
    return end
