"""Moving a cut-out picture by a fraction of a pixel.

Colours are multiplied by alpha before they are interpolated and divided by it afterwards: straight
alpha would mix the subject's edge with whatever colour lies under the transparent pixels beside
it, and the edge would be dark or green. Cubic interpolation, because linear blurs a picture that is
moved by half a pixel and not one that is moved by a whole one, so that a slow drift would pulse.
"""

import cv2
import numpy as np

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
    colour = rgba.astype(np.float32)
    colour[:, :, :3] *= colour[:, :, 3:] * np.float32(1 / 255)
    matrix = np.array([[1, 0, right_px], [0, 1, down_px]], np.float32)
    height, width = rgba.shape[:2]
    warped = cv2.warpAffine(
        colour, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT
    )
    alpha = np.clip(warped[:, :, 3:], 0, 255)
    warped[:, :, :3] *= 255 / np.maximum(alpha, 1)
    warped[:, :, 3:] = alpha
    moved: U8 = np.clip(warped + 0.5, 0, 255).astype(np.uint8)
    return moved
