"""What stands behind the subject: a colour, a picture, a video, the blurred source, or nothing.

Whatever it is, it answers one question: the picture behind the frame at this time. Pictures and
videos cover the frame and are cropped evenly; a video plays at its own speed, from its start, over
and over. It is read as it is needed, one frame held at a time.

"green" is (0, 177, 64), the chroma-key green of paint and cloth that keyers are tuned for, rather
than the (120, 255, 155) of the RVM demo, which is brighter than any real subject needs and leaves
a stronger spill.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import numpy as np
from PIL import Image, ImageFilter, ImageOps, UnidentifiedImageError

from streaming.errors import InputError, SettingsError
from streaming.frames import U8, Frame, Size, read_only
from streaming.media.source import Source, open_source
from streaming.settings import SourceSettings

__all__ = ["GREEN", "Background", "open_background"]

GREEN = (0, 177, 64)
PICTURES = {".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".avif"}
BLUR_SIDE_PX = 96  # the blurred source is made at this size: nothing finer survives the blur
BLUR_SIGMA_PX = 3
BEHIND = [1 + 254 * (alpha < 8) for alpha in range(256)]  # weight of a colour; never nothing
MOST_PIXELS = 144_000_000
WANTED = 'give green, a colour such as "#00b140", the path of a picture or a video, blur, or none'


class Background(Protocol):
    """Something to stand behind the subject; a context manager."""

    @property
    def transparent(self) -> bool:
        """Whether there is nothing behind the subject, so that a format with alpha is needed."""
        ...

    def at(self, time_s: Fraction, frame: Frame, alpha: U8) -> U8:
        """The picture behind a frame.

        Args:
            time_s: Time in the written clip, not before the one asked for last.
            frame: The source's frame, for backgrounds that are made of it.
            alpha: (h, w) uint8, its matte at any size, for the same.

        Returns:
            (H, W, 3) uint8 of the size asked for; read-only, and often the same array again.
        """
        ...

    def __enter__(self) -> "Background": ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


def open_background(what: str, size: Size) -> Background:
    """Open a background.

    Args:
        what: "green", "#RRGGBB", "blur", "none", or the path of a picture or a video.
        size: Size of the frames that it stands behind.

    Raises:
        SettingsError: `what` is none of these.
        InputError: It is a file that cannot be read.
    """
    if what in ("green", "none"):
        return _Still(_flat(GREEN, size), transparent=what == "none")
    if what == "blur":
        return _Blurred(size)
    if what.startswith("#") and not Path(what).exists():
        return _Still(_flat(_colour(what), size))
    if not Path(what).exists():
        raise SettingsError(f"--background {what}: there is no such file; {WANTED}")
    if not Path(what).is_file():
        raise SettingsError(f"--background {what}: that is no file; {WANTED}")
    if Path(what).suffix.lower() in PICTURES:
        return _Still(_picture(Path(what), size))
    return _Moving(what, size)


class _Resting:
    """A background that holds nothing open."""

    transparent = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass


class _Still(_Resting):
    """One picture for the whole clip."""

    def __init__(self, rgb: U8, *, transparent: bool = False) -> None:
        self._rgb = read_only(rgb)
        self.transparent = transparent

    def at(self, time_s: Fraction, frame: Frame, alpha: U8) -> U8:
        return self._rgb


class _Blurred(_Resting):
    """The source itself without its subject, out of focus."""

    def __init__(self, size: Size) -> None:
        self._size = size
        share = BLUR_SIDE_PX / max(size.width, size.height)
        self._small = Size(max(1, round(size.width * share)), max(1, round(size.height * share)))

    def at(self, time_s: Fraction, frame: Frame, alpha: U8) -> U8:
        small = Image.fromarray(frame.picture.rgb(self._small))
        matte = Image.fromarray(alpha).resize(small.size, Image.Resampling.BOX)
        behind = matte.filter(ImageFilter.MaxFilter(3)).point(BEHIND)
        small.putalpha(behind)  # the subject's own colours must not glow around it
        soft = small.convert("RGBa").filter(ImageFilter.GaussianBlur(BLUR_SIGMA_PX))
        large = soft.convert("RGBA").convert("RGB")
        size = (self._size.width, self._size.height)
        return read_only(np.array(large.resize(size, Image.Resampling.BILINEAR)))


class _Moving(_Resting):
    """A video that plays over and over."""

    def __init__(self, path: str, size: Size) -> None:
        self._path = path
        self._size = size
        self._source: Source | None = None
        self._frames: Iterator[Frame] = iter(())
        self._round_s = Fraction(0)  # when this time through the video began
        self._now, self._next = self._rewind()
        self._shown: tuple[Frame, U8] | None = None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._leave()

    def at(self, time_s: Fraction, frame: Frame, alpha: U8) -> U8:
        while time_s - self._round_s >= self._ends_s():
            if self._next is None:
                self._round_s += self._ends_s()
                self._now, self._next = self._rewind()
            else:
                self._now, self._next = self._next, next(self._frames, None)
        if self._shown is None or self._shown[0] is not self._now:
            self._shown = (self._now, _covering(self._now, self._size))
        return self._shown[1]

    def _ends_s(self) -> Fraction:
        """When the frame shown now makes room for another, in this round's time."""
        if self._next is not None:
            return self._next.time_s
        return self._now.time_s + self._now.duration_s

    def _rewind(self) -> tuple[Frame, Frame | None]:
        self._leave()
        self._source = open_source(self._path, SourceSettings())
        self._frames = iter(self._source.frames())
        first = next(self._frames, None)
        if first is None:
            self._leave()
            raise InputError(f"--background {self._path} holds no picture; {WANTED}")
        return first, next(self._frames, None)

    def _leave(self) -> None:
        if self._source is not None:
            self._source.close()
            self._source = None


def _flat(colour: tuple[int, int, int], size: Size) -> U8:
    rgb = np.empty((size.height, size.width, 3), np.uint8)
    rgb[:] = colour
    return rgb


def _colour(word: str) -> tuple[int, int, int]:
    if not re.fullmatch("#[0-9a-fA-F]{6}", word):
        raise SettingsError(f"--background {word}: a colour is # and six digits 0-9 a-f; {WANTED}")
    value = int(word[1:], 16)
    return value >> 16, value >> 8 & 255, value & 255


def _picture(path: Path, size: Size) -> U8:
    try:
        with Image.open(path) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise InputError(
                    f"--background {path}: {opened.width}x{opened.height} is too large"
                )
            upright = ImageOps.exif_transpose(opened).convert("RGB")
    except (OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        raise InputError(f"--background {path} cannot be read as a picture: {error}") from error
    return np.array(ImageOps.fit(upright, (size.width, size.height), Image.Resampling.LANCZOS))


def _covering(frame: Frame, size: Size) -> U8:
    """A frame scaled so that it just covers `size`, what is left over cut off evenly."""
    own = frame.picture.size
    scale = max(Fraction(size.width, own.width), Fraction(size.height, own.height))
    large = Size(
        max(size.width, round(own.width * scale)), max(size.height, round(own.height * scale))
    )
    left, top = (large.width - size.width) // 2, (large.height - size.height) // 2
    rgb = frame.picture.rgb(large)
    return read_only(np.ascontiguousarray(rgb[top : top + size.height, left : left + size.width]))
