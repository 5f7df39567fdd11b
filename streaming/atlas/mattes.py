"""Mattes as a folder of pictures: the user's own, and those that were made.

One grey picture for each frame, in the same order, of the size of the frames or of that in which
they are fitted. With several foregrounds there is a folder for each beside those that cover all of
them. Hard masks of any two values are taken for what they mean, for some programs write 1 and some
write a colour where they mean all.
"""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from streaming.atlas.model import foreground
from streaming.errors import InputError
from streaming.frames import U8, Size
from streaming.media.folder import pictures_in
from streaming.media.stills import load_picture
from streaming.media.whole import whole_file
from streaming.settings import SourceSettings

__all__ = ["held", "read_layers", "read_mattes", "require_size", "scaled", "write_mattes"]

TRUSTED = SourceSettings()


def held(folder: Path) -> int:
    """How many pictures a folder holds; none where there is no folder."""
    return len(pictures_in(folder)) if folder.is_dir() else 0


def read_layers(folder: Path, layers: int, counts: Sequence[int], sizes: Sequence[Size]) -> U8:
    """The mattes of several foregrounds, a folder for each.

    Args:
        folder: Where `foreground_0`, `foreground_1`, ... are.
        layers: How many.
        counts: How many frames are used, and how many there are.
        sizes: The size that is wanted, and any others that are taken for it.

    Returns:
        (L, N, H, W) uint8, together at most 255: what is in front has the pixel.

    Raises:
        InputError: One of them is not what `read_mattes` wants.
    """
    several = [read_mattes(folder / foreground(each), counts, sizes) for each in range(layers)]
    left = np.full(several[0].shape, 255, np.uint8)
    for matte in several:
        np.minimum(matte, left, out=matte)
        left -= matte
    return np.stack(several)


def read_mattes(folder: Path, counts: Sequence[int], sizes: Sequence[Size]) -> U8:
    """The mattes of a folder, (N, H, W) uint8; arguments as for `read_layers`.

    Raises:
        InputError: There are too few or too many, or one has another size.
    """
    files, used, size = pictures_in(folder), counts[0], sizes[0]
    if len(files) not in counts:
        raise InputError(
            f"{folder} holds {len(files)} masks for {counts[-1]} frames; wanted one for each, in "
            "the same order: add what is missing, or move the folder away"
        )
    made = np.empty((used, size.height, size.width), np.uint8)
    for number, file in enumerate(files[:used]):
        pixels = load_picture(file, TRUSTED)
        require_size(file, pixels, sizes, f"its frame is {sizes[-1]}")
        made[number] = scaled(_grey(pixels), size)
    return made


def write_mattes(
    mattes: U8, folder: Path, progress: Callable[[str, float], object] = lambda words, share: None
) -> None:
    """Write (N, H, W) mattes as 00000.png and on; pictures that are there are left as they are.

    Raises:
        OutputError: The folder cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, matte in enumerate(mattes):
        file = folder / f"{number:05d}.png"
        if not file.exists():
            with whole_file(file) as part:
                Image.fromarray(matte).save(part, "PNG", compress_level=1)
        progress("masks", (number + 1) / len(mattes))


def scaled(pixels: U8, size: Size) -> U8:
    """A picture at another size: averaged where it shrinks, so that a hard mask becomes soft."""
    if (pixels.shape[1], pixels.shape[0]) == (size.width, size.height):
        return pixels
    image = Image.fromarray(pixels).resize((size.width, size.height), Image.Resampling.BILINEAR)
    return np.asarray(image, np.uint8)


def require_size(file: Path, pixels: U8, sizes: Iterable[Size], wanted: str) -> None:
    """See to it that a picture has one of some sizes.

    Raises:
        InputError: It has not.
    """
    seen = Size(pixels.shape[1], pixels.shape[0])
    if seen not in sizes:
        raise InputError(
            f"{file} is {seen}, and {wanted}: all of a project have one size; scale or remove it"
        )


def _grey(pixels: U8) -> U8:
    """How much is covered: by alpha where there is some, else by the brightest colour."""
    grey = pixels[..., 3] if pixels.shape[2] == 4 else pixels.max(axis=2)
    top = int(grey.max())
    if 0 < top < 255 and np.isin(grey, (0, top)).all():
        grey = np.where(grey, np.uint8(255), np.uint8(0))
    return np.asarray(grey, np.uint8)
