"""A span marked by hand, cut from a source that is read again.

While a run goes on its frames are at hand only for the last seconds. Whoever marks a span later, or
when everything is over, gets it all the same where the source is a file: it is opened a second
before the span, so that the network has found its subject by then, and closed soon after it. What
comes of it is what the run would have written: a loop with its master, measured the same way.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

from threadpoolctl import threadpool_limits

from streaming.errors import InputError
from streaming.events import LoopWritten
from streaming.face import Mark
from streaming.frames import Frame
from streaming.keeping import Keeper, Kept
from streaming.loops.emitter import ROLL, Cut
from streaming.loops.fingerprint import Fingerprint, Fingerprinter
from streaming.loops.gauge import AROUND, LEAST_FRAMES, SpanGauge
from streaming.loops.model import Look
from streaming.making import LoopMaker
from streaming.media.picture import AvPicture
from streaming.media.source import Source, open_source
from streaming.meter import Clock, Meter
from streaming.planning import matting_for, plan_for
from streaming.results import Place, ResultFolder
from streaming.results.records import LoopRecord
from streaming.settings import RunSettings
from streaming.stage import through

__all__ = ["cut_marked"]

WARM_S = Fraction(1)  # of frames that the network sees before those that count
AFTER = ROLL + AROUND  # frames read from the span's end on


def cut_marked(
    settings: RunSettings,
    mark: Mark,
    folder: ResultFolder,
    place: Place,
    *,
    stop: Callable[[], bool] = lambda: False,
    clock: Clock = time.perf_counter,
) -> LoopRecord:
    """Read a span of a source again and write it as a loop, with its master.

    Args:
        settings: Of the run that it belongs to; its input is a file or a folder.
        mark: The span.
        folder: Where the files go.
        place: Their names, in folders that exist; neither file does.
        stop: Asked after every frame; once it says True, nothing is written.
        clock: Seconds, rising.

    Returns:
        What was written, measured on the file.

    Raises:
        InputError: The source is gone, has not these frames, or `stop` said True.
        OutputError: Something cannot be written, or is not what it should be.
    """
    meter = Meter(clock)
    with contextlib.ExitStack() as opened:
        opened.enter_context(threadpool_limits(1, user_api="blas"))
        from_s = max(Fraction(0), mark.start_s - WARM_S)
        part = replace(settings.source, start_s=from_s, end_s=None)
        source = opened.enter_context(open_source(settings.input, part))
        if source.info.live:
            raise InputError(f"{source.info.name}: a live source cannot be read again")
        cut = _cut(source, settings, mark, stop)
        folder.adopt(place)
        about: dict[str, object] = {"input": source.info.name, "alpha": source.info.has_alpha}
        maker = LoopMaker(folder, about, meter, watched=True)
        (event,) = maker.push(cut)
    if isinstance(event, LoopWritten):
        return event.record
    raise InputError(f"the span was cut and failed its check: {'; '.join(event.problems)}")


def _cut(source: Source, settings: RunSettings, mark: Mark, stop: Callable[[], bool]) -> Cut[Kept]:
    keeper = Keeper(plan_for(source.info, settings).loop_size, AvPicture.of)
    fingerprint = Fingerprinter(centred=settings.loops.anchor == "subject")
    matting = matting_for(source.info, settings.matting, settings.cache)
    frames: list[Kept] = []
    prints: list[Fingerprint] = []
    for matted in through(matting, _frames(source, mark, stop)):
        frame = matted.frame
        frames.append(keeper.keep(matted))
        prints.extend(fingerprint.push(Look(frame.index, frame.time_s, matted.look)))
    start, end = (_nearest(frames, each) for each in (mark.start_s, mark.end_s))
    gauge = SpanGauge([each for each in prints if start - AROUND <= each.index <= end + AROUND])
    if not gauge.covers(start, end):
        raise InputError(
            f"{source.info.name}: {float(mark.start_s):g} s to {float(mark.end_s):g} s holds "
            f"{end - start} frames; mark at least {LEAST_FRAMES} of them"
        )
    taken = [each for each in frames if start - ROLL <= each.index < end + ROLL]
    return Cut(gauge.loop(start, end, id=mark.id), taken, sum(each.index < start for each in taken))


def _frames(source: Source, mark: Mark, stop: Callable[[], bool]) -> Iterator[Frame]:
    """The frames of a span with those around it, numbered about as they were in the run."""
    after, first = AFTER, 0
    for frame in source.frames():
        if stop():
            raise InputError(f"{mark.id}: the span was not cut, because the server ended")
        if frame.index == 0:
            first = round(max(Fraction(0), frame.time_s) * source.info.rate)
        yield replace(frame, index=first + frame.index)
        after -= frame.time_s >= mark.end_s
        if not after:
            return


def _nearest(frames: Sequence[Kept], time_s: Fraction) -> int:
    return min(frames, key=lambda each: abs(each.time_s - time_s)).index
