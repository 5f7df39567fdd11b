"""The least that makes a seam invisible.

Ways to mend are tried from the least intrusive to the most, each with ends near those that were
given, and the first that nobody sees wins. What needs no quick moment to hide in is preferred to
what does, and either to a loop that plays backwards. Where nothing is good enough there is no mend,
and the loop stays what it was.
"""

from collections.abc import Iterator
from dataclasses import replace

from streaming.loops.model import Loop
from streaming.mending.bridge import bridged, bridges
from streaming.mending.drift import drift_of, placed
from streaming.mending.ends import Ends, Limits, closest, fades
from streaming.mending.lead import Lead
from streaming.mending.model import METHODS, Mend, Method
from streaming.mending.morph import faded
from streaming.mending.pingpong import pendulums
from streaming.mending.score import INVISIBLE, Score, score
from streaming.mending.sight import Sight
from streaming.settings import Repair

__all__ = ["Limits", "mended", "offers"]

ANY = Limits()
FADES = (3, 5, 7, 11, 15)  # an odd number: one of them stands half way, where most can be wrong
TRIED = 4  # ends that are looked at closely, of each way and length
LIGHT = 0.3  # share of the doubt a morph may have that a fade without flow may


def mended(
    sight: Sight, start: int, end: int, *, repair: Repair, limits: Limits = ANY
) -> Mend | None:
    """Mend a span, if it can be.

    Args:
        sight: The footage, with some frames before and after the span.
        start: First frame of the span.
        end: Frame after its last.
        repair: One way to mend, "auto" for the least that is needed, "none" for none.
        limits: How many frames a loop has.

    Returns:
        None where nothing makes the seam invisible.
    """
    if repair == "none":
        return None
    bench = _Bench(sight, start, end, limits)
    if repair != "auto":
        return bench.best(repair)
    hidden: Mend | None = None
    for way in METHODS[:-1]:
        found = bench.best(way)
        if found is not None and found.after <= INVISIBLE:
            return found
        hidden = hidden or found
    return hidden or bench.best(METHODS[-1])


def offers(sight: Sight, start: int, end: int, *, limits: Limits = ANY) -> tuple[Mend, ...]:
    """The best of every way that makes the seam of a span invisible, the least intrusive first."""
    bench = _Bench(sight, start, end, limits)
    found = (bench.best(way) for way in METHODS)
    return tuple(each for each in found if each is not None)


class _Bench:
    """One span on which ways to mend are tried."""

    def __init__(self, sight: Sight, start: int, end: int, limits: Limits) -> None:
        self._sight = sight
        self._start, self._end, self._limits = start, end, limits
        self._loop = sight.loop(start, end)
        self._lead = placed(sight, self._loop)
        self._spread = drift_of(sight, self._loop, self._lead)
        self._before = self._scored(self._cut(Ends(start, end, 0, 0.0), self._lead))

    def best(self, way: Method) -> Mend | None:
        """The best mend of one way, None where none is invisible."""
        good: Mend | None = None
        for mend in self._tries(way):
            rated = score(self._sight, mend)
            if rated is None or not self._good(mend, rated):
                continue
            made = self._noted(mend, rated)
            if rated.worst <= INVISIBLE:
                return made
            if good is None or made.after < good.after:
                good = made
        return good

    def _good(self, mend: Mend, rated: Score) -> bool:
        if mend.method == "crossfade" and rated.ghost > LIGHT:
            return False
        return rated.invisible and rated.seam <= max(INVISIBLE, self._before.seam)

    def _tries(self, way: Method) -> Iterator[Mend]:
        match way:
            case "cut":
                if self._spread == self._lead:  # else light or size would jump back at the seam
                    yield from self._cuts(self._lead)
            case "drift":
                if self._spread != self._lead:
                    yield from self._cuts(self._spread)
            case "morph" | "crossfade":
                yield from self._fades(way)
            case "bridge":
                for ends, frames in bridges(self._sight, self._start, self._end, self._limits):
                    yield bridged(self._sight, ends.start, ends.end, frames)
            case "pingpong":
                swings = pendulums(self._sight, self._start, self._end, self._limits)
                yield from swings[:TRIED]

    def _cuts(self, lead: Lead) -> Iterator[Mend]:
        """Plain cuts that close, with the drift spread or not."""
        way: Method = "cut" if lead == self._lead else "drift"
        for ends in closest(self._sight, self._start, self._end, self._limits, most=TRIED):
            yield replace(self._cut(ends, self._placed(ends.start, ends.end, lead)), method=way)

    def _fades(self, way: Method) -> Iterator[Mend]:
        for fade in FADES:
            for ends in fades(
                self._sight, self._start, self._end, self._limits, fade=fade, most=TRIED
            ):
                yield faded(self._sight, ends, self._placed(ends.start, ends.end), method=way)

    def _cut(self, ends: Ends, lead: Lead) -> Mend:
        return faded(self._sight, ends, lead, method="cut")

    def _placed(self, start: int, end: int, spread: Lead | None = None) -> Lead:
        """The lead of other ends: their own place, the span's size, tilt and light."""
        if (start, end) == (self._start, self._end):
            return spread or self._spread
        wide = spread or self._spread
        own = placed(self._sight, self._sight.loop(start, end))
        return replace(
            own,
            growth=wide.growth,
            turn=wide.turn,
            pivot_x=wide.pivot_x,
            pivot_y=wide.pivot_y,
            tone=wide.tone,
        )

    def _scored(self, mend: Mend) -> Score:
        rated = score(self._sight, mend, hurried=False)
        assert rated is not None, "a score that does not hurry looks to the end"
        return rated

    def _noted(self, mend: Mend, rated: Score) -> Mend:
        loop: Loop = self._sight.loop(mend.start, mend.end)
        return replace(
            mend,
            before=self._before.seam,
            after=rated.seam,
            ghost=rated.ghost,
            mismatch=loop.mismatch,
        )
