"""Writing loops in a process of its own, so that a live picture never waits for it.

Writing is work for a whole core, done by Python that holds its lock between calls to the codecs. On
a thread beside a live session every such moment is one in which the picture stands still: a camera
that came through at 25 frames a second came through at 12 while a loop was written. A process has a
lock of its own, can be given what the others leave of the cores, and, should a codec bring it down,
takes one loop with it and not the session.

Cuts go there and events come back as pickles over pipes, a frame at a time. The child is this file
run as a program, which unlike `multiprocessing` does not run the user's script a second time.
"""

import contextlib
import logging
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from threadpoolctl import threadpool_limits

from streaming.errors import LoopmatteError
from streaming.events import LoopFailed, LoopWritten
from streaming.keeping import Kept
from streaming.loops.emitter import Cut
from streaming.making import LoopMaker
from streaming.meter import Clock, Meter, Spent
from streaming.results import Place, ResultFolder
from streaming.settings import LoopSettings

__all__ = ["Scribe"]

log = logging.getLogger(__name__)

PICKLE = 5
USUAL = LoopSettings()
GOES_S = 5.0  # for so long a process that is told to end may take
BEGIN = """
import sys
sys.path.insert(0, sys.argv[1])
from streaming.priority import give_way
give_way()  # before it loads codecs beside a session that begins
from streaming.scribe import main
main()
"""


@dataclass(frozen=True, slots=True)
class _Order:
    """What to write; its frames follow one by one.

    Attributes:
        place: Where.
        cut: What, without frames.
        frames: How many follow.
        hurried: Write masters alone.
    """

    place: Place
    cut: Cut[Kept]
    frames: int
    hurried: bool


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came of an order."""

    events: tuple[LoopWritten | LoopFailed, ...]
    spent: tuple[Spent, ...]
    error: LoopmatteError | None = None


class Scribe:
    """A stage that writes cuts like `LoopMaker`, in another process; a context manager.

    Args:
        folder: Where loops and masters go.
        about: What every master carries about the run.
        meter: Gets the time of refining, encoding, mending and checking.
        loops: What was asked for.
    """

    def __init__(
        self,
        folder: ResultFolder,
        about: dict[str, object],
        meter: Meter,
        loops: LoopSettings = USUAL,
    ) -> None:
        self._loops = loops
        self._folder = folder
        self._about = about
        self._meter = meter
        self._hurried = False
        self._process = self._begun()

    def __enter__(self) -> "Scribe":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def alone(self, *, hurried: bool) -> None:
        """From now on nobody watches.

        Args:
            hurried: Write masters alone: whoever has one can write the loop another time.
        """
        self._hurried = hurried

    def push(self, item: Cut[Kept], /) -> Iterator[LoopWritten | LoopFailed]:
        """Have a cut written; a process that dies over it costs this loop alone.

        Raises:
            LoopmatteError: What could not be written, and why.
        """
        try:
            self._send(item)
            answer: _Answer = pickle.load(_pipe(self._process.stdout))
        except (OSError, EOFError, pickle.UnpicklingError):
            yield self._lost(item)
            return
        for each in answer.spent:
            self._meter.add(each.name, each.total_s, each.items)
        if answer.error is not None:
            raise answer.error
        for event in answer.events:
            if isinstance(event, LoopFailed):
                self._folder.discard(event.loop.id)
            yield event

    def flush(self) -> Iterable[LoopWritten | LoopFailed]:
        """Nothing is held back."""
        return ()

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

    def _send(self, item: Cut[Kept]) -> None:
        into = _pipe(self._process.stdin)
        place = self._folder.place(item.loop.id, item.loop.kind)
        order = _Order(place, replace(item, frames=[]), len(item.frames), self._hurried)
        pickle.dump(order, into, PICKLE)
        for kept in item.taken():
            # a runtime stays here; whoever has none refines on its own core
            glimpse = kept.glimpse if item.loop.kind == "near" else None  # only that is mended
            pickle.dump(replace(kept, runtime=None, glimpse=glimpse), into, PICKLE)
        into.flush()

    def _lost(self, item: Cut[Kept]) -> LoopFailed:
        self.close()
        how = self._process.returncode
        log.warning("the process that wrote %s ended (%s); a new one begins", item.loop.id, how)
        self._process = self._begun()
        self._folder.discard(item.loop.id)
        return LoopFailed(item.loop, (f"the process that wrote it ended unexpectedly ({how})",))


def serve(orders: IO[bytes], answers: IO[bytes], clock: Clock) -> None:
    """Carry out orders until there are no more.

    Args:
        orders: Pickles: the folder and what masters carry, then orders with their frames.
        answers: Where an answer to each goes.
        clock: Seconds, rising; for what each stage took.
    """
    path, about, loops = pickle.load(orders)
    folder, meter = ResultFolder(path), Meter(clock)
    maker = LoopMaker(folder, about, meter, loops)
    while True:
        try:
            order: _Order = pickle.load(orders)
            order.cut.frames.extend(pickle.load(orders) for _ in range(order.frames))
        except EOFError:
            return
        folder.adopt(order.place)
        maker.alone(hurried=order.hurried)
        events: tuple[LoopWritten | LoopFailed, ...] = ()
        error = None
        try:
            events = tuple(maker.push(order.cut))
        except LoopmatteError as raised:
            error = raised
        pickle.dump(_Answer(events, meter.taken(), error), answers, PICKLE)
        answers.flush()


def main() -> None:
    """What the child process runs."""
    for each in (signal.SIGINT, signal.SIGTERM):  # the other process says when it is over
        signal.signal(each, signal.SIG_IGN)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints must not stand among the answers
    # two BLAS threads would take both cores to wait for each other
    alone = threadpool_limits(1, user_api="blas")
    with contextlib.suppress(BrokenPipeError), answers, alone:
        serve(sys.stdin.buffer, answers, time.perf_counter)


def _pipe(end: IO[bytes] | None) -> IO[bytes]:
    assert end is not None, "the process was begun with pipes"
    return end
