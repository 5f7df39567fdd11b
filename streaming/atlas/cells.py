"""Averages over square cells of a picture, for what need not be known pixel by pixel."""

import cv2
import numpy as np

from streaming.atlas.model import F32
from streaming.frames import Rect

__all__ = ["averages", "cells_of"]


def cells_of(part: Rect, side_px: int) -> Rect:
    """The cells of a part of a picture, those included that it cuts.

    Args:
        part: The part, in pixels.
        side_px: Of a cell; the first begins where the picture does.
    """
    far = (-(-each // side_px) for each in (part.x1, part.y1))
    return Rect(part.x0 // side_px, part.y0 // side_px, *far)


def averages(values: F32, part: Rect, side_px: int) -> F32:
    """Averages over cells, beyond the part counted as 0.

    Args:
        values: (h, w) or (h, w, C) float32, those of the part, C up to 4.
        part: Where they are, in pixels.
        side_px: Of a cell.

    Returns:
        (ch, cw) or (ch, cw, C) float32, for the cells of `cells_of`.
    """
    before = part.y0 % side_px, part.x0 % side_px
    after = -part.y1 % side_px, -part.x1 % side_px
    framed = cv2.copyMakeBorder(
        values, before[0], after[0], before[1], after[1], cv2.BORDER_CONSTANT
    )
    small = framed.shape[1] // side_px, framed.shape[0] // side_px
    return np.asarray(cv2.resize(framed, small, interpolation=cv2.INTER_AREA), np.float32)
