"""Grids spread out over a picture, and the way back from a texel to the pixel that shows it."""

import cv2
import numpy as np
from numpy.typing import NDArray

from streaming.atlas.model import F32
from streaming.frames import Rect, Size

__all__ = [
    "affine",
    "bounds",
    "inverse",
    "looked_up",
    "nodes_at",
    "places",
    "present",
    "spread",
    "turned",
]

ROUNDS = 12  # of walking towards the pixel that shows a texel; each about halves what is left
NEAR_PX = 0.25  # nearer than this it is found
THERE = 0.02  # least share of a pixel in which a layer is there
FIRM = 0.05  # and least mean of a pixel and those beside it: a noisy matte has less all over


def places(size: Size) -> F32:
    """Where every pixel is: (H, W, 2) float32, x and y."""
    columns, rows = np.meshgrid(np.arange(size.width), np.arange(size.height))
    return np.stack((columns, rows), axis=-1).astype(np.float32)


def nodes_at(shape: tuple[int, int], spacing_px: int) -> F32:
    """Where the nodes of a grid are: (gh, gw, 2) float32 pixels, x and y.

    Args:
        shape: Its rows and columns.
        spacing_px: Distance of its nodes.
    """
    j, i = np.meshgrid(np.arange(shape[1]), np.arange(shape[0]))
    return np.asarray((np.stack((j, i), axis=-1) - 0.5) * spacing_px - 0.5, np.float32)


def present(share: F32) -> NDArray[np.bool_]:
    """Where a layer is in a frame: a soft edge and hair are, the noise of a matte is not.

    Args:
        share: (H, W) float32 0..1, how much of each pixel it is.

    Returns:
        (H, W) bool.
    """
    return np.asarray((share > THERE) & (cv2.blur(share, (3, 3)) > FIRM), bool)


def bounds(there: NDArray[np.bool_], margin_px: int, size: Size) -> Rect:
    """The rectangle around what is there, and some more; empty where nothing is.

    Args:
        there: (H, W) bool.
        margin_px: How much more to every side, as far as the picture goes.
        size: The picture's.
    """
    x, y, wide, high = cv2.boundingRect(there.astype(np.uint8))
    if not wide:
        return Rect(0, 0, 0, 0)
    around = Rect(x - margin_px, y - margin_px, x + wide + margin_px, y + high + margin_px)
    return around.within(Rect.whole(size))


def spread(nodes: F32, spacing_px: int, size: Size, part: Rect | None = None) -> F32:
    """The values of a grid at every pixel.

    Args:
        nodes: (gh, gw) or (gh, gw, C) float32, C up to 4.
        spacing_px: Distance of its nodes.
        size: The picture's.
        part: The pixels that are wanted; all where None.

    Returns:
        (H, W) or (H, W, C) float32, of the part's size.
    """
    rect = part or Rect.whole(size)
    top, left = rect.y0 // spacing_px, rect.x0 // spacing_px
    low, far = -(-rect.y1 // spacing_px) + 2, -(-rect.x1 // spacing_px) + 2
    inner = np.ascontiguousarray(nodes[top:low, left:far])
    high, wide = inner.shape[:2]
    sides = (wide * spacing_px, high * spacing_px)
    whole = cv2.resize(inner, sides, interpolation=cv2.INTER_LINEAR)
    y, x = rect.y0 - (top - 1) * spacing_px, rect.x0 - (left - 1) * spacing_px
    made: F32 = whole[y : y + rect.y1 - rect.y0, x : x + rect.x1 - rect.x0]
    return made


def looked_up(picture: F32, at: F32, *, beyond: float | None = 0.0) -> F32:
    """A picture's values at places between its pixels, bilinear.

    Args:
        picture: (h, w) or (h, w, C) float32, C up to 4.
        at: (H, W, 2) float32, places in it.
        beyond: What is found outside; its edge goes on where None.
    """
    if not at.size:
        return np.zeros((*at.shape[:2], *picture.shape[2:]), np.float32)
    edge = cv2.BORDER_REPLICATE if beyond is None else cv2.BORDER_CONSTANT
    value = (beyond or 0.0,) * 4
    made: F32 = cv2.remap(
        picture,
        np.ascontiguousarray(at),
        None,
        cv2.INTER_LINEAR,
        borderMode=edge,
        borderValue=value,
    )
    return made


def affine(here: F32, there: F32, wanted: F32) -> F32:
    """Other places by the affine map that takes some places nearest to where they go.

    Args:
        here: (n, 2) float32, places.
        there: (n, 2) float32, where they go.
        wanted: (..., 2) float32, the others.

    Returns:
        (..., 2) float32, where those go.
    """
    known = np.ones((len(here), 3))
    known[:, :2] = here
    matrix, *_ = np.linalg.lstsq(known, there.astype(np.float64), rcond=None)
    return np.asarray(wanted @ matrix[:2] + matrix[2], np.float32)


def turned(uv: F32) -> F32:
    """The smallest of the four corner determinants of every cell: not above 0 where a map folds.

    Args:
        uv: (..., gh, gw, 2) float32.

    Returns:
        (..., gh - 1, gw - 1) float32, in texels squared per cell. A bilinear cell is one to one
        exactly where all four are positive.
    """
    right, down = np.diff(uv, axis=-2), np.diff(uv, axis=-3)
    tops, lows = right[..., :-1, :, :], right[..., 1:, :, :]
    lefts, rights = down[..., :-1, :], down[..., 1:, :]
    corners = [
        a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0] for a in (tops, lows) for b in (lefts, rights)
    ]
    return np.asarray(np.min(corners, axis=0), np.float32)


def inverse(uv: F32, spacing_px: int, size: Size, texels: F32, start: F32 | None = None) -> F32:
    """Where in a frame texels of an atlas are shown.

    Newton's method on the spread map, with its own slopes, from a first guess by the affine map
    that fits the whole grid best.

    Args:
        uv: (gh, gw, 2) float32, the frame's map.
        spacing_px: Distance of its nodes.
        size: The frame's.
        texels: (h, w, 2) float32, what is looked for.
        start: (h, w, 2) float32, a better first guess where there is one.

    Returns:
        (h, w, 2) float32 pixels; NaN where the frame does not show the texel. What lies beyond its
        edge by less than a node's distance is found too: the map goes on that far.
    """
    high, wide = uv.shape[:2]
    whole = cv2.resize(uv, (wide * spacing_px, high * spacing_px), interpolation=cv2.INTER_LINEAR)
    near = spacing_px // 2  # where the outermost nodes are
    dense = whole[near : whole.shape[0] - near, near : whole.shape[1] - near]
    corner = np.float32(spacing_px - near)
    limit = np.array([dense.shape[1] - 1, dense.shape[0] - 1], np.float32)
    at = (_guess(uv, spacing_px, texels) if start is None else start) + corner
    down, right = np.gradient(dense, axis=(0, 1))
    slopes = np.concatenate((right, down), axis=2).astype(np.float32)  # du/dx dv/dx du/dy dv/dy
    for _ in range(ROUNDS):
        inside = np.clip(at, 0, limit)
        left = looked_up(dense, inside, beyond=None) - texels
        step = _solved(looked_up(slopes, inside, beyond=None), left)
        there = (inside == at).all(axis=2)
        at = inside - step
        if not (np.abs(step[there]) > 1 / 64).any():  # what is outside walks for ever
            break
    inside = np.clip(at, 0, limit)
    left = np.abs(looked_up(dense, inside, beyond=None) - texels)
    outside = np.abs(at - inside)
    found = (left[..., 0] < NEAR_PX) & (left[..., 1] < NEAR_PX)
    found &= (outside[..., 0] < 0.75) & (outside[..., 1] < 0.75)
    inside -= corner
    inside[~found] = np.nan
    return np.asarray(inside, np.float32)


def _solved(slopes: F32, left: F32) -> F32:
    """The step that would undo what is left, if slopes stayed as they are; at most 16 px."""
    a, c, b, d = (slopes[..., each] for each in range(4))
    wide = a * d - b * c
    wide = np.where(np.abs(wide) < 0.05, np.copysign(0.05, wide), wide)
    x, y = d * left[..., 0] - b * left[..., 1], a * left[..., 1] - c * left[..., 0]
    return np.asarray(np.clip(np.stack((x, y), -1) / wide[..., None], -16, 16), np.float32)


def _guess(uv: F32, spacing_px: int, texels: F32) -> F32:
    spots = nodes_at((uv.shape[0], uv.shape[1]), spacing_px)
    return affine(uv.reshape(-1, 2), spots.reshape(-1, 2), texels)
