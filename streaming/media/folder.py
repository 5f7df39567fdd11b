"""A folder of pictures, read as a video.

Renderers and editors export frames as numbered files. Nothing else is asked of the names than that
a person would sort them the same way, and nothing is said of time, so a rate is assumed and told.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path

from streaming.errors import InputError
from streaming.frames import Size
from streaming.media.reader import FALLBACK_RATE, Shot, SourceInfo
from streaming.media.stills import as_wanted, load_picture
from streaming.settings import SourceSettings

__all__ = ["FolderReader", "pictures_in"]

PICTURES = "png jpg jpeg jpe bmp tif tiff webp avif ppm pgm pbm tga gif jp2"
PICTURE_ENDINGS = tuple(f".{each}" for each in PICTURES.split())


class FolderReader:
    """The pictures of a folder, sorted as a person would, as a video of 25 frames a second.

    Args:
        path: The folder.
        settings: From where to read, and how large pictures may be.

    Raises:
        InputError: It holds no picture, or the first one cannot be read.
    """

    def __init__(self, path: Path, settings: SourceSettings) -> None:
        self.skipped = 0
        self.format = "folder of pictures"
        self._settings = settings
        self._files = pictures_in(path)
        if not self._files:
            raise InputError(
                f"{path.name}: there is no picture in this folder; "
                f"give one with PNG, JPEG, WebP, TIFF or BMP files, or a video"
            )
        self._first = ceil((settings.start_s or 0) * FALLBACK_RATE)
        first = load_picture(self._files[0], settings)
        length = len(self._files) / FALLBACK_RATE
        end = min(length, settings.end_s or length)
        self.info = SourceInfo(
            name=path.resolve().name,
            kind="folder",
            path=path,
            size=Size(first.shape[1], first.shape[0]),
            rate=FALLBACK_RATE,
            frames=max(0, ceil(end * FALLBACK_RATE) - self._first),
            duration_s=length,
            has_alpha=first.shape[2] == 4,
            has_audio=False,
            live=False,
            origin_s=Fraction(0),
        )
        self._resized = 0

    def shots(self) -> Iterator[Shot]:
        """The pictures from the start on; each at its place even where one before it is damaged."""
        for number in range(self._first, len(self._files)):
            try:
                pixels = load_picture(self._files[number], self._settings)
            except InputError:
                self.skipped += 1
                continue
            self._resized += (pixels.shape[1], pixels.shape[0]) != (
                self.info.size.width,
                self.info.size.height,
            )
            picture = as_wanted(pixels, self.info.size, alpha=self.info.has_alpha)
            yield Shot(number / FALLBACK_RATE, 1 / FALLBACK_RATE, picture)

    def notes(self) -> list[str]:
        """The assumed rate, and what did not fit."""
        notes = [f"A folder states no frame rate; {FALLBACK_RATE} frames a second were taken."]
        if self._resized:
            notes.append(
                f"{self._resized} pictures of another size were fitted to the first one's."
            )
        return notes

    def close(self) -> None:
        """Nothing stays open between pictures."""


def pictures_in(folder: Path) -> list[Path]:
    """The pictures of a folder in the order in which a person would put them, hidden ones left out.

    Raises:
        InputError: It is no folder, or cannot be read.
    """
    try:
        files = [each for each in folder.iterdir() if each.suffix.lower() in PICTURE_ENDINGS]
    except OSError as error:
        raise InputError(f"{folder}: the folder cannot be read ({error.strerror})") from error
    shown = [each for each in files if each.is_file() and not each.name.startswith(".")]
    return sorted(shown, key=lambda each: _natural(each.name))


def _natural(name: str) -> list[tuple[int, str]]:
    """A key that puts frame2 before frame10."""
    parts = re.findall(r"[0-9]+|[^0-9]+", name.casefold())
    return [(int(each), "") if each.isdecimal() else (-1, each) for each in parts]
