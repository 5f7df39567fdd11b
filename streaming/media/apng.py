"""Writing APNG: every time exact, and colours kept whole or put into one palette.

A full APNG of a noisy loop is ten times as large as its WEBM, so where a size is limited the loop
gets one palette whose entries have their own opacity (see `palette`). Between the two lie colours
that are rounded to every so-manieth level: of a juggler (320x320, 44 frames) 256 entries take 564
kB (33 dB within the subject), steps of 16, 12, 8, 6 and 4 levels 901 (35 dB), 978 (37), 1,082 (41),
1,171 (43) and 1,296 kB (46), all levels 1,804 kB. Times are fractions in the file, so 30 frames a
second are exactly that. Each frame holds the rectangle that changed.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from streaming.frames import U8
from streaming.media.animated import indexed_image, save_animation
from streaming.media.film import Film
from streaming.media.palette import Indexer, palette_of
from streaming.media.recipes import ApngRecipe

__all__ = ["write_apng"]


def write_apng(path: Path, film: Film, recipe: ApngRecipe, *, replace: bool = False) -> None:
    """Write a film as an animated PNG.

    A film of one frame, or of equal ones, becomes a still PNG, which states no time.

    Args:
        path: Its final name, ending in .png or .apng.
        film: What to write.
        recipe: How.
        replace: Whether an existing file may be replaced.

    Raises:
        OutputError: The file cannot be written.
    """
    save_animation(
        path,
        _images(film, recipe),
        "PNG",
        replace=replace,
        duration=[float(each * 1000) for each in film.durations_s],  # goes into a near fraction
        loop=recipe.plays,
        optimize=recipe.colours is not None,  # for all colours it takes five times as long
    )


def _images(film: Film, recipe: ApngRecipe) -> Iterator[Image.Image]:
    if recipe.colours is None:
        yield from (Image.fromarray(_stepped(each, recipe.step)) for each in film.frames)
        return
    palette = palette_of(film.frames, recipe.colours)
    indexer = Indexer(palette, recipe.dither, recipe.loss)
    for each in film.frames:
        yield indexed_image(indexer(each), palette)


def _stepped(rgba: U8, step: int) -> U8:
    """The same picture, its visible colours rounded to multiples of `step`; itself for 1."""
    if step == 1:
        return rgba
    rounded = np.clip(np.rint(np.arange(256) / step) * step, 0, 255).astype(np.uint8)
    made = np.where(rgba[..., 3:] > 0, rounded[rgba], np.uint8(0))
    made[..., 3] = rgba[..., 3]
    return made
