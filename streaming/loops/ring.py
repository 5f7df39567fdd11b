"""The last seconds of kept frames, from which loops are cut.

Bounded twice: by time, which the detector's lookback sets, and by bytes, which the user sets. Where
the bytes run out first the oldest frames go; the ring says so, it never grows.
"""

from collections import deque
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

__all__ = ["Keepable", "Kept", "Ring"]


class Keepable(Protocol):
    """Anything that can be kept: it knows its place in the stream and what it costs."""

    @property
    def index(self) -> int:
        """The frame's number; rises from frame to frame."""
        ...

    @property
    def time_s(self) -> Fraction:
        """Its exact time in seconds."""
        ...

    @property
    def nbytes(self) -> int:
        """Memory it costs, in bytes."""
        ...


Kept = TypeVar("Kept", bound=Keepable)


class Ring(Generic[Kept]):
    """Holds the newest frames within a span of time and a budget of bytes.

    Args:
        span_s: Frames up to this much older than the newest are kept,
        extra: and this many more beyond them.
        budget_bytes: Never more than this, but for a single frame.
    """

    def __init__(self, *, span_s: Fraction, extra: int, budget_bytes: int) -> None:
        self._span_s = span_s
        self._extra = extra
        self._budget = budget_bytes
        self._frames: deque[Kept] = deque()
        self._old = 0  # how many frames are older than the span
        self.nbytes = 0

    def __len__(self) -> int:
        return len(self._frames)

    @property
    def oldest(self) -> int | None:
        """Number of the oldest frame held, None when empty."""
        return self._frames[0].index if self._frames else None

    @property
    def newest(self) -> int | None:
        """Number of the newest frame held, None when empty."""
        return self._frames[-1].index if self._frames else None

    def push(self, frame: Kept) -> None:
        """Keep a frame, and let those go that it leaves no room for."""
        for _ in range(self._surplus(frame)):
            self.nbytes -= self._frames.popleft().nbytes
            self._old = max(0, self._old - 1)
        self._frames.append(frame)
        self.nbytes += frame.nbytes

    def clear(self) -> None:
        """Let all frames go."""
        self._frames.clear()
        self._old = self.nbytes = 0

    def leaving(self, frame: Kept) -> int | None:
        """Number of the newest frame that keeping `frame` would push out, None where none goes."""
        surplus = self._surplus(frame)
        return self._frames[surplus - 1].index if surplus else None

    def span(self, start: int, stop: int) -> tuple[Kept, ...]:
        """The frames held whose numbers lie in [start, stop)."""
        return tuple(frame for frame in self._frames if start <= frame.index < stop)

    def _surplus(self, frame: Kept) -> int:
        """How many of the oldest frames must go for `frame`."""
        oldest_s = frame.time_s - self._span_s
        while self._old < len(self._frames) and self._frames[self._old].time_s < oldest_s:
            self._old += 1
        surplus, nbytes = max(0, self._old - self._extra), self.nbytes + frame.nbytes
        for at, each in enumerate(self._frames):
            if at >= surplus and nbytes <= self._budget:
                return at
            nbytes -= each.nbytes
        return len(self._frames)
