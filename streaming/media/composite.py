"""Putting a subject in front of something else.

Pillow blends in C, exactly to the nearest 1/255, but moving whole pictures in and out of its own
layout costs more than the blending. So only the box that holds the subject goes through it.
"""

import numpy as np
from PIL import Image

from streaming.frames import U8
from streaming.media.cutout import Cutout, cut_out

__all__ = ["foreground", "on_flat", "over"]


def over(rgba: U8, background: U8) -> U8:
    """Lay a picture with alpha over an opaque one.

    Args:
        rgba: (H, W, 4) uint8, straight alpha.
        background: (H, W, 3) uint8.

    Returns:
        (H, W, 3) uint8.
    """
    box = Image.fromarray(rgba).getchannel("A").getbbox()
    made = background.copy()
    if box is None:
        return made
    columns, rows = slice(box[0], box[2]), slice(box[1], box[3])
    front = Image.fromarray(rgba[rows, columns])
    back = Image.fromarray(background[rows, columns])
    back.paste(front, mask=front)
    made[rows, columns] = np.asarray(back)
    return made


def foreground(rgba: U8, flat: U8) -> U8:
    """The subject's own colours without alpha, going over into one flat colour beside it.

    Args:
        rgba: (H, W, 4) uint8, straight alpha.
        flat: (3,) uint8, the colour of everything far from the subject.

    Returns:
        (H, W, 3) uint8.
    """
    return on_flat(cut_out(rgba, flat), rgba.shape[:2], flat)


def on_flat(subject: Cutout | None, shape: tuple[int, int], flat: U8) -> U8:
    """A cut-out subject's colours in their place on a picture of `shape` rows and columns."""
    made = np.empty((*shape, 3), np.uint8)
    made[:] = flat
    if subject is not None:
        box = subject.box
        made[box.y0 : box.y1, box.x0 : box.x1] = subject.rgb
    return made
