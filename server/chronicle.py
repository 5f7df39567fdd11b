"""What is known of one session, and what its listeners were told: event loop only.

The engine's events, the user's changes and the numbers of the moment all end here, so that the
facts that a request reads, the entries that a page hears and what the library saves cannot
disagree.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, replace
from fractions import Fraction
from typing import Any

from server.journal import Journal
from server.loopfacts import LoopFacts, LoopKind, LoopState
from server.model import Left, Numbers, SessionFacts
from server.recorded import recorded
from server.words import why_none
from streaming import Done, Loop, LoopFailed, LoopFound, LoopWritten, Progress, Started
from streaming.live import Curve, LoopRecord, Mark, Moment

__all__ = ["Chronicle"]

Event = Started | Progress | LoopFound | LoopWritten | LoopFailed | Done


class Chronicle:
    """The facts and the journal of one session.

    Args:
        facts: What is known at first.
        changed: Called with the facts whenever something changed that is worth saving.

    Attributes:
        facts: What is known now.
        journal: What was told.
    """

    def __init__(self, facts: SessionFacts, changed: Callable[[SessionFacts], object]) -> None:
        self.facts = facts
        self.journal = Journal(self._snapshot)
        self._changed = changed
        self._curve = Curve()
        self._stills: dict[float, str] = {}
        self._misses: list[dict[str, float]] = []
        self._coming: dict[str, str] = {}  # masters that are written after their loops
        self._apart: set[str] = set()  # loops that the run knows nothing of
        self._left: set[str] = set()  # spans that are done after the source is over

    def change(self, **changes: Any) -> None:
        """Set fields of the facts and tell so."""
        self.facts = replace(self.facts, **changes)
        self.journal.tell("session", self.facts.as_json(loops=False))
        self._changed(self.facts)

    def put(self, loop: LoopFacts) -> None:
        """Add or change a loop."""
        before = self.facts.loop(loop.id)
        if before is not None:  # what the user said stays, whatever the engine finds out
            loop = replace(
                loop,
                title=loop.title or before.title,
                kept=loop.kept or before.kept,
                exports=loop.exports or before.exports,
                edit=loop.edit or before.edit,
            )
        self._put(loop)

    def amend(self, loop: LoopFacts) -> None:
        """Change what the user says of a loop."""
        self._put(loop)

    def drop(self, id: str) -> None:
        """A loop is gone."""
        self.facts = self.facts.without_loop(id)
        self.journal.tell("gone", {"id": id})
        self._changed(self.facts)

    def heard(self, event: Event) -> None:
        """Take what the engine says."""
        match event:
            case Started():
                self._started(event)
            case Progress():
                self.facts = replace(self.facts, time_s=float(event.time_s))
            case LoopFound():
                self.put(_found(event.loop))
            case LoopWritten():
                loop = _written(event.record)
                self._coming[loop.id] = loop.master
                self.put(replace(loop, master=""))
            case LoopFailed():
                self.put(replace(_found(event.loop), state="failed", problems=event.problems))
            case Done():
                self._done(event)

    def left(self, loops: Sequence[Loop]) -> None:
        """Tell that the source is over, and which spans are still to be done."""
        self._left = {each.id for each in loops}
        if self._left and not self.facts.over:
            mends = any(each.kind == "near" for each in loops)
            self.change(state="ending", left=Left(0, len(self._left), mends))

    def tried(self, loop: Loop) -> None:
        """Tell that one of them is done, or nothing will come of it."""
        left = self.facts.left
        if left is not None and loop.id in self._left:
            self._left.discard(loop.id)
            self.change(left=replace(left, done=left.of - len(self._left)))

    def awaited(self, mark: Mark) -> None:
        """Tell of a marked span that is being cut from the source, read again."""
        self._apart.add(mark.id)
        self.put(_marked(mark, "found"))

    def add(self, loop: LoopFacts) -> None:
        """Tell of a loop that was made apart from the run, with a master of its own."""
        self._apart.add(loop.id)
        self.put(loop)

    def refused(self, mark: Mark, why: str) -> None:
        """Tell of a marked span that cannot be cut."""
        self.put(replace(_marked(mark, "failed"), problems=(why,)))

    def masters(self, there: Callable[[str], bool]) -> None:
        """Tell of masters that have come: before, nothing can be looked into or cut anew.

        Args:
            there: Whether the result folder has a file of that name.
        """
        for id, master in list(self._coming.items()):
            loop = self.facts.loop(id)
            if loop is not None and master and there(master):
                del self._coming[id]
                self.put(replace(loop, master=master))

    def numbers(self, numbers: Numbers, why: str | None, clock_s: float) -> None:
        """Take how it is doing; told to those who listen now.

        Args:
            numbers: Of this moment.
            why: Why there is no loop yet.
            clock_s: The clock that pictures are stamped with.
        """
        self.facts = replace(self.facts, numbers=numbers, why=why)
        told = {**asdict(numbers), "time_s": self.facts.time_s, "why": why}
        told["server_ms"] = round(clock_s * 1000)
        self.journal.tell("numbers", told, passing=True)

    def moments(self, moments: Sequence[Moment]) -> None:
        """Take what the search said about a few frames."""
        before = len(self._curve)
        points = []
        for moment in moments:
            self._curve.push(max(Fraction(0), moment.time_s), moment.best)
            points.append([float(moment.time_s), moment.best])
            self._missed(loop for loop in moment.found if loop.kind == "near")
        if len(self._curve) < before:
            self.journal.tell("curve-all", {"points": self._points()})
        elif points:
            self.journal.tell("curve", {"points": points})

    def still(self, time_s: float, src: str, kept: Sequence[float]) -> None:
        """Take a small picture of the strip, and which ones are still in it."""
        self._stills[time_s] = src
        self.journal.tell("still", {"time_s": time_s, "src": src})
        if len(kept) < len(self._stills):
            self._stills = {each: self._stills[each] for each in kept if each in self._stills}
            self.journal.tell("stills", {"keep": list(self._stills)})

    def _put(self, loop: LoopFacts) -> None:
        self.facts = self.facts.with_loop(loop)
        self.journal.tell("loop", loop.as_json())
        self._changed(self.facts)

    def _missed(self, loops: Iterable[Loop]) -> None:
        for loop in loops:
            miss = {
                "start_s": float(loop.start_s),
                "end_s": float(loop.end_s),
                "mismatch": loop.mismatch,
            }
            self._misses = [*self._misses[-199:], miss]
            self.journal.tell("miss", miss)

    def _started(self, event: Started) -> None:
        self.change(
            state="running" if self.facts.state == "starting" else self.facts.state,
            size=(event.size.width, event.size.height),
            rate=float(event.rate),
            expected_frames=event.frames,
            runtime=event.runtime,
        )

    def _done(self, event: Done) -> None:
        """Loops have their final places now; surplus near-loops are gone."""
        self._coming.clear()
        there = {each.loop.id: each for each in event.record.loops}
        owed = {each.id: each.master for each in event.renamed if each.new is None and each.master}
        for loop in self.facts.loops:
            if loop.id in self._apart:
                continue
            if loop.id in there:
                self.put(_written(there[loop.id]))
            elif loop.id in owed:
                self.put(replace(loop, master=owed[loop.id]))
            elif loop.version_of is not None:  # its master's old name may be another's now
                original = there.get(loop.version_of)
                master = original.master if original else owed.get(loop.version_of)
                self.put(replace(loop, master=master or ""))
            elif loop.state != "failed":
                self.drop(loop.id)
        self.change(
            duration_s=float(event.record.input.duration_s),
            notes=event.record.input.notes,
            why=None if self.facts.loops else why_none(event.diagnosis, over=True),
        )

    def _points(self) -> list[list[float | None]]:
        return [[float(each.time_s), each.best] for each in self._curve.points()]

    def _snapshot(self) -> dict[str, Any]:
        return {
            "session": self.facts.as_json(),
            "stills": [{"time_s": each, "src": src} for each, src in self._stills.items()],
            "curve": self._points(),
            "misses": self._misses,
        }


def _found(loop: Loop) -> LoopFacts:
    return LoopFacts(
        id=loop.id,
        kind=_kind(loop),
        state="found",
        start=loop.start,
        end=loop.end,
        start_s=float(loop.start_s),
        end_s=float(loop.end_s),
        mismatch=loop.mismatch,
        replaces=loop.replaces,
    )


def _written(record: LoopRecord) -> LoopFacts:
    return recorded(_found(record.loop), record, file=record.file, master=record.master or "")


def _marked(mark: Mark, state: LoopState) -> LoopFacts:
    start_s, end_s = float(mark.start_s), float(mark.end_s)
    return LoopFacts(mark.id, "hand", state, 0, 0, start_s, end_s, 0.0)


def _kind(loop: Loop) -> LoopKind:
    return "hand" if loop.id.startswith("H") else loop.kind
