"""One export in a process of its own, which answers as `answering.py` says.

    {"master": ..., "told": {...}, "target": "discord-sticker", "folder": ..., "settings": {...}}

is the order. Whoever serves live pictures gives such work away, because it keeps a core busy for
seconds and a codec may take its process with it. The folder belongs to this export alone: what lay
in it goes, and one file lies in it at the end; what comes out as several (pictures, a sheet with
its table) is packed together to be carried.
"""

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from streaming.answering import Progress, answer

__all__ = ["main"]


def main() -> None:
    """Carry out one order."""
    answer(_made)


def _made(order: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    from streaming.exporting import export_loop
    from streaming.exports.targets import target_called
    from streaming.settings import ExportSettings

    folder, target = Path(order["folder"]), target_called(order["target"])
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    made = export_loop(
        Path(order["master"]),
        order["told"],
        target,
        folder / f"loop{target.suffix}",
        ExportSettings(**order["settings"]),
        progress=progress,
    )
    path = _one_file(folder)
    return {
        "path": f"{folder.name}/{path.name}",
        "bytes": path.stat().st_size,
        "width": made.size.width,
        "height": made.size.height,
        "frames": made.frames,
        "duration_s": float(made.duration_s),
        "words": "; ".join(made.words),
    }


def _one_file(folder: Path) -> Path:
    """The only file of a folder, or all of them in an archive that takes their place."""
    (first, *others) = sorted(folder.iterdir())
    if not others and first.is_file():
        return first
    packed = folder.with_suffix(".zip.part")
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:  # they are small already
        for path in sorted(folder.rglob("*")):
            archive.write(path, path.relative_to(folder))
    for each in (first, *others):
        shutil.rmtree(each) if each.is_dir() else each.unlink()
    return packed.replace(folder / "loop.zip")


if __name__ == "__main__":
    main()
