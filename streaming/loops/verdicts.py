"""What has been told already, so that nothing is told twice."""

import dataclasses
from fractions import Fraction

from streaming.loops.model import Loop
from streaming.loops.ranking import Shortlist, alike, clearly_better, overlap

__all__ = ["Verdicts"]


class Verdicts:
    """Decides which loops are worth telling, and names them.

    Args:
        n: How many loops are wanted.
        near: How many near-loops; as many where None.
        longest_s: Longest loop in seconds: loops that ended longer ago overlap nothing new.
    """

    def __init__(self, n: int, longest_s: Fraction, *, near: int | None = None) -> None:
        self._loops = Shortlist(n, strict=True)
        self._near = Shortlist(n if near is None else near, strict=False)
        self._longest_s = longest_s
        self._recent: tuple[Loop, ...] = ()
        self._loops_told = 0
        self._near_told = 0

    def news(self, loop: Loop) -> bool:
        """Whether a loop or near-loop would be worth telling.

        A loop that overlaps earlier ones of nearly the same period must be clearly better than each
        of them; any other must be among the best so far.
        """
        if loop.kind == "near":
            return self._near.chosen_with(loop) is not None
        same = self._same(loop)
        if same:
            return all(clearly_better(loop, each) for each in same)
        return self._loops.chosen_with(loop) is not None

    def tell(self, loop: Loop) -> Loop | None:
        """The loop with its name, None where it is no news."""
        if not self.news(loop):
            return None
        if loop.kind == "near":
            self._near_told += 1
            named = dataclasses.replace(loop, id=f"N{self._near_told}")
            self._near.put(named)
            return named
        same = self._same(loop)
        replaced = max(same, key=lambda each: overlap(each, loop), default=None)
        self._loops_told += 1
        named = dataclasses.replace(
            loop, id=f"L{self._loops_told}", replaces=replaced.id if replaced else None
        )
        self._loops.put(named, instead_of=same)
        oldest = loop.end_s - self._longest_s
        kept = (each for each in self._recent if each not in same and each.end_s > oldest)
        self._recent = (*kept, named)
        return named

    def _same(self, loop: Loop) -> list[Loop]:
        return [each for each in self._recent if alike(each, loop)]
