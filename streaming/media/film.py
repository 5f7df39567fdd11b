"""A loop as the writers of this folder take it: all of its frames at hand, and their exact times.

Writers that choose one palette, or whose result is measured and made again, look at the frames more
than once, so a film holds them all. Whoever makes one scales them first: sixty frames of 512x512
are 63 MB.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from streaming.frames import U8, Size, read_only

__all__ = ["Film"]


@dataclass(frozen=True, slots=True, eq=False)
class Film:
    """The frames of one loop in order, in the size in which they are written.

    Attributes:
        frames: Each (H, W, 4) uint8, straight alpha, read-only, all of one size. Colours where
            alpha is 0 say nothing.
        times_s: When each frame is shown, from the start of the loop; the first is 0, they rise.
        duration_s: Length of the loop; the last frame is shown until then.

    Raises:
        ValueError: These are not the frames of one loop.
    """

    frames: tuple[U8, ...]
    times_s: tuple[Fraction, ...]
    duration_s: Fraction

    def __post_init__(self) -> None:
        if not self.frames or len(self.frames) != len(self.times_s):
            raise ValueError(f"{len(self.frames)} frames at {len(self.times_s)} times are no film")
        first = self.frames[0].shape
        if any(each.shape != first or each.dtype != np.uint8 for each in self.frames):
            raise ValueError(f"a film's frames are uint8 and all of one shape, the first's {first}")
        if len(first) != 3 or first[2] != 4 or 0 in first:
            raise ValueError(f"a film's frames are (H, W, 4), not {first}")
        if any(each.flags.writeable for each in self.frames):
            raise ValueError("a film's frames are read-only; see Film.of")
        if self.times_s[0] != 0 or any(a >= b for a, b in pairwise(self._marks)):
            raise ValueError("a film's times begin at 0 and rise, and its end comes after the last")

    @classmethod
    def of(cls, frames: Iterable[U8], times_s: Iterable[Fraction], duration_s: Fraction) -> "Film":
        """A film of these frames, which are marked read-only."""
        return cls(tuple(map(read_only, frames)), tuple(times_s), duration_s)

    @property
    def size(self) -> Size:
        """Size of every frame."""
        height, width = self.frames[0].shape[:2]
        return Size(width, height)

    @property
    def durations_s(self) -> tuple[Fraction, ...]:
        """How long each frame is shown; their sum is the loop's length."""
        return tuple(b - a for a, b in pairwise(self._marks))

    def whole_durations(self, unit_s: Fraction, least: int = 1) -> tuple[int, ...]:
        """Durations in whole units that add up to the loop's length, rounded.

        Each frame begins at the unit nearest to its time, so that errors never add up; where that
        would leave a frame less than `least`, those after it begin later.

        Args:
            unit_s: What the container counts in.
            least: The fewest units that a frame may be shown.

        Returns:
            One whole number per frame, at least `least`. Their sum is the loop's length rounded to
            a unit, or more where the frames are too many for it.
        """
        marks = [0]
        for time_s in self._marks[1:]:
            marks.append(max(round(time_s / unit_s), marks[-1] + least))
        return tuple(b - a for a, b in pairwise(marks))

    @property
    def _marks(self) -> tuple[Fraction, ...]:
        return (*self.times_s, self.duration_s)
