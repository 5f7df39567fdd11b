"""What has been told already, so that nothing is told twice."""

import dataclasses
from fractions import Fraction

from streaming.loops.model import Loop
from streaming.loops.ranking import Shortlist, alike, clearly_better, overlap

__all__ = ["Verdicts"]


class Verdicts:
    """Decides which loops are worth telling, and names them.

    Args:
        n: How many loops, and how many near-loops, are wanted.
        longest_s: Longest loop in seconds: loops that ended longer ago overlap nothing new.
    """

    def __init__(self, n: int, longest_s: Fraction) -> None:
        self._loops = Shortlist(n)
        self._near = Shortlist(n)
        self._longest_s = longest_s
        self._recent: tuple[Loop, ...] = ()
        self._loops_told = 0
        self._near_told = 0

    def loop(self, loop: Loop) -> Loop | None:
        """The loop with its name, None where it is not worth telling.

        A loop that overlaps earlier ones of nearly the same period must be clearly better than each
        of them; any other must be among the best so far.
        """
        oldest = loop.end_s - self._longest_s
        recent = tuple(each for each in self._recent if each.end_s > oldest)
        same = [each for each in recent if alike(each, loop)]
        named = dataclasses.replace(loop, id=f"L{self._loops_told + 1}")
        if same:
            if not all(clearly_better(loop, each) for each in same):
                return None
            replaced = max(same, key=lambda each: overlap(each, loop))
            named = dataclasses.replace(named, replaces=replaced.id)
            self._loops.swap(same, named)
        elif not self._loops.offer(named):
            return None
        self._loops_told += 1
        self._recent = (*(each for each in recent if each not in same), named)
        return named

    def near(self, loop: Loop) -> Loop | None:
        """The near-loop with its name, None where as many better ones are known."""
        named = dataclasses.replace(loop, id=f"N{self._near_told + 1}")
        if not self._near.offer(named):
            return None
        self._near_told += 1
        return named
