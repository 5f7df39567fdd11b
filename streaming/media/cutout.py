"""Colours under and around a matte, made fit for a codec that knows nothing of alpha.

A player filters the decoded colours and the decoded alpha separately, and 4:2:0 averages colours
over 2x2 pixels, so what stands *beside* the subject leaks into its edge. Were that the old
background (or black), every loop would wear a fringe of it. So the colours go on past the edge:
each cell of 8x8 px takes the mean colour of the subject in it and around it, weighted by alpha,
and fades into one flat colour 24 px further out, which costs the encoder nothing because it never
changes. Where alpha is a few steps from nothing the colour is a guess divided by almost zero, and
is blended into that fill too.

Work is done in the box that the subject needs, on a grid of 32 px so that it rarely changes size.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streaming.frames import U8, Size

__all__ = ["Box", "Cutout", "cut_out", "mean_colour"]

F32 = NDArray[np.float32]

CELL_PX = 8
THIN = 2  # every second row and column is enough for a cell's mean
FILL = Image.Resampling.NEAREST  # 2 ms less than bilinear, files 1.6 % larger, edges the same
GRID_PX = 32  # a multiple of CELL_PX, so that cells stay in place
MARGIN_PX = 24  # how far colours go on past the edge: the reach of two 3x3 sums of cells
FAINT = 3  # alpha up to this is noise of the network, 1 % and less: nothing is there
TRUSTED = 16  # from this alpha on a colour is taken as it is

SNAP = [0 if a <= FAINT else 255 if a >= 255 - FAINT else a for a in range(256)]
TRUST = [min(255, a * 255 // TRUSTED) for a in range(256)]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle of pixels, `x1` and `y1` not included."""

    x0: int
    y0: int
    x1: int
    y1: int

    def corners(self) -> tuple[int, int, int, int]:
        """As Pillow wants it."""
        return self.x0, self.y0, self.x1, self.y1


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """The part of a picture that holds its subject.

    Attributes:
        box: Where it stands.
        rgb: (h, w, 3) colours, continued past the subject's edge.
        alpha: (h, w) opacity, nearly-nothing and nearly-all snapped to 0 and 255.
    """

    box: Box
    rgb: U8
    alpha: U8


def mean_colour(rgba: U8) -> U8 | None:
    """Mean colour of the subject, (3,) uint8; None where nothing is opaque."""
    small = np.asarray(Image.fromarray(rgba).reduce(CELL_PX), np.float32)
    weight = small[..., 3:]
    if weight.sum() == 0:
        return None
    mean = (small[..., :3] * weight).sum((0, 1)) / weight.sum()
    whole: U8 = mean.round().astype(np.uint8)
    return whole


def cut_out(rgba: U8, flat: U8) -> Cutout | None:
    """Cut the subject out and continue its colours past its edge.

    Args:
        rgba: (H, W, 4) uint8, straight alpha.
        flat: (3,) uint8, the colour of everything far from the subject.

    Returns:
        The subject, or None where the picture is empty.
    """
    whole = Image.fromarray(rgba)
    rough = whole.getbbox()  # of anything at all: what is looked at closely is mostly much smaller
    if rough is None:
        return None
    alpha = whole.crop(rough).getchannel("A").point(SNAP)
    seen = alpha.getbbox()
    if seen is None:
        return None
    left, top, right, low = seen
    found = Box(left + rough[0], top + rough[1], right + rough[0], low + rough[1])
    box = _grown(found, Size(*whole.size))
    alpha = whole.crop(box.corners()).getchannel("A").point(SNAP)
    thin = rgba[box.y0 : box.y1 : THIN, box.x0 : box.x1 : THIN].copy()
    thin[..., 3] = np.asarray(alpha)[::THIN, ::THIN]
    cells = Image.fromarray(_cells(thin, flat))
    fill = cells.resize((cells.width * CELL_PX, cells.height * CELL_PX), FILL)
    fill = fill.crop((0, 0, *alpha.size))  # the last cells may reach past the picture's edge
    colours = whole.crop(box.corners()).convert("RGB")
    fill.paste(colours, mask=alpha.point(TRUST))
    return Cutout(box, np.asarray(fill), np.asarray(alpha))


def _grown(box: Box, size: Size) -> Box:
    """The box with its margin, on the grid, inside the picture."""
    return Box(
        max(0, (box.x0 - MARGIN_PX) // GRID_PX * GRID_PX),
        max(0, (box.y0 - MARGIN_PX) // GRID_PX * GRID_PX),
        min(size.width, -(-(box.x1 + MARGIN_PX) // GRID_PX) * GRID_PX),
        min(size.height, -(-(box.y1 + MARGIN_PX) // GRID_PX) * GRID_PX),
    )


def _cells(thin: U8, flat: U8) -> U8:
    """The fill, one pixel per cell: the subject's colours going over into `flat`."""
    small = Image.fromarray(thin).reduce(CELL_PX // THIN)  # Pillow weights colours by alpha
    cells = np.asarray(small, np.float32)
    weight = cells[..., 3:] * np.float32(1 / 255)
    near = _sum_3x3(np.concatenate((cells[..., :3] * weight, weight), axis=2))
    far = _sum_3x3(near)
    own = np.where(near[..., 3:] > 0.5, near, far)  # the closer, the truer
    colour = own[..., :3] / np.maximum(own[..., 3:], 1e-6)
    reach = np.clip(far[..., 3:] / 4, 0, 1)
    mixed = (flat + (colour - flat) * reach).round().clip(0, 255)
    fill: U8 = mixed.astype(np.uint8)
    return fill


def _sum_3x3(cells: F32) -> F32:
    framed = np.pad(cells, ((1, 1), (1, 1), (0, 0)))
    rows = framed[:-2] + framed[1:-1] + framed[2:]
    summed: F32 = rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]
    return summed
