"""Writing GIF: one palette, a pixel there or not, and times of whole hundredths that add up.

A GIF's edge cannot be soft, so it is decided what it is laid over: pixels at least as opaque as the
threshold are shown, mixed with the matte's colour as far as they were not opaque. Browsers slow
down frames shorter than 2/100 s, so none is. 30 frames a second come out as 3, 4, 3, 3, 4, 3
hundredths and keep the loop's length; where the beat must be even `gif_rate` gives a rate for it.

Pillow packs the frames, and the file around them is put together here: Pillow writes a second
header into the middle of an animation where a frame is empty, and a palette for every frame.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import GifImagePlugin, Image

from streaming.frames import U8, Size
from streaming.media.film import Film
from streaming.media.palette import Indexer, Palette, palette_of
from streaming.media.recipes import Colour, GifRecipe
from streaming.media.whole import whole_file

__all__ = ["TICK_S", "Beat", "beats_of", "gif_rate", "hardened", "write_gif"]

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
        film: What to write; of more than 50 frames a second some are left out.
        recipe: How.
        replace: Whether an existing file may be replaced.

    Raises:
        OutputError: The file cannot be written.
    """
    beats = beats_of(film)
    hard = [hardened(film.frames[each.frame], recipe.threshold, recipe.matte) for each in beats]
    palette = palette_of(hard, recipe.colours)
    indexer = Indexer(palette, recipe.dither, recipe.loss)
    with whole_file(path, replace=replace) as part, part.open("wb") as file:
        file.write(_head(film.size, palette, recipe.plays))
        for rgba, beat in zip(hard, beats, strict=True):
            file.write(_frame(indexer(rgba), beat.ticks))
        file.write(b";")


@dataclass(frozen=True, slots=True)
class Beat:
    """A frame of a film and how long a GIF shows it.

    Attributes:
        frame: Its number.
        ticks: Hundredths of a second, at least two.
    """

    frame: int
    ticks: int


def beats_of(film: Film) -> list[Beat]:
    """The frames that a GIF can show and their times, which add up to the film's length."""
    end = max(LEAST_TICKS, round(film.duration_s / TICK_S))
    marks: list[tuple[int, int]] = []
    for number, time_s in enumerate(film.times_s):
        mark = round(time_s / TICK_S)
        room = not marks or mark - marks[-1][1] >= LEAST_TICKS
        if room and end - mark >= LEAST_TICKS:
            marks.append((number, mark))
    ends = [mark for _number, mark in marks[1:]] + [end]
    return [Beat(number, to - mark) for (number, mark), to in zip(marks, ends, strict=True)]


def _head(size: Size, palette: Palette, plays: int) -> bytes:
    """Signature, size, palette and number of plays (GIF89a, 17 to 19; NETSCAPE2.0)."""
    bits = max(1, (len(palette.entries) - 1).bit_length())
    colours = palette.entries[:, :3].tobytes().ljust(3 << bits, b"\0")
    screen = struct.pack("<HHBBB", size.width, size.height, 0xF0 | (bits - 1), 0, 0)
    if plays == 1:
        return b"GIF89a" + screen + colours
    again = max(0, plays - 1)  # how often after the first time, 0 for ever
    return (
        b"GIF89a"
        + screen
        + colours
        + b"!\xff\x0bNETSCAPE2.0\x03\x01"
        + struct.pack("<HB", again, 0)
    )


def _frame(indices: U8, ticks: int) -> bytes:
    """What is there of one frame; it goes before the next one comes."""
    image = Image.fromarray(np.ascontiguousarray(indices))
    box = image.getbbox() or (0, 0, 1, 1)  # the transparent entry is 0
    seen = image.crop(box)
    seen.putpalette(bytes(3 * 256))  # makes it one of entries; the file has one palette for all
    return b"".join(
        GifImagePlugin.getdata(seen, box[:2], duration=10 * ticks, disposal=2, transparency=0)
    )


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
