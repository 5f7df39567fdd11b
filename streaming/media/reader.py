"""What every way of reading has in common: shots come out, and something is known beforehand.

A reader knows one kind of input (a container, a folder of pictures, a picture that moves) and gives
its pictures with the times that the input states. Everything that is the same for all of them,
such as numbering, repairing times and cutting to `--start` and `--end`, is done once, in `source`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol

from streaming.errors import InputError
from streaming.frames import Size
from streaming.media.picture import AvPicture

__all__ = ["FALLBACK_RATE", "Kind", "Reader", "Shot", "SourceInfo", "check_pixels"]

Kind = Literal["file", "folder", "stream", "camera"]

FALLBACK_RATE = Fraction(25)  # for an input that states no rate and shows none


@dataclass(frozen=True, slots=True)
class SourceInfo:
    """What is known of an input before its frames are read.

    Attributes:
        name: What to call it in messages: a file's name, a URL without its password.
        kind: Which way it is read.
        path: Where it lies, for a file or folder.
        size: Upright, in square pixels; every frame has it.
        rate: Nominal frames per second, positive; a hint where frames come irregularly.
        frames: How many to expect between start and end, where that is known; a hint.
        duration_s: Length of the whole input in seconds as it declares it.
        has_alpha: Whether the frames carry an alpha channel of their own.
        has_audio: Whether there is sound beside them.
        live: Whether the input will not wait for a slow reader.
        origin_s: What was subtracted from the container's times to get the frames' times; the same
            subtraction aligns the container's sound.
    """

    name: str
    kind: Kind
    path: Path | None
    size: Size
    rate: Fraction
    frames: int | None
    duration_s: Fraction | None
    has_alpha: bool
    has_audio: bool
    live: bool
    origin_s: Fraction

    def __post_init__(self) -> None:
        if self.rate <= 0:
            raise ValueError(f"a rate is positive, not {self.rate}")


@dataclass(frozen=True, slots=True, eq=False)
class Shot:
    """One picture as the input gives it.

    Attributes:
        time_s: Its time as stated, origin subtracted; None where the input states none.
        duration_s: How long it is shown as stated; None where the input does not say.
        picture: Its pixels.
    """

    time_s: Fraction | None
    duration_s: Fraction | None
    picture: AvPicture


class Reader(Protocol):
    """One kind of input, opened."""

    @property
    def info(self) -> SourceInfo:
        """What is known beforehand."""
        ...

    @property
    def skipped(self) -> int:
        """Damaged frames so far."""
        ...

    @property
    def format(self) -> str:
        """What the input turned out to be, in a word or two."""
        ...

    def shots(self) -> Iterator[Shot]:
        """Every picture from about the start on, in order of showing. To be iterated once."""
        ...

    def notes(self) -> list[str]:
        """What was odd, in sentences."""
        ...

    def close(self) -> None:
        """Let go of the input."""
        ...


def check_pixels(name: str, size: Size, most: int) -> None:
    """Refuse a picture that is larger than allowed, before it is decoded.

    Raises:
        InputError: `size` has more than `most` pixels.
    """
    if size.pixels > most:
        raise InputError(
            f"{name}: its pictures are {size}, {size.pixels} pixels, and at most {most} are read; "
            f"if you trust it, raise --max-pixels"
        )
