"""How far a map is to be believed, per node: edits fade where it is not.

A map fails where the clip does what no map of a picture can: a head turns, an arm crosses a body,
water moves. There the atlas does not show what the frame shows, or the map is stretched beyond
what a moving body does. An edit that fades there is missed by nobody; one that smears is seen by all.
"""

from collections.abc import Iterator

import cv2
import numpy as np

from streaming.atlas.grids import looked_up, turned
from streaming.atlas.model import F32
from streaming.frames import Size

__all__ = ["trusted"]

GOOD, BAD = 0.07, 0.20  # mean difference in colour, 0..1, around a node: none to all lost
NEAR_PX = 12  # around a node that is looked at
FLAT, THIN = 0.35, 0.1  # of the usual area of a cell: from there it fades, and is gone


def trusted(uv: F32, spacing_px: int, size: Size, errors: Iterator[F32]) -> F32:
    """Trust of every node.

    Args:
        uv: (N, gh, gw, 2) float32 maps.
        spacing_px: Distance of their nodes.
        size: The frames'.
        errors: For each frame how far the atlas is from the layer, (H, W) float32 0..1.

    Returns:
        (N, gh, gw) float32 0..1.
    """
    high, wide = uv.shape[1:3]
    j, i = np.meshgrid(np.arange(wide), np.arange(high))
    at = ((np.stack((j, i), axis=-1) - 0.5) * spacing_px - 0.5).astype(np.float32)
    at = np.clip(at, 0, [size.width - 1, size.height - 1]).astype(np.float32)
    side = 2 * NEAR_PX + 1
    like = []
    for error in errors:
        near = cv2.blur(error, (side, side), borderType=cv2.BORDER_REPLICATE)
        like.append(np.clip((BAD - looked_up(near, at, beyond=None)) / (BAD - GOOD), 0, 1))
    whole = np.clip((_least(turned(uv)) / _usual(uv, spacing_px) - THIN) / (FLAT - THIN), 0, 1)
    return _steady(np.asarray(like, np.float32) * whole)


def _least(cells: F32) -> F32:
    """For each node the smallest of the cells around it."""
    padded = np.pad(cells, ((0, 0), (1, 1), (1, 1)), mode="edge")
    around = (
        padded[:, a : a + cells.shape[1] + 1, b : b + cells.shape[2] + 1]
        for a in (0, 1)
        for b in (0, 1)
    )
    made: F32 = np.minimum.reduce(list(around))
    return made


def _usual(uv: F32, spacing_px: int) -> float:
    return max(float(np.median(turned(uv))), 0.05 * spacing_px**2)


def _steady(trust: F32) -> F32:
    """Averaged over three frames, so that an edit never blinks; never above what a frame allows."""
    padded = np.concatenate((trust[:1], trust, trust[-1:]))
    mean = (padded[:-2] + 2 * padded[1:-1] + padded[2:]) / 4
    return np.minimum(mean, trust + 0.15).astype(np.float32)
