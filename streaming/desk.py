"""What the process does that writes loops for a run that somebody watches.

While a picture is live, orders are carried out on one thread that gives way, because the picture
matters more than a loop that comes a second later. Everything else goes to as many threads as write
a run that nobody watches, and none of them gives way: once the source is over, somebody waits for
the loops. What was begun gently does not hold those up; on a machine that others keep busy it may
take minutes.

All threads share one `LoopMaker`, so none of them closes what another one has.
"""

import contextlib
import os
import pickle
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from threadpoolctl import threadpool_limits

from streaming.errors import LoopmatteError
from streaming.events import LoopFailed, LoopWritten
from streaming.keeping import Kept
from streaming.loops.emitter import Cut
from streaming.making import LoopMaker
from streaming.meter import Clock, Meter, Spent
from streaming.priority import give_way
from streaming.results import Place, ResultFolder
from streaming.threads import Aside

__all__ = ["PICKLE", "WRITERS", "Answer", "Nudge", "Order", "main", "serve"]

PICKLE = 5
WRITERS = 2  # near-loops come all at once at the end, when the network is done
FAULT = ("a fault of loopmatte while it was written, see its log",)


@dataclass(frozen=True, slots=True)
class Order:
    """What to write; its frames follow one by one.

    Attributes:
        number: Which one it is.
        place: Where.
        cut: What, without frames.
        frames: How many follow.
        gentle: A live picture comes first.
        hurried: Write masters alone.
    """

    number: int
    place: Place
    cut: Cut[Kept]
    frames: int
    gentle: bool
    hurried: bool


@dataclass(frozen=True, slots=True)
class Nudge:
    """Asks for an empty answer, so that whoever waits for another one need not."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of an order.

    Attributes:
        number: Of which; 0 for a nudge.
        events: What is told of it.
        spent: Time that was spent since the answer before.
        error: Why nothing more can be written.
    """

    number: int
    events: tuple[LoopWritten | LoopFailed, ...] = ()
    spent: tuple[Spent, ...] = ()
    error: LoopmatteError | None = None


class Desk:
    """A stage that carries out orders and sends an answer to each; may be shared by threads.

    Args:
        orders: Where they come from: the folder and what masters carry, then orders with frames.
        answers: Where an answer to each goes.
        clock: Seconds, rising; for what each stage took.
    """

    def __init__(self, orders: IO[bytes], answers: IO[bytes], clock: Clock) -> None:
        path, about, loops = pickle.load(orders)
        self._orders, self._answers = orders, answers
        self._folder, self._meter = ResultFolder(path), Meter(clock)
        self._maker = LoopMaker(self._folder, about, self._meter, loops, watched=True)
        self._answering = threading.Lock()

    def taken(self) -> Iterator[Order]:
        """Orders with their frames, until there are no more."""
        with contextlib.suppress(EOFError):
            while True:
                order: Order | Nudge = pickle.load(self._orders)
                if isinstance(order, Nudge):
                    self._tell(Answer(0))
                    continue
                order.cut.frames.extend(pickle.load(self._orders) for _ in range(order.frames))
                self._folder.adopt(order.place)
                self._maker.alone(hurried=order.hurried)
                yield order

    def push(self, order: Order, /) -> tuple[()]:
        """Carry out one order; the answer is what comes of it."""
        # whoever waits for the answer gets one, also where a fault ends this thread
        events: tuple[LoopWritten | LoopFailed, ...] = (LoopFailed(order.cut.loop, FAULT),)
        error = None
        try:
            events = tuple(self._maker.push(order.cut))
        except LoopmatteError as raised:
            events, error = (), raised
        finally:
            self._tell(Answer(order.number, events, self._meter.taken(), error))
        return ()

    def flush(self) -> tuple[()]:
        """Nothing is held back."""
        return ()

    def _tell(self, answer: Answer) -> None:
        with self._answering:
            pickle.dump(answer, self._answers, PICKLE)
            self._answers.flush()


class _Gently:
    """A stage that carries out orders on a thread that gives way.

    Args:
        desk: Where.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._given_way = False

    def push(self, order: Order, /) -> tuple[()]:
        """Carry out one order."""
        if not self._given_way:
            self._given_way = True
            give_way()
        return self._desk.push(order)

    def flush(self) -> tuple[()]:
        """Nothing is held back."""
        return ()


def serve(orders: IO[bytes], answers: IO[bytes], clock: Clock) -> None:
    """Carry out orders until there are no more; the arguments are those of `Desk`."""
    desk = Desk(orders, answers, clock)
    gentle: Aside[Order, None] = Aside(_Gently(desk), depth=1, name="gentle")
    crew: Aside[Order, None] = Aside(*[desk] * WRITERS, depth=1, name="write")
    with gentle, crew:
        for order in desk.taken():
            (gentle if order.gentle else crew).push(order)
        for each in (gentle, crew):
            deque(each.flush(), maxlen=0)


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
