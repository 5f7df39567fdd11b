"""Points of a layer carried from frame to frame, as an edit is: through the atlas and back."""

import numpy as np

from streaming.atlas.grids import inverse, looked_up, spread
from streaming.atlas.model import F32, Layer
from streaming.frames import Size

__all__ = ["closure", "transferred"]

EDGE_PX = 1.0  # a texel that has just left a frame is found at its edge
ROW = 4096  # points in a row: OpenCV's pictures are at most 32767 wide


def transferred(layer: Layer, size: Size, first: int, second: int, points: F32) -> F32:
    """Where what a frame shows at some points stands in another frame.

    Args:
        layer: The layer that is looked at.
        size: The frames'.
        first: A frame's number.
        second: Another's.
        points: (P, 2) float32, pixels of the first.

    Returns:
        (P, 2) float32, pixels of the second; NaN where it does not show them.
    """
    rows = _rows(points)
    texels = looked_up(spread(layer.uv[first], layer.spacing_px, size), rows, beyond=None)
    found = inverse(layer.uv[second], layer.spacing_px, size, texels, np.nan_to_num(rows))
    found[~np.isfinite(rows).all(axis=2)] = np.nan
    made: F32 = found.reshape(-1, 2)[: len(points)]
    made[_inside(made, size) < -0.5] = np.nan
    return made


def closure(layer: Layer, size: Size, frames: list[int], points: F32) -> F32:
    """How far points end from where they began that went once round.

    Args:
        layer: The layer.
        size: The frames'.
        frames: Numbers of frames, in order; after the last one comes the first again.
        points: (P, 2) float32, pixels of the first.

    Returns:
        Pixels, for those that no frame lost on the way.
    """
    at = points
    for first, second in zip(frames, [*frames[1:], frames[0]], strict=True):
        at = transferred(layer, size, first, second, at)
        at[_inside(at, size) < EDGE_PX] = np.nan
    away = np.hypot(*(at - points).T)
    return np.asarray(away[np.isfinite(away)], np.float32)


def _inside(points: F32, size: Size) -> F32:
    """How far points are from the middle of the nearest pixel at a frame's edge, inwards."""
    far = np.array([size.width - 1, size.height - 1], np.float32) - points
    return np.asarray(np.minimum(points, far).min(axis=1), np.float32)


def _rows(points: F32) -> F32:
    """Points as a picture of places, the last one repeated to fill it."""
    wide = min(ROW, max(1, len(points)))
    filled = np.pad(points, ((0, -len(points) % wide), (0, 0)), mode="edge")
    return np.ascontiguousarray(filled.reshape(-1, wide, 2))
