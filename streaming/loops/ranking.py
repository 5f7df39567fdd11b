"""Which of several loops are the best, and which are the same loop twice.

Mismatch decides; where it is about equal the longer loop wins, so that no bias to short ones
remains. Loops that overlap and have nearly the same period are one loop to a viewer: only the best
of them counts. Among the rest, one that shows something new (other moments, another period) is
preferred to one that shows the same again.
"""

from collections.abc import Iterable, Sequence

from streaming.loops.model import Loop

__all__ = ["Shortlist", "alike", "best", "clearly_better", "overlap", "repeats"]

SAME_PERIOD = 0.1  # share by which periods may differ and still be the same,
SAME_FRAMES = 2  # or this many frames
ABOUT = 0.1  # mismatches this close are equal to the eye,
ABOUT_SHARE = 0.15  # or those within this share of the smaller
MOSTLY = 0.65  # share of two loops' frames that they have in common when they show the same
NOTHING_NEW = 0.3  # what showing the same moments again costs, in mismatch
CLEARLY, CLEARLY_SHARE = 0.15, 0.3  # a better seam must be this much better to be told


def overlap(a: Loop, b: Loop) -> float:
    """Shared frames over joint frames, 0..1. Called often: whole numbers, not exact times."""
    shared = min(a.end, b.end) - max(a.start, b.start)
    if shared <= 0:
        return 0.0
    return shared / (max(a.end, b.end) - min(a.start, b.start))


def alike(a: Loop, b: Loop) -> bool:
    """Whether two loops overlap and have nearly the same period."""
    apart = abs(a.frames - b.frames)
    near = max(SAME_FRAMES, SAME_PERIOD * max(a.frames, b.frames))
    return apart <= near and overlap(a, b) > 0


def repeats(a: Loop, b: Loop) -> bool:
    """Whether a viewer of one has as good as seen the other, whatever their periods are."""
    return alike(a, b) or overlap(a, b) > MOSTLY


def clearly_better(new: Loop, old: Loop) -> bool:
    """Whether the difference is worth a second file."""
    return new.mismatch < old.mismatch - max(CLEARLY, CLEARLY_SHARE * old.mismatch)


def best(loops: Iterable[Loop], n: int) -> tuple[Loop, ...]:
    """The n best loops, best first.

    Args:
        loops: Candidates of one kind; near-duplicates among them are sorted out.
        n: How many at most.
    """
    left = sorted(loops, key=lambda loop: (loop.mismatch, -loop.duration_s, loop.start_s))
    chosen: list[Loop] = []
    while left and len(chosen) < n:
        pick = _longest_of_best(left, chosen)
        chosen.append(pick)
        left = [loop for loop in left if loop is not pick and not alike(loop, pick)]
    return tuple(chosen)


def _longest_of_best(left: Sequence[Loop], chosen: Sequence[Loop]) -> Loop:
    costs = [loop.mismatch + _staleness(loop, chosen) for loop in left]
    least = min(costs)
    bound = least + max(ABOUT, ABOUT_SHARE * least)
    equals = [loop for loop, cost in zip(left, costs, strict=True) if cost <= bound]
    return max(equals, key=lambda loop: (loop.duration_s, -loop.mismatch, -loop.start_s))


def _staleness(loop: Loop, chosen: Sequence[Loop]) -> float:
    return NOTHING_NEW * max((overlap(loop, other) for other in chosen), default=0.0)


class Shortlist:
    """The n best loops of those offered so far.

    Args:
        n: How many.
        strict: Whether one that pushes out another must be better by more than the eye can tell,
            so that an endless stream does not bring an endless list of equals.
    """

    def __init__(self, n: int, *, strict: bool) -> None:
        self._n = n
        self._strict = strict
        self.loops: tuple[Loop, ...] = ()

    def chosen_with(self, loop: Loop) -> tuple[Loop, ...] | None:
        """The list as it would be with another loop, None where that is not among the best."""
        full = self._strict and len(self.loops) >= self._n
        if full and not any(clearly_better(loop, each) for each in self.loops):
            return None
        chosen = best((*self.loops, loop), self._n)
        if loop not in chosen:
            return None
        lost = [each for each in self.loops if each not in chosen] if self._strict else []
        return chosen if all(clearly_better(loop, each) for each in lost) else None

    def put(self, loop: Loop, instead_of: Sequence[Loop] = ()) -> None:
        """Take a loop, and let those go that it replaces."""
        gone = {each.id for each in instead_of}
        self.loops = best((*(each for each in self.loops if each.id not in gone), loop), self._n)
