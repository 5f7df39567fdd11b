"""Small pictures inside the page: the filmstrip's tiles and what a video shows before it plays.

They are WebP with alpha as data URIs, because the page must be one file; all tiles of the strip are
one picture, because a hundred small ones cost more than their pixels.
"""

import io
from base64 import b64encode
from collections.abc import Sequence
from fractions import Fraction

import numpy as np
from PIL import Image

from streaming.frames import U8, Size
from streaming.results.filmstrip import Still

__all__ = ["nearest", "picture_uri", "strip_uri"]

QUALITY = 78


def picture_uri(rgba: U8) -> str:
    """One picture as a data URI.

    Args:
        rgba: (H, W, 4) uint8, straight alpha.
    """
    return _uri(Image.fromarray(rgba))


def strip_uri(stills: Sequence[Still], duration_s: Fraction, tiles: int, tile: Size) -> str:
    """A row of tiles, each from about the time that it stands for.

    Args:
        stills: At least one; the row begins with the first one's time.
        duration_s: The time that the whole row stands for, in seconds.
        tiles: How many.
        tile: Size of each, in pixels; pictures are cut to its shape around the subject.
    """
    row = Image.new("RGBA", (tile.width * tiles, tile.height))
    for number in range(tiles):
        middle_s = stills[0].time_s + duration_s * (2 * number + 1) / (2 * tiles)
        picture = _covering(nearest(stills, middle_s).rgba, tile)
        row.paste(picture, (number * tile.width, 0))
    return _uri(row)


def nearest(stills: Sequence[Still], time_s: Fraction) -> Still:
    """The still whose time is nearest to `time_s`."""
    return min(stills, key=lambda each: abs(each.time_s - time_s))


def _covering(rgba: U8, tile: Size) -> Image.Image:
    """The largest part of the picture that has the tile's shape, centred on the subject."""
    height, width = rgba.shape[:2]
    share = min(width / tile.width, height / tile.height)
    part = (tile.width * share, tile.height * share)
    weight = rgba[..., 3].sum(axis=0, dtype=np.float64)
    total = float(weight.sum())
    centre = float(weight @ np.arange(width)) / total if total else width / 2
    left = min(max(0.0, centre - part[0] / 2), width - part[0])
    top = (height - part[1]) / 2
    box = (left, top, left + part[0], top + part[1])
    return Image.fromarray(rgba).resize(
        (tile.width, tile.height), Image.Resampling.BICUBIC, box=box
    )


def _uri(picture: Image.Image) -> str:
    packed = io.BytesIO()
    picture.save(packed, "WEBP", quality=QUALITY, method=4)
    return "data:image/webp;base64," + b64encode(packed.getvalue()).decode("ascii")
