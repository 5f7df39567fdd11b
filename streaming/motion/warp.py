"""Moving one plane of a picture by a fraction of a pixel.

Plane by plane, because what is moved is a subject that stands ready for a codec: its colours go on
past its edge, so they need no weighting by alpha, and half-size chroma moves by half as much.
Cubic interpolation, because linear blurs a picture that is moved by half a pixel and not one that
is moved by a whole one, so that a slow drift would pulse. Not OpenCV's own cubic: its kernel
(a = -3/4) puts a soft edge up to 0.04 px beside where it was sent, which is as much as a slow drift
makes per frame, and its places are 1/32 px apart.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from streaming.frames import U8

__all__ = ["LEAST_PX", "TAPS", "moved", "shifted", "softened"]

TAPS = 3  # pixels that cubic interpolation reaches beyond what is not empty
LEAST_PX = 1 / 64  # below this nobody can tell, and the picture stays as sharp as it is


def shifted(plane: U8, right_px: float, down_px: float, *, beyond: int | None = None) -> U8:
    """Move a plane within its own frame; what leaves it is gone.

    Args:
        plane: (H, W) uint8.
        right_px: How far to the right, in pixels; negative is left.
        down_px: How far down.
        beyond: What comes in from beyond the frame; its own edge again where None.

    Returns:
        (H, W) uint8; `plane` itself where there is nothing to move.
    """
    if abs(right_px) < LEAST_PX and abs(down_px) < LEAST_PX:
        return plane
    right, down = round(right_px), round(down_px)
    taps_x, taps_y = _taps(right_px - right), _taps(down_px - down)
    height, width = plane.shape
    edge = cv2.BORDER_REPLICATE if beyond is None else cv2.BORDER_CONSTANT
    top, left = max(0, down) + 2, max(0, right) + 2
    low, far = max(0, -down) + 2, max(0, -right) + 2
    framed = cv2.copyMakeBorder(plane, top, low, left, far, edge, value=beyond or 0)
    inner = framed[top - down - 2 :, left - right - 2 :][: height + 4, : width + 4]
    moved = cv2.sepFilter2D(inner, -1, taps_x, taps_y)
    made: U8 = moved[2:-2, 2:-2]
    return made


def _taps(part_px: float) -> NDArray[np.float32]:
    """Weights of five neighbours for a move by up to half a pixel.

    Source: Keys 1981, "Cubic Convolution Interpolation for Digital Image Processing", a = -1/2.
    """
    away = np.abs(np.arange(-2, 3) + part_px)
    near = (1.5 * away - 2.5) * away**2 + 1
    far = ((-0.5 * away + 2.5) * away - 4) * away + 2
    return np.where(away <= 1, near, np.where(away < 2, far, 0)).astype(np.float32)


def moved(picture: NDArray[np.float32], matrix: NDArray[np.float64]) -> NDArray[np.float32]:
    """Move, turn or scale a picture; beyond its edge its edge goes on.

    Args:
        picture: (H, W, 4) float32, colours multiplied by alpha.
        matrix: (2, 3) from old places to new ones, in px, pixels' corners at whole numbers.
    """
    centred = matrix.copy()
    centred[:, 2] += matrix[:, :2] @ (0.5, 0.5) - 0.5
    high, wide = picture.shape[:2]
    made: NDArray[np.float32] = cv2.warpAffine(
        picture, centred, (wide, high), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return made


def softened(plane: NDArray[np.float32], radius_px: float) -> NDArray[np.float32]:
    """A plane averaged over about so many pixels around each.

    Args:
        plane: (H, W) or (H, W, 1) float32.
        radius_px: Of the blur, in pixels.
    """
    side = 2 * max(1, round(radius_px)) + 1
    made: NDArray[np.float32] = cv2.blur(plane, (side, side)).reshape(plane.shape)
    return made
