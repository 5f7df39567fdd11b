"""Near-loops with known faults: a swinging figure that never comes back quite as it was."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import numpy as np

from streaming.frames import U8, read_only
from streaming.loops.model import Look
from streaming.mending.sight import Sight
from tests.loops.figures import Limb, body, draw, noisy

SIZE = (256, 192)
PERIOD = 24


@dataclass(frozen=True, slots=True)
class Faulty:
    """A figure that swings once in PERIOD frames, and changes slowly from one swing to the next.

    Attributes:
        light: Share by which it gets brighter in a period.
        growth: Share by which it gets larger.
        lean: Radians by which its arms are raised in a period: another pose each time.
        frames: How many there are.
        noise: Standard deviation of the noise, in grey levels.
    """

    light: float = 0.0
    growth: float = 0.0
    lean: float = 0.0
    frames: int = 50
    noise: float = 1.0

    def picture(self, index: int) -> U8:
        """One frame, (H, W, 4) uint8; drawn once, for drawing is what takes long here."""
        return _drawn(self, index)

    def drawn(self, index: int) -> U8:
        """The same, drawn anew."""
        passed = index / PERIOD
        tall = 140 * (1 + self.growth) ** passed
        limbs = _raised(body(2 * math.pi * passed, tall), self.lean * passed)
        rgba = draw(limbs, 128, 105, SIZE).astype(np.float64)
        rgba[..., :3] *= 0.8 * (1 + self.light) ** passed
        return noisy(rgba.round().clip(0, 255).astype(np.uint8), self.noise, index)

    def looks(self) -> Iterator[Look]:
        """All frames."""
        for index in range(self.frames):
            yield Look(index, Fraction(index, 30), self.picture(index))

    def sight(self) -> Sight:
        """All frames as mending sees them."""
        return Sight(tuple(self.looks()))


@cache
def _drawn(figure: Faulty, index: int) -> U8:
    return read_only(figure.drawn(index))


def _raised(limbs: list[Limb], angle: float) -> list[Limb]:
    """The figure with its two arms turned about their shoulders."""
    made = []
    for limb in limbs:
        if limb.colour in ((220, 60, 40), (40, 90, 220)):
            x, y = limb.x1 - limb.x0, limb.y1 - limb.y0
            cos, sin = math.cos(angle), math.sin(angle)
            x, y = x * cos + y * sin, y * cos - x * sin
            limb = Limb(limb.x0, limb.y0, limb.x0 + x, limb.y0 + y, limb.radius, limb.colour)
        made.append(limb)
    return made
