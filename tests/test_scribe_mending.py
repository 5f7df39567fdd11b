"""A near-loop crosses to the process that writes, and comes back mended."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from streaming.events import LoopWritten
from streaming.keeping import Glimpse, Kept
from streaming.loops.emitter import Cut
from streaming.loops.fingerprint import Fingerprinter
from streaming.loops.model import Look, Loop
from streaming.media.alpha import probe_webm
from streaming.media.master import read_master
from streaming.mending.model import INVISIBLE
from streaming.meter import Meter
from streaming.results import ResultFolder
from streaming.scribe import Scribe
from tests.test_making import PERIOD, STEP_S, orbit


def seen(frames: Iterable[Kept]) -> Iterator[Kept]:
    """Frames with what mending needs of them."""
    fingerprint = Fingerprinter()
    for kept in frames:
        look = kept.subject().whole()
        (print_,) = fingerprint.push(Look(kept.index, kept.time_s, look))
        yield replace(kept, glimpse=Glimpse.of(look, print_))


def test_a_near_loop_is_mended_where_it_is_written(folder: ResultFolder) -> None:
    start, end = 4, 4 + PERIOD - 1  # a frame short: it steps twice as far over its seam
    loop = Loop("N1", "near", start, end, start * STEP_S, end * STEP_S, 1.0, 0.1)
    spent = Meter(lambda: 0.0)
    with Scribe(folder, {}, spent) as scribe:
        near = Cut(loop, list(seen(orbit(44))), start)
        told = [*scribe.push(near), *scribe.flush()]
    (written,) = told
    assert isinstance(written, LoopWritten)
    record = written.record
    assert record.mending is not None and (record.seam_worst or 9) <= INVISIBLE
    assert record.frames == PERIOD == probe_webm(written.path).frames
    assert record.master is not None
    assert len(read_master(folder.path / record.master).indices) == 44
    assert {"mend", "encode mended"} <= {each.name for each in spent.spent()}
