"""The end of a run: every loop gets its final name, and the run says what it did.

Also the end of a run that failed or was interrupted: what was written by then is ranked, recorded
and shown like any other result.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from fractions import Fraction

from streaming.events import LoopFailed, LoopWritten
from streaming.frames import Frame
from streaming.fullframes import FullFrames
from streaming.loops.diagnosis import few
from streaming.loops.model import Diagnosis, Loop
from streaming.loops.ranking import best, repeats
from streaming.media.source import Source
from streaming.mending.model import INVISIBLE
from streaming.meter import Meter
from streaming.results import (
    InputFacts,
    LoopRecord,
    ResultFolder,
    RunRecord,
    StageTime,
    Timeline,
    installed_versions,
    settled,
    write_json,
    write_report,
)
from streaming.search import LoopSearch
from streaming.settings import RunSettings
from streaming.standins import with_stand_ins

__all__ = ["Finish", "counted"]

ENOUGH = 3  # loops whose seam shows nowhere


class Finish:
    """Gathers what a run has to say, and writes it down once.

    Args:
        settings: What was asked for.
        source: What was read.
        folder: Where results lie.
        search: What was found.
        meter: How long it took.
        kept: Gives the ids of loops that stay, near ones too.
    """

    def __init__(
        self,
        settings: RunSettings,
        source: Source,
        folder: ResultFolder,
        search: LoopSearch,
        meter: Meter,
        kept: Callable[[], frozenset[str]] = frozenset,
    ) -> None:
        self._settings = settings
        self._source = source
        self._folder = folder
        self._search = search
        self._meter = meter
        self._kept = kept
        self._records: dict[str, LoopRecord] = {}
        self._first_s: Fraction | None = None
        self._end_s = Fraction(0)
        self._frames = 0
        self._failed: list[LoopFailed] = []

    def saw(self, frame: Frame) -> None:
        """Count a frame that was processed."""
        if self._first_s is None:
            self._first_s = frame.time_s
        self._end_s = frame.time_s + frame.duration_s
        self._frames += 1

    def place(self, loop: Loop) -> None:
        """Give a loop its name for the time of the run: in the order of finding, not of writing."""
        self._folder.place(loop.id, loop.kind)

    def noted(
        self, events: Iterable[LoopWritten | LoopFailed]
    ) -> Iterator[LoopWritten | LoopFailed]:
        """Pass events on, remembering what was written, of a loop written again the newer."""
        for event in events:
            if isinstance(event, LoopWritten):
                self._records[event.record.loop.id] = event.record
            else:
                self._failed.append(event)
            yield event

    def record(
        self,
        *,
        now: datetime,
        full: FullFrames,
        interrupted: bool,
        dropped: int,
        failed: bool = False,
    ) -> RunRecord:
        """Rename loops best first and write `loops.json` and the page.

        Args:
            now: When the run ended.
            full: Which full-size videos were written.
            interrupted: Whether it was stopped early.
            dropped: Frames that a live source dropped.
            failed: Whether it ended in an error: then no room is spent on a copy of the input.

        Raises:
            OutputError: Something cannot be written.
        """
        self._drop_repeated()
        kept = None if failed else self._kept_input()
        renamed = self._folder.finish(
            self._ranking(),
            keep=self._settings.loops.loops,
            owing=self._search.hurried,
            spared=self._kept(),
            mended=self._mended(),
        )
        records = settled(tuple(self._records.values()), renamed)
        if not failed and not self._search.hurried:
            with self._meter.timing("stand-ins"):
                records = tuple(with_stand_ins(self._folder.path, records))
        run = RunRecord(
            input=self._facts(dropped, kept),
            settings=self._settings,
            loops=records,
            renamed=renamed,
            made=now,
            diagnosis=self._diagnosis(sum(each.shelf != "near" for each in records)),
            stages=tuple(
                StageTime(each.name, each.items, each.total_s * 1000)
                for each in self._meter.spent()
            ),
            versions=installed_versions(),
            result=full.result,
            extras=full.extras,
            interrupted=interrupted,
        )
        write_json(self._folder.path, run)
        timeline = Timeline(self._search.strip.stills(), self._search.curve.points())
        write_report(self._folder.path, run, timeline)
        return run

    def _kept_input(self) -> str | None:
        path = self._source.info.path
        if path is None or not self._settings.output.copy:
            return None
        return self._folder.keep_input(path)

    def _drop_repeated(self) -> None:
        """Let mended loops go that show what another one does: ends may have moved together."""
        shown: list[LoopRecord] = []
        for record in sorted(self._records.values(), key=_intrusion):
            if _moved(record) and any(repeats(record.loop, each.loop) for each in shown):
                self._folder.discard(record.loop.id)
                del self._records[record.loop.id]
            elif _closes(record):
                shown.append(record)

    def _ranking(self) -> list[str]:
        found = (each.loop for each in self._records.values())
        loops = sorted(found, key=lambda loop: (loop.end, loop.id))
        bettered = {each.replaces for each in loops if each.replaces}
        mended = self._mended()
        shelves = (
            [each for each in loops if each.kind == "loop"],
            [each for each in loops if each.id in mended],
            [each for each in loops if each.kind == "near" and each.id not in mended],
        )
        ranked = [
            loop.id
            for shelf in shelves
            for loop in best((each for each in shelf if each.id not in bettered), len(shelf))
        ]
        return [*ranked, *(loop.id for loop in loops if loop.id not in ranked)]

    def _diagnosis(self, loops: int) -> Diagnosis | None:
        """Why there is no loop, or why there are few; nothing where there are enough."""
        if not loops:
            return self._search.diagnosis()
        wanted = self._settings.loops
        return few(loops, wanted) if loops < min(ENOUGH, wanted.loops) else None

    def _mended(self) -> set[str]:
        """Ids of near-loops that close now."""
        return counted(self._records.values())

    def _facts(self, dropped: int, kept: str | None) -> InputFacts:
        info = self._source.info
        notes = [*self._source.notes(), *self._failures()]
        if dropped:
            notes.append(f"{dropped} frames came faster than they could be processed: dropped")
        return InputFacts(
            name=info.name,
            kind=info.kind,
            size=info.size,
            rate=info.rate,
            frames=self._frames,
            duration_s=self._end_s - (self._first_s or Fraction(0)),
            skipped=self._source.skipped + dropped,
            notes=tuple(notes),
            file=kept,
        )

    def _failures(self) -> list[str]:
        return [
            f"{each.loop.id} ({float(each.loop.start_s):.2f} s to {float(each.loop.end_s):.2f} s) "
            f"failed its check and was not kept: {'; '.join(each.problems)}"
            for each in self._failed
        ]


def counted(records: Iterable[LoopRecord]) -> set[str]:
    """Ids of the mended near-loops that count as loops.

    Where enough loops close by themselves, one whose seam only a quick moment hides is what it was,
    a near-loop.

    Args:
        records: Everything that a run has written.
    """
    closed = [each for each in records if _closes(each)]
    quiet = [each for each in closed if (each.seam_worst or 0.0) <= INVISIBLE]
    return {each.loop.id for each in (quiet if len(quiet) >= ENOUGH else closed) if _moved(each)}


def _closes(record: LoopRecord) -> bool:
    """Whether it is shown as a loop; the folder in which it lies until the end does not say."""
    return record.loop.kind == "loop" or record.mending is not None


def _moved(record: LoopRecord) -> bool:
    """Whether it was a near-loop, whose ends were chosen freely when it was mended."""
    return record.loop.kind == "near" and record.mending is not None


def _intrusion(record: LoopRecord) -> tuple[bool, float]:
    """What comes first is kept: loops that were found, then those that close best."""
    return _moved(record), record.mending.seam_after if record.mending else 0.0
