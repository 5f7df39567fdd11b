"""A clip half as large, and places found there in the clip itself.

A pixel of the small picture stands for four: its middle is where their corners meet. Nodes of a
grid on the small picture then are the nodes of a grid twice as wide on the large one.
"""

import cv2
import numpy as np

from streaming.atlas.model import F32, Footage
from streaming.frames import U8

__all__ = ["doubled", "halved"]


def halved(footage: Footage) -> Footage:
    """A clip at half its size; where that is odd its last row or column is there twice."""
    frames = np.stack([_half(each) for each in footage.frames])
    mattes = np.stack([np.stack([_half(each) for each in layer]) for layer in footage.mattes])
    return Footage(frames, mattes, footage.seams)


def doubled(places: F32) -> F32:
    """Where places of the small picture are in the large one, in px or texels."""
    return np.asarray(2 * places + 0.5, np.float32)


def _half(picture: U8) -> U8:
    high, wide = picture.shape[:2]
    whole = cv2.copyMakeBorder(picture, 0, high % 2, 0, wide % 2, cv2.BORDER_REPLICATE)
    small = (whole.shape[1] // 2, whole.shape[0] // 2)
    return np.asarray(cv2.resize(whole, small, interpolation=cv2.INTER_AREA), np.uint8)
