"""Pictures that Pillow reads: stills, folders of stills, animated WebP and AVIF.

FFmpeg cannot decode animated WebP, takes an AVIF with alpha for two videos, and ignores how a
photograph was held. Pillow does all three. It reads a picture's size before its pixels, so a
picture that would fill the memory is refused while it is still a few hundred kilobytes.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from pathlib import Path
from statistics import median

import numpy as np
from PIL import Image, ImageOps

from streaming.errors import InputError
from streaming.frames import U8, Size
from streaming.media.bleed import bleed
from streaming.media.picture import AvPicture
from streaming.media.reader import FALLBACK_RATE, Shot, SourceInfo, check_pixels
from streaming.settings import SourceSettings

__all__ = ["AnimationReader", "FolderReader", "is_for_pillow"]

PICTURES = "png jpg jpeg jpe bmp tif tiff webp avif ppm pgm pbm tga gif jp2"
PICTURE_ENDINGS = tuple(f".{each}" for each in PICTURES.split())
HURRIED_MS = 10  # browsers show frames of 10 ms and less for 100 ms, as FFmpeg does in a GIF
LOOK = 8  # frames of an animation that are looked at before it is known how it is
ALPHA_MODES = ("RGBA", "LA", "PA", "La", "RGBa")
# What Pillow raises on damaged pictures.
DAMAGE = (OSError, ValueError, SyntaxError, EOFError, LookupError, ArithmeticError, MemoryError)


def is_for_pillow(path: Path) -> bool:
    """Whether a file is a picture that Pillow reads better than FFmpeg, by its first bytes."""
    with path.open("rb") as file:
        head = file.read(64)
        if head.startswith(b"\x89PNG\r\n\x1a\n"):
            return not _is_apng(head + file.read(4096))
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return True
    if head[4:8] == b"ftyp" and head[8:12] in (b"avif", b"avis"):
        return True
    return head.startswith((b"\xff\xd8\xff", b"BM", b"II*\0", b"MM\0*", b"P5", b"P6"))


def _is_apng(head: bytes) -> bool:
    """Whether a PNG announces at least one frame of an animation before its first pixels."""
    at = head.find(b"acTL")
    if at < 0 or -1 < head.find(b"IDAT") < at:
        return False
    return int.from_bytes(head[at + 4 : at + 8], "big") > 0


class AnimationReader:
    """One picture file, moving or not.

    Args:
        path: The file.
        settings: How large its pictures may be.

    Raises:
        InputError: Pillow cannot open it, or it is too large.
    """

    def __init__(self, path: Path, settings: SourceSettings) -> None:
        self.skipped = 0
        self._path = path
        self._image = _opened(path, settings)
        try:
            with _telling(path):
                self._count = int(getattr(self._image, "n_frames", 1))
                looked = [self._look(number) for number in range(min(self._count, LOOK))]
        except BaseException:
            self._image.close()
            raise
        self.format = str(self._image.format)
        self.info = SourceInfo(
            name=path.name,
            kind="file",
            path=path,
            size=looked[0].size,
            rate=_usual_rate([each.length_s for each in looked]),
            frames=self._count,
            duration_s=None,
            has_alpha=any(each.holes for each in looked),
            has_audio=False,
            live=False,
            origin_s=Fraction(0),
        )

    def shots(self) -> Iterator[Shot]:
        """Every frame, with the times that the file states."""
        time = Fraction(0)
        for number in range(self._count):
            try:
                pixels = self._at(number)
            except DAMAGE:
                self.skipped += 1
                continue
            length = self._duration() or 1 / self.info.rate
            picture = _as_wanted(pixels, self.info.size, alpha=self.info.has_alpha)
            yield Shot(time, length, picture)
            time += length

    def notes(self) -> list[str]:
        """A still is said to be one."""
        return ["The input is a single still picture."] if self._count == 1 else []

    def close(self) -> None:
        """Close the file."""
        self._image.close()

    def _look(self, number: int) -> "_Look":
        pixels = self._at(number)
        size = Size(pixels.shape[1], pixels.shape[0])
        return _Look(size, self._duration(), bool(np.any(pixels[..., 3:] < 255)))

    def _at(self, number: int) -> U8:
        self._image.seek(number)
        self._image.load()
        return _pixels(self._image)

    def _duration(self) -> Fraction | None:
        """How long the frame that was loaded last is shown, as browsers time it."""
        stated = self._image.info.get("duration")
        if stated is None:
            return None
        return Fraction(round(stated), 1000) if stated > HURRIED_MS else Fraction(1, 10)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one frame tells about its animation."""

    size: Size
    length_s: Fraction | None
    holes: bool


def _usual_rate(lengths_s: list[Fraction | None]) -> Fraction:
    known = [each for each in lengths_s if each]
    return 1 / median(known) if len(lengths_s) > 1 and known else FALLBACK_RATE


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
        self._files = _pictures(path)
        if not self._files:
            raise InputError(
                f"{path.name}: there is no picture in this folder; "
                f"give one with PNG, JPEG, WebP, TIFF or BMP files, or a video"
            )
        self._first = ceil((settings.start_s or 0) * FALLBACK_RATE)
        first = _load(self._files[0], settings)
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
                pixels = _load(self._files[number], self._settings)
            except InputError:
                self.skipped += 1
                continue
            self._resized += (pixels.shape[1], pixels.shape[0]) != (
                self.info.size.width,
                self.info.size.height,
            )
            picture = _as_wanted(pixels, self.info.size, alpha=self.info.has_alpha)
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


def _pictures(folder: Path) -> list[Path]:
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


def _opened(path: Path, settings: SourceSettings) -> Image.Image:
    with _telling(path), warnings.catch_warnings():
        # Its limit on pixels is not ours (ours comes next, before any pixel is read), and what else
        # it warns of either makes the picture unreadable or does not matter.
        warnings.simplefilter("ignore")
        image = Image.open(path)
    try:
        check_pixels(path.name, Size(*image.size), settings.max_pixels)
    except InputError:
        image.close()
        raise
    return image


def _load(path: Path, settings: SourceSettings) -> U8:
    with _opened(path, settings) as image, _telling(path):
        image.load()
        return _pixels(image)


@contextmanager
def _telling(path: Path) -> Iterator[None]:
    try:
        yield
    except (*DAMAGE, Image.DecompressionBombError) as error:
        said = str(error).partition("<")[0].strip() or type(error).__name__
        raise InputError(
            f"{path.name}: the picture cannot be read ({said}); is it damaged? Give another one"
        ) from error


def _pixels(image: Image.Image) -> U8:
    """The loaded frame upright as (H, W, 3) or (H, W, 4) uint8."""
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):  # 16 bits a pixel, which Pillow would clip
        deep = np.asarray(upright).astype(np.int64)
        grey = np.clip(deep >> 8, 0, 255).astype(np.uint8)
        return np.repeat(grey[..., None], 3, axis=2)
    alpha = upright.mode in ALPHA_MODES or "transparency" in upright.info
    return np.array(upright.convert("RGBA" if alpha else "RGB"), dtype=np.uint8)


def _as_wanted(pixels: U8, size: Size, *, alpha: bool) -> AvPicture:
    """The picture at `size`, with bars where its proportions differ, with alpha or without."""
    if alpha and pixels.shape[2] == 3:
        pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    elif not alpha:
        pixels = pixels[..., :3]
    if (pixels.shape[1], pixels.shape[0]) != (size.width, size.height):
        bars = (0, 0, 0, 0) if alpha else (0, 0, 0)
        fitted = ImageOps.pad(Image.fromarray(pixels), (size.width, size.height), color=bars)
        pixels = np.array(fitted, dtype=np.uint8)
    return AvPicture.of(bleed(pixels) if alpha else pixels)
