"""Pictures that Pillow reads: stills, animated WebP and AVIF.

FFmpeg cannot decode animated WebP, takes an AVIF with alpha for two videos, and ignores how a
photograph was held. Pillow does all three. It reads a picture's size before its pixels, so a
picture that would fill the memory is refused while it is still a few hundred kilobytes.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
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

__all__ = ["AnimationReader", "as_wanted", "is_for_pillow", "load_picture"]

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
            picture = as_wanted(pixels, self.info.size, alpha=self.info.has_alpha)
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


def load_picture(path: Path, settings: SourceSettings) -> U8:
    """Read a still upright, as (H, W, 3) or (H, W, 4) uint8.

    Raises:
        InputError: It is damaged, or has more pixels than `settings` allows.
    """
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


def as_wanted(pixels: U8, size: Size, *, alpha: bool) -> AvPicture:
    """A picture of (H, W, 3 or 4) uint8 pixels, made to fit its neighbours.

    Args:
        pixels: RGB or RGBA.
        size: The size it gets, with bars where its proportions differ.
        alpha: Whether it gets an alpha channel.
    """
    if alpha and pixels.shape[2] == 3:
        pixels = np.dstack([pixels, np.full(pixels.shape[:2], 255, np.uint8)])
    elif not alpha:
        pixels = pixels[..., :3]
    if (pixels.shape[1], pixels.shape[0]) != (size.width, size.height):
        bars = (0, 0, 0, 0) if alpha else (0, 0, 0)
        fitted = ImageOps.pad(Image.fromarray(pixels), (size.width, size.height), color=bars)
        pixels = np.array(fitted, dtype=np.uint8)
    return AvPicture.of(bleed(pixels) if alpha else pixels)
