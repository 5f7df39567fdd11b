"""A loop as it is shown: what every export starts from, wherever its frames come from.

Frames are read anew each time they are asked for, because some hundred of them in full size would
cost a gigabyte and a target mostly wants them small.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from streaming.frames import U8, Size

__all__ = ["Cycle"]


@dataclass(frozen=True, slots=True, eq=False)
class Cycle:
    """A loop's frames, led back and mended already, and when each of them is shown.

    Attributes:
        size: Size of every frame.
        times_s: When each frame is shown, from the start of the loop; the first is 0.
        duration_s: Length of the loop; the last frame is shown until then.
        read: Gives the frames from the first one, (H, W, 4) uint8 with straight alpha, each time
            it is called. Colours where alpha is 0 say nothing.
    """

    size: Size
    times_s: tuple[Fraction, ...]
    duration_s: Fraction
    read: Callable[[], Iterator[U8]]

    def __post_init__(self) -> None:
        rising = all(a < b for a, b in zip(self.times_s, self.times_s[1:], strict=False))
        if not self.times_s or self.times_s[0] != 0 or not rising:
            raise ValueError(f"times {self.times_s[:3]}...: a loop's begin at 0 and rise")
        if self.duration_s <= self.times_s[-1]:
            raise ValueError(f"{self.duration_s} s: a loop lasts longer than its last frame's time")

    @property
    def frames(self) -> int:
        """How many there are."""
        return len(self.times_s)
