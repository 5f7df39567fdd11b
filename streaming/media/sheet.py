"""Writing a sprite sheet: all frames on one PNG whose sides are powers of two, and a JSON.

The JSON has the shape that game engines read from the common packers (a hash of frames, or an
array). Graphics hardware averages neighbours, so between cells there is room that repeats their own
edge, and transparent pixels carry the colour of what is near.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from streaming.errors import SettingsError
from streaming.frames import U8, Rect, Size
from streaming.media.bleed import bleed
from streaming.media.film import Film
from streaming.media.recipes import SheetRecipe
from streaming.media.timing import MILLISECOND
from streaming.media.whole import whole_file

__all__ = ["write_sheet"]


@dataclass(frozen=True, slots=True)
class _Grid:
    """How cells lie on a sheet.

    Attributes:
        cell: Size of one, its padding included.
        columns: How many side by side.
        size: Size of the sheet.
    """

    cell: Size
    columns: int
    size: Size

    def place(self, number: int) -> tuple[int, int]:
        """Left and top of a cell, its padding included."""
        row, column = divmod(number, self.columns)
        return column * self.cell.width, row * self.cell.height


def write_sheet(path: Path, film: Film, recipe: SheetRecipe, *, replace: bool = False) -> None:
    """Write a film as a sprite sheet.

    Args:
        path: Its final name, ending in .png; the JSON gets the same with .json.
        film: What to write.
        recipe: How.
        replace: Whether existing files may be replaced.

    Raises:
        OutputError: A file cannot be written.
        SettingsError: The frames do not fit on a sheet of the largest side.
    """
    rects = [_seen(each) if recipe.trim else Rect.whole(film.size) for each in film.frames]
    grid = _grid(rects, recipe, film.size)
    sheet = Image.new("RGBA", (grid.size.width, grid.size.height))
    for number, (rgba, rect) in enumerate(zip(film.frames, rects, strict=True)):
        room = ((recipe.padding_px,) * 2, (recipe.padding_px,) * 2, (0, 0))
        cell = np.pad(bleed(rgba)[rect.slices()], room, "edge")
        sheet.paste(Image.fromarray(cell), grid.place(number))
    told = _told(path, film, rects, grid, recipe)
    with whole_file(path.with_suffix(".json"), replace=replace) as list_part:
        with whole_file(path, replace=replace) as part:
            sheet.save(part, format="PNG")
            list_part.write_text(json.dumps(told, indent=1) + "\n", "utf-8")


def _seen(rgba: U8) -> Rect:
    """What is not transparent, one pixel at least."""
    box = Image.fromarray(rgba).getchannel("A").getbbox() or (0, 0, 1, 1)
    return Rect(*box)


def _grid(rects: list[Rect], recipe: SheetRecipe, size: Size) -> _Grid:
    """The grid whose sheet is smallest, then squarest."""
    room = 2 * recipe.padding_px
    wide = max(each.x1 - each.x0 for each in rects) + room
    high = max(each.y1 - each.y0 for each in rects) + room
    grids = [_grid_of(Size(wide, high), columns, len(rects)) for columns in _up_to(len(rects))]
    best = min(grids, key=lambda grid: (grid.size.pixels, max(grid.size.width, grid.size.height)))
    fits = [g for g in grids if max(g.size.width, g.size.height) <= recipe.most_px]
    if not fits:
        raise SettingsError(
            f"{len(rects)} frames of {size} px need a sheet of {best.size} px, and "
            f"{recipe.most_px} px is the longest side: take fewer frames or make them smaller"
        )
    return best if best in fits else min(fits, key=lambda grid: grid.size.pixels)


def _up_to(count: int) -> range:
    return range(1, count + 1)


def _grid_of(cell: Size, columns: int, count: int) -> _Grid:
    rows = -(-count // columns)
    return _Grid(cell, columns, Size(_power(columns * cell.width), _power(rows * cell.height)))


def _power(least: int) -> int:
    """The power of two that is at least this."""
    return 1 << (least - 1).bit_length()


def _told(
    path: Path, film: Film, rects: list[Rect], grid: _Grid, recipe: SheetRecipe
) -> dict[str, object]:
    """What the JSON says."""
    frames = dict(_entries(path, film, rects, grid, recipe.padding_px))
    meta = {
        "app": "loopmatte",
        "image": path.name,
        "format": "RGBA8888",
        "size": {"w": grid.size.width, "h": grid.size.height},
        "scale": "1",
    }
    if recipe.form == "hash":
        return {"frames": frames, "meta": meta}
    listed = [{"filename": name, **each} for name, each in frames.items()]
    return {"frames": listed, "meta": meta}


def _entries(
    path: Path, film: Film, rects: list[Rect], grid: _Grid, padding_px: int
) -> Iterator[tuple[str, dict[str, object]]]:
    whole = {"w": film.size.width, "h": film.size.height}
    lasting = film.whole_durations(MILLISECOND)
    for number, (rect, ticks) in enumerate(zip(rects, lasting, strict=True)):
        left, top = grid.place(number)
        size = {"w": rect.x1 - rect.x0, "h": rect.y1 - rect.y0}
        yield (
            f"{path.stem}_{number:04d}.png",
            {
                "frame": {"x": left + padding_px, "y": top + padding_px, **size},
                "rotated": False,
                "trimmed": rect != Rect.whole(film.size),
                "spriteSourceSize": {"x": rect.x0, "y": rect.y0, **size},
                "sourceSize": whole,
                "duration": ticks,
            },
        )
