"""Colours for pixels that nobody sees, so that nobody sees them later.

Under its transparent pixels a GIF or PNG holds whatever its author left: black, white, a key
colour. As soon as such a picture is scaled, or its colours are stored at half size as video does,
that colour mixes into the edge of the subject as a fringe. So transparent pixels take on, once,
the mean colour of what is visible around them; straight alpha stays what it is.
"""

import numpy as np
from numpy.typing import NDArray

from streaming.frames import U8

__all__ = ["bleed"]

CELL_PX = 8
THIN = 2  # every second row and column is enough for a cell's mean
F32 = NDArray[np.float32]


def bleed(rgba: U8) -> U8:
    """Give transparent pixels the colour of what is near.

    Args:
        rgba: (H, W, 4), straight alpha.

    Returns:
        The same pixels where alpha is above 0; elsewhere the mean visible colour within 8 to 16 px,
        or of the whole picture. The array itself where nothing or everything is transparent.
    """
    holes = rgba[..., 3] == 0
    if not holes.any() or holes.all():
        return rgba
    near = _near_colours(rgba)
    grown = near.repeat(CELL_PX, axis=0).repeat(CELL_PX, axis=1)
    height, width = holes.shape
    filled = rgba.copy()
    filled[..., :3][holes] = grown[:height, :width][holes]
    return filled


def _near_colours(rgba: U8) -> U8:
    """The mean visible colour of every cell and its eight neighbours, (rows, columns, 3)."""
    sums = _cell_sums(rgba)
    padded = np.pad(sums, ((1, 1), (1, 1), (0, 0)))
    rows, columns = sums.shape[:2]
    around = sum(padded[y : y + rows, x : x + columns] for y in range(3) for x in range(3))
    whole = sums.sum(axis=(0, 1))
    weight = np.asarray(around)[..., 3:]
    means = np.where(weight > 0, np.asarray(around)[..., :3] / np.maximum(weight, 1), _mean(whole))
    return means.round().astype(np.uint8)


def _mean(total: F32) -> F32:
    return np.asarray(total[:3] / max(1.0, float(total[3])), np.float32)


def _cell_sums(rgba: U8) -> F32:
    """Colours times alpha, and alpha, summed over each cell, (rows, columns, 4)."""
    thin = rgba[::THIN, ::THIN].astype(np.float32)
    thin[..., :3] *= thin[..., 3:]
    side = CELL_PX // THIN
    height, width = thin.shape[:2]
    whole = np.pad(thin, ((0, -height % side), (0, -width % side), (0, 0)))
    cells = whole.reshape(whole.shape[0] // side, side, whole.shape[1] // side, side, 4)
    return np.asarray(cells.sum(axis=(1, 3)), np.float32)
