"""A clip for people who have none at hand: a person who sways over a moving background.

It is made from one public-domain photograph (see static/SOURCES.md), so that the demo needs no
download, shows a matte on a real face and hair, and has a known answer: the person repeats exactly
every `PERIOD` frames and the background never does. So a loop can be found only by whoever takes
the person off the background first, which is what this program is about. The sway runs round a
small ellipse instead of back and forth: no pose is passed twice, in opposite directions, within a
period, which would be a trap (see loops/).

Pixels are moved row by row with plain numpy: upright people bend, so a row's pixels move alike.
"""

import math
from fractions import Fraction
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streaming.assets import asset
from streaming.frames import U8, Size, read_only
from streaming.media.video import VideoWriter

__all__ = ["DEMO_SIZE", "FRAMES", "PERIOD", "RATE", "demo_frame", "demo_person", "write_demo_clip"]

DEMO_SIZE = Size(640, 360)
RATE = 30
PERIOD = 48  # frames until the person is exactly the same again
FRAMES = 5 * PERIOD  # 8 s

F32 = NDArray[np.float32]

ZOOM = 1.17  # of the cut-out, so that head and shoulders fill the frame
FOOT_PX = 414.0  # where the cut-out ends, below the frame: its cut edge never shows
LEAN_PX, SHIFT_PX, STRETCH = 24.0, 12.0, 0.022
LIGHTS = 34


def write_demo_clip(path: Path, *, frames: int = FRAMES) -> None:
    """Write the clip as H.264 in MP4, 640x360 at 30 frames per second.

    Args:
        path: A name that is not taken, ending in .mp4.
        frames: How many frames, at least 1; `PERIOD` is the person's period.

    Raises:
        OutputError: If something of that name exists or it cannot be written.
    """
    with VideoWriter(path, size=DEMO_SIZE) as video:
        for index in range(frames):
            video.write(demo_frame(index), Fraction(index, RATE))
        video.close(Fraction(frames, RATE))


def demo_frame(index: int) -> U8:
    """One frame of the clip: (360, 640, 3) uint8 sRGB."""
    person = demo_person(index)
    alpha = person[..., 3:].astype(np.float32) / 255
    scene = _background(index)
    mixed = scene + (person[..., :3] - scene) * alpha
    return np.clip(mixed + 0.5, 0, 255).astype(np.uint8)


def demo_person(index: int) -> U8:
    """The person alone: (360, 640, 4) uint8, straight alpha, repeating every `PERIOD` frames."""
    return _posed(index % PERIOD)


@lru_cache(maxsize=PERIOD)
def _posed(step: int) -> U8:
    angle = 2 * math.pi * step / PERIOD
    cut_out = _cut_out()
    high, wide = cut_out.shape[:2]
    zoom_y = ZOOM * (1 + STRETCH * math.cos(angle))
    rows = np.arange(DEMO_SIZE.height, dtype=np.float32)
    from_y = high + (rows - FOOT_PX) / zoom_y
    height = np.clip(1 - from_y / high, 0, 1)
    lean = (SHIFT_PX + LEAN_PX * height**1.6) * math.sin(angle)
    columns = np.arange(DEMO_SIZE.width, dtype=np.float32) - DEMO_SIZE.width / 2
    from_x = wide / 2 + (columns[None, :] - lean[:, None]) / ZOOM
    return read_only(_straight(_sampled(cut_out, from_x.astype(np.float32), from_y)))


@lru_cache(maxsize=1)
def _cut_out() -> F32:
    """The photograph as (H, W, 4) float32, 0..1, premultiplied, with a clear border at 3 sides."""
    with asset("astronaut.jpg").open("rb") as file, Image.open(file) as photo:
        rgb = np.asarray(photo.convert("RGB"), np.float32) / 255
    with asset("astronaut_alpha.png").open("rb") as file, Image.open(file) as matte:
        alpha = np.asarray(matte.convert("L"), np.float32)[..., None] / 255
    return np.concatenate([rgb * alpha, alpha], axis=2).astype(np.float32)


def _sampled(image: F32, from_x: F32, from_y: F32) -> F32:
    """Bilinear samples; outside of the image everything is clear.

    Args:
        image: (h, w, 4) float32, premultiplied.
        from_x: (H, W) columns of `image` to look at.
        from_y: (H,) rows of `image` to look at.
    """
    padded = np.pad(image, ((1, 1), (1, 1), (0, 0)))
    top, below = _split(from_y + 1, padded.shape[0])
    rows = padded[top] * (1 - below)[:, None, None] + padded[top + 1] * below[:, None, None]
    left, right = _split(from_x + 1, padded.shape[1])
    line = np.arange(len(from_y))[:, None]
    share = right[..., None]
    mixed = rows[line, left] * (1 - share) + rows[line, left + 1] * share
    return mixed.astype(np.float32, copy=False)


def _split(position: F32, length: int) -> tuple[NDArray[np.intp], F32]:
    """Positions as an index that has a right neighbour, and the share of that neighbour."""
    inside = np.clip(position, 0, length - 1.001)
    whole = np.floor(inside).astype(np.intp)
    return whole, (inside - whole).astype(np.float32)


def _straight(premultiplied: F32) -> U8:
    alpha = premultiplied[..., 3:]
    rgb = premultiplied[..., :3] / np.maximum(alpha, 1 / 255)
    made: U8 = np.clip(np.concatenate([rgb, alpha], axis=2) * 255 + 0.5, 0, 255).astype(np.uint8)
    return made


def _background(index: int) -> F32:
    """A dusk out of focus, with lights that drift by: (360, 640, 3) float32, 0..255."""
    down = np.linspace(0, 1, DEMO_SIZE.height, dtype=np.float32)[:, None, None]
    across = np.linspace(0, 1, DEMO_SIZE.width, dtype=np.float32)[None, :, None]
    glow = 0.5 + 0.5 * np.sin(2 * math.pi * (across * 0.6 + index / 397))
    top = np.array([38, 84, 124], np.float32) + glow * np.array([18, 22, 30], np.float32)
    low = np.array([92, 128, 148], np.float32) + glow * np.array([46, 24, 12], np.float32)
    scene: F32 = (top * (1 - down) + low * down).astype(np.float32)
    for light in _lights():
        _add_light(scene, light, index)
    return scene


@lru_cache(maxsize=1)
def _lights() -> tuple[F32, ...]:
    """Each light as x, y, radius, speed (px, px per frame), then red, green, blue."""
    chance = np.random.default_rng(7)
    palette = np.array([[255, 226, 170], [170, 226, 255], [190, 255, 224], [255, 204, 214]])
    made = []
    for _ in range(LIGHTS):
        radius = chance.uniform(14, 52)
        place = chance.uniform((0, -20), (DEMO_SIZE.width + 2 * radius, DEMO_SIZE.height + 20))
        colour = palette[chance.integers(len(palette))] * chance.uniform(0.12, 0.34)
        speed = chance.choice((-1, 1)) * (0.35 + 18 / radius * chance.uniform(0.5, 1))
        made.append(np.array([*place, radius, speed, *colour], np.float32))
    return tuple(made)


def _add_light(scene: F32, light: F32, index: int) -> None:
    x, y, radius, speed = (float(value) for value in light[:4])
    x = (x + speed * index) % (DEMO_SIZE.width + 2 * radius) - radius
    y += 6 * math.sin(index / 61 + radius)
    left, right = (int(np.clip(x + side * (radius + 2), 0, DEMO_SIZE.width)) for side in (-1, 1))
    top, low = (int(np.clip(y + side * (radius + 2), 0, DEMO_SIZE.height)) for side in (-1, 1))
    across = np.arange(left, right, dtype=np.float32)[None, :] - np.float32(x)
    down = np.arange(top, low, dtype=np.float32)[:, None] - np.float32(y)
    far = (across * across + down * down) / np.float32(radius * radius)
    disc = np.clip((1 - far) * 4, 0, 1) * (0.72 + 0.28 * far * far)
    scene[top:low, left:right] += disc[..., None] * light[4:]
