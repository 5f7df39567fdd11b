"""What a run has closed so far, and what it still lacks.

Several threads write loops, and mending chooses its ends freely: without one place that knows what
is there already, two of them would close the same span, and a third would look again at what the
others have turned down.
"""

import threading

from streaming.loops.model import Loop
from streaming.loops.ranking import repeats
from streaming.mending.model import Mend

__all__ = ["Shelf"]


class Shelf:
    """The loops of one run that close; safe to ask from several threads.

    Args:
        wanted: How many there shall be.
    """

    def __init__(self, wanted: int) -> None:
        self._wanted = wanted
        self._closed: list[Loop] = []
        self._near = 0
        self._tried: set[tuple[str, int, int, int]] = set()
        self._effort = 0
        self._lock = threading.Lock()

    @property
    def full(self) -> bool:
        """Whether there are enough."""
        with self._lock:
            return len(self._closed) >= self._wanted

    @property
    def effort(self) -> int:
        """What looking for ways to mend has cost, in pairs of pictures."""
        with self._lock:
            return self._effort

    def spent(self, effort: int) -> None:
        """Add to it."""
        with self._lock:
            self._effort += effort

    def put(self, loop: Loop) -> None:
        """Note a loop that closes."""
        with self._lock:
            self._closed.append(loop)

    def spare(self, loop: Loop) -> bool:
        """Whether one is not needed: there are enough, or one that shows the same."""
        with self._lock:
            return self._spare(loop)

    def claim(self, loop: Loop) -> bool:
        """Note a loop that somebody tries to close, unless it is not needed."""
        with self._lock:
            wanted = not self._spare(loop)
            if wanted:
                self._closed.append(loop)
            return wanted

    def give_up(self, loop: Loop) -> None:
        """Forget one that was claimed and does not close."""
        with self._lock:
            self._closed.remove(loop)

    def untried(self, mend: Mend) -> bool:
        """Whether nobody has looked at a mend yet; from now on somebody has."""
        key = mend.method, mend.start, mend.end, mend.fade
        with self._lock:
            fresh = key not in self._tried
            self._tried.add(key)
            return fresh

    def room(self) -> bool:
        """Take the place of a loop that is missing for one that merely comes near."""
        with self._lock:
            free = len(self._closed) + self._near < self._wanted
            self._near += free
            return free

    def _spare(self, loop: Loop) -> bool:
        enough = len(self._closed) >= self._wanted
        return enough or any(repeats(loop, each) for each in self._closed)
