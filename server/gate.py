"""When a session takes its next frame: at the source's pace, not while paused, never after stop.

A file is shown at its own rate; where the machine is slower, later frames move back instead of
being hurried through, so that the picture never runs after its clock. A live source cannot wait, so
a pause throws its frames away.
"""

import threading
from collections.abc import Callable, Iterator
from fractions import Fraction

from server.model import Pace
from streaming.live import Frame

__all__ = ["Gate"]

LONGEST_GAP_S = 2.0  # a hole in a file's times is not waited out


class Gate:
    """Lets frames through when they are due; changed from one thread, waited at on another.

    Args:
        live: Whether the source does not wait.
        pace: A file at its own rate, or as fast as it goes.
        clock: Seconds, rising.
        passed: Told the time of every frame that goes through, and when.
    """

    def __init__(
        self,
        *,
        live: bool,
        pace: Pace,
        clock: Callable[[], float],
        passed: Callable[[Fraction, float], object],
    ) -> None:
        self._live = live
        self._pace = pace
        self._clock = clock
        self._passed = passed
        self._paused = False
        self._stopped = False
        self._before: tuple[Fraction, float] | None = None
        self._changed = threading.Condition()

    def pause(self, paused: bool) -> None:
        """Hold frames back, or let them through again."""
        with self._changed:
            self._paused = paused
            self._changed.notify_all()

    def hurry(self, pace: Pace) -> None:
        """Change the pace."""
        with self._changed:
            self._pace = pace
            self._before = None
            self._changed.notify_all()

    def stop(self) -> None:
        """Let nothing through any more."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def through(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """The frames that go through, when they are due."""
        for frame in frames:
            with self._changed:
                self._wait(frame.time_s)
                if self._stopped:
                    return
                if self._paused:
                    continue
            self._passed(frame.time_s, self._clock())
            yield frame

    def _wait(self, time_s: Fraction) -> None:
        """Return when the frame is due, or is not wanted any more."""
        if self._live:
            return
        while not self._stopped:
            if self._paused:
                self._before = None
                self._changed.wait()
                continue
            late_s = self._due(time_s) - self._clock()
            if late_s <= 0:
                break
            self._changed.wait(late_s)
        self._before = time_s, max(self._clock(), self._due(time_s))

    def _due(self, time_s: Fraction) -> float:
        if self._before is None or self._pace == "fast":
            return self._clock()
        before_s, when = self._before
        return when + min(LONGEST_GAP_S, float(time_s - before_s))
