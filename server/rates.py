"""How often something happened lately."""

from collections import deque

__all__ = ["Rate"]

WITHIN_S = 2.0


class Rate:
    """Counts events and says how many there were in each of the last two seconds.

    Written to by one thread and read by another; a reading may miss the event of that moment.

    Attributes:
        count: All of them.
    """

    def __init__(self) -> None:
        self.count = 0
        self._times: deque[float] = deque(maxlen=512)

    def add(self, when: float) -> None:
        """One happened at `when`, in seconds."""
        self.count += 1
        self._times.append(when)

    def per_second(self, now: float) -> float:
        """How many a second, over the last two."""
        lately = [each for each in tuple(self._times) if now - each <= WITHIN_S]
        if len(lately) < 2:
            return 0.0
        return (len(lately) - 1) / max(1e-6, max(now - lately[0] - 1 / 60, lately[-1] - lately[0]))
