"""One look over a loop before anything is made of it: where its subject is, and how it moves.

The window, the frame to begin with and the sizes all depend on every frame, and a loop's frames are
decoded anew each time, so everything that must be known beforehand is gathered in one reading.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streaming.errors import OutputError
from streaming.exports.cycle import Cycle
from streaming.frames import U8, Rect, read_only

__all__ = ["Cuts", "Survey", "survey_of"]

F32 = NDArray[np.float32]
SEEN = 20  # of 255: fainter specks of a matte do not widen the window
CUT = 128  # alpha at the picture's edge from which a subject is cut by it, not just near it
LEAST_CUT_PX = 3
SMALL_PX = 96


@dataclass(frozen=True, slots=True)
class Cuts:
    """At which edges of the picture the subject is cut off."""

    left: bool = False
    top: bool = False
    right: bool = False
    bottom: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Survey:
    """What a loop shows, all of it.

    Attributes:
        bounds: The least rectangle around the subject in all frames.
        cuts: Where it is cut off in any of them.
        small: Each frame of the bounds, (h, w, 4) uint8, colours multiplied by alpha, the longer
            side at most 96 px.
        cut_share: For each frame, how many pixels of the subject lie on the picture's edge.
    """

    bounds: Rect
    cuts: Cuts
    small: tuple[U8, ...]
    cut_share: tuple[float, ...]

    def steps(self) -> NDArray[np.float64]:
        """How far each frame is from the next one, the first following the last; 0..1."""
        count = len(self.small)
        pairs = ((self.small[each], self.small[(each + 1) % count]) for each in range(count))
        return np.array([_apart(one, other) for one, other in pairs])


def survey_of(cycle: Cycle) -> Survey:
    """Read a loop once.

    Raises:
        InputError: Its master is damaged.
        OutputError: Nothing of it can be seen.
    """
    most = np.zeros((cycle.size.height, cycle.size.width), np.uint8)
    small, shares = [], []
    for rgba in cycle.read():
        np.maximum(most, rgba[..., 3], out=most)
        small.append(_small(rgba))
        shares.append(_edge_px(rgba[..., 3]))
    bounds = _bounds(most)
    if bounds.empty or len(small) != cycle.frames:
        raise OutputError(
            f"{len(small)} of {cycle.frames} frames could be read, and nothing is seen in them: "
            "choose a loop that shows something"
            if bounds.empty
            else f"{len(small)} of {cycle.frames} frames could be read: run again for a new master"
        )
    return Survey(bounds, _cuts(most), _cropped(small, cycle, bounds), tuple(shares))


def _bounds(most: U8) -> Rect:
    rows, columns = (np.flatnonzero((most >= SEEN).any(axis=axis)) for axis in (1, 0))
    if len(rows) == 0:
        return Rect(0, 0, 0, 0)
    return Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)


def _cuts(most: U8) -> Cuts:
    edges = (most[:, 0], most[0], most[:, -1], most[-1])
    return Cuts(*(int((each >= CUT).sum()) >= LEAST_CUT_PX for each in edges))


def _edge_px(alpha: U8) -> float:
    edges = (alpha[:, 0], alpha[0], alpha[:, -1], alpha[-1])
    return float(sum(int((each >= CUT).sum()) for each in edges))


def _small(rgba: U8) -> Image.Image:
    """A frame at about twice the size that is kept: where the bounds are is not known yet."""
    reduce = max(1, max(rgba.shape[:2]) // (4 * SMALL_PX))
    return Image.fromarray(rgba).convert("RGBa").reduce(reduce)


def _cropped(small: Iterable[Image.Image], cycle: Cycle, bounds: Rect) -> tuple[U8, ...]:
    wide, high = bounds.x1 - bounds.x0, bounds.y1 - bounds.y0
    scale = min(1.0, SMALL_PX / max(wide, high))
    size = (max(1, round(wide * scale)), max(1, round(high * scale)))
    made = []
    for each in small:
        x, y = each.width / cycle.size.width, each.height / cycle.size.height
        box = (bounds.x0 * x, bounds.y0 * y, bounds.x1 * x, bounds.y1 * y)
        part = each.resize(size, Image.Resampling.BOX, box=box)
        made.append(read_only(np.asarray(part)))
    return tuple(made)


def _apart(one: U8, other: U8) -> float:
    gap = one.astype(np.float32) - other
    there = max(1, int((np.maximum(one[..., 3], other[..., 3]) > 0).sum()))
    return float(np.sqrt((gap * gap).sum() / (4 * there)) / 255)
