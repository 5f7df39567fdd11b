"""What a run tells while it runs: one frozen value per event, in the order in which things happen.

`Started` comes first and `Done` last; between them progress, and every loop twice: when it is
found, and when its file is there. `as_json` makes the line that `--json` prints.
"""

import json
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from streaming.frames import Size
from streaming.loops.model import Diagnosis, Loop
from streaming.results import ExportRecord, LoopRecord, Renamed, RunRecord, told_export

__all__ = [
    "Done",
    "Event",
    "ExportFailed",
    "LoopExported",
    "LoopFailed",
    "LoopFound",
    "LoopWritten",
    "Progress",
    "Started",
    "as_json",
]


@dataclass(frozen=True, slots=True)
class Started:
    """The input is open and the network is ready.

    Attributes:
        folder: Where results appear.
        name: The input's name, for people.
        frames: How many frames are expected, None where nobody knows.
        size: Size of the input's pictures.
        rate: Nominal frames per second.
        runtime: What runs the network, or where else the matte comes from.
        loop_size: Size in which loops are written.
        ring_s: How many seconds of frames are held at most, from which a loop can be cut.
        ring_mb: What holding them may cost at most, in MB.
    """

    folder: Path
    name: str
    frames: int | None
    size: Size
    rate: Fraction
    runtime: str
    loop_size: Size
    ring_s: float
    ring_mb: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the run is.

    Attributes:
        frames: Frames done.
        of: Frames expected, None where nobody knows.
        fps: Frames per second, lately.
        time_s: Time of the newest frame in the source.
        loops: Loops found so far.
        dropped: Frames that a live source dropped.
        diagnosis: Why there is no loop yet, None once there is one.
    """

    frames: int
    of: int | None
    fps: float
    time_s: Fraction
    loops: int
    dropped: int = 0
    diagnosis: Diagnosis | None = None


@dataclass(frozen=True, slots=True)
class LoopFound:
    """A loop is certain; its file follows."""

    loop: Loop


@dataclass(frozen=True, slots=True)
class LoopWritten:
    """A loop's file is there, decoded back and checked."""

    record: LoopRecord
    path: Path


@dataclass(frozen=True, slots=True)
class LoopFailed:
    """A loop was written, failed its check and was taken away again."""

    loop: Loop
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LoopExported:
    """A file for another place is there, read again and within its limits.

    Attributes:
        id: The loop's stable id.
        record: What was measured.
        path: The file.
    """

    id: str
    record: ExportRecord
    path: Path


@dataclass(frozen=True, slots=True)
class ExportFailed:
    """A target got no file, and why."""

    target: str
    why: str


@dataclass(frozen=True, slots=True)
class Done:
    """The run is over and everything is written.

    Attributes:
        folder: Where results lie.
        record: Everything that `loops.json` says.
        interrupted: Whether it was stopped before the input's end.
    """

    folder: Path
    record: RunRecord
    interrupted: bool

    @property
    def renamed(self) -> tuple[Renamed, ...]:
        """Which loop has which name now."""
        return self.record.renamed

    @property
    def diagnosis(self) -> Diagnosis | None:
        """Why there is no loop."""
        return self.record.diagnosis


Event = (
    Started | Progress | LoopFound | LoopWritten | LoopFailed | LoopExported | ExportFailed | Done
)


def as_json(event: Event) -> str:
    """One line of JSON for one event."""
    return json.dumps(_told(event), ensure_ascii=True)


def _told(event: Event) -> dict[str, object]:
    match event:
        case Started():
            return {
                "event": "started",
                "folder": str(event.folder),
                "name": event.name,
                "frames": event.frames,
                "width": event.size.width,
                "height": event.size.height,
                "fps": float(event.rate),
                "runtime": event.runtime,
                "loop_width": event.loop_size.width,
                "loop_height": event.loop_size.height,
                "ring_s": round(event.ring_s, 3),
                "ring_mb": round(event.ring_mb, 1),
            }
        case Progress():
            return {
                "event": "progress",
                "frames": event.frames,
                "of": event.of,
                "fps": round(event.fps, 2),
                "time_s": float(event.time_s),
                "loops": event.loops,
                "dropped": event.dropped,
            }
        case LoopFound():
            return {"event": "loop found", **_loop(event.loop)}
        case LoopWritten():
            record = event.record
            return {
                "event": "loop written",
                **_loop(record.loop),
                "duration_s": float(record.duration_s),
                "mended": None if record.mending is None else record.mending.method,
                "path": str(event.path),
                "bytes": record.bytes,
                "seam_ratio": record.seam_ratio,
                "alpha_min": record.alpha_min,
                "alpha_max": record.alpha_max,
            }
        case LoopFailed():
            return {"event": "loop failed", **_loop(event.loop), "problems": list(event.problems)}
        case LoopExported():
            return {
                "event": "exported",
                "id": event.id,
                "path": str(event.path),
                **told_export(event.record),
            }
        case ExportFailed():
            return {"event": "export failed", "target": event.target, "why": event.why}
        case Done():
            return _done(event)


def _done(event: Done) -> dict[str, object]:
    why = event.diagnosis
    return {
        "event": "done",
        "folder": str(event.folder),
        "frames": event.record.input.frames,
        "loops": len(event.record.on("loops")),
        "more": len(event.record.on("more")),
        "near": len(event.record.on("near")),
        "renamed": [{"id": each.id, "old": each.old, "new": each.new} for each in event.renamed],
        "interrupted": event.interrupted,
        "diagnosis": None if why is None else {"reason": why.reason, "text": why.text},
    }


def _loop(loop: Loop) -> dict[str, object]:
    return {
        "id": loop.id,
        "kind": loop.kind,
        "start": loop.start,
        "end": loop.end,
        "start_s": float(loop.start_s),
        "end_s": float(loop.end_s),
        "duration_s": float(loop.duration_s),
        "mismatch": round(loop.mismatch, 4),
        "replaces": loop.replaces,
    }
