"""By how much two pictures that nearly agree are off each other, seen through a window.

Flow made for whole pictures smooths over a layer's edge, and what lies beyond it pulls the rim to
where it is not. Here every window looks at the layer alone: least squares over its pixels, each as
far as the layer has it and as the two pictures agree.

Source: Lucas and Kanade, "An Iterative Image Registration Technique", IJCAI 1981.
"""

import cv2
import numpy as np

from streaming.atlas.grids import looked_up, places
from streaming.atlas.model import F32
from streaming.frames import Size

__all__ = ["nudges"]

WINDOW_PX = 9  # twice: a tent of so many pixels to every side
AGREES = 0.1  # difference in colour, 0..1, from which a pixel loses its say
NOISE = 1.5e-4  # slope squared that noise alone makes in a pixel
MOST_PX = 1.5  # in one step
STEPS = 2
LEAST_PX = 16  # least side of a picture that is made smaller


def nudges(shown: F32, wanted: F32, share: F32, *, coarse: int = 1) -> tuple[F32, F32]:
    """Where the first picture's pixels are in the second.

    Args:
        shown: (h, w, 3) float32 0..1.
        wanted: The same, nearly alike.
        share: (h, w) float32 0..1, how much of each pixel counts.
        coarse: By what the pictures are made smaller at first, 1, 2 or 4: for what is farther off.

    Returns:
        (h, w, 2) float32 in px, and how sure it is, (h, w) float32 0..1.
    """
    high, wide = share.shape
    if coarse > 1 and min(high, wide) >= coarse * LEAST_PX:
        small = (-(-wide // 2), -(-high // 2))
        halves = (
            cv2.resize(each, small, interpolation=cv2.INTER_AREA) for each in (shown, wanted, share)
        )
        far, _ = nudges(*halves, coarse=coarse // 2)
        grown = cv2.resize(far, (wide, high), interpolation=cv2.INTER_LINEAR)
        move = np.asarray(grown * np.float32(2), np.float32)
    else:
        move = np.zeros((high, wide, 2), np.float32)
    here = places(Size(wide, high))
    own, sure = cv2.erode(share, np.ones((3, 3), np.uint8)), np.zeros_like(share)
    for _ in range(STEPS):
        more, sure = _step(shown, looked_up(wanted, here + move, beyond=None), own)
        move = move + more
    return move, sure


def _step(shown: F32, there: F32, own: F32) -> tuple[F32, F32]:
    middle = (shown + there) * 0.5
    right = cv2.Scharr(middle, cv2.CV_32F, 1, 0, scale=1 / 32)
    down = cv2.Scharr(middle, cv2.CV_32F, 0, 1, scale=1 / 32)
    left = shown - there
    weight = own * own / (1 + _dot(left, left) / (3 * AGREES**2))
    products = (
        _dot(right, right), _dot(right, down), _dot(down, down), _dot(right, left), _dot(down, left)
    )  # fmt: skip
    xx, xy, yy, bx, by = (_near(weight * each) for each in products)
    count = _near(weight)
    noise = NOISE * count + 1e-9
    half, apart = (xx + yy) / 2, np.hypot((xx - yy) / 2, xy)
    sure = np.clip((half - apart) / (half - apart + 4 * noise), 0, 1) * np.clip(4 * count, 0, 1)
    xx, yy = xx + noise, yy + noise
    area = xx * yy - xy * xy
    move = np.stack(((yy * bx - xy * by) / area, (xx * by - xy * bx) / area), axis=-1)
    return np.clip(move, -MOST_PX, MOST_PX).astype(np.float32), sure.astype(np.float32)


def _dot(a: F32, b: F32) -> F32:
    made: F32 = a[..., 0] * b[..., 0] + a[..., 1] * b[..., 1] + a[..., 2] * b[..., 2]
    return made


def _near(values: F32) -> F32:
    sides = (WINDOW_PX, WINDOW_PX)
    near = cv2.blur(values, sides, borderType=cv2.BORDER_CONSTANT)
    made: F32 = cv2.blur(near, sides, borderType=cv2.BORDER_CONSTANT)
    return made
