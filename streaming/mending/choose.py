"""The least that makes a seam invisible.

Ways to mend are tried from the least intrusive to the most, each with ends near those that were
given, and the first that nobody sees wins. What needs no quick moment to hide in is preferred to
what does, and either to a loop that plays backwards. Where nothing is good enough there is no mend,
and the loop stays what it was.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cached_property
from itertools import islice

from streaming.loops.model import Loop
from streaming.mending.bridge import bridged, bridges
from streaming.mending.drift import drift_of, placed
from streaming.mending.ends import REACH, Ends, Limits, closest, fades
from streaming.mending.lead import Lead
from streaming.mending.model import METHODS, Mend, Method
from streaming.mending.morph import faded
from streaming.mending.pingpong import pendulums
from streaming.mending.score import GHOST, PLANNED, Score, score
from streaming.mending.sight import Sight
from streaming.settings import Repair

__all__ = ["Limits", "closes", "mended", "mends", "offers"]

ANY = Limits()
FADES = (3, 5, 7, 11)  # an odd number: one of them stands half way, where most can be wrong
LONGER, FAST = (17,), Fraction(1, 45)  # and where a frame lasts no longer: a fade of 0.3 s as well
FITS = 1.3  # cost in ordinary steps up to which a plain cut is looked at closely,
DRIFTED = 4.0  # and mismatch up to which it is slow change that could make the difference
LISTED = 40  # ends of each length that are gone through for some that are new
TRIED = 3  # ends that are looked at closely, of each way and length: flow costs most
LIGHT = 0.3  # share of the doubt a morph may have that a fade without flow may


def mended(
    sight: Sight, start: int, end: int, *, repair: Repair, limits: Limits = ANY
) -> Mend | None:
    """The first of `mends`, None where there is none."""
    return next(mends(sight, start, end, repair=repair, limits=limits), None)


def mends(
    sight: Sight,
    start: int,
    end: int,
    *,
    repair: Repair,
    limits: Limits = ANY,
    fresh: Callable[[Mend], bool] = lambda mend: True,
    asked: bool = False,
) -> Iterator[Mend]:
    """Ways to mend a span that nobody sees, the best first; looked for as they are asked for.

    Args:
        sight: The footage, with some frames before and after the span.
        start: First frame of the span.
        end: Frame after its last.
        repair: One way to mend, "auto" for the least that is needed, "none" for none.
        limits: What a loop may be.
        fresh: Whether a mend is worth looking at.
        asked: Whether somebody has seen the plain cut and wants this instead, be it no better.
    """
    if repair == "none":
        return
    bench = _Bench(sight, start, end, limits, fresh, asked=asked)
    hidden: list[Mend] = []
    for way in METHODS[:-1] if repair == "auto" else (repair,):
        for mend in bench.good(way):
            if mend.after <= PLANNED:
                yield mend
            else:
                hidden.append(mend)
    yield from sorted(hidden, key=lambda mend: mend.after)
    if repair == "auto":
        yield from bench.good(METHODS[-1])


def offers(sight: Sight, start: int, end: int, *, limits: Limits = ANY) -> tuple[Mend, ...]:
    """The best of every way that makes the seam of a span invisible, the least intrusive first."""
    bench = _Bench(sight, start, end, limits, lambda mend: True, asked=True)
    found = (bench.best(way) for way in METHODS)
    return tuple(each for each in found if each is not None)


def closes(sight: Sight, start: int, end: int) -> bool:
    """Whether nobody sees the seam of a plain cut."""
    return _Bench(sight, start, end, ANY, lambda mend: True).before.invisible


class _Bench:
    """One span on which ways to mend are tried."""

    def __init__(
        self,
        sight: Sight,
        start: int,
        end: int,
        limits: Limits,
        fresh: Callable[[Mend], bool],
        *,
        asked: bool = False,
    ) -> None:
        self._sight, self._fresh, self._asked = sight, fresh, asked
        self._start, self._end, self._limits = start, end, limits
        self._loop = sight.loop(start, end)

    @cached_property
    def _lead(self) -> Lead:
        return placed(self._sight, self._loop)

    @cached_property
    def _spread(self) -> Lead:
        return drift_of(self._sight, self._loop, self._lead)

    @cached_property
    def before(self) -> Score:
        """The plain cut at the ends that were given."""
        return self._scored(self._cut(Ends(self._start, self._end, 0, 0.0), self._lead))

    def good(self, way: Method) -> Iterator[Mend]:
        """Mends of one way that nobody sees, and that better the plain cut or were asked for."""
        for mend in self._tries(way):
            rated = score(self._sight, mend)
            if rated is not None and self._good(mend, rated):
                yield self._noted(mend, rated)

    def best(self, way: Method) -> Mend | None:
        """The first that shows nowhere, or else the best of those that a quick moment hides."""
        hidden: Mend | None = None
        for mend in self.good(way):
            if mend.after <= PLANNED:
                return mend
            if hidden is None or mend.after < hidden.after:
                hidden = mend
        return hidden

    def _good(self, mend: Mend, rated: Score) -> bool:
        if mend.method == "crossfade" and rated.ghost > LIGHT * GHOST:
            return False
        if self._asked:
            return rated.invisible and rated.seam <= max(PLANNED, self.before.seam)
        return rated.invisible and self._betters(mend, rated)

    def _betters(self, mend: Mend, rated: Score) -> bool:
        """Whether it is better than the cut that was asked for, and than one at its own ends."""
        if mend.method == "cut":
            return rated.no_worse(self.before)
        if not rated.betters(self.before):
            return False
        own = placed(self._sight, self._sight.loop(mend.start, mend.end))
        plain = self._scored(self._cut(Ends(mend.start, mend.end, 0, 0.0), own))
        return rated.betters(plain) or not plain.invisible

    def _tries(self, way: Method) -> Iterator[Mend]:
        match way:
            case "cut":
                yield from filter(self._fresh, self._cuts())
            case "drift":
                yield from filter(self._fresh, self._drifts())
            case "morph" | "crossfade":
                yield from self._fades(way)
            case "bridge":
                found = bridges(self._sight, self._start, self._end, self._limits)
                made = (bridged(self._sight, ends.start, ends.end, n) for ends, n in found)
                yield from filter(self._fresh, made)
            case "pingpong":
                swings = pendulums(self._sight, self._start, self._end, self._limits)
                yield from islice(filter(self._fresh, swings), TRIED)

    def _cuts(self) -> Iterator[Mend]:
        """Plain cuts where the poses fit; not while light or size would jump back at the seam."""
        for ends in self._closest():
            if ends.cost <= FITS and self._placed(ends) == placed(
                self._sight, self._sight.loop(ends.start, ends.end)
            ):
                yield self._cut(ends, self._placed(ends))

    def _drifts(self) -> Iterator[Mend]:
        """The same with the drift spread."""
        if self._loop.mismatch > DRIFTED or self._spread == self._lead:
            return
        for ends in self._closest():
            if self._near(ends):
                yield replace(self._cut(ends, self._placed(ends)), method="drift")

    def _closest(self) -> tuple[Ends, ...]:
        found = closest(self._sight, self._start, self._end, self._limits)
        return tuple(islice(found, TRIED))

    def _fades(self, way: Method) -> Iterator[Mend]:
        """Fades whose ends have not been looked at, as many of each length as are tried."""
        for fade in self._lengths:
            found = fades(self._sight, self._start, self._end, self._limits, fade=fade)
            plain = (faded(self._sight, ends, Lead(), method=way) for ends in islice(found, LISTED))
            for mend in islice(filter(self._fresh, plain), TRIED):
                ends = Ends(mend.start, mend.end, fade, 0.0)
                yield replace(mend, lead=self._placed(ends))

    @property
    def _lengths(self) -> tuple[int, ...]:
        frames = self._end - self._start
        lasts_s = (self._sight.time_s(self._end) - self._sight.time_s(self._start)) / frames
        return FADES + LONGER if lasts_s <= FAST else FADES

    def _cut(self, ends: Ends, lead: Lead) -> Mend:
        return faded(self._sight, ends, lead, method="cut")

    def _near(self, ends: Ends) -> bool:
        """Whether ends are near enough to the span's for its drift to be theirs."""
        return max(abs(ends.start - self._start), abs(ends.end - self._end)) <= REACH

    def _placed(self, ends: Ends) -> Lead:
        """The lead of other ends: their own place, the span's size, tilt and light."""
        if (ends.start, ends.end) == (self._start, self._end):
            return self._spread
        own = placed(self._sight, self._sight.loop(ends.start, ends.end))
        if not self._near(ends) or self._spread == self._lead:
            return own
        wide = self._spread
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
            before=self.before.seam,
            after=rated.seam,
            ghost=rated.ghost,
            mismatch=loop.mismatch,
            pace=rated.pace,
        )
