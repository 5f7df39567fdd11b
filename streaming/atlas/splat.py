"""An atlas from the frames that show it.

Each frame is looked up where it shows each texel (so every texel gets a value of every frame that
sees it, and none is left between splats), averaged by how much of the layer it is, and again with
less weight for what is further off than most. An average of many frames is a little blurred,
because each was resampled; so what the atlas then lacks, seen through the same maps, is added to it
twice.

Source: the last is iterative back-projection, Irani and Peleg, "Improving Resolution by Image
Registration", 1991.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from streaming.atlas.abreast import for_each
from streaming.atlas.credence import credence
from streaming.atlas.grids import bounds, inverse, looked_up, nodes_at, spread
from streaming.atlas.model import F32
from streaming.frames import Rect, Size

__all__ = [
    "Canvas",
    "Glance",
    "View",
    "averaged",
    "continued",
    "largest",
    "sharpened",
    "taken",
    "views",
]

AGREES, TIMES = (
    0.08,
    3.0,
)  # a frame further off than this, and so many mean distances, counts little
AROUND_PX = 2  # that a frame's part of the atlas is larger than its map


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """What of an atlas one frame shows.

    Attributes:
        rect: The part of the atlas.
        at: (h, w, 2) float32, the pixels that show that part's texels; 0 where none does.
        seen: (h, w) bool.
    """

    rect: Rect
    at: F32
    seen: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Canvas:
    """An atlas while it is made.

    Attributes:
        colour: (h, w, 3) float32 0..1.
        weight: (h, w) float32, how much of it was seen in all frames together.
    """

    colour: F32
    weight: F32


@dataclass(frozen=True, slots=True, eq=False)
class Glance:
    """Colours of a part of a picture, and how much each counts.

    Attributes:
        rect: Where.
        colour: (h, w, 3) float32.
        weight: (h, w) float32.
    """

    rect: Rect
    colour: F32
    weight: F32


def views(uv: F32, spacing_px: int, size: Size, atlas: Size) -> list[View]:
    """Where each frame shows each texel.

    Args:
        uv: (N, gh, gw, 2) float32 maps, in the atlas's texels.
        spacing_px: Distance of their nodes.
        size: The frames'.
        atlas: The atlas's.
    """
    return for_each(len(uv), lambda each: _view(uv[each], spacing_px, size, atlas))


def _view(nodes: F32, spacing_px: int, size: Size, atlas: Size) -> View:
    """Where a frame shows the texels of a lattice, and between them by interpolation.

    A map is bilinear in cells of many pixels: a lattice half as wide loses nothing to be seen.
    """
    step = spacing_px // 2
    rect = _part(nodes, atlas)
    high, wide = rect.y1 - rect.y0, rect.x1 - rect.x0
    if rect.empty:
        return View(rect, np.zeros((0, 0, 2), np.float32), np.zeros((0, 0), bool))
    rows, columns = -(-high // step) + 2, -(-wide // step) + 2
    corner = np.array([rect.x0, rect.y0], np.float32)
    found = inverse(nodes, spacing_px, size, nodes_at((rows, columns), step) + corner)
    known = np.isfinite(found[..., 0])
    shown = Size(wide, high)
    at = spread(np.where(known[..., None], found, 0).astype(np.float32), step, shown)
    seen = spread(known.astype(np.float32), step, shown) > 0.999
    x, y = at[..., 0], at[..., 1]
    seen &= (x > -0.5) & (y > -0.5) & (x < size.width - 0.5) & (y < size.height - 0.5)
    return View(rect, at, seen)


def taken(seen: list[View], glance: Callable[[int], Glance]) -> list[Glance]:
    """What each frame shows of an atlas, texel by texel.

    Args:
        seen: Where each frame shows it.
        glance: What a frame shows of the layer.
    """
    return for_each(len(seen), lambda each: _taken(seen[each], glance(each)))


def averaged(parts: list[Glance], atlas: Size) -> Canvas:
    """The picture that frames agree on.

    Args:
        parts: What of the atlas each frame shows.
        atlas: The atlas's size.
    """
    return _mean(parts, atlas, _mean(parts, atlas, None))


def sharpened(canvas: Canvas, lacks: list[Glance], *, share: float = 0.9) -> Canvas:
    """Add what an atlas lacks, seen through the maps.

    Args:
        canvas: The atlas.
        lacks: What each frame shows more than the atlas.
        share: How much of it is added.
    """
    none = Canvas(np.zeros_like(canvas.colour), canvas.weight)
    more = _mean(lacks, Size(*canvas.weight.shape[::-1]), none)
    sure = np.clip(more.weight / 0.2, 0, 1)[..., None] * share
    colour = np.clip(canvas.colour + sure * more.colour, 0, 1.2)
    return Canvas(np.asarray(colour, np.float32), canvas.weight)


def largest(colour: F32) -> F32:
    """The largest of three channels' sizes: (..., 3) to (...), faster than a maximum over 3."""
    red, green, blue = (np.abs(colour[..., each]) for each in range(3))
    made: F32 = np.maximum(np.maximum(red, green), blue)
    return made


def _part(nodes: F32, atlas: Size) -> Rect:
    low, high = nodes.min(axis=(0, 1)), nodes.max(axis=(0, 1))
    x0, y0 = (int(np.floor(each)) - AROUND_PX for each in low)
    x1, y1 = (int(np.ceil(each)) + AROUND_PX + 1 for each in high)
    return Rect(x0, y0, x1, y1).within(Rect.whole(atlas))


def _taken(view: View, glance: Glance) -> Glance:
    """A frame's colours and weights at the texels that it shows, where the layer is in it."""
    near = glance.rect
    x, y = view.at[..., 0], view.at[..., 1]
    there = view.seen & (x >= near.x0) & (x < near.x1) & (y >= near.y0) & (y < near.y1)
    if not there.any():
        nothing = np.zeros((0, 0, 4), np.float32)
        return Glance(Rect(0, 0, 0, 0), nothing[..., :3], nothing[..., 3])
    part = bounds(there, 0, Size(there.shape[1], there.shape[0]))
    at = view.at[part.slices()] - np.array([near.x0, near.y0], np.float32)
    colour = looked_up(glance.colour, at, beyond=None)
    weight = looked_up(glance.weight, at) * there[part.slices()]
    left, top = view.rect.x0, view.rect.y0
    rect = Rect(left + part.x0, top + part.y0, left + part.x1, top + part.y1)
    return Glance(rect, colour, weight)


def _mean(parts: list[Glance], atlas: Size, before: Canvas | None) -> Canvas:
    """Weighted means; with less weight, once there is one, for what is far off most of the others.

    Water and leaves are never twice alike: there all frames are far from their mean, and none of
    them is wrong. So a frame's distance is held against the usual one at that texel.
    """
    usual = None if before is None else _usual(parts, before)
    total = np.zeros((atlas.height, atlas.width, 3), np.float32)
    weight = np.zeros((atlas.height, atlas.width), np.float32)
    for part in parts:
        place, own = part.rect.slices(), part.weight
        if before is not None and usual is not None:
            far = largest(part.colour - before.colour[place]) / usual[place]
            own = own * credence(far * far)
        total[place] += part.colour * own[..., None]
        weight[place] += own
    colour = total / np.maximum(weight, 1e-6)[..., None]
    return Canvas(np.asarray(colour, np.float32), weight)


def _usual(parts: list[Glance], before: Canvas) -> F32:
    """From how far off a texel's mean a frame counts little."""
    far, weight = np.zeros_like(before.weight), np.zeros_like(before.weight)
    for part in parts:
        place = part.rect.slices()
        far[place] += largest(part.colour - before.colour[place]) * part.weight
        weight[place] += part.weight
    return np.asarray(AGREES + TIMES * far / np.maximum(weight, 1e-6), np.float32)


def continued(colour: F32, weight: F32) -> F32:
    """Colours carried on into what nobody has seen: averages of what is near, ever wider.

    Source: pull-push, Gortler et al., "The Lumigraph", SIGGRAPH 1996.
    """
    known = np.clip(weight / 0.05, 0, 1)[..., None]
    sums = [(colour * known, known)]
    while min(sums[-1][0].shape[:2]) > 2:
        half = tuple((each + 1) // 2 for each in sums[-1][1].shape[1::-1])
        sums.append(
            (
                cv2.resize(sums[-1][0], half, interpolation=cv2.INTER_AREA),
                cv2.resize(sums[-1][1], half, interpolation=cv2.INTER_AREA)[..., None],
            )
        )
    made = sums[-1][0] / np.maximum(sums[-1][1], 1e-6)
    for own, share in reversed(sums[:-1]):
        wide = cv2.resize(made, own.shape[1::-1], interpolation=cv2.INTER_LINEAR)
        full = np.clip(share * 4, 0, 1)
        made = own / np.maximum(share, 1e-6) * full + wide * (1 - full)
    return np.asarray(made, np.float32)
