"""The values that flow through the engine: pictures, frames and their times.

A picture is kept in whatever form is smallest or already there (a decoder's 4:2:0 planes are half
the size of RGB and need no conversion), and hands out plain arrays of the size that is asked for.
So nothing is converted that nobody looks at: the network asks for a few hundred pixels, and only
a frame that is written is ever turned into full-size RGB.

Times are exact fractions of a second from the start of the stream; floats are for display only.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["U8", "Frame", "Patch", "Picture", "Rect", "Size", "fit_short_side", "read_only"]

U8 = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Size:
    """Width and height in pixels, both at least 1."""

    width: int
    height: int

    def __post_init__(self) -> None:
        if self.width < 1 or self.height < 1:
            raise ValueError(f"a size needs at least 1x1 px, got {self.width}x{self.height}")

    @property
    def pixels(self) -> int:
        """Width times height."""
        return self.width * self.height

    def __str__(self) -> str:
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of pixels, `x1` and `y1` not included; empty where they do not exceed the others.

    Attributes:
        x0: First column.
        y0: First row.
        x1: Column after the last.
        y1: Row after the last.
    """

    x0: int
    y0: int
    x1: int
    y1: int

    @classmethod
    def whole(cls, size: Size) -> "Rect":
        """All of a picture."""
        return cls(0, 0, size.width, size.height)

    @property
    def empty(self) -> bool:
        """Whether no pixel is in it."""
        return self.x1 <= self.x0 or self.y1 <= self.y0

    def within(self, other: "Rect") -> "Rect":
        """The part of it that lies in `other`."""
        x0, y0 = max(self.x0, other.x0), max(self.y0, other.y0)
        return Rect(x0, y0, max(x0, min(self.x1, other.x1)), max(y0, min(self.y1, other.y1)))

    def slices(self, *, of: "Rect | None" = None, halved: bool = False) -> tuple[slice, slice]:
        """Rows and columns of it in an array.

        Args:
            of: The part of the picture that the array holds; the whole picture where None.
            halved: The array holds chroma at half size; both rectangles begin at even places.
        """
        left, top, half = (of.x0, of.y0, int(halved)) if of else (0, 0, int(halved))
        rows = slice((self.y0 - top) >> half, (self.y1 - top + half) >> half)
        return rows, slice((self.x0 - left) >> half, (self.x1 - left + half) >> half)


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The part of a picture outside which all is transparent: nobody need look at the rest.

    Attributes:
        rgba: (h, w, 4) uint8, straight alpha.
        rect: Where it stands.
        size: Size of the whole picture.
    """

    rgba: U8
    rect: Rect
    size: Size

    @classmethod
    def of(cls, rgba: U8) -> "Patch":
        """A whole picture, (H, W, 4) uint8."""
        size = Size(rgba.shape[1], rgba.shape[0])
        return cls(rgba, Rect.whole(size), size)

    def whole(self) -> U8:
        """The whole picture, (H, W, 4) uint8, zero outside; the array itself where that is all."""
        if self.rect == Rect.whole(self.size):
            return self.rgba
        return self.part(Rect.whole(self.size))

    def part(self, rect: Rect) -> U8:
        """A copy of `rect`, which may reach beyond the patch; zero there."""
        made = np.zeros((rect.y1 - rect.y0, rect.x1 - rect.x0, 4), np.uint8)
        seen = self.rect.within(rect)
        if not seen.empty:
            made[seen.slices(of=rect)] = self.rgba[seen.slices(of=self.rect)]
        return made


class Picture(Protocol):
    """One image that gives its pixels at any size.

    Implementations are immutable and safe to read from several threads.
    """

    @property
    def size(self) -> Size:
        """Size in square pixels, as a person should see it."""
        ...

    @property
    def has_alpha(self) -> bool:
        """Whether the source carried its own alpha channel."""
        ...

    @property
    def nbytes(self) -> int:
        """Memory that holding this picture costs, in bytes."""
        ...

    def rgb(self, size: Size, *, sharp: bool = False) -> U8:
        """Colours as (H, W, 3) uint8 sRGB, not multiplied by alpha.

        Args:
            size: What is wanted.
            sharp: Keep detail when shrinking, at some cost, instead of plainly averaging.
        """
        ...

    def part(self, rect: Rect) -> U8:
        """Colours of a part as (h, w, 3) uint8 sRGB, at the picture's own size."""
        ...

    def alpha(self, size: Size) -> U8:
        """Opacity as (H, W) uint8, 255 everywhere for a picture without alpha."""
        ...

    def packed(self, size: Size) -> "Picture":
        """The same picture at `size` in the smallest form that is good to keep (4:2:0)."""
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded frame of a stream.

    Attributes:
        index: Number in the stream, counted from 0 over the frames that could be read.
        time_s: Presentation time in seconds from the start of the stream, exact and rising.
        duration_s: How long the frame is shown as far as the source says, positive.
        picture: Its pixels.
    """

    index: int
    time_s: Fraction
    duration_s: Fraction
    picture: Picture

    def __post_init__(self) -> None:
        if self.index < 0 or self.duration_s <= 0:
            raise ValueError(f"frame {self.index} of {self.duration_s} s is not a frame")


def read_only(array: U8) -> U8:
    """Mark `array` read-only and return it."""
    array.flags.writeable = False
    return array


def fit_short_side(size: Size, short: int) -> Size:
    """Scale `size` down, never up, so that its shorter side is at most `short` px.

    Both sides come out even where the size changes, as 4:2:0 codecs like them.
    """
    least = min(size.width, size.height)
    if least <= short:
        return size
    return Size(
        max(2, round(size.width * short / least / 2) * 2),
        max(2, round(size.height * short / least / 2) * 2),
    )
