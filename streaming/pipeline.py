"""The order of things: the only file that knows it.

    source -> [ahead] -> matting -> [ahead] -> [aside: full-size videos]
                                       |-----> search -> [aside: loops and masters] -> exports

The search runs on the caller's thread, decoding and matting ahead of it, encoding aside, so that on
two cores the network hardly ever waits. Files are never dropped: every queue is bounded and a full
one holds its writer back. A live source drops its oldest frames and counts them.
"""

import contextlib
import itertools
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from threadpoolctl import threadpool_limits

from streaming.desk import WRITERS
from streaming.errors import InputError, LoopmatteError
from streaming.events import (
    Done,
    Event,
    ExportFailed,
    LoopExported,
    LoopFailed,
    LoopFound,
    LoopWritten,
    Progress,
    Started,
)
from streaming.face import Face, Silent
from streaming.finishing import Finish
from streaming.frames import Frame
from streaming.fullframes import FullFrames
from streaming.keeping import Keeper, Kept
from streaming.loops.emitter import Cut
from streaming.loops.model import Loop
from streaming.making import LoopMaker
from streaming.matting.stream import Matted
from streaming.media.picture import AvPicture
from streaming.media.source import Source, SourceInfo, open_source
from streaming.meter import Clock, Meter, Pace, Timed
from streaming.planning import Plan, matting_for, plan_for, within_targets
from streaming.results import ResultFolder, RunRecord
from streaming.scribe import Scribe
from streaming.search import LoopSearch
from streaming.settings import ExportSettings, LoopSettings, RunSettings
from streaming.stage import Stage, tap, through
from streaming.threads import Aside, ahead, newest

__all__ = ["run"]

DECODED, MATTED, FULL, CUTS = 4, 1, 4, 1  # how many items may wait for each thread
NEWEST = 1  # of frames that somebody watches: a second one that waits would only be older
LAGGING = 8  # cuts, two for each loop: while one waits for room, so does the camera

Writing = LoopMaker | Scribe
Maker = Aside[Cut[Kept], LoopWritten | LoopFailed]
Video = Stage[Matted, None]


def run(
    settings: RunSettings,
    *,
    stop: Callable[[], bool] = lambda: False,
    face: Face | None = None,
    source: Source | None = None,
    clock: Clock = time.perf_counter,
    now: Callable[[], datetime] = lambda: datetime.now().astimezone(),
    here: Path = Path(),
) -> Iterator[Event]:
    """Matte a video, find its loops and write everything, telling what happens.

    Args:
        settings: Input and everything that can be chosen.
        stop: Asked after every frame; once it says True the run ends early and cleanly.
        face: Whoever watches the run and has a say in it.
        source: The input, opened already; it is closed at the end. None opens `settings.input`.
        clock: Seconds, rising; for speed only.
        now: The time of day, for the result folder's name.
        here: Where the result folder of a stream or camera goes.

    Yields:
        `Started` first, `Done` last.

    Raises:
        LoopmatteError: What went wrong and what to do; what was finished until then stays.
    """
    meter, settings = Meter(clock), within_targets(settings)
    with contextlib.ExitStack() as opened:
        # our products are small: more threads would only spin against the network's
        opened.enter_context(threadpool_limits(1, user_api="blas"))
        face = face or Silent()
        source = opened.enter_context(source or open_source(settings.input, settings.source))
        info = source.info
        plan = plan_for(info, settings)
        matting = matting_for(info, settings.matting, settings.cache)
        intake = Intake(source, meter, face)
        frames = opened.enter_context(contextlib.closing(intake.frames()))
        first = _first(frames, info)
        folder = ResultFolder.create(
            info.path,
            output=settings.output.output,
            force=settings.output.force,
            now=now(),
            here=here,
        )
        opened.callback(folder.drop_empty)
        full = opened.enter_context(FullFrames(folder, info, settings.output))
        name = matting.prepare(first.picture.size)
        search = _search(settings, plan, meter, face, live=info.live)
        making, maker = _makers(folder, info, meter, face, opened, settings.loops)
        video = _video(full, meter, opened)
        finish = Finish(settings, source, folder, search, meter, face.kept)
        yield _started(folder, info, name, plan)
        shots = itertools.chain([first], frames)
        stream = _ahead(Timed(matting, meter, "matting"), shots, face, opened)
        line = Line(search, maker, video, finish, intake, face)
        stopped = False
        try:
            stopped = yield from line.run(stream, stop, Pace(clock))
            making.alone(hurried=search.hurried)
            left = tuple(search.flush())
            face.left(tuple(each.loop for each in left if isinstance(each, Cut)))
            yield from _written(left, maker, finish)
            yield from finish.noted(maker.flush())
            deque(video.flush(), maxlen=0)
        except LoopmatteError:
            yield from finish.noted(maker.abandon())  # before files are renamed under its hands
            with contextlib.suppress(LoopmatteError):  # the first error is the one to tell
                finish.record(
                    now=now(), full=full, interrupted=True, dropped=intake.dropped, failed=True
                )
            raise
        record = finish.record(now=now(), full=full, interrupted=stopped, dropped=intake.dropped)
        yield from _exports(folder.path, record, settings.exports)
        yield Done(folder.path, record, stopped)


def _exports(
    folder: Path, record: RunRecord, settings: ExportSettings
) -> Iterator[LoopExported | ExportFailed]:
    """Files for other places, where any is asked for; else nothing of that is loaded."""
    if settings.targets:
        from streaming.sending import sent

        yield from sent(folder, record, settings)


def _video(full: FullFrames, meter: Meter, opened: contextlib.ExitStack) -> Video:
    """Full-size videos on a thread of their own, which is not started where none is wanted."""
    if not full.wanted:
        return full
    return opened.enter_context(Aside(Timed(full, meter, "video"), depth=FULL, name="video"))


def _makers(
    folder: ResultFolder,
    info: SourceInfo,
    meter: Meter,
    face: Face,
    opened: contextlib.ExitStack,
    loops: LoopSettings,
) -> tuple[Writing, Maker]:
    """What writes loops, and that on threads; while somebody watches, behind them a process."""
    about: dict[str, object] = {"input": info.name, "alpha": info.has_alpha}
    if isinstance(face, Silent):
        making = LoopMaker(folder, about, meter, loops)
        threads: Maker = Aside(*[making] * WRITERS, depth=CUTS, name="write")
        return making, opened.enter_context(threads)
    scribe = opened.enter_context(Scribe(folder, about, meter, loops, face))
    return scribe, opened.enter_context(Aside(scribe, depth=LAGGING, name="write"))


@dataclass(frozen=True, slots=True)
class Line:
    """What every matted frame goes through, on the caller's thread."""

    search: LoopSearch
    maker: Maker
    video: Video
    finish: Finish
    intake: "Intake"
    face: Face

    def run(
        self, stream: Iterable[Matted], stop: Callable[[], bool], pace: Pace
    ) -> Generator[Event, None, bool]:
        """Work until the stream ends or somebody stops it; gives whether somebody did."""
        for matted in stream:
            self.finish.saw(matted.frame)
            self.video.push(matted)
            yield from _written(self.search.push(matted), self.maker, self.finish)
            if pace.frame():
                yield _progress(matted.frame, pace, self.intake, self.search)
            wish = self.face.wish()
            yield from _written(self.search.heed(wish), self.maker, self.finish)
            if wish.stop or stop():
                self.search.hurry(wish.hurry)
                return True
        self.search.hurry(self.face.wish().hurry)
        return False


def _started(folder: ResultFolder, info: SourceInfo, runtime: str, plan: Plan) -> Started:
    return Started(
        folder.path,
        info.name,
        info.frames,
        info.size,
        info.rate,
        runtime,
        plan.loop_size,
        plan.ring_s,
        plan.worst_bytes / 1e6,
    )


def _ahead(
    matting: Timed[Frame, Matted],
    frames: Iterable[Frame],
    face: Face,
    opened: contextlib.ExitStack,
) -> Iterator[Matted]:
    # seen before the queue: whoever shows the matte must not wait for whoever writes loops
    matted = tap(face.matted, through(matting, frames))
    made = ahead(matted, depth=MATTED, name="matting")
    return opened.enter_context(contextlib.closing(made))


def _search(
    settings: RunSettings, plan: Plan, meter: Meter, face: Face, *, live: bool
) -> LoopSearch:
    keeper = Keeper(plan.loop_size, AvPicture.of)
    return LoopSearch(
        settings.loops,
        keeper=keeper,
        ring_bytes=plan.ring_bytes,
        meter=meter,
        ceiling_s=settings.ceiling_s,
        live=live,
        judged=face.judged,
        refused=face.refused,
    )


def _first(frames: Iterator[Frame], info: SourceInfo) -> Frame:
    """The first frame, before anything is written for an input that has none."""
    for frame in frames:
        return frame
    raise InputError(f"{info.name}: holds no frame that can be read; is it complete?")


class Intake:
    """Frames from a source, decoded on a thread of their own.

    Args:
        source: What to read.
        meter: Counts the time of decoding.
        face: Decides when the next frame is taken.

    Attributes:
        dropped: Frames that a live source delivered and nobody had time for.
        expected: How many frames are expected, None where nobody knows.
    """

    def __init__(self, source: Source, meter: Meter, face: Face) -> None:
        self._source = source
        self._meter = meter
        self._face = face
        self.dropped = 0
        self.expected = source.info.frames

    def frames(self) -> Generator[Frame]:
        """The frames, once; all of a file's, the newest ones of a live source."""
        made = self._face.paced(self._meter.items("decode", self._source.frames()))
        if self._source.info.live:
            return newest(made, depth=NEWEST, name="decode", dropped=self._drop)
        watched = not isinstance(self._face, Silent)
        return ahead(made, depth=NEWEST if watched else DECODED, name="decode")

    def _drop(self) -> None:
        self.dropped += 1


def _written(
    found: Iterable[Loop | Cut[Kept]], maker: Maker, finish: Finish
) -> Iterator[LoopFound | LoopWritten | LoopFailed]:
    """Tell of loops, hand cuts to the writer, and tell what it has finished meanwhile."""
    for each in found:
        if isinstance(each, Loop):
            yield LoopFound(each)
        else:
            finish.place(each.loop)
            yield from finish.noted(maker.push(each))
    yield from finish.noted(maker.ready())


def _progress(frame: Frame, pace: Pace, intake: Intake, search: LoopSearch) -> Progress:
    return Progress(
        frame.index + 1,
        intake.expected,
        pace.fps,
        frame.time_s,
        search.found,
        intake.dropped,
        None if search.found else search.diagnosis(),
    )
