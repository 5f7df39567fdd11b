"""Putting a subject in front of something else.

Pillow blends in C, exactly to the nearest 1/255, but moving whole pictures in and out of its own
layout costs more than the blending. So only the box that holds the subject goes through it.
"""

import numpy as np
from PIL import Image

from streaming.frames import U8, Patch
from streaming.media.cutout import cut_out

__all__ = ["foreground", "over"]


def over(front: U8 | Patch, background: U8) -> U8:
    """Lay a picture with alpha over an opaque one.

    Args:
        front: (H, W, 4) uint8, straight alpha, or the part of it that is not empty.
        background: (H, W, 3) uint8.

    Returns:
        (H, W, 3) uint8.
    """
    patch = front if isinstance(front, Patch) else Patch.of(front)
    made = background.copy()
    if not patch.rgba.size:
        return made
    whole = Image.fromarray(patch.rgba)
    box = whole.getchannel("A").getbbox()
    if box is None:
        return made
    x, y = patch.rect.x0, patch.rect.y0
    place = slice(box[1] + y, box[3] + y), slice(box[0] + x, box[2] + x)
    subject = whole.crop(box)
    back = Image.fromarray(background[place])
    back.paste(subject, mask=subject)
    made[place] = np.asarray(back)
    return made


def foreground(rgba: U8, flat: U8) -> U8:
    """The subject's own colours without alpha, going over into one flat colour beside it.

    Args:
        rgba: (H, W, 4) uint8, straight alpha.
        flat: (3,) uint8, the colour of everything far from the subject.

    Returns:
        (H, W, 3) uint8.
    """
    made = np.empty((*rgba.shape[:2], 3), np.uint8)
    made[:] = flat
    subject = cut_out(Patch.of(rgba), flat)
    if subject is not None:
        made[subject.rect.slices()] = subject.rgb
    return made
