"""How near a file's pictures are to the film that they were made from, found while it is decoded.

A format may hold a picture over several frames of the film, so what counts is what is shown at the
middle of each frame's time.
"""

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streaming.frames import U8
from streaming.media.film import Film
from streaming.media.shown import Shown

__all__ = ["Comparison", "Likeness", "look_of"]

F32 = NDArray[np.float32]
LOOK_PX = 128  # seams are measured on thumbnails of 48 px
SOLID = 250  # alpha from which a colour counts, where alpha has one bit


@dataclass(frozen=True, slots=True)
class Likeness:
    """How near a file's pictures are to the film they were made from.

    Attributes:
        psnr_db: Colours of the subject, each pixel weighed by its alpha.
        alpha_off: Mean error of alpha over the subject, of 255.
        looks: Each shown frame, small, one for each of the film's.
    """

    psnr_db: float
    alpha_off: float
    looks: tuple[U8, ...]


class Comparison:
    """Holds what is shown against a film, picture by picture.

    Args:
        film: What the file was made from.
        threshold: Alpha from which a pixel was to be wholly there, None for soft mattes.
    """

    def __init__(self, film: Film, *, threshold: int | None = None) -> None:
        times = zip(film.times_s, film.durations_s, strict=True)
        self._middles = [at + length / 2 for at, length in times]
        self._film = film
        self._threshold = threshold
        self._end = Fraction(0)
        self._last: U8 | None = None
        self._looks: list[U8] = []
        self._squares = self._weights = self._off = self._area = 0.0

    def push(self, shown: Shown) -> None:
        """The next picture."""
        self._end += shown.duration_s
        self._last = shown.rgba
        while (number := len(self._looks)) < len(self._middles):
            if self._middles[number] >= self._end:
                break
            self._compare(self._film.frames[number], shown.rgba)

    def likeness(self) -> Likeness:
        """The verdict on all that came; the last picture stands for what is missing."""
        for frame in self._film.frames[len(self._looks) :]:
            if self._last is not None:  # it ends a tick early, or is a still
                self._compare(frame, self._last)
        error = self._squares / self._weights if self._weights else 0.0
        psnr = 10 * math.log10(255**2 / error) if error > 0 else math.inf
        return Likeness(psnr, self._off / max(self._area, 1.0), tuple(self._looks))

    def _compare(self, frame: U8, shown: U8) -> None:
        wanted, weight = self._wanted(frame[..., 3])
        self._off += float(np.abs(shown[..., 3].astype(np.int16) - wanted).sum())
        self._area += float(np.count_nonzero(wanted | shown[..., 3]))
        self._weights += 3 * float(weight.sum(dtype=np.float64))
        for each in range(3):  # one by one they take a sixth of the time
            gap = np.subtract(shown[..., each], frame[..., each], dtype=np.float32).reshape(-1)
            self._squares += float((gap * gap) @ weight.reshape(-1))
        self._looks.append(look_of(shown))

    def _wanted(self, alpha: U8) -> tuple[U8, F32]:
        """The matte as it should be, and what each pixel's colour weighs."""
        if self._threshold is None:
            return alpha, alpha * np.float32(1 / 255)
        hard = np.where(alpha >= self._threshold, np.uint8(255), np.uint8(0))
        return hard, (alpha >= SOLID).astype(np.float32)


def look_of(rgba: U8) -> U8:
    """A picture in a size in which seams are measured."""
    picture = Image.fromarray(rgba)
    picture.thumbnail((LOOK_PX, LOOK_PX), Image.Resampling.BOX)
    return np.asarray(picture)
