"""Writing a loop that was found, with its master, and proving the file before anyone sees it.

A loop is written as soon as its own frames are there, because somebody waits for it; its master
follows when the frames around it have come. A near-loop, for which nobody waits, is written after
its master and from it: mending it takes frames in another order. Frames go into the master as they
are, and into the loop led back to where it began. Then the loop is read again from the disk, with
the decoder that keeps alpha, and measured: number of frames, range of alpha, the step over the
seam. A file that is not what it should be does not stay.
"""

import contextlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain

from streaming.events import LoopFailed, LoopWritten
from streaming.frames import Rect, Size
from streaming.keeping import Kept
from streaming.leading import LedLoop
from streaming.loops.anchor import Anchor, plan_anchor
from streaming.loops.detector import NEAR
from streaming.loops.emitter import Cut
from streaming.loops.model import Loop
from streaming.media.cutout import grown
from streaming.media.master import MasterWriter, read_master
from streaming.media.webm import LoopWriter
from streaming.mending.model import Mend
from streaming.meter import Meter
from streaming.preparing import Preparer
from streaming.proving import Expected, check, record_of
from streaming.remedies import Remedies
from streaming.results import LoopRecord, Place, ResultFolder
from streaming.rewriting import closed, rewritten
from streaming.settings import LoopSettings
from streaming.shelf import Shelf

__all__ = ["LoopMaker"]

log = logging.getLogger(__name__)

USUAL = LoopSettings()
READY_BYTES = 96_000_000  # of prepared frames; a person in 720p takes 0.4 MB, all of it 2.3


class LoopMaker:
    """A stage that writes cuts; gives an event for each. Safe to push to from several threads.

    Args:
        folder: Where loops and masters go.
        about: What every master carries about the run.
        meter: Counts the time of refining, encoding, mending and checking.
        loops: What was asked for: what may be done to mend, and how long a loop may be.
        watched: Somebody looks at loops as they come: what was shown is not changed any more.
    """

    def __init__(
        self,
        folder: ResultFolder,
        about: dict[str, object],
        meter: Meter,
        loops: LoopSettings = USUAL,
        *,
        watched: bool = False,
    ) -> None:
        self._loops = loops
        self._watched = watched
        self._folder = folder
        self._about = about
        self._meter = meter
        self._failed: set[str] = set()
        self._begun: set[str] = set()
        self._shelf = Shelf(loops.loops)
        self._remedies = Remedies(loops, self._shelf, meter)
        self._rough: dict[str, LoopRecord] = {}
        self._mastered: set[str] = set()
        self._hurried = False
        self._prepared = Preparer(READY_BYTES, meter)

    def alone(self, *, hurried: bool) -> None:
        """From now on nobody watches.

        Args:
            hurried: Write masters alone: whoever has one can write the loop another time.
        """
        self._hurried = hurried

    def push(self, item: Cut[Kept], /) -> Iterator[LoopWritten | LoopFailed]:
        """Write a loop as soon as its own frames are there, its master when the rest is."""
        begun = item.loop.id in self._begun
        if item.early and self._hurried:
            return
        if item.loop.kind == "loop" and not item.early and (begun or self._hurried):
            self._follow(item)
        else:
            self._begun.add(item.loop.id)
            if item.loop.kind == "near" and self._loops.repair != "none":
                yield from self._repaired(item)
            else:
                yield self._cut(item)
        yield from self._bettered(item.loop)

    def flush(self) -> Iterable[LoopWritten | LoopFailed]:
        """Nothing is held back."""
        return ()

    def _follow(self, cut: Cut[Kept]) -> None:
        """Write the master of a loop, unless that fails its check before or meanwhile."""
        if cut.loop.id in self._failed:
            return
        place = self._folder.place(cut.loop.id, cut.loop.kind)
        with self._master(cut, place) as master:
            self._write(cut, master, None)
        self._mastered.add(cut.loop.id)
        if cut.loop.id in self._failed:
            (self._folder.path / place.master).unlink(missing_ok=True)

    def _cut(self, cut: Cut[Kept]) -> LoopWritten | LoopFailed:
        """Write a span as it is, with its master where the frames for that are there."""
        place = self._folder.place(cut.loop.id, cut.loop.kind)
        size = cut.frames[0].picture.size
        boxes = [kept.box for kept in cut.inside]
        anchor = plan_anchor(cut.loop, boxes, size)
        with contextlib.ExitStack() as opened:
            master = None if cut.early else opened.enter_context(self._master(cut, place))
            self._write(cut, master, self._loop(place, size, anchor, cut.loop, opened))
        if not cut.early:
            self._mastered.add(cut.loop.id)
        return self._checked(cut.loop, place, anchor, wanted=Expected(size, len(boxes)))

    def _repaired(self, cut: Cut[Kept]) -> Iterator[LoopWritten | LoopFailed]:
        """Mend a near-loop, or write it as it is, or leave it, whichever it is worth."""
        mends = self._remedies.of_near(cut)
        first = next(mends, None)
        if first is not None:
            yield from self._mended(cut, chain([first], mends))
        elif cut.loop.mismatch <= NEAR and self._shelf.room():
            yield self._cut(cut)
        else:
            self._folder.discard(cut.loop.id)

    def _mended(self, cut: Cut[Kept], mends: Iterable[Mend]) -> Iterator[LoopWritten | LoopFailed]:
        """Write a near-loop's master, and from it the loop, mended if its file shows no seam."""
        loop, place = cut.loop, self._folder.place(cut.loop.id, cut.loop.kind)
        with self._master(cut, place) as writer:
            self._write(cut, writer, None)
        master, path = read_master(self._folder.path / place.master), self._folder.path / place.file
        with self._meter.timing("encode mended"):
            record = closed(master, path, loop, mends)
        if record is None and loop.mismatch <= NEAR and self._shelf.room():
            with self._meter.timing("encode loop"):
                record = rewritten(master, path, loop)
        if record is None:
            self._folder.discard(loop.id)
        elif record.problems:
            yield self._refused(loop, place, record.problems)
        else:
            yield LoopWritten(replace(record, file=place.file, master=place.master), path)

    def _bettered(self, loop: Loop) -> Iterator[LoopWritten]:
        """Mend a loop that was found, if its file shows a seam, once its master is there too.

        Two threads may write the two: whoever comes last does it.
        """
        rough = self._rough.pop(loop.id, None) if loop.id in self._mastered else None
        if rough is None:
            return
        place = self._folder.place(loop.id, loop.kind)
        master, path = read_master(self._folder.path / place.master), self._folder.path / place.file
        beside = path.with_name(f"{path.stem}.mended{path.suffix}")
        mends = self._remedies.of_found(rough, master)
        with self._meter.timing("encode mended"):
            record = closed(master, beside, rough.loop, mends, below=rough.seam_worst)
        if record is not None:
            beside.replace(path)
            yield LoopWritten(replace(record, file=place.file, master=place.master), path)

    def _checked(
        self, loop: Loop, place: Place, anchor: Anchor, *, wanted: Expected
    ) -> LoopWritten | LoopFailed:
        path = self._folder.path / place.file
        with self._meter.timing("check"):
            checked = check(path, loop, wanted)
        if checked.problems:
            return self._refused(loop, place, checked.problems)
        if loop.kind == "loop":
            self._shelf.put(loop)
        record = record_of(loop, anchor, checked, file=place.file, master=place.master)
        if self._remedies.wanted(record) and not self._watched:
            self._rough[loop.id] = record
        return LoopWritten(record, path)

    def _refused(self, loop: Loop, place: Place, problems: tuple[str, ...]) -> LoopFailed:
        log.warning("%s failed its check: %s", place.file, "; ".join(problems))
        self._failed.add(loop.id)
        self._folder.discard(loop.id)
        return LoopFailed(loop, problems)

    def _write(self, cut: Cut[Kept], master: MasterWriter | None, loop: LedLoop | None) -> None:
        """Prepare every frame once, for whoever wants it."""
        end_s = cut.frames[-1].time_s + cut.frames[-1].duration_s
        for kept in cut.taken():
            subject = self._prepared(kept)
            if master is not None:
                with self._meter.timing("encode master"):
                    master.lay(subject, kept.picture, kept.index, kept.time_s)
            if loop is not None and cut.loop.start <= kept.index < cut.loop.end:
                with self._meter.timing("encode loop"):
                    loop.write(subject, kept.time_s)
        if loop is not None:
            loop.close()
        if master is not None:
            master.close(end_s)

    def _master(self, cut: Cut[Kept], place: Place) -> MasterWriter:
        loop = cut.loop
        about: dict[str, object] = {
            **self._about,
            "id": loop.id,
            "kind": loop.kind,
            "start_s": str(loop.start_s),
            "end_s": str(loop.end_s),
            "mismatch": loop.mismatch,
        }
        return MasterWriter(
            self._folder.path / place.master,
            size=cut.frames[0].picture.size,
            start=loop.start,
            end=loop.end,
            about=about,
            part=_part_of(cut.frames),
        )

    def _loop(
        self, place: Place, size: Size, anchor: Anchor, loop: Loop, opened: contextlib.ExitStack
    ) -> LedLoop:
        writer = opened.enter_context(LoopWriter(self._folder.path / place.file, size=size))
        return LedLoop(writer, anchor, loop, size)


def _part_of(frames: Iterable[Kept]) -> Rect:
    """The part of the picture that can hold the subject, or its colours beside it, in any frame."""
    reaches = [kept.reach for kept in frames if not kept.reach.empty]
    if not reaches:
        return Rect(0, 0, 0, 0)
    together = Rect(
        min(each.x0 for each in reaches),
        min(each.y0 for each in reaches),
        max(each.x1 for each in reaches),
        max(each.y1 for each in reaches),
    )
    return grown(together)
