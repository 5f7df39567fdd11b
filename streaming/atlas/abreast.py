"""The same work for every frame, on two threads.

Most of it is OpenCV and numpy, which let other threads run meanwhile. Two, because that is what the
smallest machine has that this is made for.
"""

from collections.abc import Callable
from typing import TypeVar

from streaming.threads import together

__all__ = ["for_each"]

Made = TypeVar("Made")


def for_each(count: int, make: Callable[[int], Made]) -> list[Made]:
    """Make something of every frame; `make` may not change what another frame's looks at."""
    half = count // 2
    first, second = together(
        lambda: [make(each) for each in range(half)],
        lambda: [make(each) for each in range(half, count)],
        name="atlas",
    )
    return first + second
