"""Writing APNG: every time exact, and colours kept whole or put into one palette.

A full APNG of a noisy loop is ten times as large as its WEBM, so where a size is limited the loop
gets one palette whose entries have their own opacity (see `palette`). Times are fractions in the
file, so 30 frames a second are exactly that. Each frame holds the rectangle that changed.
"""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image

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
        yield from (Image.fromarray(each) for each in film.frames)
        return
    palette = palette_of(film.frames, recipe.colours)
    indexer = Indexer(palette, recipe.dither, recipe.loss)
    for each in film.frames:
        yield indexed_image(indexer(each), palette)
