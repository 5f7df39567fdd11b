"""Times of frames that a container states badly: made to rise, strictly, with the least change.

A container stamps packets, in the order they are decoded; frames come out in the order they are
shown. MP4 and Matroska state both orders. AVI states only the first, so what FFmpeg puts on the
frames of an AVI with B-frames goes back and forth. `InOrder` undoes that: the n-th frame shown gets
the n-th smallest stamp, which is exact as long as every packet holds one frame.

`Timeline` repairs what is left. A stamp a little early goes halfway into the next step, so that the
frame after it can keep its own; a jump back of a second or more is a new count (a camera was
restarted, files were joined), and everything after it moves along.
"""

import heapq
from fractions import Fraction

__all__ = ["MILLISECOND", "InOrder", "Timeline"]

MILLISECOND = Fraction(1, 1000)  # what Matroska, WEBM and animated WebP count in
RESTART_S = Fraction(1)
MOST_WAITING = 64  # more stamps than any decoder holds back; beyond it, frames were lost


class InOrder:
    """Gives frames in order of showing the stamps that came in order of decoding."""

    def __init__(self) -> None:
        self._waiting: list[int] = []

    def sent(self, stamp: int) -> None:
        """A packet with this stamp went to the decoder."""
        heapq.heappush(self._waiting, stamp)
        if len(self._waiting) > MOST_WAITING:
            heapq.heappop(self._waiting)

    def lost(self) -> None:
        """A packet failed, so the next frame is a later one."""
        if self._waiting:
            heapq.heappop(self._waiting)

    def shown(self) -> int | None:
        """The stamp of the next frame; None if no packet is waiting for its frame."""
        return heapq.heappop(self._waiting) if self._waiting else None


class Timeline:
    """Strictly rising times out of what an input states.

    Args:
        step_s: The usual time between frames, positive.

    Attributes:
        repaired: How many times had to be changed.
    """

    def __init__(self, step_s: Fraction) -> None:
        self.repaired = 0
        self._step_s = step_s
        self._last_s: Fraction | None = None
        self._moved_s = Fraction(0)

    def place(self, stated_s: Fraction | None) -> Fraction:
        """The time of the next frame.

        Args:
            stated_s: Its time as stated; None puts it one step after the last frame.
        """
        placed = self._after_last(stated_s)
        self._last_s = placed
        return placed

    def _after_last(self, stated_s: Fraction | None) -> Fraction:
        last = self._last_s
        if stated_s is None:
            self.repaired += last is not None
            return Fraction(0) if last is None else last + self._step_s
        time = stated_s + self._moved_s
        if last is None or time > last:
            return time
        self.repaired += 1
        if last - time < RESTART_S:
            return last + self._step_s / 2
        self._moved_s += last + self._step_s - time
        return last + self._step_s
