"""How far a map is to be believed, per node: edits fade where it is not.

A map fails where the clip does what no map of a picture can: a head turns, an arm crosses a body,
water moves. There the atlas does not show what the frame shows, or what is seen moves otherwise
than the map says, or cells are squeezed to nothing. An edit that fades there is missed by nobody;
one that smears is seen by all.
"""

from collections.abc import Iterable, Iterator

import cv2
import numpy as np

from streaming.atlas.flows import Match
from streaming.atlas.grids import looked_up, nodes_at, turned
from streaming.atlas.model import F32
from streaming.atlas.system import corners_of, mixed
from streaming.frames import Size

__all__ = ["trusted"]

GOOD, BAD = 0.07, 0.20  # mean difference in colour, 0..1, around a node: none to all lost
STILL_PX, SWIMS_PX = 1.0, 3.0  # mean distance of what is seen from where the map has it, likewise
FLAT, THIN = 0.35, 0.1  # of the usual area of a cell: from there it fades, and is gone
NEAR_PX = 5  # around a node that is looked at: an arm's edge is to be an edge
FAR_PX = 8.0  # a match that is off by more is as bad as this
MORE = 0.05  # that frames before and after may make of a frame's own trust
ENOUGH = 0.3  # weight of matches around a node that has something to say


def trusted(
    uv: F32, spacing_px: int, size: Size, errors: Iterator[F32], matches: Iterable[Match] = ()
) -> F32:
    """Trust of every node.

    Args:
        uv: (N, gh, gw, 2) float32 maps.
        spacing_px: Distance of their nodes.
        size: The frames'.
        errors: For each frame how far the atlas is from the layer, (H, W) float32 0..1.
        matches: The layer's points found again in other frames.

    Returns:
        (N, gh, gw) float32 0..1.
    """
    shape, cells = (uv.shape[1], uv.shape[2]), turned(uv)
    like = np.asarray([_like(each, shape, spacing_px, size) for each in errors], np.float32)
    usual = max(float(np.median(cells)), 0.05 * spacing_px**2)
    whole = np.clip((_least(cells) / usual - THIN) / (FLAT - THIN), 0, 1)
    follows = np.clip(
        (SWIMS_PX - _swum(uv, like, spacing_px, matches)) / (SWIMS_PX - STILL_PX), 0, 1
    )
    return _steady(np.asarray(like * whole * follows, np.float32))


def _like(error: F32, shape: tuple[int, int], spacing_px: int, size: Size) -> F32:
    """How like the frame an atlas is around each node."""
    at = nodes_at(shape, spacing_px)
    edge = np.asarray(np.clip(at, 0, [size.width - 1, size.height - 1]), np.float32)
    side = 2 * NEAR_PX + 1
    near = cv2.blur(error, (side, side), borderType=cv2.BORDER_REPLICATE)
    off = looked_up(near, edge, beyond=None)
    return np.asarray(np.clip((BAD - off) / (BAD - GOOD), 0, 1), np.float32)


def _swum(uv: F32, like: F32, spacing_px: int, matches: Iterable[Match]) -> F32:
    """How far off the points around each node are on their way to other frames, in texels.

    Points of what crosses the layer tell nothing of it: those count that look like the atlas.
    """
    off, weight = np.zeros(uv.shape[:3], np.float32), np.zeros(uv.shape[:3], np.float32)
    shape = uv.shape[1], uv.shape[2]
    for each in matches:
        ends = [
            (each.pair.first, corners_of(each.here, shape, spacing_px)),
            (each.pair.second, corners_of(each.there, shape, spacing_px)),
        ]
        now, then = (mixed(uv[frame], *near) for frame, near in ends)
        left = np.minimum(np.hypot(*(now - then).T), FAR_PX)
        here, there = (mixed(like[frame], *near) for frame, near in ends)
        known = each.weight * here * there
        for frame, (corners, shares) in ends:
            count = shares * known[:, None]
            np.add.at(off[frame].reshape(-1), corners, count * left[:, None])
            np.add.at(weight[frame].reshape(-1), corners, count)
    near = [np.asarray([cv2.blur(each, (3, 3)) for each in values]) for values in (off, weight)]
    heard = near[1] > ENOUGH / 9
    return np.asarray(np.where(heard, near[0] / np.maximum(near[1], 1e-6), 0), np.float32)


def _least(cells: F32) -> F32:
    """For each node the smallest of the cells around it."""
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1)), mode="edge")
    high, wide = cells.shape[1] + 1, cells.shape[2] + 1
    around = [padded[:, a : a + high, b : b + wide] for a in (0, 1) for b in (0, 1)]
    return np.asarray(np.minimum.reduce(around), np.float32)


def _steady(trust: F32) -> F32:
    """Averaged over three frames, so that an edit never blinks; never above what a frame allows."""
    padded = np.concatenate((trust[:1], trust, trust[-1:]))
    mean = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return np.asarray(np.minimum(mean, trust + MORE), np.float32)
