"""Where the subject is in a frame, and the window around it that thumbnails are cut from.

Two frames are compared around their subject, so that a person who drifts while repeating a movement
still closes the loop. A window that followed each frame's own extent would rescale every raised arm
away, so its size follows the subject slowly, in steps, and is the same for both frames of a pair:
the follower only says which window is in force, and whoever compares cuts both frames with it.

An axis on which the subject is cut by the frame's edge is never centred (the centroid of half a
person moves when the other half comes in); there the window is the whole frame, in place.

Lengths are pixels of the reduced picture (`Cutout`), whose scale is one for a whole stream.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streaming.frames import U8, Size, read_only

__all__ = ["Cutout", "Edges", "Follower", "Framing", "Place", "cut_out", "locate"]

LONGEST_CUTOUT = 256  # reduced pictures are this long at most
SAMPLES = 48 * 27  # samples of a thumbnail of any shape: a 16:9 one is 48 px long
LONGEST_THUMB = 48
TAIL = 0.004  # share of the matte that may lie beyond an extent: specks do not widen the window
MARGIN = 1.15  # room around the subject's reach
LEVEL = 1.25  # ratio of neighbouring window sizes
RISE, FALL = 0.25, 0.01  # how fast the window follows a reach that grows, or shrinks
SHRINK = 1.6  # a window this much too large gets smaller
TOUCH_RATE, TOUCH_SPAN = 0.05, 0.2  # an axis is let go or held when this is clear


@dataclass(frozen=True, slots=True)
class Edges:
    """Which sides of the frame cut the subject."""

    left: bool = False
    top: bool = False
    right: bool = False
    bottom: bool = False

    @property
    def across(self) -> bool:
        """Whether the subject is cut on the left or the right."""
        return self.left or self.right

    @property
    def along(self) -> bool:
        """Whether the subject is cut at the top or the bottom."""
        return self.top or self.bottom

    @property
    def any(self) -> bool:
        """Whether any side cuts it."""
        return self.across or self.along


@dataclass(frozen=True, slots=True, eq=False)
class Cutout:
    """The part of a reduced frame that holds all of the matte.

    Attributes:
        pixels: (H, W, 4) uint8, colours multiplied by alpha.
        left: Column of the reduced frame at which it starts.
        top: Row at which it starts.
        frame: Size of the whole reduced frame.
    """

    pixels: U8
    left: int
    top: int
    frame: Size

    @property
    def nbytes(self) -> int:
        """Memory it costs, in bytes."""
        return self.pixels.nbytes


@dataclass(frozen=True, slots=True)
class Place:
    """Where a subject is.

    Attributes:
        x: Centre of the matte's mass, in px from the reduced frame's left edge.
        y: The same from the top.
        reach_x: How far the subject reaches from there, to the left or right.
        reach_y: The same up or down.
        coverage: Mean alpha of the frame, 0..1.
        edges: Which sides of the frame cut it.
    """

    x: float
    y: float
    reach_x: float
    reach_y: float
    coverage: float
    edges: Edges


@dataclass(frozen=True, slots=True)
class Framing:
    """The window in force: half its size, the axes it is centred on, the thumbnail's size."""

    half_x: float
    half_y: float
    free_x: bool
    free_y: bool

    @property
    def grid(self) -> Size:
        """Thumbnail size: about the same number of samples for every shape of window."""
        wide = math.sqrt(SAMPLES * self.half_x / self.half_y)
        high = math.sqrt(SAMPLES * self.half_y / self.half_x)
        return Size(
            max(4, min(LONGEST_THUMB, round(wide))), max(4, min(LONGEST_THUMB, round(high)))
        )


def cut_out(rgba: U8) -> Cutout:
    """Reduce a straight-alpha picture to its subject, colours multiplied by alpha.

    Args:
        rgba: (H, W, 4) uint8.

    Returns:
        The box around every pixel that is not wholly transparent, reduced by a whole factor; one
        empty pixel where there is none.
    """
    height, width = rgba.shape[:2]
    by = max(1, math.ceil(max(height, width) / LONGEST_CUTOUT))
    frame = Size(math.ceil(width / by), math.ceil(height / by))
    picture = Image.fromarray(np.ascontiguousarray(rgba))
    box = picture.getbbox(alpha_only=True)
    if box is None:
        return Cutout(read_only(np.zeros((1, 1, 4), np.uint8)), 0, 0, frame)
    left, top = box[0] // by, box[1] // by
    right, bottom = math.ceil(box[2] / by) * by, math.ceil(box[3] / by) * by
    part = picture.crop((left * by, top * by, min(right, width), min(bottom, height)))
    reduced = part.convert("RGBa")
    pixels = np.asarray(reduced.reduce(by) if by > 1 else reduced)
    return Cutout(read_only(pixels), left, top, frame)


def locate(cutout: Cutout, edges: Edges) -> Place:
    """Measure where the subject of a cut-out is.

    Args:
        cutout: The reduced picture.
        edges: Which sides of the frame cut it.
    """
    alpha = cutout.pixels[:, :, 3].astype(np.float32)  # whose sums are exact up to 65 793 pixels
    columns = alpha.sum(axis=0).astype(np.int64)
    rows = (alpha @ np.ones(alpha.shape[1], np.float32)).astype(np.int64)
    total = int(columns.sum())
    frame = cutout.frame
    if total == 0:
        return Place(frame.width / 2, frame.height / 2, 0.0, 0.0, 0.0, edges)
    x, reach_x = _centre(columns, total)
    y, reach_y = _centre(rows, total)
    coverage = total / 255 / frame.pixels
    return Place(x + cutout.left, y + cutout.top, reach_x, reach_y, coverage, edges)


def _centre(mass: NDArray[np.int64], total: int) -> tuple[float, float]:
    """Mean position of `mass` and the reach around it that holds all but its tails."""
    mean = float(mass @ np.arange(len(mass))) / total + 0.5
    share = np.cumsum(mass)
    low = float(np.searchsorted(share, TAIL * total))
    high = float(np.searchsorted(share, (1 - TAIL) * total)) + 1
    return mean, max(mean - low, high - mean)


def edges_of(alpha: U8) -> Edges:
    """Say which sides of the frame cut the subject: where the border is opaque for 1 % of it.

    Args:
        alpha: (H, W) uint8 matte of the whole frame.
    """

    def cut(line: U8) -> bool:
        return int(np.count_nonzero(line > 127)) >= max(2, round(0.01 * len(line)))

    return Edges(cut(alpha[:, 0]), cut(alpha[0]), cut(alpha[:, -1]), cut(alpha[-1]))


class Follower:
    """Follows the subject's reach slowly and says which window is in force.

    Args:
        centred: Whether windows may follow the subject at all; else they are the whole frame.
    """

    def __init__(self, *, centred: bool) -> None:
        self._centred = centred
        self._x = _Axis()
        self._y = _Axis()

    def follow(self, place: Place, frame: Size) -> Framing:
        """Take the next frame's place; give the window in force.

        Args:
            place: Where the subject is.
            frame: Size of the reduced frame.
        """
        if self._centred and place.coverage > 0:
            self._x.follow(place.reach_x, touched=place.edges.across)
            self._y.follow(place.reach_y, touched=place.edges.along)
        free_x, free_y = self._x.free(self._centred), self._y.free(self._centred)
        return Framing(
            self._x.half if free_x else frame.width / 2,
            self._y.half if free_y else frame.height / 2,
            free_x,
            free_y,
        )


class _Axis:
    """The window along one axis."""

    def __init__(self) -> None:
        self.half = 0.0
        self._reach = 0.0
        self._touched = 0.5
        self._free = False

    def free(self, centred: bool) -> bool:
        return centred and self._free and self.half > 0

    def follow(self, reach: float, *, touched: bool) -> None:
        if self._reach == 0:
            self._reach, self._touched, self._free = reach, float(touched), not touched
        self._reach += (RISE if reach > self._reach else FALL) * (reach - self._reach)
        self._touched += TOUCH_RATE * (float(touched) - self._touched)
        if abs(self._touched - 0.5) > TOUCH_SPAN:
            self._free = self._touched < 0.5
        wanted = max(2.0, self._reach * MARGIN)
        if wanted > self.half or wanted * SHRINK < self.half:
            self.half = LEVEL ** math.ceil(math.log(wanted, LEVEL))
