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
OTHER_RUNG = 0.1  # of ln(bytes): how far off a prediction for another rung may be
GUESSED = 0.6  # of ln(bytes): how far off scouts may be


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
        self._rungs = tuple(rungs)
        self._limit = limit
        self._slope = slope
        self._sizes: dict[Setting, int] = {}
        self._guesses: list[tuple[Setting, float]] = []
        self.encodes = 0

    @property
    def open(self) -> bool:
        """Whether another try may find something better."""
        rung = self._rung()
        here = {each.quality: size for each, size in self._sizes.items() if each.rung == rung}
        fitting = [quality for quality, size in here.items() if size <= self._limit]
        if not fitting:
            return rung.least not in here
        best = max(fitting)
        full = here[best] >= ENOUGH * self._limit
        return not (full or best >= rung.most or best + 1 in here)

    def guessed(self, setting: Setting, size: float) -> None:
        """Note what a scout says; two of them tell the slope too."""
        self.encodes += 1
        self._guesses.append((setting, math.log(max(1.0, size))))
        if len(self._guesses) == 2:
            (one, low), (other, high) = self._guesses
            steps = other.quality - one.quality
            if one.rung == other.rung and steps and (high - low) / steps > self._slope / 8:
                self._slope = (high - low) / steps

    def measured(self, setting: Setting, size: int) -> None:
        """Remember a file, and how steep the way to it was."""
        self.encodes += 1
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
        rung = self._rung()
        wanted = math.log((SAFE if self._urgent else AIM) * self._limit)
        quality = start if not (self._sizes or self._guesses) else self._solved(rung, wanted)
        low, high = self._bracket(rung)
        return Setting(rung, max(low, min(high, quality)))

    def fitted(self) -> Fitted:
        """The best so far: on the earliest rung, of the highest quality."""
        fitting = [each for each, size in self._sizes.items() if size <= self._limit]
        if not fitting:
            least = min(self._sizes, key=lambda each: self._sizes[each])
            return Fitted(least, self._sizes[least], self.encodes, within=False)
        best = min(fitting, key=lambda each: (self._rungs.index(each.rung), -each.quality))
        return Fitted(best, self._sizes[best], self.encodes, within=True)

    @property
    def _urgent(self) -> bool:
        """Whether the next try is the last one, and none has fitted yet."""
        last = self.encodes >= MOST_ENCODES - 1
        return last and all(size > self._limit for size in self._sizes.values())

    def _rung(self) -> Rung:
        """The first rung that may fit, as far as is known; the last where none may."""
        if not self._sizes and len(self._guesses) < SCOUTS:
            return self._rungs[0]
        return next((each for each in self._rungs if self._may_fit(each)), self._rungs[-1])

    def _may_fit(self, rung: Rung) -> bool:
        least = Setting(rung, rung.least)
        if any(each.rung == rung and size <= self._limit for each, size in self._sizes.items()):
            return True
        if least in self._sizes:
            return False
        doubt = 0.0 if self._urgent else self._doubt(least)
        return self._predicted(least) - doubt <= math.log(self._limit * (AIM if doubt else SAFE))

    def _doubt(self, setting: Setting) -> float:
        """By how much ln(bytes) of a setting may be less than is predicted."""
        known = list(self._sizes) or [each for each, _ in self._guesses]
        here = [each for each in known if each.rung == setting.rung]
        away = min(abs(each.quality - setting.quality) for each in here or known)
        elsewhere = 0.0 if here else OTHER_RUNG
        return DOUBT * self._slope * away + elsewhere + (0.0 if self._sizes else GUESSED)

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
        near = Setting(rung, (here[0] if above else here[-1])[0] if here else rung.most)
        return math.floor(near.quality + (wanted - self._predicted(near)) / self._slope)

    def _predicted(self, setting: Setting) -> float:
        """ln(bytes) of a setting: from the nearest file, else from the nearest scout."""
        known = [(each, math.log(size)) for each, size in self._sizes.items()] or self._guesses
        near, size = min(
            known,
            key=lambda each: (each[0].rung != setting.rung, abs(each[0].quality - setting.quality)),
        )
        weight = math.log(setting.rung.weight / near.rung.weight)
        return size + weight + (setting.quality - near.quality) * self._slope
