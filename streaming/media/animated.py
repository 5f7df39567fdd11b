"""Frames on their way into an animated picture that Pillow writes.

Pillow merges neighbours that are equal and adds up their times: nothing is lost, a reader sees one
frame that is held longer.
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from PIL import Image

from streaming.frames import U8
from streaming.media.palette import Palette
from streaming.media.whole import whole_file

__all__ = ["indexed_image", "save_animation"]


def indexed_image(indices: U8, palette: Palette) -> Image.Image:
    """A picture of (H, W) uint8 places in a palette, with the opacity of its entries."""
    image = Image.fromarray(np.ascontiguousarray(indices))
    image.putpalette(palette.entries[:, :3].tobytes())
    image.info["transparency"] = palette.entries[:, 3].tobytes()
    return image


def save_animation(
    path: Path, images: Iterable[Image.Image], format: str, *, replace: bool, **options: object
) -> None:
    """Write pictures of one size as an animation that appears when it is complete.

    Args:
        path: The final name.
        images: At least one.
        format: Pillow's name of it.
        replace: Whether an existing file may be replaced.
        **options: Pillow's for this format.

    Raises:
        OutputError: The file cannot be written.
    """
    first, *others = images
    with whole_file(path, replace=replace) as part:
        first.save(part, format=format, save_all=True, append_images=others, **options)
