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

__all__ = ["U8", "Frame", "Picture", "Size", "fit_short_side", "read_only"]

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
