"""One session: one pipeline on its own thread, its preview on another, and what both tell.

This is where the engine's threads meet the event loop, and the only place: `_cross` hands every
event over. The other way, wishes are put where the pipeline asks for them after each frame. Neither
side ever waits for the other.
"""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from server.broadcast import Broadcast
from server.chronicle import Chronicle
from server.gate import Gate
from server.library import RESULT
from server.model import Limits, Numbers, Pace, SessionFacts, Wanted
from server.rates import Rate
from server.wants import limits_for_engine, run_settings
from server.words import still_source, why_none
from streaming import Loop, LoopmatteError, Progress, run
from streaming.live import (
    Feed,
    Filmstrip,
    Frame,
    Inbox,
    Mark,
    Matted,
    Moment,
    Preview,
    Stamp,
    Wish,
)

__all__ = ["Session"]

log = logging.getLogger(__name__)

TICK_S = 0.25
LEAST_S = Fraction(1, 1000)  # between two pictures, also of one that is shown again
DAYS = 86_400.0


class Session:
    """A running session; its methods are called on the event loop.

    Args:
        facts: What it is.
        wanted: Its source, ready to be opened.
        folder: Its folder in the library.
        cache: Folder for weights and converted networks.
        preview_px: Long side of the preview.
        saved: Told the facts whenever they are worth saving.
        missed: Told of a marked span whose frames are gone, and why.
        feed: Where frames are pushed, for a source that pushes.

    Attributes:
        chronicle: What is known and was told.
        broadcast: Those who watch.
    """

    def __init__(
        self,
        facts: SessionFacts,
        wanted: Wanted,
        *,
        folder: Path,
        cache: Path,
        preview_px: int,
        saved: Callable[[SessionFacts], object],
        missed: Callable[[str, Mark, str], object],
        feed: Feed | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.chronicle = Chronicle(facts, saved)
        self._loop = asyncio.get_running_loop()
        self._clock = clock
        self._feed = feed
        self._missed = missed
        self._wanted = wanted
        self._folder = folder
        self._cache = cache
        live = facts.live
        self._gate = Gate(live=live, pace=facts.pace, clock=clock, passed=self._arrived)
        self._preview = Preview(preview_px)
        self.broadcast = Broadcast(self._begin_anew)
        self._shown: Inbox[Matted] = Inbox(1, patience_s=DAYS)
        self._wishes: deque[Wish] = deque()
        self._moments: deque[Moment] = deque()
        self._last: Matted | None = None
        self._encoded_s = Fraction(0)
        self._arrivals: deque[tuple[Fraction, float]] = deque(maxlen=256)
        self._delays: deque[float] = deque(maxlen=30)
        self._came, self._processed = Rate(), Rate()
        self._dropped = 0
        self._why: str | None = None
        self._enough = False
        self._ended = asyncio.Event()
        self._threads = [
            threading.Thread(target=self._run, name=f"session {facts.id[:6]}", daemon=True),
            threading.Thread(target=self._show, name=f"preview {facts.id[:6]}", daemon=True),
        ]
        self._ticking: asyncio.Task[None] | None = None

    @property
    def facts(self) -> SessionFacts:
        """What is known of it now."""
        return self.chronicle.facts

    @property
    def totals(self) -> tuple[int, int, int]:
        """Frames that came, were processed, were dropped."""
        return self._came.count, self._processed.count, self._dropped

    def begin(self) -> None:
        """Start its threads."""
        for thread in self._threads:
            thread.start()
        self._ticking = asyncio.create_task(self._tick())

    def pause(self, paused: bool) -> None:
        """Hold it, or let it go on."""
        if self.facts.state in ("running", "paused", "starting"):
            self._gate.pause(paused)
            self.chronicle.change(state="paused" if paused else "running")

    def hurry(self, pace: Pace) -> None:
        """Change the pace of a file."""
        self._gate.hurry(pace)
        self.chronicle.change(pace=pace)

    def limit(self, limits: Limits) -> None:
        """Look for other loops from now on."""
        self._wishes.append(Wish(limits=limits_for_engine(limits)))
        self.chronicle.change(limits=limits)

    def mark(self, mark: Mark) -> None:
        """Cut a span by hand."""
        self._wishes.append(Wish(marks=(mark,)))

    def stop(self, *, hurry: bool = False) -> None:
        """End it: what was found is written, unless `hurry` leaves out what nobody waits for.

        One that ends already leaves that out from now on, too.
        """
        if self.facts.over:
            return
        self._enough = hurry or self.facts.state == "ending"
        self._wishes.append(Wish(stop=True, hurry=hurry))
        self._gate.stop()
        if self._feed is not None:
            self._feed.close()
        if self.facts.state != "ending":
            self.chronicle.change(state="ending")

    async def ended(self) -> None:
        """Wait until everything is written and its threads are gone."""
        await self._ended.wait()
        for thread in self._threads:
            await asyncio.to_thread(thread.join)

    # What the engine asks and tells, on its threads: a `Face`.

    def paced(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """Frames when they are due."""
        return self._gate.through(frames)

    def matted(self, item: Matted) -> None:
        """Put a frame in the preview's hands, in place of an older one."""
        self._processed.add(self._clock())
        self._last = item
        self._shown.put(item)

    def _begin_anew(self) -> None:
        """Somebody needs a key frame; where no frame comes, the last one is shown once more."""
        self._preview.want_key()
        if self._last is not None and self._processed.per_second(self._clock()) == 0:
            self._shown.put(self._last)

    def judged(self, moment: Moment) -> None:
        """Keep what was judged until the next tick."""
        self._moments.append(moment)

    def wish(self) -> Wish:
        """The next thing that is wanted."""
        return self._wishes.popleft() if self._wishes else Wish()

    def refused(self, mark: Mark, why: str) -> None:
        """A marked span cannot be cut."""
        self._cross(self._missed, self.facts.id, mark, why)

    def kept(self) -> frozenset[str]:
        """What the user keeps."""
        return frozenset(each.id for each in self.facts.loops if each.kept)

    def live(self) -> bool:
        """Whether its picture comes at its own rate; a file that is hurried is there for loops."""
        return self.facts.live or self.facts.pace == "real"

    def left(self, loops: tuple[Loop, ...]) -> None:
        """The source is over."""
        self._cross(self.chronicle.left, loops)

    def tried(self, loop: Loop) -> None:
        """A span is done."""
        self._cross(self.chronicle.tried, loop)

    def enough(self) -> bool:
        """Whether somebody has stopped it while it ended."""
        return self._enough

    def _arrived(self, time_s: Fraction, when: float) -> None:
        self._came.add(when)
        self._arrivals.append((time_s, when))

    def _cross(self, call: Callable[..., object], *arguments: Any) -> None:
        """Hand something to the event loop; after its end there is nobody to tell."""
        try:
            self._loop.call_soon_threadsafe(call, *arguments)
        except RuntimeError:
            log.debug("the event loop has gone")

    def _run(self) -> None:
        """The pipeline's thread."""
        problem = None
        try:
            settings = run_settings(self._wanted, self.facts, self._folder, self._cache)
            source = self._feed.open(settings.source) if self._feed else None
            for event in run(settings, face=self, source=source):
                if isinstance(event, Progress):
                    self._dropped = event.dropped
                    self._why = why_none(event.diagnosis)
                self._cross(self.chronicle.heard, event)
        except LoopmatteError as error:
            problem = str(error)
        except (
            Exception
        ) as error:  # one of the two outermost loops: a session never takes others down
            log.exception("session %s failed", self.facts.id)
            problem = (
                f"unexpected {type(error).__name__}: {error}; a fault of loopmatte, see its log"
            )
        finally:
            self._shown.close()
            self._cross(self._over, problem)

    def _show(self) -> None:
        """The preview's thread."""
        strip = Filmstrip()
        try:
            for item in self._shown:
                if strip.push(max(Fraction(0), item.frame.time_s), item.look):
                    stills = strip.stills()
                    kept = [float(each.time_s) for each in stills]
                    newest = stills[-1]
                    self._cross(
                        self.chronicle.still, float(newest.time_s), still_source(newest), kept
                    )
                if self.broadcast.watched or self.broadcast.pictured:
                    self._encode(item)
        except Exception:  # the preview is not worth a session
            log.exception("the preview of session %s failed", self.facts.id)

    def _encode(self, item: Matted) -> None:
        arrived = self._arrival_of(item.frame.time_s)
        picture = self._preview.picture(item, Stamp(item.frame.index, round(arrived * 1000)))
        if self.broadcast.watched:
            taken_s = Fraction(arrived).limit_denominator(90_000)
            self._encoded_s = max(taken_s, self._encoded_s + LEAST_S)
            packet = self._preview.packet(picture, self._encoded_s)
            self._cross(self.broadcast.packet, packet)
        if self.broadcast.pictured:
            self._cross(self.broadcast.picture, self._preview.jpeg(picture))
        self._delays.append(self._clock() - arrived)

    def _arrival_of(self, time_s: Fraction) -> float:
        for each, when in reversed(self._arrivals):
            if each == time_s:
                return when
        return self._clock()

    async def _tick(self) -> None:
        """Tell what came together since the last tick."""
        passed = 0
        while not self._ended.is_set():
            await asyncio.sleep(TICK_S)
            self._tell_moments()
            self.chronicle.masters(lambda name: (self._folder / RESULT / name).is_file())
            passed += 1
            if passed % 2 == 0:
                self.chronicle.numbers(self._numbers(), self._why, self._clock())

    def _tell_moments(self) -> None:
        moments = [self._moments.popleft() for _ in range(len(self._moments))]
        if moments:
            self.chronicle.moments(moments)

    def _numbers(self) -> Numbers:
        now = self._clock()
        delays = sorted(self._delays)
        return Numbers(
            fps_in=round(self._came.per_second(now), 1),
            fps=round(self._processed.per_second(now), 1),
            frames=self._processed.count,
            dropped=self._dropped,
            delay_ms=round(delays[len(delays) // 2] * 1000, 1) if delays else None,
            viewers=self.broadcast.viewers,
            loops=sum(each.kind in ("loop", "mended") for each in self.facts.loops),
        )

    def _over(self, problem: str | None) -> None:
        """The pipeline is done; on the event loop."""
        self._tell_moments()
        still = replace(self._numbers(), fps=0.0, fps_in=0.0)
        self.chronicle.numbers(still, self.facts.why, self._clock())
        self.broadcast.close()
        if self.facts.state == "ending" and not self._came.count:
            problem = None  # that there was no frame is then nobody's fault
        self.chronicle.change(state="failed" if problem else "ended", error=problem, left=None)
        self._ended.set()
