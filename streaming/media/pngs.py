"""Writing a folder of PNG pictures, one for each frame; the folder appears when it is complete.

Numbered pictures are what every program for editing and rendering opens. They say nothing of time,
so a small timing.json beside them does, exactly.
"""

import errno
import json
import os
import secrets
import shutil
from pathlib import Path

from PIL import Image

from streaming.media.film import Film
from streaming.media.recipes import PngsRecipe
from streaming.media.whole import telling

__all__ = ["write_pngs"]


def write_pngs(path: Path, film: Film, recipe: PngsRecipe, *, replace: bool = False) -> None:
    """Write a film as frame_0000.png and on, with timing.json.

    Args:
        path: The folder's final name.
        film: What to write.
        recipe: How.
        replace: Whether a folder that has that name already may be replaced, as a whole.

    Raises:
        OutputError: The folder cannot be written.
    """
    part = path.with_name(f".{path.name[:40]}-{secrets.token_hex(4)}.part")
    with telling(path):
        if not replace and os.path.lexists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
        part.mkdir()
        try:
            _fill(part, film, recipe)
            _rename(part, path)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _fill(folder: Path, film: Film, recipe: PngsRecipe) -> None:
    frames = []
    for number, (rgba, duration_s) in enumerate(zip(film.frames, film.durations_s, strict=True)):
        name = f"frame_{number:04d}.png"
        Image.fromarray(rgba).save(folder / name, compress_level=recipe.effort)
        frames.append({"filename": name, "duration_s": str(duration_s)})
    told = {"frames": frames, "duration_s": str(film.duration_s)}
    (folder / "timing.json").write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def _rename(part: Path, path: Path) -> None:
    """Give the folder its name; what had it goes only when the new one is in its place."""
    if not path.is_dir() or path.is_symlink():
        part.rename(path)
        return
    old = part.with_suffix(".old")
    path.rename(old)
    try:
        part.rename(path)
    except OSError:
        old.rename(path)
        raise
    shutil.rmtree(old, ignore_errors=True)
