"""One export in a process of its own: an order comes in, lines of JSON go out.

    {"master": ..., "told": {...}, "target": "discord-sticker", "folder": ..., "settings": {...}}

is read from standard input; then follow `{"step": words, "share": 0..1}` as often as there is
something to say, and one `{"done": {...}}` or `{"error": words}`. Whoever serves live pictures
gives such work away, because it keeps a core busy for seconds and a codec may take its process with
it. The folder belongs to this export alone: what lay in it goes, and one file lies in it at the
end; what comes out as several (pictures, a sheet with its table) is packed together to be carried.
"""

import json
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from streaming.errors import LoopmatteError
from streaming.priority import give_way

__all__ = ["main"]


def main() -> None:
    """Carry out one order; the exit code says nothing, the last line everything."""
    give_way()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what a library prints must not stand among the answers

    def say(**what: object) -> None:
        answers.write(json.dumps(what) + "\n")

    try:
        order = json.loads(sys.stdin.buffer.read())
        say(done=_made(order, lambda step, share: say(step=step, share=share)))
    except (LoopmatteError, OSError) as error:
        say(error=str(error))


def _made(order: Mapping[str, Any], progress: Callable[[str, float], object]) -> dict[str, Any]:
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
