"""How far two frames are apart: thumbnails and their distance.

`d(a, b)` is the root mean square difference of premultiplied colour and alpha, over the union of
the two mattes, so that a small subject counts as much as a large one. The union is the soft one,
|a|^2 + |b|^2 - <a, b> of the alpha channel, which is the union's area for hard mattes and makes the
distances of one frame to a whole window a matrix-vector product and a few vector operations.

Thumbnails are softened a little. Of a sharp edge that moves, the squared difference grows with the
distance it moved, so the difference only with its root: two steps of a fast limb look like 1.4, and
a swing that turns back at the seam like one ordinary step. Softened by about the width of a step
the difference grows in proportion (measured on a swing of 30 frames: the wrong seam, in mid-swing
but backwards, rises from 0.86 to 1.17 steps, and squats that repeat fall from 0.44 to 0.40). Soft
pictures need fewer samples: 48 on the long side show what 64 did, at half the arithmetic.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from streaming.frames import U8, read_only
from streaming.loops.subject import Cutout, Framing, Place

__all__ = [
    "F32",
    "F64",
    "LEAST_UNION",
    "LUMA",
    "Thumb",
    "agreement",
    "distance",
    "glow",
    "planes_at",
    "shift_cost",
    "stiffness",
    "thumb_of",
]

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]

LEAST_UNION = 0.002  # share of a thumbnail: below it two mattes count as empty, and equal
SOFTEN = ImageFilter.GaussianBlur(0.95)  # radius in samples
SOLID = 0.5  # alpha from which a sample shows the subject's own brightness
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # BT.601, as Pillow's "L" has it
SATURATION = 0.15  # squared distance at which a shift can make nothing worse


@dataclass(frozen=True, slots=True, eq=False)
class Thumb:
    """A frame's thumbnail in one framing.

    Attributes:
        planes: (4, N) float32, R G B premultiplied and alpha, 0..1.
        framing: The window it was cut with.
        x: Centre of the window, px of the reduced frame.
        y: The same, from the top.
    """

    planes: F32
    framing: Framing
    x: float
    y: float


def thumb_of(cutout: Cutout, place: Place, framing: Framing) -> Thumb:
    """Cut a thumbnail around the subject.

    Args:
        cutout: The reduced picture.
        place: Where its subject is.
        framing: The window; its fixed axes show the whole frame in place.
    """
    x = place.x if framing.free_x else cutout.frame.width / 2
    y = place.y if framing.free_y else cutout.frame.height / 2
    return Thumb(planes_at(cutout, framing, x, y), framing, x, y)


def planes_at(cutout: Cutout, framing: Framing, x: float, y: float) -> F32:
    """Cut a window centred on (x, y); (4, N) float32, R G B premultiplied and alpha, 0..1."""
    pixels = cut_window(cutout, framing, x, y)
    planes = np.empty((4, framing.grid.pixels), np.float32)
    np.multiply(pixels.reshape(-1, 4).T, np.float32(1 / 255), out=planes)
    return planes


def cut_window(cutout: Cutout, framing: Framing, x: float, y: float) -> U8:
    """Resample the window centred on (x, y) to the framing's grid, outside it transparent.

    Returns:
        (H, W, 4) uint8, colours multiplied by alpha.
    """
    high, wide = cutout.pixels.shape[:2]
    picture = Image.frombuffer("RGBa", (wide, high), cutout.pixels, "raw", "RGBa", 0, 1)
    left, top = x - framing.half_x - cutout.left, y - framing.half_y - cutout.top
    right, bottom = left + 2 * framing.half_x, top + 2 * framing.half_y
    outer = (math.floor(left) - 1, math.floor(top) - 1, math.ceil(right) + 1, math.ceil(bottom) + 1)
    grid = framing.grid
    part = picture.crop(outer).resize(
        (grid.width, grid.height),
        Image.Resampling.BILINEAR,  # a triangle as wide as a sample: antialiased, a little soft
        box=(left - outer[0], top - outer[1], right - outer[0], bottom - outer[1]),
    )
    return read_only(np.asarray(part.filter(SOFTEN)))


def distance(a: F32, b: F32) -> float:
    """Exact distance of two thumbnails of one framing, 0..1.

    Args:
        a: (4, N) float32 planes.
        b: The same.
    """
    gap = a - b
    squares = float(np.vdot(gap, gap))
    union = float(np.vdot(a[3], a[3]) + np.vdot(b[3], b[3]) - np.vdot(a[3], b[3]))
    return math.sqrt(squares / (4 * max(union, LEAST_UNION * a.shape[1])))


def glow(a: F32, b: F32) -> float:
    """How much brighter `b` is than `a`: the median change of luma where both show the subject.

    A median, so that a limb which covers something else does not count, while a flash or a jump of
    exposure, which changes every sample, does.
    """
    both = (a[3] > SOLID) & (b[3] > SOLID)
    change = (LUMA @ (b[:3] - a[:3]))[both]
    if len(change) == 0:
        return 0.0
    middle = len(change) // 2
    return float(np.partition(change, middle)[middle])


def agreement(a: F32, b: F32) -> float:
    """Whether two changes of a picture go the same way: 1 the same, -1 backwards, 0 unrelated.

    Args:
        a: (4, N) difference of two thumbnails.
        b: The same, of two others.
    """
    size = math.sqrt(float(np.vdot(a, a)) * float(np.vdot(b, b)))
    return float(np.vdot(a, b)) / size if size > 0 else 1.0


def stiffness(thumb: Thumb) -> F64:
    """How much a shift by one px of the reduced frame hurts: (xx, xy, yy) of squared distance.

    The structure tensor of the thumbnail over its matte: to first order a shift by e costs e'Se.
    """
    grid = thumb.framing.grid
    planes = thumb.planes.reshape(4, grid.height, grid.width)
    across = planes[:, :-1, 1:] - planes[:, :-1, :-1]
    down = planes[:, 1:, :-1] - planes[:, :-1, :-1]
    area = 4 * max(float(np.vdot(thumb.planes[3], thumb.planes[3])), LEAST_UNION * grid.pixels)
    per_x = grid.width / (2 * thumb.framing.half_x)
    per_y = grid.height / (2 * thumb.framing.half_y)
    return np.array(
        [
            float(np.vdot(across, across)) * per_x * per_x / area,
            float(np.vdot(across, down)) * per_x * per_y / area,
            float(np.vdot(down, down)) * per_y * per_y / area,
        ]
    )


def shift_cost(stiff: F64, x: F64, y: F64) -> F64:
    """Squared distance that a shift by (x, y) adds, levelling off where nothing overlaps any more.

    Args:
        stiff: (..., 3) as `stiffness` gives.
        x: (...) shift in px of the reduced frame.
        y: The same, downwards.
    """
    cost = stiff[..., 0] * x * x + 2 * stiff[..., 1] * x * y + stiff[..., 2] * y * y
    return np.asarray(cost / (1 + cost / SATURATION))
