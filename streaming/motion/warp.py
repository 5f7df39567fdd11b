"""Moving a cut-out picture by a fraction of a pixel.

Colours are multiplied by alpha before they are interpolated and divided by it afterwards: straight
alpha would mix the subject's edge with whatever colour lies under the transparent pixels beside
it, and the edge would be dark or green. Cubic interpolation, because linear blurs a picture that is
moved by half a pixel and not one that is moved by a whole one, so that a slow drift would pulse.
Not OpenCV's own cubic: its kernel (a = -3/4) puts a soft edge up to 0.04 px beside where it was
sent, which is as much as a slow drift makes per frame, and its places are 1/32 px apart.
"""

import cv2
import numpy as np
from numpy.typing import NDArray

from streaming.frames import U8

__all__ = ["shifted"]

TAPS = 3  # pixels that cubic interpolation reaches beyond the box of what is not empty
LEAST_PX = 1 / 64  # below this nobody can tell, and the picture stays as sharp as it is


def shifted(rgba: U8, right_px: float, down_px: float) -> U8:
    """Move a picture; what leaves the frame is gone, what comes in is transparent.

    Args:
        rgba: (H, W, 4) uint8, straight alpha.
        right_px: How far to the right, in pixels; negative is left.
        down_px: How far down.

    Returns:
        (H, W, 4) uint8, straight alpha; `rgba` itself where there is nothing to move.
    """
    if abs(right_px) < LEAST_PX and abs(down_px) < LEAST_PX:
        return rgba
    height, width = rgba.shape[:2]
    rows = np.flatnonzero(rgba[:, :, 3].any(axis=1))
    columns = np.flatnonzero(rgba[:, :, 3].any(axis=0))
    if not len(rows):
        return rgba
    reach_x, reach_y = int(abs(right_px)) + TAPS, int(abs(down_px)) + TAPS
    y0, y1 = max(0, rows[0] - reach_y), min(height, rows[-1] + 1 + reach_y)
    x0, x1 = max(0, columns[0] - reach_x), min(width, columns[-1] + 1 + reach_x)
    out = np.zeros_like(rgba)
    out[y0:y1, x0:x1] = _moved(rgba[y0:y1, x0:x1], right_px, down_px)
    return out


def _moved(rgba: U8, right_px: float, down_px: float) -> U8:
    right, down = round(right_px), round(down_px)
    taps_x, taps_y = _taps(right_px - right), _taps(down_px - down)
    *colours, opacity = cv2.split(rgba)  # plane by plane is thrice as fast as four together
    alpha = cv2.sepFilter2D(opacity, cv2.CV_32F, taps_x, taps_y, borderType=cv2.BORDER_CONSTANT)
    divisor = cv2.max(alpha, 1)
    planes = []
    for colour in colours:
        weighted = cv2.multiply(colour, opacity, scale=1 / 255, dtype=cv2.CV_32F)
        mixed = cv2.sepFilter2D(weighted, -1, taps_x, taps_y, borderType=cv2.BORDER_CONSTANT)
        planes.append(cv2.divide(mixed, divisor, scale=255, dtype=cv2.CV_8U))
    planes.append(cv2.convertScaleAbs(cv2.max(alpha, 0)))
    moved = np.zeros_like(rgba)
    to_x, from_x = _slices(right, rgba.shape[1])
    to_y, from_y = _slices(down, rgba.shape[0])
    moved[to_y, to_x] = cv2.merge(planes)[from_y, from_x]
    return moved


def _taps(part_px: float) -> NDArray[np.float32]:
    """Weights of five neighbours for a move by up to half a pixel.

    Source: Keys 1981, "Cubic Convolution Interpolation for Digital Image Processing", a = -1/2.
    """
    away = np.abs(np.arange(-2, 3) + part_px)
    near = (1.5 * away - 2.5) * away**2 + 1
    far = ((-0.5 * away + 2.5) * away - 4) * away + 2
    return np.where(away <= 1, near, np.where(away < 2, far, 0)).astype(np.float32)


def _slices(by: int, length: int) -> tuple[slice, slice]:
    """Where pixels go to and come from along one axis in a move by whole pixels."""
    by = max(-length, min(by, length))
    return slice(max(0, by), length + min(0, by)), slice(max(0, -by), length - max(0, by))
