"""Writing GIF: one palette, a pixel there or not, and times of whole hundredths that add up.

A GIF's edge cannot be soft, so it is decided what it is laid over: pixels at least as opaque as the
threshold are shown, mixed with the matte's colour as far as they were not opaque. Browsers slow
down frames shorter than 2/100 s, so none is. 30 frames a second come out as 3, 4, 3, 3, 4, 3
hundredths and keep the loop's length; where the beat must be even `gif_rate` gives a rate for it.
"""

from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from streaming.frames import U8
from streaming.media.animated import indexed_image, save_animation
from streaming.media.film import Film
from streaming.media.palette import Indexer, Palette, palette_of
from streaming.media.recipes import Colour, GifRecipe

__all__ = ["TICK_S", "gif_rate", "hardened", "write_gif"]

TICK_S = Fraction(1, 100)
LEAST_TICKS = 2


def gif_rate(near: Fraction) -> Fraction:
    """The rate closest to `near` at which all frames of a GIF last equally long, at most 50.

    Args:
        near: Frames a second, positive.
    """
    below = max(LEAST_TICKS, int(1 / (near * TICK_S)))
    return min((1 / (n * TICK_S) for n in (below, below + 1)), key=lambda rate: abs(rate - near))


def write_gif(path: Path, film: Film, recipe: GifRecipe, *, replace: bool = False) -> None:
    """Write a film as a GIF.

    Args:
        path: Its final name, ending in .gif.
        film: What to write; at more than 50 frames a second it would play too slowly.
        recipe: How.
        replace: Whether an existing file may be replaced.

    Raises:
        OutputError: The file cannot be written.
    """
    hard = [hardened(each, recipe.threshold, recipe.matte) for each in film.frames]
    palette = palette_of(hard, recipe.colours)
    indexer = Indexer(palette, recipe.dither, recipe.loss)
    ticks = film.whole_durations(TICK_S, LEAST_TICKS)
    again = {} if recipe.plays == 1 else {"loop": max(0, recipe.plays - 1)}  # plays after the first
    save_animation(
        path,
        (_image(indexer(each), palette) for each in hard),
        "GIF",
        replace=replace,
        duration=[10 * each for each in ticks],
        disposal=2,  # what moves on leaves nothing behind
        transparency=0,
        palette=palette.entries[:, :3].tobytes(),  # one for all frames
        optimize=False,
        **again,
    )


def _image(indices: U8, palette: Palette) -> Image.Image:
    image = indexed_image(indices, palette)
    image.info["transparency"] = 0  # the entry itself: a GIF knows no opacities
    return image


def hardened(rgba: U8, threshold: int, matte: Colour) -> U8:
    """A picture whose pixels are there or not.

    Args:
        rgba: (H, W, 4) uint8, straight alpha.
        threshold: Alpha from which a pixel is there.
        matte: What a pixel that is not opaque is laid over.

    Returns:
        (H, W, 4) uint8, alpha 0 or 255.
    """
    alpha = rgba[..., 3:].astype(np.float32) / 255
    laid = rgba[..., :3] * alpha + np.asarray(matte, np.float32) * (1 - alpha)
    there = rgba[..., 3:] >= threshold
    hard = np.where(there, laid.round().astype(np.uint8), np.uint8(0))
    return np.dstack((hard, np.where(there, np.uint8(255), np.uint8(0))))
