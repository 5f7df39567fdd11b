"""A clip whose layers, maps, mattes and light are known exactly, for every test of an atlas.

A textured ellipse sways, turns and stretches before a textured background that pans, in a light
that comes and goes; all of it returns after the last frame. What a pixel shows is looked up in the
two pictures at places that a formula gives, so nothing here rests on what is tested.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from streaming.atlas.model import (
    BACKGROUND,
    F32,
    LIGHT_PX,
    Fit,
    Footage,
    Layer,
    Pair,
    foreground,
    nodes_for,
)
from streaming.frames import Size

MARGIN_PX = 24  # by which the pictures are larger than a frame, all round


@dataclass(frozen=True)
class Motion:
    """How strong everything is; a frame's phase goes once round while the clip plays."""

    sway_px: float = 6.0
    turn: float = 0.08
    bend_px: float = 2.0
    pan_px: float = 8.0
    light: float = 0.15


class Scene:
    def __init__(
        self,
        size: Size = Size(160, 120),  # noqa: B008 - a frozen value
        count: int = 12,
        motion: Motion = Motion(),
        seed: int = 7,
    ) -> None:
        self.size, self.count, self.motion = size, count, motion
        self.atlas_size = Size(size.width + 2 * MARGIN_PX, size.height + 2 * MARGIN_PX)
        self.front = texture(self.atlas_size, seed, np.array([0.62, 0.45, 0.35], np.float32))
        self.back = texture(self.atlas_size, seed + 1, np.array([0.4, 0.5, 0.58], np.float32))
        x, y = pixel_places(self.size)
        self.pixels = np.stack((x, y), axis=-1)

    def phase(self, frame: float) -> float:
        return 2 * np.pi * frame / self.count

    def uv_front(self, frame: float, at: F32 | None = None) -> F32:
        """Texels of the front picture at pixels (default: all), (..., 2)."""
        at = self.pixels if at is None else at
        p, m = self.phase(frame), self.motion
        middle = np.array([self.size.width / 2, self.size.height / 2])
        away = at - middle - np.array([m.sway_px * np.sin(p), 0.5 * m.sway_px * np.sin(2 * p)])
        turn, grow = m.turn * np.sin(p), 1 + 0.04 * np.sin(p + 1)
        c, s = np.cos(turn) / grow, np.sin(turn) / grow
        x, y = away[..., 0] * c + away[..., 1] * s, away[..., 1] * c - away[..., 0] * s
        bend = m.bend_px * np.sin(p)
        x2 = x + bend * np.sin(2 * np.pi * y / 90)
        y2 = y + bend * np.cos(2 * np.pi * x / 110) * 0.7
        return np.asarray(np.stack((x2, y2), axis=-1) + middle + MARGIN_PX, np.float32)

    def uv_back(self, frame: float, at: F32 | None = None) -> F32:
        at = self.pixels if at is None else at
        p, pan = self.phase(frame), self.motion.pan_px
        move = np.array([pan * np.sin(p), 0.3 * pan * np.cos(p)])
        return np.asarray(at + move + MARGIN_PX, np.float32)

    def matte(self, frame: float) -> F32:
        """Soft ellipse of the front picture, (H, W) 0..1."""
        away = self.uv_front(frame) - np.array(
            [self.atlas_size.width / 2, self.atlas_size.height / 2], np.float32
        )
        far = np.hypot(
            away[..., 0] / (0.22 * self.size.width), away[..., 1] / (0.36 * self.size.height)
        )
        return np.asarray(np.clip((1 - far) * 0.25 * self.size.width * 0.5 + 0.5, 0, 1), np.float32)

    def light(self, frame: float, at: F32 | None = None) -> F32:
        """Gain at pixels, (..., 1)."""
        at = self.pixels if at is None else at
        slope = 0.7 + 0.6 * at[..., :1] / self.size.width
        return np.asarray(
            1 + self.motion.light * np.sin(self.phase(frame) + 0.5) * slope, np.float32
        )

    def seen(self, picture: F32, uv: F32) -> F32:
        return np.asarray(
            cv2.remap(picture, uv, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE),
            np.float32,
        )

    def behind(self, frame: int) -> F32:
        """The background without anybody before it, (H, W, 3) 0..1."""
        return np.asarray(self.seen(self.back, self.uv_back(frame)) * self.light(frame), np.float32)

    def frame(self, frame: int) -> F32:
        alpha = self.matte(frame)[..., None]
        own = self.seen(self.front, self.uv_front(frame)) * self.light(frame)
        return np.asarray(alpha * own + (1 - alpha) * self.behind(frame), np.float32)

    def footage(self, *, looped: bool = True) -> Footage:
        frames = np.stack([eighted(self.frame(each)) for each in range(self.count)])
        mattes = np.stack([eighted(self.matte(each)) for each in range(self.count)])[None]
        seams = (Pair(self.count - 1, 0),) if looped else ()
        return Footage(frames, mattes, seams)

    def truth(self) -> Fit:
        """The fit that nobody can better."""
        both = [
            (foreground(0), 8, self.uv_front, self.front),
            (BACKGROUND, 16, self.uv_back, self.back),
        ]
        layers = tuple(self._layer(*each) for each in both)
        return Fit(self.size, layers, 0, "grid", "final", 0.0)

    def _layer(self, name, spacing, uv_at, picture) -> Layer:  # type: ignore[no-untyped-def]
        nodes = node_places(self.size, spacing)
        lights = node_places(self.size, LIGHT_PX)
        uv = np.stack([uv_at(each, nodes) for each in range(self.count)])
        light = np.stack([np.repeat(self.light(each, lights), 3, -1) for each in range(self.count)])
        cover = np.ones(picture.shape[:2], np.float32)
        if name != BACKGROUND:
            away = np.stack(pixel_places(self.atlas_size), -1) - np.array(
                [self.atlas_size.width / 2, self.atlas_size.height / 2], np.float32
            )
            far = np.hypot(
                away[..., 0] / (0.22 * self.size.width), away[..., 1] / (0.36 * self.size.height)
            )
            cover = (far < 1).astype(np.float32)
        return Layer(
            name=name, uv=uv, spacing_px=spacing, atlas=picture, cover=cover,
            light=light, trust=np.ones(uv.shape[:3], np.float32),
        )  # fmt: skip


def node_places(size: Size, spacing_px: int) -> F32:
    rows, columns = nodes_for(size, spacing_px)
    j, i = np.meshgrid(np.arange(columns), np.arange(rows))
    return np.asarray((np.stack((j, i), axis=-1) - 0.5) * spacing_px - 0.5, np.float32)


def pixel_places(size: Size) -> tuple[F32, F32]:
    x, y = np.meshgrid(np.arange(size.width), np.arange(size.height))
    return x.astype(np.float32), y.astype(np.float32)


def texture(size: Size, seed: int, mean: F32) -> F32:
    """Blotches of several sizes around a colour, (h, w, 3) within about 0.2..0.8."""
    noise = np.random.default_rng(seed)
    made = np.zeros((size.height, size.width, 3), np.float32)
    for cell in (32, 12, 5):
        small = noise.normal(0, 1, (size.height // cell + 2, size.width // cell + 2, 3))
        made += cv2.resize(
            small.astype(np.float32), (size.width, size.height), interpolation=cv2.INTER_CUBIC
        )
    return np.asarray(np.clip(mean + 0.06 * made, 0.15, 0.8), np.float32)


def eighted(values: F32) -> np.ndarray:
    return np.clip(np.round(values * 255), 0, 255).astype(np.uint8)
