"""What a run has to say about itself when it is over: the values behind `loops.json` and the page.

Everything is a frozen value that the pipeline fills in, so that the machine's record and the
person's page are made from the same facts and cannot disagree. Times stay exact fractions here;
each of the two readers decides how to show them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from pathlib import PurePosixPath
from typing import Literal

from streaming.frames import Size
from streaming.loops.model import Diagnosis, Loop
from streaming.results.exportrecord import ExportRecord
from streaming.settings import RunSettings

__all__ = [
    "Anchoring",
    "InputFacts",
    "LoopRecord",
    "Mending",
    "Renamed",
    "RunRecord",
    "Shelf",
    "StageTime",
    "Version",
    "installed_versions",
    "settled",
]

Shelf = Literal["loops", "more", "near"]
LIBRARIES = ("av", "imagehash", "numpy", "opencv-python-headless", "openvino", "pillow", "torch")


@dataclass(frozen=True, slots=True)
class Anchoring:
    """How a subject that drifted was led back to where the loop began.

    Attributes:
        shift_x_px: How far the subject had moved to the right at the loop's end, in its pixels.
        shift_y_px: The same downwards.
        applied: Whether the frames were shifted to undo it.
        note: Why not, or how far only; empty where there is nothing to say.
    """

    shift_x_px: float = 0.0
    shift_y_px: float = 0.0
    applied: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class Mending:
    """What was done to close a loop that did not close by itself.

    Attributes:
        method: Its name.
        words: What it is, for people.
        seam_before: Worst step around the seam of the plain cut, in ordinary steps.
        seam_after: The same, mended, as it was planned.
        duration_s: How long the mended loop lasts.
        plan: Everything that is needed to make it again from the source's frames, as JSON has it.
    """

    method: str
    words: str
    seam_before: float
    seam_after: float
    duration_s: Fraction
    plan: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class LoopRecord:
    """One written loop and what its check found.

    Attributes:
        loop: The span in the source.
        file: Where the loop lies, relative to the result folder, with forward slashes.
        master: The same for its master, None where none was kept.
        size: Size of its picture in pixels.
        frames: How many frames the written file shows.
        bytes: Size of the file.
        seam_ratio: Last frame to first against an ordinary step, measured on the file; None where
            it could not be measured.
        alpha_min: Smallest opacity in the file, 0..255.
        alpha_max: Largest opacity in the file, 0..255.
        anchoring: What was done about a drifting subject.
        rank: Place among its own kind, 0 is the best; None while the run goes on.
        problems: What the check found wrong, empty where it passed.
        encoding: The codec and its settings, for people.
        exports: What was made of it for other places.
        stand_in: What browsers show that drop the alpha of its file, relative to the folder; None
            where there is nothing.
        seam_worst: The largest step around the seam, in ordinary steps, measured on the file.
        mending: What was done to close it, None where it was merely cut.
    """

    loop: Loop
    file: str
    master: str | None
    size: Size
    frames: int
    bytes: int
    seam_ratio: float | None
    alpha_min: int
    alpha_max: int
    anchoring: Anchoring = Anchoring()
    rank: int | None = None
    problems: tuple[str, ...] = ()
    encoding: str = ""
    exports: tuple[ExportRecord, ...] = ()
    stand_in: str | None = None
    seam_worst: float | None = None
    mending: Mending | None = None

    @property
    def shelf(self) -> Shelf:
        """Which part of the result it belongs to; the folder it lies in says so."""
        folder = PurePosixPath(self.file).parts[0]
        if folder in ("more", "near"):
            return "more" if folder == "more" else "near"
        return "near" if self.loop.kind == "near" and self.mending is None else "loops"

    @property
    def duration_s(self) -> Fraction:
        """How long it lasts; some ways to mend make it longer than its span of the source."""
        return self.loop.duration_s if self.mending is None else self.mending.duration_s


@dataclass(frozen=True, slots=True)
class Renamed:
    """Where a loop lay while the run went on, and where it lies now.

    Attributes:
        id: The loop's stable id.
        old: Its name while it ran, relative to the result folder.
        new: Its name at the end, None where a surplus near-loop was removed.
        master: The master's name at the end, None where there is none.
    """

    id: str
    old: str
    new: str | None
    master: str | None


@dataclass(frozen=True, slots=True)
class InputFacts:
    """What was read.

    Attributes:
        name: The name to show; text only, never a path to open.
        kind: What sort of input it was.
        size: Size of its pictures as shown.
        rate: Frames per second, None where the source has no steady one.
        frames: How many frames were read.
        duration_s: From the first frame to the end of the last, in seconds.
        skipped: Damaged frames that were left out, and frames that a camera dropped.
        notes: What a person should know: truncated, deinterlaced, tone-mapped, ...
        file: The copy or link in the result folder, relative to it, None where there is none.
    """

    name: str
    kind: Literal["file", "folder", "stream", "camera"]
    size: Size
    rate: Fraction | None
    frames: int
    duration_s: Fraction
    skipped: int = 0
    notes: tuple[str, ...] = ()
    file: str | None = None


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long one stage of the pipeline worked.

    Attributes:
        name: The stage.
        items: How many items it took.
        total_ms: Milliseconds that it worked, waiting left out.
    """

    name: str
    items: int
    total_ms: float


@dataclass(frozen=True, slots=True)
class Version:
    """One installed package."""

    name: str
    version: str


@dataclass(frozen=True, slots=True)
class RunRecord:
    """Everything that a finished run says about itself.

    Attributes:
        input: What was read.
        settings: What was asked for.
        loops: Every written loop, more and near-loops included.
        renamed: How the files were renamed at the end.
        made: When the run ended, with its time zone.
        diagnosis: Why there is no loop, or few; None where there are enough.
        stages: Time spent per stage.
        versions: The program first, then its libraries.
        result: The clip with its background replaced, relative to the folder, None without.
        extras: Other files that were asked for (alpha.mp4, foreground.mp4).
        interrupted: Whether the run was stopped before its input ended.
    """

    input: InputFacts
    settings: RunSettings
    loops: tuple[LoopRecord, ...]
    renamed: tuple[Renamed, ...]
    made: datetime
    diagnosis: Diagnosis | None = None
    stages: tuple[StageTime, ...] = ()
    versions: tuple[Version, ...] = ()
    result: str | None = None
    extras: tuple[str, ...] = ()
    interrupted: bool = False

    def on(self, shelf: Shelf) -> tuple[LoopRecord, ...]:
        """The loops of one part of the result, best first."""
        here = [each for each in self.loops if each.shelf == shelf]
        return tuple(sorted(here, key=lambda each: (each.rank is None, each.rank or 0)))


def settled(records: Sequence[LoopRecord], renamed: Sequence[Renamed]) -> tuple[LoopRecord, ...]:
    """Give the records their final names and ranks.

    Args:
        records: As they were when their files were written, one per loop.
        renamed: What `ResultFolder.finish` answered; its order is the ranking.

    Returns:
        The records whose files are still there, loops first, then more, then near, best first.
    """
    by_id = {each.loop.id: each for each in records}
    kept: list[LoopRecord] = []
    ranks = {"loop": 0, "near": 0}
    for move in renamed:
        if move.new is None or move.id not in by_id:
            continue
        record = by_id[move.id]
        among = "loop" if record.mending else record.loop.kind
        rank = ranks[among]
        ranks[among] += 1
        kept.append(replace(record, file=move.new, master=move.master, rank=rank))
    return tuple(kept)


def installed_versions() -> tuple[Version, ...]:
    """The versions of the program and its libraries, without importing any of them."""
    known = [Version("loopmatte", _version_of("loopmatte") or "unknown")]
    for name in LIBRARIES:
        found = _version_of(name)
        if found is not None:
            known.append(Version(name, found))
    return tuple(known)


def _version_of(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
