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

from streaming.events import LoopFailed, LoopWritten
from streaming.frames import Rect, Size
from streaming.keeping import Kept
from streaming.leading import LedLoop
from streaming.loops.anchor import Anchor, plan_anchor
from streaming.loops.detector import NEAR
from streaming.loops.emitter import Cut
from streaming.loops.model import Loop
from streaming.loops.ranking import repeats
from streaming.media.cutout import grown
from streaming.media.master import Master, MasterWriter, read_master
from streaming.media.webm import LoopWriter
from streaming.mending.model import Mend
from streaming.meter import Meter
from streaming.preparing import Preparer
from streaming.proving import Expected, check, record_of
from streaming.repairing import LEAST_S, planned
from streaming.results import Place, ResultFolder
from streaming.rewriting import rewritten, spanned
from streaming.settings import LoopSettings

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
        loops: What was asked for: what may be done to near-loops, and how long a loop may be.
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
        self._failed: set[str] = set()
        self._begun: set[str] = set()
        self._closed: list[Loop] = []
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
            return
        self._begun.add(item.loop.id)
        if item.loop.kind == "near" and self._loops.repair != "none":
            yield from self._repaired(item)
            return
        place = self._folder.place(item.loop.id, item.loop.kind)
        size = item.frames[0].picture.size
        boxes = [kept.box for kept in item.inside]
        anchor = plan_anchor(item.loop, boxes, size)
        with contextlib.ExitStack() as opened:
            master = None if item.early else opened.enter_context(self._master(item, place))
            self._write(item, master, self._loop(place, size, anchor, item.loop, opened))
        yield self._checked(item.loop, place, anchor, wanted=Expected(size, len(boxes)))

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
        if cut.loop.id in self._failed:
            (self._folder.path / place.master).unlink(missing_ok=True)

    def _repaired(self, cut: Cut[Kept]) -> Iterator[LoopWritten | LoopFailed]:
        """Write a near-loop's master, and from it the loop, mended where that can be done."""
        loop, place = cut.loop, self._folder.place(cut.loop.id, cut.loop.kind)
        if self._spare(loop):
            self._folder.discard(loop.id)
            return
        with self._master(cut, place) as writer:
            self._write(cut, writer, None)
        master, path = read_master(self._folder.path / place.master), self._folder.path / place.file
        with self._meter.timing("mend"):
            mend = self._planned(master, loop)
        hopeless = mend is None and loop.mismatch > NEAR  # a candidate for mending, nothing else
        if hopeless or (mend is not None and self._spare(spanned(master, loop, mend))):
            self._folder.discard(loop.id)
            return
        with self._meter.timing("encode loop"):
            record = rewritten(master, path, loop, mend)
            if record.problems and mend is not None:
                path.unlink()
                record = rewritten(master, path, loop)
        if record.problems:
            yield self._refused(loop, place, record.problems)
            return
        if record.mending is not None:
            self._closed.append(record.loop)
        yield LoopWritten(replace(record, file=place.file, master=place.master), path)

    def _spare(self, loop: Loop) -> bool:
        """Whether a near-loop is not needed: there are enough, or one that shows the same."""
        return len(self._closed) >= self._loops.loops or any(
            repeats(loop, each) for each in self._closed
        )

    def _planned(self, master: Master, loop: Loop) -> Mend | None:
        longest_s = self._loops.max_duration_s
        return planned(
            master,
            loop.start,
            loop.end,
            repair=self._loops.repair,
            least_s=min(max(self._loops.min_duration_s, LEAST_S), longest_s),
            most_s=longest_s,
        )

    def _checked(
        self, loop: Loop, place: Place, anchor: Anchor, *, wanted: Expected
    ) -> LoopWritten | LoopFailed:
        path = self._folder.path / place.file
        with self._meter.timing("check"):
            checked = check(path, loop, wanted)
        if checked.problems:
            return self._refused(loop, place, checked.problems)
        self._closed.append(loop)
        record = record_of(loop, anchor, checked, file=place.file, master=place.master)
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
