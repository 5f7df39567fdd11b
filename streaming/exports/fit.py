"""Finding the best setting whose file is within a limit, by measured bytes, in few encodes.

No model says how many bytes a noisy loop takes, so files are written and weighed. What can be given
up stands in order: quality, then rate, then colours, then pixels; each stretch of that road where
quality alone changes is a `Rung`. Within one the logarithm of the size is nearly a straight line
over quality, so each measurement halves the doubt many times over. Quick scouts, which encode
with less effort or only some of the frames, find the neighbourhood; what is delivered is a whole
encode. At most eight of both are made.

It ends within the limit and above nine tenths of it, unless the picture is as good as perfect
before that, or one step of quality leaps over the gap.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

__all__ = ["ENOUGH", "MOST_ENCODES", "Fitted", "Rung", "Setting", "fit"]

MOST_ENCODES = 8
ENOUGH = 0.9  # of the limit
AIM = 0.96  # of the limit: what a prediction aims at
SAFE = 0.8  # of the limit: what the last try aims at, while none has fitted
SCOUTS = 2
DOUBT = 0.5  # of the slope, for every step that a prediction reaches beyond what is known


@dataclass(frozen=True, slots=True)
class Rung:
    """A stretch on which only quality changes.

    Attributes:
        least: Lowest quality, in steps of the format's own.
        most: Highest quality.
        thin: Every how-manieth frame is shown.
        share: How large the picture is of what it could be, 0..1.
    """

    least: int
    most: int
    thin: int = 1
    share: float = 1.0

    @property
    def weight(self) -> float:
        """About how many bytes it takes, against thin 1 and share 1: measured on several loops."""
        return float(self.thin**-0.8 * self.share**1.6)


@dataclass(frozen=True, slots=True)
class Setting:
    """One point: a rung and a quality on it."""

    rung: Rung
    quality: int


@dataclass(frozen=True, slots=True)
class Fitted:
    """What the search came to.

    Attributes:
        setting: The best setting within the limit; the smallest file's where none is.
        bytes: Size of its file.
        encodes: How many were made.
        within: Whether it is within the limit.
    """

    setting: Setting
    bytes: int
    encodes: int
    within: bool


def fit(
    encode: Callable[[Setting], int],
    rungs: Sequence[Rung],
    limit: int,
    *,
    start: int,
    slope: float,
    scout: Callable[[Setting], float] | None = None,
    perfect: Callable[[Setting], bool] = lambda setting: False,
) -> Fitted:
    """Search.

    Args:
        encode: Writes a file and gives its bytes.
        rungs: What may be given up, in order.
        limit: Most bytes.
        start: Quality to begin with.
        slope: First guess of the rise of ln(bytes) per step of quality, positive.
        scout: Guesses the bytes of a setting quickly; None: every try is a whole encode.
        perfect: Whether a file that was written is so good that more bytes would be wasted.
    """
    search = _Search(rungs, limit, slope)
    if scout is not None:
        for _ in range(SCOUTS):
            setting = search.next(start)
            search.guessed(setting, scout(setting))
    while search.open and search.encodes < MOST_ENCODES:
        setting = search.next(start)
        search.measured(setting, encode(setting))
        if search.under(setting) < ENOUGH and perfect(setting):
            break
    return search.fitted()


class _Search:
    """What is known so far, and what to try next."""

    def __init__(self, rungs: Sequence[Rung], limit: int, slope: float) -> None:
        self._rungs = list(rungs)
        self._limit = limit
        self._slope = slope
        self._at = 0
        self._sizes: dict[Setting, int] = {}
        self._guesses: list[tuple[Setting, float]] = []
        self.encodes = 0
        self.open = True

    def guessed(self, setting: Setting, size: float) -> None:
        """Note what a scout says; two of them tell the slope too."""
        self.encodes += 1
        self._guesses.append((setting, math.log(max(1.0, size))))
        if len(self._guesses) == 2:
            (one, low), (other, high) = self._guesses
            steps = other.quality - one.quality
            if one.rung == other.rung and steps and (high - low) / steps > self._slope / 8:
                self._slope = (high - low) / steps
            self._descend(final=False)

    def measured(self, setting: Setting, size: int) -> None:
        """Note a file's size, and whether the search is over."""
        self.encodes += 1
        self._learn(setting, size)
        rung = setting.rung
        if size <= self._limit:
            closed = Setting(rung, setting.quality + 1) in self._sizes
            full = size >= ENOUGH * self._limit
            self.open = not (full or closed or setting.quality >= rung.most)
        elif Setting(rung, setting.quality - 1) in self._sizes:
            self.open = self._sizes[Setting(rung, setting.quality - 1)] > self._limit
        if self.open and size > self._limit and setting.quality <= rung.least:
            self._at += 1
            self.open = self._at < len(self._rungs)
        self._descend(final=self.encodes >= MOST_ENCODES - 1)

    def _learn(self, setting: Setting, size: int) -> None:
        """Remember a file, and how steep the way to it was."""
        for other, known in self._sizes.items():
            steps = setting.quality - other.quality
            if other.rung == setting.rung and steps and (size - known) * steps > 0:
                self._slope = math.log(size / known) / steps
        self._sizes[setting] = size

    def under(self, setting: Setting) -> float:
        """How much of the limit a file uses; 1 and more where it is beyond."""
        return self._sizes[setting] / self._limit

    def next(self, start: int) -> Setting:
        """The setting that should just fit."""
        rung = self._rungs[min(self._at, len(self._rungs) - 1)]
        last = self.encodes == MOST_ENCODES - 1 and not self._fitting()
        wanted = math.log((SAFE if last else AIM) * self._limit)
        quality = start if not (self._sizes or self._guesses) else self._solved(rung, wanted)
        low, high = self._bracket(rung)
        return Setting(rung, max(low, min(high, quality)))

    def fitted(self) -> Fitted:
        """The best so far: on the earliest rung, of the highest quality."""
        fitting = self._fitting()
        if not fitting:
            least = min(self._sizes, key=lambda each: self._sizes[each])
            return Fitted(least, self._sizes[least], self.encodes, within=False)
        best = min(fitting, key=lambda each: (self._rungs.index(each.rung), -each.quality))
        return Fitted(best, self._sizes[best], self.encodes, within=True)

    def _fitting(self) -> list[Setting]:
        return [each for each, size in self._sizes.items() if size <= self._limit]

    def _descend(self, *, final: bool) -> None:
        """Pass over rungs that cannot fit, by what is predicted of their least quality."""
        if self._fitting():
            return
        aim = math.log(self._limit * (SAFE if final else 1.05))
        while self._at < len(self._rungs) - 1:
            rung = self._rungs[self._at]
            least = Setting(rung, rung.least)
            if self._predicted(least) - DOUBT * self._slope * self._away(least) <= aim:
                return
            self._at += 1

    def _away(self, setting: Setting) -> int:
        """How many steps of quality the prediction of a setting reaches beyond what is known."""
        known = list(self._sizes) or [each for each, _ in self._guesses]
        return min(abs(each.quality - setting.quality) for each in known)

    def _bracket(self, rung: Rung) -> tuple[int, int]:
        """The qualities that are still in question."""
        here = [(each.quality, size) for each, size in self._sizes.items() if each.rung == rung]
        low = max((q + 1 for q, size in here if size <= self._limit), default=rung.least)
        high = min((q - 1 for q, size in here if size > self._limit), default=rung.most)
        return min(low, rung.most), max(high, rung.least)

    def _solved(self, rung: Rung, wanted: float) -> int:
        """The quality at which a rung should have ln(bytes) `wanted`."""
        here = sorted((e.quality, math.log(s)) for e, s in self._sizes.items() if e.rung == rung)
        below = [each for each in here if each[1] <= wanted]
        above = [each for each in here if each[1] > wanted]
        if below and above and above[0][0] > below[-1][0]:
            (q0, low), (q1, high) = below[-1], above[0]
            return math.floor(q0 + (q1 - q0) * (wanted - low) / (high - low))
        base = Setting(rung, here[0][0] if above else here[-1][0]) if here else None
        near = base or Setting(rung, rung.most)
        return math.floor(near.quality + (wanted - self._predicted(near)) / self._steepness(here))

    def _steepness(self, here: list[tuple[int, float]]) -> float:
        """The slope by the last two files of a rung, the guess where there are none."""
        if len(here) >= 2:
            (q0, low), (q1, high) = here[0], here[-1]
            if high > low:
                return (high - low) / (q1 - q0)
        return self._slope

    def _predicted(self, setting: Setting) -> float:
        """ln(bytes) of a setting: from the nearest file, else from the nearest scout."""
        known = [(each, math.log(size)) for each, size in self._sizes.items()] or self._guesses
        if not known:
            return -math.inf
        near, size = min(
            known,
            key=lambda each: (each[0].rung != setting.rung, abs(each[0].quality - setting.quality)),
        )
        weight = math.log(setting.rung.weight / near.rung.weight)
        return size + weight + (setting.quality - near.quality) * self._slope
