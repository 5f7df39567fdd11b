"""Where the places of one frame are in another, at points that can be believed.

Flow of every pixel is needed nowhere: a map has a node every 8 or 16 pixels. So each pair of frames
is measured once, both ways, looked at on a lattice and forgotten; a clip of 70 frames leaves some
megabytes instead of some hundreds.

A point counts where going there and back ends at its start, and by how much its layer has of the
pixel at both ends. Near another layer's edge flow is the other's as often as not, and points there
count for nothing.

Source: Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from streaming.atlas.grids import looked_up, places
from streaming.atlas.model import F32, Footage, Pair
from streaming.frames import U8

__all__ = ["Match", "Matcher", "dis", "matches", "neighbours"]

Matcher = Callable[[U8, U8], F32]  # where the first picture's pixels are in the second, (H, W, 2)

LATTICE_PX = 6  # of points that are looked at: a cell of the finest grid holds one or two
SPARSE = 2  # the background's nodes are twice as far apart, and so are its points
GAPS = (1,)  # frames apart; what drifts over many is found by comparing them with the atlas
SURE_PX, SURE_SHARE = (
    0.5,
    0.1,
)  # there and back ends within this, and that much of the way, of where it began
EDGE_PX = 5  # of another layer, within which flow is not this one's


@dataclass(frozen=True, slots=True, eq=False)
class Match:
    """Points of one layer found again in another frame.

    Attributes:
        pair: The two frames.
        here: (P, 2) float32, pixels of the first.
        there: (P, 2) float32, pixels of the second.
        weight: (P,) float32 above 0 up to 1.
    """

    pair: Pair
    here: F32
    there: F32
    weight: F32


def neighbours(footage: Footage) -> tuple[Pair, ...]:
    """Every pair of frames that is compared."""
    last = footage.count
    near = [Pair(each, each + gap) for gap in GAPS for each in range(last - gap)]
    return (*near, *footage.seams)


def dis() -> Matcher:
    """OpenCV's flow."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)

    def matched(first: U8, second: U8) -> F32:
        a, b = (cv2.cvtColor(each, cv2.COLOR_RGB2GRAY) for each in (first, second))
        made: F32 = search.calc(a, b, None)
        return made

    return matched


def matches(
    footage: Footage, pairs: tuple[Pair, ...], match: Matcher
) -> Iterator[tuple[Match, ...]]:
    """Compare frames.

    Args:
        footage: The clip.
        pairs: Which frames.
        match: Gives flow both ways between two (H, W, 3) uint8 pictures.

    Yields:
        For each pair what each layer's points do, the background last.
    """
    lattice = places(footage.size)[LATTICE_PX // 2 :: LATTICE_PX, LATTICE_PX // 2 :: LATTICE_PX]
    for pair in pairs:
        a, b = footage.frames[pair.first], footage.frames[pair.second]
        there, back = match(a, b), match(b, a)
        here = lattice.reshape(1, -1, 2)
        gone = looked_up(there, here)
        sure = _sure(gone, looked_up(back, here + gone, beyond=1e6))
        first, second = footage.shares(pair.first), footage.shares(pair.second)
        found = []
        thin = _thinned(lattice.shape[:2])
        for layer in range(len(first)):
            own = looked_up(_inner(first[layer]), here) * looked_up(
                _inner(second[layer]), here + gone
            )
            weight = (own * sure).ravel()
            if layer == len(first) - 1:
                weight = weight * thin
            kept = weight > 0.02
            points = here[0][kept]
            found.append(Match(pair, points, points + gone[0][kept], weight[kept]))
        yield tuple(found)


def _thinned(shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Every SPARSE-th point of every SPARSE-th row, as one list."""
    made = np.zeros(shape, bool)
    made[::SPARSE, ::SPARSE] = True
    return made.ravel()


def _sure(gone: F32, back: F32) -> F32:
    """How far a flow is confirmed by its return, 0..1."""
    left = np.hypot(*np.moveaxis(gone + back, -1, 0))
    bound = SURE_PX + SURE_SHARE * np.hypot(*np.moveaxis(gone, -1, 0))
    return np.clip(2 - left / bound, 0, 1).astype(np.float32)


def _inner(share: F32) -> F32:
    """A layer without its rim, where flow is another's."""
    side = 2 * EDGE_PX + 1
    least: F32 = cv2.erode(share, np.ones((side, side), np.uint8))
    rim = cv2.erode(share, np.ones((3, 3), np.uint8)) * np.float32(0.05)
    return np.maximum(least, rim)
