"""A picture of the clip's time, gathered while it streams and bounded however long it gets.

Nobody knows how long a stream will be when it begins. So the strip starts dense, and each time it
is full it forgets every second picture and waits twice as long for the next: at any moment it holds
between half its bound and its bound, evenly spread over everything seen so far.
"""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from PIL import Image

from streaming.frames import U8, read_only

__all__ = ["Filmstrip", "Still"]

HEIGHT_PX = 144


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """One small picture of the strip.

    Attributes:
        time_s: When it was shown, in seconds.
        rgba: (H, W, 4) uint8, straight alpha, at most 144 px high.
    """

    time_s: Fraction
    rgba: U8


class Filmstrip:
    """Keeps at most `bound` matted pictures, evenly spread over a stream of unknown length.

    Args:
        bound: Most pictures kept, an even number of at least 2.
        interval_s: Time between pictures at the start, in seconds.
    """

    def __init__(self, *, bound: int = 48, interval_s: Fraction = Fraction(1, 8)) -> None:
        if bound < 2 or bound % 2 or interval_s <= 0:
            raise ValueError(f"a strip of {bound} pictures every {interval_s} s cannot be halved")
        self._bound = bound
        self._interval_s = interval_s
        self._kept: dict[int, Still] = {}

    def push(self, time_s: Fraction, rgba: U8) -> bool:
        """Look at one picture; it is copied only when it is kept.

        Args:
            time_s: Its time in seconds, not falling.
            rgba: (H, W, 4) uint8, straight alpha, of any size.

        Returns:
            Whether it was kept, and with it perhaps others forgotten.
        """
        slot = time_s // self._interval_s
        if slot in self._kept:
            return False
        self._kept[slot] = Still(time_s, _small(rgba))
        while len(self._kept) > self._bound:
            self._interval_s *= 2
            for old in sorted(self._kept):
                still = self._kept.pop(old)
                self._kept.setdefault(old // 2, still)
        return True

    def stills(self) -> tuple[Still, ...]:
        """What is kept, in order of time."""
        return tuple(self._kept[slot] for slot in sorted(self._kept))


def _small(rgba: U8) -> U8:
    height, width = rgba.shape[:2]
    if height <= HEIGHT_PX:
        return read_only(rgba.copy())
    size = (max(1, round(width * HEIGHT_PX / height)), HEIGHT_PX)
    picture = Image.fromarray(rgba).resize(size, Image.Resampling.BOX)
    return read_only(np.array(picture))
