"""What was made of a loop for other places, as `loops.json` and the page tell it.

An export is often asked for days after its run, by a command that knows nothing of the run but
what it wrote. So it is noted in `loops.json` as it lies there, and the page keeps a marked place
for each loop's exports, which is filled anew.
"""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from streaming.errors import InputError
from streaming.frames import Size
from streaming.results.exportrecord import ExportRecord, told_export
from streaming.results.jsonfile import JSON_NAME, safe_text, write_text
from streaming.results.markup import Markup, join, tag, url
from streaming.results.words import bytes_text

__all__ = ["exports_markup", "note_exports"]

PAGE_NAME = "index.html"
SHELVES = ("loops", "more", "near")


def exports_markup(id: str, records: Sequence[ExportRecord]) -> Markup:
    """A loop's exports on the page, between marks by which they are found again."""
    rows = [
        tag(
            "li",
            tag("a", each.place, href=url(each.file), download="." in each.file),
            tag("span", _facts(each), class_="export-facts"),
        )
        for each in records
    ]
    inside = tag("ul", *rows, class_="exports") if rows else Markup("")
    begin, end = _marks(id)
    return join(Markup(begin), inside, Markup(end))


def note_exports(folder: Path, id: str, records: Sequence[ExportRecord]) -> None:
    """Add exports to a finished run's `loops.json` and page; older ones of the same name go.

    Args:
        folder: The result folder.
        id: The loop's stable id.
        records: What was made.

    Raises:
        InputError: `loops.json` is damaged or knows no such loop.
        OutputError: It cannot be written; the older one is then still whole.
    """
    path = folder / JSON_NAME
    told = _told(path)
    entry = _entry(told, id, path)
    fresh = {each.file for each in records}
    kept = [each for each in entry.get("exports", ()) if each["file"] not in fresh]
    entry["exports"] = [*kept, *map(told_export, records)]
    write_text(path, safe_text(told))
    page = folder / PAGE_NAME
    if page.is_file():
        shown = exports_markup(id, [_from(each) for each in entry["exports"]])
        begin, end = _marks(id)
        place = re.escape(begin) + ".*?" + re.escape(end)
        text = page.read_text(encoding="utf-8")
        write_text(page, re.sub(place, lambda _: shown, text, flags=re.DOTALL))


def _told(path: Path) -> dict[str, object]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"cannot read {path}: {error}; run again for a new one") from error
    if not isinstance(told, dict):
        raise InputError(f"{path} is not what a run writes: run again for a new one")
    return told


def _entry(told: Mapping[str, object], id: str, path: Path) -> dict[str, list[dict[str, object]]]:
    for shelf in SHELVES:
        entries = told.get(shelf)
        for each in entries if isinstance(entries, list) else ():
            if isinstance(each, dict) and each.get("id") == id:
                return each
    raise InputError(f"{path} knows no loop {id}: run again for a new one")


def _from(told: Mapping[str, object]) -> ExportRecord:
    """As much of a record as the page shows."""
    most, psnr = told.get("most_bytes"), told.get("psnr_db")
    return ExportRecord(
        target=str(told["target"]),
        place=str(told["place"]),
        file=str(told["file"]),
        bytes=int(str(told["bytes"])),
        size=Size(int(str(told["width"])), int(str(told["height"]))),
        frames=int(str(told["frames"])),
        duration_s=float(str(told["duration_s"])),
        plays=int(str(told["plays"])),
        words=(),
        seam_ratio=float(str(told["seam_ratio"])),
        psnr_db=None if psnr is None else float(str(psnr)),
        alpha_off=float(str(told["alpha_off"])),
        most_bytes=None if most is None else int(str(most)),
    )


def _facts(record: ExportRecord) -> str:
    size = bytes_text(record.bytes)
    if record.most_bytes is not None:
        size += f" of {bytes_text(record.most_bytes)}"
    pixels = f"{record.size.width}\u00d7{record.size.height}"
    return f"{pixels}, {record.frames} frames, {size}: checked"


def _marks(id: str) -> tuple[str, str]:
    name = re.sub(r"[^0-9A-Za-z]", "", id)
    return f"<!--exports {name}-->", f"<!--/exports {name}-->"
