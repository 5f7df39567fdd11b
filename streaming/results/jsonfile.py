"""`loops.json`: the run for machines.

Times stand twice, as float seconds for reading and as exact fractions ("5/4") for cutting: a span
found at 30000/1001 frames per second cannot be found again from a rounded decimal. Keys keep their
order, so that two runs can be compared as text. `<`, `>` and `&` are written as escapes, which is
the same JSON: the text may be put into a web page as it stands, whatever the input file was called.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

from streaming.loops.model import Diagnosis
from streaming.media.whole import whole_file
from streaming.results.exportrecord import told_export
from streaming.results.naming import display_name
from streaming.results.records import (
    InputFacts,
    LoopRecord,
    Mending,
    Renamed,
    RunRecord,
    StageTime,
)

__all__ = ["JSON_NAME", "SCHEMA", "json_text", "safe_text", "told_of", "write_json", "write_text"]

SCHEMA = 1
JSON_NAME = "loops.json"


def write_json(folder: Path, run: RunRecord) -> Path:
    """Write `loops.json`.

    Args:
        folder: The result folder.
        run: What happened.

    Returns:
        The file.

    Raises:
        OutputError: If it cannot be written; an older one is then still whole.
    """
    return write_text(folder / JSON_NAME, json_text(run))


def json_text(run: RunRecord) -> str:
    """The run as JSON text, safe inside a `<script>` element."""
    return safe_text(_run(run))


def safe_text(told: Mapping[str, object]) -> str:
    """Plain values as JSON text, safe inside a `<script>` element."""
    text = json.dumps(told, indent=2, ensure_ascii=True, allow_nan=False)
    for char in "<>&":
        text = text.replace(char, f"\\u{ord(char):04x}")
    return text + "\n"


def write_text(path: Path, text: str) -> Path:
    """Write a text file so that it is either complete or not there.

    Raises:
        OutputError: If it cannot be written.
    """
    with whole_file(path, replace=True) as part:
        part.write_text(text, encoding="utf-8", newline="\n")
    return path


def _run(run: RunRecord) -> dict[str, object]:
    program, *libraries = run.versions or (None,)
    return {
        "schema": SCHEMA,
        "program": asdict(program) if program else None,
        "libraries": {each.name: each.version for each in libraries if each},
        "made": run.made.isoformat(timespec="seconds"),
        "interrupted": run.interrupted,
        "input": _input(run.input),
        "settings": _settings(run),
        "result": run.result,
        "extras": list(run.extras),
        "loops": [told_of(each) for each in run.on("loops")],
        "more": [told_of(each) for each in run.on("more")],
        "near": [told_of(each) for each in run.on("near")],
        "renamed": [_renamed(each) for each in run.renamed],
        "diagnosis": _diagnosis(run.diagnosis),
        "stages": [_stage(each) for each in run.stages],
    }


def _settings(run: RunRecord) -> dict[str, object]:
    plain = run.settings.as_dict()
    return {key: display_name(v) if isinstance(v, str) else v for key, v in plain.items()}


def _input(facts: InputFacts) -> dict[str, object]:
    return {
        "name": display_name(facts.name),
        "kind": facts.kind,
        "width": facts.size.width,
        "height": facts.size.height,
        "rate": _number(facts.rate),
        "rate_exact": None if facts.rate is None else _exact(facts.rate),
        "frames": facts.frames,
        "duration_s": float(facts.duration_s),
        "duration_exact": _exact(facts.duration_s),
        "skipped": facts.skipped,
        "notes": [display_name(note) for note in facts.notes],
        "file": facts.file,
    }


def told_of(record: LoopRecord) -> dict[str, object]:
    """What `loops.json` says of one loop."""
    loop, anchoring = record.loop, record.anchoring
    return {
        "id": loop.id,
        "kind": loop.kind,
        "rank": record.rank,
        "file": record.file,
        "master": record.master,
        "start_frame": loop.start,
        "end_frame": loop.end,
        "start_s": float(loop.start_s),
        "start_exact": _exact(loop.start_s),
        "end_s": float(loop.end_s),
        "end_exact": _exact(loop.end_s),
        "period_s": float(record.duration_s),
        "period_exact": _exact(record.duration_s),
        "period_frames": loop.frames,
        "mismatch": _number(loop.mismatch),
        "step": _number(loop.step),
        "replaces": loop.replaces,
        "width": record.size.width,
        "height": record.size.height,
        "written_frames": record.frames,
        "bytes": record.bytes,
        "seam_ratio": _number(record.seam_ratio),
        "seam_worst": _number(record.seam_worst),
        "alpha_min": record.alpha_min,
        "alpha_max": record.alpha_max,
        "shift_x_px": _number(anchoring.shift_x_px),
        "shift_y_px": _number(anchoring.shift_y_px),
        "anchored": anchoring.applied,
        "anchor_note": anchoring.note,
        "passed": not record.problems,
        "problems": list(record.problems),
        "encoding": record.encoding,
        "mending": _mending(record.mending),
        "stand_in": record.stand_in,
        "exports": [told_export(each) for each in record.exports],
    }


def _mending(mending: Mending | None) -> dict[str, object] | None:
    return None if mending is None else {**mending.plan, "words": mending.words}


def _renamed(move: Renamed) -> dict[str, object]:
    return {"id": move.id, "from": move.old, "to": move.new, "master": move.master}


def _diagnosis(diagnosis: Diagnosis | None) -> dict[str, object] | None:
    if diagnosis is None:
        return None
    miss = diagnosis.nearest
    return {
        "reason": diagnosis.reason,
        "text": diagnosis.text,
        "nearest": miss
        and {
            "start_s": float(miss.start_s),
            "start_exact": _exact(miss.start_s),
            "end_s": float(miss.end_s),
            "end_exact": _exact(miss.end_s),
            "mismatch": _number(miss.mismatch),
            "stopped_by": miss.stopped_by,
        },
    }


def _stage(stage: StageTime) -> dict[str, object]:
    each = stage.total_ms / stage.items if stage.items else 0.0
    return {
        "name": stage.name,
        "items": stage.items,
        "total_ms": round(stage.total_ms, 3),
        "ms_per_item": round(each, 3),
    }


def _exact(value: Fraction) -> str:
    return f"{value.numerator}/{value.denominator}"


def _number(value: float | Fraction | None) -> float | None:
    """A float that JSON can hold: it knows neither infinity nor not-a-number."""
    if value is None or not math.isfinite(value):
        return None
    return float(value)
