"""Putting a subject in front of something else.

Pillow blends in C, exactly to the nearest 1/255, but moving whole pictures in and out of its own
layout costs more than the blending. So only the box that holds the subject goes through it.
"""

import numpy as np
from PIL import Image

from streaming.frames import U8, Patch
from streaming.media.cutout import cut_out

__all__ = ["foreground", "over"]


def over(rgba: U8, background: U8) -> U8:
    """Lay a picture with alpha over an opaque one.

    Args:
        rgba: (H, W, 4) uint8, straight alpha.
        background: (H, W, 3) uint8.

    Returns:
        (H, W, 3) uint8.
    """
    front = Image.fromarray(rgba)
    box = front.getchannel("A").getbbox()
    made = background.copy()
    if box is None:
        return made
    place = slice(box[1], box[3]), slice(box[0], box[2])
    subject = front.crop(box)
    back = Image.fromarray(background[place])
    back.paste(subject, mask=subject)
    made[place] = np.asarray(back)
    return made


def foreground(patch: Patch, flat: U8) -> U8:
    """The subject's own colours without alpha, going over into one flat colour beside it.

    Args:
        patch: The part of a picture that holds it.
        flat: (3,) uint8, the colour of everything far from the subject.

    Returns:
        (H, W, 3) uint8.
    """
    made = np.empty((patch.size.height, patch.size.width, 3), np.uint8)
    made[:] = flat
    subject = cut_out(patch, flat)
    if subject is not None:
        made[subject.rect.slices()] = subject.rgb
    return made
