"""How near the motion came to a return, at each moment: a curve of bounded size.

Like the filmstrip it halves its resolution whenever it is full. Neighbours are pooled by their
smallest value, because the dips are what one looks for: a return that lasted a single frame must
still be seen in the picture of an hour.
"""

from dataclasses import dataclass
from fractions import Fraction

__all__ = ["Curve", "CurvePoint"]


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """The smallest mismatch within a short while.

    Attributes:
        time_s: The middle of that while, in seconds.
        best: The smallest mismatch of a span that ends in it, None where none may end there.
    """

    time_s: Fraction
    best: float | None


class Curve:
    """Keeps the smallest mismatch in at most `bound` buckets of equal length.

    Args:
        bound: Most buckets, an even number of at least 2.
        width_s: Length of a bucket at the start, in seconds.
    """

    def __init__(self, *, bound: int = 800, width_s: Fraction = Fraction(1, 60)) -> None:
        if bound < 2 or bound % 2 or width_s <= 0:
            raise ValueError(f"{bound} buckets of {width_s} s cannot be halved")
        self._bound = bound
        self._width_s = width_s
        self._best: dict[int, float | None] = {}
        self._first_s: Fraction | None = None

    def push(self, time_s: Fraction, best: float | None) -> None:
        """Take what the detector says about one moment.

        Args:
            time_s: The moment in seconds, not before the first one.
            best: The smallest mismatch of a span that ends there, None where there is none.
        """
        if self._first_s is None:
            self._first_s = time_s
        since_s = time_s - self._first_s
        slot = since_s // self._width_s
        while slot >= self._bound:
            self._halve()
            slot = since_s // self._width_s
        self._best[slot] = _least(self._best.get(slot), best)

    def __len__(self) -> int:
        """How many points there are."""
        return len(self._best)

    def points(self) -> tuple[CurvePoint, ...]:
        """The curve so far, in order of time."""
        middle_s = (self._first_s or Fraction(0)) + self._width_s / 2
        return tuple(
            CurvePoint(middle_s + slot * self._width_s, self._best[slot])
            for slot in sorted(self._best)
        )

    def _halve(self) -> None:
        self._width_s *= 2
        pooled: dict[int, float | None] = {}
        for slot, best in self._best.items():
            pooled[slot // 2] = _least(pooled.get(slot // 2), best)
        self._best = pooled


def _least(one: float | None, other: float | None) -> float | None:
    if one is None or other is None:
        return other if one is None else one
    return min(one, other)
