"""Closed cycles with known answers for the tests of exports."""

import math
from collections.abc import Callable, Iterator
from fractions import Fraction

import numpy as np

from streaming.exports.cycle import Cycle
from streaming.frames import U8, Size, read_only

RED = (200, 60, 40)
SMALL = Size(96, 64)


def disc(size: Size, x: float, y: float, radius: float, seed: int | None = None) -> U8:
    """A red disc with a soft edge on colours that nobody should see; grain where seeded."""
    rows, columns = np.indices((size.height, size.width)).astype(np.float64) + 0.5
    away = np.hypot(columns - x, rows - y)
    rgba = np.empty((size.height, size.width, 4), np.uint8)
    rgba[..., :3] = np.where((away < radius + 3)[..., None], RED, (0, 255, 0))
    if seed is not None:
        grain = np.random.default_rng(seed).normal(0, 12, rgba.shape[:2])[..., None]
        rgba[..., :3] = np.clip(rgba[..., :3] + grain, 0, 255)
    rgba[..., 3] = np.round(np.clip((radius + 1 - away) / 2, 0, 1) * 255)
    return rgba


def cycle_of(frames: list[U8], fps: Fraction = Fraction(30)) -> Cycle:
    """Frames at an even rate as a cycle."""
    size = Size(frames[0].shape[1], frames[0].shape[0])
    times = tuple(each / fps for each in range(len(frames)))
    kept = [read_only(each.copy()) for each in frames]
    return Cycle(size, times, len(frames) / fps, lambda: iter(kept))


def drawn(size: Size, count: int, fps: Fraction, draw: Callable[[float], U8]) -> Cycle:
    """A cycle drawn anew at each reading; `draw` takes the phase, 0..1."""

    def read() -> Iterator[U8]:
        for each in range(count):
            yield read_only(draw(each / count))

    return Cycle(size, tuple(each / fps for each in range(count)), count / fps, read)


def orbit(
    size: Size = SMALL,
    count: int = 30,
    fps: Fraction = Fraction(30),
    *,
    noisy: bool = False,
) -> Cycle:
    """The disc going once around the middle: a perfect loop."""
    reach = min(size.width, size.height) * 0.2

    def draw(phase: float) -> U8:
        x = size.width / 2 + reach * math.cos(2 * math.pi * phase)
        y = size.height / 2 + reach * math.sin(2 * math.pi * phase)
        return disc(size, x, y, reach, round(phase * count) if noisy else None)

    return drawn(size, count, fps, draw)
