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

from streaming.atlas.grids import bounds, looked_up, places, present
from streaming.atlas.model import F32, Footage, Pair
from streaming.frames import U8, Size
from streaming.motion.flow import Flow, flow_between

__all__ = ["Match", "Matcher", "dis", "matches", "neighbours"]

Matcher = Callable[[U8, U8], F32]  # where the first picture's pixels are in the second, (H, W, 2)

LATTICE_PX = 6  # of points that are looked at: a cell of the finest grid holds one or two
SPARSE = 2  # the background's nodes are twice as far apart, and so are its points
GAPS = (1,)  # frames apart; what drifts over many is found by comparing them with the atlas
SURE_PX, SURE_SHARE = (
    0.5,
    0.1,
)  # there and back ends within this, and that much of the way, of where it began
LEAST = 0.02  # weight of a point that is worth keeping
LEAST_PX = 24  # least side of a foreground in which flow has something to hold on to
AROUND_PX = 16  # around a foreground that is looked at with it
WINDOW_PX = 7  # around a point, in which the colours that two flows lead to are compared
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
    thin = _thinned(lattice.shape[:2])
    for pair in pairs:
        first, second = footage.shares(pair.first), footage.shares(pair.second)
        a, b = footage.frames[pair.first], footage.frames[pair.second]
        flow = Flow(match(a, b), match(b, a))
        found = [
            _inside(pair, (a, first[each]), (b, second[each]), flow, lattice)
            for each in range(len(footage.mattes))
        ]
        own = _inner(first[-1]), _inner(second[-1])
        yield (*found, _points(pair, flow, own, lattice.reshape(-1, 2)[thin]))


def _inside(pair: Pair, a: tuple[U8, F32], b: tuple[U8, F32], whole: Flow, lattice: F32) -> Match:
    """A foreground's points, by flow that sees it alone, its outline included.

    Flow of the whole picture gives a forearm that is a few pixels wide the motion of what is
    behind it; but it does not follow an outline that is wrong in one of two mattes. So each is
    believed where it leads to colours that are more alike.
    """
    there = present(np.maximum(a[1], b[1]))
    rect = bounds(there, AROUND_PX, Size(there.shape[1], there.shape[0]))
    rows, columns = rect.slices()
    if min(rect.x1 - rect.x0, rect.y1 - rect.y0) < LEAST_PX:
        none = np.zeros((0, 2), np.float32)
        return Match(pair, none, none, none[:, 0])
    corner = np.array([rect.x0, rect.y0], np.float32)
    near = (lattice >= corner) & (lattice < [rect.x1, rect.y1])
    points = lattice[near.all(axis=2)] - corner
    own = a[1][rows, columns], b[1][rows, columns]
    cut = (
        np.dstack((frame[rows, columns] * share[..., None], 255 * share)).astype(np.float32)
        for (frame, _), share in zip((a, b), own, strict=True)
    )
    alone, part = flow_between(*cut), Flow(whole.there[rows, columns], whole.back[rows, columns])
    seen = [
        cv2.cvtColor(frame[rows, columns], cv2.COLOR_RGB2Lab).astype(np.float32)
        for frame, _ in (a, b)
    ]
    flow = Flow(
        _better(alone.there, part.there, seen, own[0]),
        _better(alone.back, part.back, seen[::-1], own[1]),
    )
    found = _points(pair, flow, own, points)
    return Match(pair, found.here + corner, found.there + corner, found.weight)


def _better(flow: F32, other: F32, seen: list[F32], own: F32) -> F32:
    """Of two flows the one that leads to colours more alike, around each pixel."""
    worse = _unlike(flow, seen, own) > _unlike(other, seen, own)
    return np.where(worse[..., None], other, flow).astype(np.float32)


def _unlike(flow: F32, seen: list[F32], own: F32) -> F32:
    """How far colours around a pixel are from those that a flow leads to, (h, w)."""
    off = np.abs(
        looked_up(seen[1], places(Size(flow.shape[1], flow.shape[0])) + flow, beyond=None) - seen[0]
    ).sum(axis=2)
    side = (WINDOW_PX, WINDOW_PX)
    return np.asarray(cv2.blur(off * own, side) / (cv2.blur(own, side) + 1e-3), np.float32)


def _points(pair: Pair, flow: Flow, own: tuple[F32, F32], points: F32) -> Match:
    """What a flow says of points, each as far as it is sure and in the layer at both ends."""
    here = np.ascontiguousarray(points[None])
    gone = looked_up(flow.there, here)
    sure = _sure(gone, looked_up(flow.back, here + gone, beyond=1e6))
    weight = (looked_up(own[0], here) * looked_up(own[1], here + gone) * sure)[0]
    kept = weight > LEAST
    return Match(pair, points[kept], points[kept] + gone[0][kept], weight[kept])


def _thinned(shape: tuple[int, int]) -> NDArray[np.bool_]:
    """Every SPARSE-th point of every SPARSE-th row, as one list."""
    made = np.zeros(shape, bool)
    made[::SPARSE, ::SPARSE] = True
    return made.ravel()


def _sure(gone: F32, back: F32) -> F32:
    """How far a flow is confirmed by its return, 0..1."""
    left = np.hypot(*np.moveaxis(gone + back, -1, 0))
    bound = SURE_PX + SURE_SHARE * np.hypot(*np.moveaxis(gone, -1, 0))
    return np.asarray(np.clip(2 - left / bound, 0, 1), np.float32)


def _inner(share: F32) -> F32:
    """The background without its rim, where flow is the foreground's."""
    side = 2 * EDGE_PX + 1
    return np.asarray(cv2.erode(share, np.ones((side, side), np.uint8)), np.float32)
