"""Moving figures with known answers, drawn with numpy.

The figure's limbs swing as sin(phase), all in step, so that every pose but the two extreme ones is
passed twice per period, in opposite directions: comparing single frames must fail on it.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streaming.frames import U8
from streaming.loops.model import Look

Floats = NDArray[np.floating[Any]]


@dataclass(frozen=True, slots=True)
class Limb:
    """A capsule with a colour."""

    x0: float
    y0: float
    x1: float
    y1: float
    radius: float
    colour: tuple[int, int, int]


def body(phase: float, tall: float) -> list[Limb]:
    """A person `tall` px high whose hips are at (0, 0) and whose limbs swing."""
    swing, limbs = 0.9 * math.sin(phase), []
    for side, colour in ((1, (220, 60, 40)), (-1, (40, 90, 220))):
        arm, leg = side * swing, -side * 0.6 * swing
        reach_x, reach_y = 0.3 * tall * math.sin(arm), 0.3 * tall * math.cos(arm)
        shoulder = side * 0.08 * tall, -0.3 * tall
        limbs.append(
            Limb(*shoulder, shoulder[0] + reach_x, shoulder[1] + reach_y, 0.035 * tall, colour)
        )
        step_x, step_y = 0.42 * tall * math.sin(leg), 0.42 * tall * math.cos(leg)
        limbs.append(Limb(0, 0, step_x, step_y, 0.05 * tall, (60, 60, 90)))
    limbs.append(Limb(0, -0.28 * tall, 0, 0, 0.09 * tall, (240, 200, 60)))
    limbs.append(Limb(0, -0.42 * tall, 0, -0.42 * tall, 0.07 * tall, (230, 180, 150)))
    return limbs


def strider(phase: float, tall: float, apart: float = 0.03) -> list[Limb]:
    """A person seen from the side whose two arms and two legs have one colour.

    Half a period on, near and far limb have changed places: the outline is the same but for what
    the camera's height makes of it, and the other arm is in front of the trunk.

    Args:
        phase: Where in the stride, in radians.
        tall: Height in px.
        apart: How far near and far limbs are from the middle, as a share of the height.
    """
    skin, swing, limbs = (230, 180, 150), 0.9 * math.sin(phase), []
    for side in (-1, 1):
        if side == 1:
            limbs.append(Limb(0, -0.28 * tall, 0, 0, 0.09 * tall, (240, 90, 60)))
            limbs.append(Limb(0, -0.42 * tall, 0, -0.42 * tall, 0.07 * tall, skin))
        x, y = side * apart * tall, side * 0.7 * apart * tall
        for root, length, radius, angle in (
            (y, 0.42 * tall, 0.05, side * swing),
            (y - 0.32 * tall, 0.32 * tall, 0.04, -side * swing),
        ):
            tip = x + length * math.sin(angle), root + length * math.cos(angle)
            limbs.append(Limb(x, root, *tip, radius * tall, skin))
    return limbs


def draw(limbs: Iterable[Limb], x: float, y: float, size: tuple[int, int]) -> U8:
    """Draw limbs around (x, y) with soft edges.

    Args:
        limbs: What to draw, the last on top.
        x: Where their origin is, in px.
        y: The same, downwards.
        size: Width and height.

    Returns:
        (H, W, 4) uint8, straight alpha.
    """
    columns = np.arange(size[0]) + 0.5 - x
    rows = (np.arange(size[1]) + 0.5 - y)[:, None]
    colour, alpha = np.zeros((size[1], size[0], 3)), np.zeros((size[1], size[0]))
    for limb in limbs:
        across = _reach(columns, limb.x0, limb.x1, limb.radius)
        down = _reach(rows[:, 0], limb.y0, limb.y1, limb.radius)
        cover = _cover(limb, columns[across], rows[down])
        colour[down, across] += cover[..., None] * (np.array(limb.colour) - colour[down, across])
        alpha[down, across] = np.maximum(alpha[down, across], cover)
    return np.dstack((colour, alpha * 255)).round().astype(np.uint8)


def _reach(places: Floats, start: float, end: float, radius: float) -> slice:
    """Where along one axis a limb can be seen: most of a picture is none of it."""
    low, high = np.searchsorted(
        places, (min(start, end) - radius - 1, max(start, end) + radius + 1)
    )
    return slice(int(low), int(high))


def _cover(limb: Limb, columns: Floats, rows: Floats) -> Floats:
    """How much of each pixel a limb covers, 0 to 1."""
    dx, dy = limb.x1 - limb.x0, limb.y1 - limb.y0
    along = ((columns - limb.x0) * dx + (rows - limb.y0) * dy) / (dx * dx + dy * dy + 1e-9)
    along = along.clip(0, 1)
    away = np.hypot(columns - limb.x0 - along * dx, rows - limb.y0 - along * dy)
    covered: Floats = (limb.radius - away + 0.5).clip(0, 1)
    return covered


@dataclass(frozen=True, slots=True)
class Swing:
    """A swinging figure.

    Attributes:
        period: Frames per period.
        frames: How many frames.
        noise: Standard deviation of the noise on colours and matte, in grey levels.
        walk: How far the figure goes to the right per frame, in px.
        fps: Frames per second.
        size: Width and height of the picture.
        x: Where the hips start, as a share of the width.
        tall: Height of the figure as a share of the picture's.
    """

    period: float
    frames: int = 180
    noise: float = 0.0
    walk: float = 0.0
    fps: int = 30
    size: tuple[int, int] = (128, 72)
    x: float = 0.5
    tall: float = 0.8

    def picture(self, index: int) -> U8:
        """One frame, the same whenever it is asked for."""
        limbs = body(2 * math.pi * index / self.period, self.tall * self.size[1])
        x = self.x * self.size[0] + self.walk * index
        return noisy(draw(limbs, x, 0.55 * self.size[1], self.size), self.noise, index)

    def looks(self) -> Iterator[Look]:
        """All frames."""
        for index in range(self.frames):
            yield Look(index, Fraction(index, self.fps), self.picture(index))


def noisy(rgba: U8, sigma: float, seed: int) -> U8:
    """Add noise to the colours, and to the matte where there is any."""
    if sigma == 0:
        return rgba
    noise = np.random.default_rng(seed).normal(0, sigma, rgba.shape)
    noise[..., 3] *= rgba[..., 3] > 0
    return (rgba + noise).round().clip(0, 255).astype(np.uint8)


def looks_of(pictures: Iterable[U8], *, fps: int = 30) -> Iterator[Look]:
    """Number pictures and give them times."""
    for index, rgba in enumerate(pictures):
        yield Look(index, Fraction(index, fps), rgba)
