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

from streaming.frames import U8, Patch, Rect

__all__ = ["Cutout", "cut_out", "grown", "snapped"]

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


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """The part of a picture that holds its subject.

    Attributes:
        rect: Where it stands.
        rgb: (h, w, 3) colours, continued past the subject's edge.
        alpha: (h, w) opacity, nearly-nothing and nearly-all snapped to 0 and 255.
    """

    rect: Rect
    rgb: U8
    alpha: U8


def cut_out(patch: Patch, flat: U8) -> Cutout | None:
    """Cut the subject out and continue its colours past its edge.

    Args:
        patch: The part of a picture that holds it.
        flat: (3,) uint8, the colour of everything far from the subject.

    Returns:
        The subject, or None where the picture is empty.
    """
    rect = _seen(patch)
    if rect is None:
        return None
    rect = grown(rect).within(Rect.whole(patch.size))
    rgba = patch.part(rect)
    whole = Image.fromarray(rgba)
    alpha = whole.getchannel("A").point(SNAP)
    thin = rgba[::THIN, ::THIN].copy()
    thin[..., 3] = np.asarray(alpha)[::THIN, ::THIN]
    cells = Image.fromarray(_cells(thin, flat))
    fill = cells.resize((cells.width * CELL_PX, cells.height * CELL_PX), FILL)
    fill = fill.crop((0, 0, *alpha.size))  # the last cells may reach past the picture's edge
    fill.paste(whole.convert("RGB"), mask=alpha.point(TRUST))
    return Cutout(rect, np.asarray(fill), np.asarray(alpha))


def grown(rect: Rect) -> Rect:
    """A subject's rectangle with the margin that its colours need, on the grid."""
    return Rect(
        (rect.x0 - MARGIN_PX) // GRID_PX * GRID_PX,
        (rect.y0 - MARGIN_PX) // GRID_PX * GRID_PX,
        -(-(rect.x1 + MARGIN_PX) // GRID_PX) * GRID_PX,
        -(-(rect.y1 + MARGIN_PX) // GRID_PX) * GRID_PX,
    )


def snapped(alpha: U8) -> U8:
    """Alpha with nearly-nothing and nearly-all made 0 and 255; (H, W) uint8."""
    made: U8 = np.asarray(Image.fromarray(alpha).point(SNAP))
    return made


def _seen(patch: Patch) -> Rect | None:
    """Where the patch is more than nearly nothing."""
    if not patch.rgba.size:
        return None
    box = Image.fromarray(patch.rgba).getchannel("A").point(SNAP).getbbox()
    if box is None:
        return None
    x, y = patch.rect.x0, patch.rect.y0
    return Rect(box[0] + x, box[1] + y, box[2] + x, box[3] + y)


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
