"""Layers while they are fitted: what each atlas is, and what it shows in each frame.

Everything is done where a layer is: a person fills a fifth of the picture, and the rest need not be
looked at. A foreground's own colours are what a frame shows less what the background shows through
its edge, which the background's atlas knows; so the background is painted first.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial

import cv2
import numpy as np

from streaming.atlas.abreast import for_each
from streaming.atlas.consensus import agreed, believed
from streaming.atlas.exposure import exposures
from streaming.atlas.grids import bounds, looked_up, present, spread
from streaming.atlas.light import balanced, lights
from streaming.atlas.model import BACKGROUND, F32, LIGHT_PX, Footage
from streaming.atlas.splat import Canvas, Glance, View, averaged, sharpened, taken, views
from streaming.frames import Rect, Size

__all__ = ["Painter", "Part", "Sight", "Tell", "rects_of"]

Tell = Callable[[float], object]  # told which share of something is done, 0..1

MARGIN_PX = 8  # of an atlas around what it shows: room to paint over an edge
MOST_SIDES = 4  # an atlas's sides, in those of a frame
RIM_PX = 4  # beside the foreground, where the background's atlas hardly looks
BESIDE = 0.03  # what a pixel there counts
STAIN_PX = 2  # and so near it counts nothing
AROUND_PX = 16  # around a layer, that belongs to where it is
LEAST_SHARE = 0.2  # below it a layer's own colour is not told from what shines through


@dataclass(slots=True)
class Part:
    """One layer while it is fitted.

    Attributes:
        name: Its name.
        index: Its place among the layers, the front one 0.
        spacing_px: Distance of its nodes.
        uv: (N, gh, gw, 2) float32 maps.
        base: (N, lh, lw, 3) float32 gains of whole frames.
        light: (N, lh, lw, 3) float32 gains.
        rects: Where in each frame it is.
        size: Of its atlas.
        canvas: Its atlas.
        seen: What of its atlas each frame shows.
        belief: (N, ch, cw) float32, how far each frame is believed; None where all are.
    """

    name: str
    index: int
    spacing_px: int
    uv: F32
    base: F32
    light: F32
    rects: list[Rect]
    size: Size = field(default_factory=lambda: Size(1, 1))
    canvas: Canvas | None = None
    seen: list[View] = field(default_factory=list)
    belief: F32 | None = None

    @property
    def behind(self) -> bool:
        """Whether it is what the subjects stand before."""
        return self.name == BACKGROUND


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """A layer in one frame.

    Attributes:
        rect: Where.
        colour: (h, w, 3) float32 0..1, its own colours.
        weight: (h, w) float32, how far each pixel tells them.
        share: (h, w) float32, how much of each pixel it is.
    """

    rect: Rect
    colour: F32
    weight: F32
    share: F32


def rects_of(footage: Footage, index: int) -> list[Rect]:
    """Where in each frame a layer is; the background is everywhere."""
    if index == len(footage.mattes):
        return [Rect.whole(footage.size)] * footage.count
    shares = (np.asarray(each * np.float32(1 / 255)) for each in footage.mattes[index])
    return [bounds(present(each), AROUND_PX, footage.size) for each in shares]


class Painter:
    """Makes the atlases and the light of a clip whose maps are known.

    Args:
        footage: The clip.
        parts: Its layers, the background last.
    """

    def __init__(self, footage: Footage, parts: list[Part]) -> None:
        self._footage, self._parts = footage, parts

    def paint(self, tell: Tell, *, last: bool, sharper: int = 0) -> None:
        """Make atlases and light anew.

        Args:
            tell: Told which share of it is done.
            last: Whether what the light of all frames has in common is to go into the atlases.
            sharper: How often they then get back what averaging took.
        """
        stages = 3 + (2 + sharper if last else 0)
        for number, part in enumerate(reversed(self._parts)):
            for stage, _ in enumerate(self._painted(part, last, sharper)):
                tell((number + stage / stages) / len(self._parts))

    def _painted(self, part: Part, last: bool, sharper: int) -> Iterator[None]:
        """Paint one layer; waits before every stage."""
        yield
        self._place(part)
        part.seen = views(part.uv, part.spacing_px, self._footage.size, part.size)
        yield
        self._expose(part)
        self._average(part)
        yield
        self._light(part)
        if last:
            yield from self._finished(part, sharper)

    def _expose(self, part: Part) -> None:
        """Solve the light of whole frames anew; what is finer stays."""
        seen_in = partial(self._plain, part)
        base = exposures(part.seen, seen_in, self._footage.size, part.size)
        part.light, part.base = np.asarray(part.light * base / part.base, np.float32), base

    def _finished(self, part: Part, sharper: int) -> Iterator[None]:
        """Move what the light of all frames has in common into the atlas, and make that sharper."""
        size = self._footage.size
        yield
        part.light = balanced(part.light, part.uv, part.spacing_px, part.seen, size, part.size)
        self._average(part)
        for _ in range(sharper):
            yield
            assert part.canvas is not None
            lacks = taken(part.seen, partial(self._lacks, part))
            part.canvas = sharpened(part.canvas, self._believed(part, lacks))
        yield
        self._light(part)

    def _average(self, part: Part) -> None:
        """Make an atlas of what frames show of it."""
        parts = taken(part.seen, partial(self._own, part))
        if not part.behind:  # there nothing takes turns: what stood before it was cut out
            part.belief = agreed(parts, part.size)
        part.canvas = averaged(self._believed(part, parts), part.size)

    def _believed(self, part: Part, parts: list[Glance]) -> list[Glance]:
        return parts if part.belief is None else believed(parts, part.belief)

    def shown(self, part: Part, frame: int, rect: Rect) -> F32:
        """What a layer's atlas shows in a part of a frame, in that frame's light, (h, w, 3)."""
        size = self._footage.size
        assert part.canvas is not None
        at = spread(part.uv[frame], part.spacing_px, size, rect)
        gain = spread(part.light[frame], LIGHT_PX, size, rect)
        return np.asarray(looked_up(part.canvas.colour, at, beyond=None) * gain, np.float32)

    def sight(self, part: Part, frame: int) -> Sight:
        """A layer's own colours in a frame."""
        rect = part.rects[frame]
        rows, columns = rect.slices()
        picture = self._footage.frames[frame][rows, columns].astype(np.float32) * (1 / 255)
        share = self._share(part, frame, rect)
        behind = self._parts[-1]
        if part.behind:
            return Sight(rect, picture, _clear(share), share)
        if behind.canvas is None or rect.empty:
            return Sight(rect, picture, np.where(share > 0.98, share, 0), share)
        through = (1 - share)[..., None] * self.shown(behind, frame, rect)
        colour = (picture - through) / np.maximum(share, LEAST_SHARE)[..., None]
        return Sight(rect, np.clip(colour, 0, 1), share * share, share)

    def error(self, part: Part, frame: int) -> F32:
        """How far an atlas is from what it should show, (H, W) 0..1, 0 where it has no say."""
        size = self._footage.size
        made = np.zeros((size.height, size.width), np.float32)
        sight = self.sight(part, frame)
        if not sight.rect.empty:
            far = np.abs(sight.colour - self.shown(part, frame, sight.rect))
            mean = far @ np.full(3, 1 / 3, np.float32)
            made[sight.rect.slices()] = mean * (sight.weight > 0.5)
        return made

    def _share(self, part: Part, frame: int, rect: Rect) -> F32:
        rows, columns = rect.slices()
        mattes = self._footage.mattes[:, frame, rows, columns]
        if part.behind:
            return np.asarray(1 - np.minimum(mattes.sum(0, np.uint16), 255) * (1 / 255), np.float32)
        return np.asarray(mattes[part.index] * np.float32(1 / 255), np.float32)

    def _own(self, part: Part, frame: int) -> Glance:
        """A layer's colours in its atlas's own light."""
        sight = self.sight(part, frame)
        gain = spread(part.light[frame], LIGHT_PX, self._footage.size, sight.rect)
        return Glance(sight.rect, np.asarray(sight.colour / gain, np.float32), sight.weight)

    def _plain(self, part: Part, frame: int) -> Glance:
        """A layer's colours in that frame's light."""
        sight = self.sight(part, frame)
        return Glance(sight.rect, sight.colour, sight.weight)

    def _lacks(self, part: Part, frame: int) -> Glance:
        """What a frame shows more than an atlas."""
        sight = self.sight(part, frame)
        more = sight.colour - self.shown(part, frame, sight.rect)
        return Glance(sight.rect, np.asarray(more, np.float32), sight.weight)

    def tint(self, part: Part) -> None:
        """Let a painted layer's light differ in colour from place to place, for the last touch.

        Not before: light is nearly of one colour, and an arm before a red shirt would be taken for
        that shirt in a very green light, blend into its atlas, and be trusted.
        """
        self._light(part, tinted=True)

    def _light(self, part: Part, *, tinted: bool = False) -> None:
        gains = partial(self._gains, part, tinted)
        part.light = np.asarray(for_each(self._footage.count, gains), np.float32)

    def _gains(self, part: Part, tinted: bool, frame: int) -> F32:
        size, sight = self._footage.size, self.sight(part, frame)
        assert part.canvas is not None
        at = spread(part.uv[frame], part.spacing_px, size, sight.rect)
        plain = looked_up(part.canvas.colour, at, beyond=None)
        return lights(
            sight.colour,
            plain,
            sight.weight,
            part.base[frame],
            size,
            sight.rect,
            tinted=tinted,
            crossed=not part.behind,
        )

    def _place(self, part: Part) -> None:
        """Move a layer's texels so that its atlas begins at 0, and size it to what it shows."""
        size = self._footage.size
        low, high = np.full(2, np.inf), np.full(2, -np.inf)
        for nodes, rect in zip(part.uv, part.rects, strict=True):
            if rect.empty:
                continue
            dense = spread(nodes, part.spacing_px, size, rect)
            for axis in (0, 1):
                low[axis] = min(low[axis], dense[..., axis].min())
                high[axis] = max(high[axis], dense[..., axis].max())
        if not np.isfinite(low).all():
            low, high = np.zeros(2), np.ones(2)
        most = MOST_SIDES * np.array([size.width, size.height])
        if (high - low > most).any():
            middle = np.median(part.uv.reshape(-1, 2), axis=0)
            low, high = np.maximum(low, middle - most / 2), np.minimum(high, middle + most / 2)
        low = np.floor(low) - MARGIN_PX
        wide, tall = (int(each) for each in np.ceil(high) + MARGIN_PX + 1 - low)
        part.uv = np.asarray(part.uv - low, np.float32)
        part.size = Size(wide, tall)


def _clear(share: F32) -> F32:
    """How far the background's pixels tell its colours: hardly near a foreground, not at its edge.

    A matte is a little off there, and a shadow may fall. Where nothing else was ever seen, what is
    some pixels away is better than what anybody makes up; what is stained is not.
    """
    away, near = (
        cv2.erode(share, np.ones((2 * each + 1, 2 * each + 1), np.uint8))
        for each in (RIM_PX, STAIN_PX)
    )
    return np.asarray(np.maximum(away, np.float32(BESIDE) * near), np.float32)
