"""An atlas from the frames that show it.

Each frame is looked up where it shows each texel (so every texel gets a value of every frame that
sees it, and none is left between splats), averaged by how much of the layer it is, and again with
less weight for what most frames contradict. An average of many frames is a little blurred, because
each was resampled; so what the atlas then lacks, seen through the same maps, is added to it twice.

Source: the last is iterative back-projection, Irani and Peleg, "Improving Resolution by Image
Registration", 1991.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np

from streaming.atlas.grids import inverse, looked_up
from streaming.atlas.model import F32
from streaming.frames import Rect, Size

__all__ = ["Canvas", "View", "averaged", "sharpened", "views"]

AGREES = 0.08  # of the range: a frame that is further off counts little
AROUND_PX = 2  # that a frame's part of the atlas is larger than its map
LEAST_WEIGHT = 1e-3
BACK = 2  # rounds of adding what the atlas lacks


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


def views(
    uv: F32, spacing_px: int, size: Size, atlas: Size, before: list[View] | None = None
) -> list[View]:
    """Where each frame shows each texel.

    Args:
        uv: (N, gh, gw, 2) float32 maps, in the atlas's texels.
        spacing_px: Distance of their nodes.
        size: The frames'.
        atlas: The atlas's.
        before: The views of maps that hardly differ, to begin with.
    """
    made = []
    for frame, nodes in enumerate(uv):
        rect = _part(nodes, atlas)
        x, y = np.meshgrid(np.arange(rect.x0, rect.x1), np.arange(rect.y0, rect.y1))
        texels = np.stack((x, y), axis=-1).astype(np.float32)
        old = before[frame] if before and before[frame].rect == rect else None
        if rect.empty:
            made.append(View(rect, texels, np.zeros(texels.shape[:2], bool)))
            continue
        at = inverse(nodes, spacing_px, size, texels, None if old is None else old.at)
        seen = np.isfinite(at[..., 0])
        made.append(View(rect, np.where(seen[..., None], at, 0).astype(np.float32), seen))
    return made


def averaged(seen: list[View], pictures: Iterator[tuple[F32, F32]], atlas: Size) -> Canvas:
    """The picture that most frames agree on.

    Args:
        seen: What of the atlas each frame shows.
        pictures: For each frame its colours (H, W, 3) float32 0..1 and how much each pixel counts
            (H, W) float32.
        atlas: The atlas's size.
    """
    parts = [_taken(view, *each) for view, each in zip(seen, pictures, strict=True)]
    first = _mean(seen, parts, atlas, None)
    return _mean(seen, parts, atlas, first)


def sharpened(
    canvas: Canvas, seen: list[View], lacks: Iterator[tuple[F32, F32]], *, share: float = 0.9
) -> Canvas:
    """Add what an atlas lacks, seen through the maps.

    Args:
        canvas: The atlas.
        seen: What of it each frame shows.
        lacks: For each frame what its picture has more than the atlas shows (H, W, 3) float32, and
            how much each pixel counts.
        share: How much of it is added.
    """
    total = np.zeros_like(canvas.colour)
    weight = np.zeros_like(canvas.weight)
    for view, each in zip(seen, lacks, strict=True):
        colour, own = _taken(view, *each)
        rows, columns = view.rect.slices()
        far = np.abs(colour).max(axis=2)
        own = own / (1 + (far / AGREES) ** 2) ** 2
        total[rows, columns] += colour * own[..., None]
        weight[rows, columns] += own
    more = total / np.maximum(weight, LEAST_WEIGHT * 10)[..., None]
    return Canvas(np.clip(canvas.colour + share * more, 0, 1.2), canvas.weight)


def _part(nodes: F32, atlas: Size) -> Rect:
    low, high = nodes.min(axis=(0, 1)), nodes.max(axis=(0, 1))
    x0, y0 = (int(np.floor(each)) - AROUND_PX for each in low)
    x1, y1 = (int(np.ceil(each)) + AROUND_PX + 1 for each in high)
    return Rect(x0, y0, x1, y1).within(Rect.whole(atlas))


def _taken(view: View, colour: F32, weight: F32) -> tuple[F32, F32]:
    """A frame's colours and weights at the texels that it shows."""
    if view.rect.empty:
        return np.zeros((*view.seen.shape, 3), np.float32), np.zeros(view.seen.shape, np.float32)
    found = looked_up(colour, view.at, beyond=None)
    own = looked_up(weight, view.at) * view.seen
    return found, own


def _mean(
    seen: list[View], parts: list[tuple[F32, F32]], atlas: Size, before: Canvas | None
) -> Canvas:
    total = np.zeros((atlas.height, atlas.width, 3), np.float32)
    weight = np.zeros((atlas.height, atlas.width), np.float32)
    for view, (colour, own) in zip(seen, parts, strict=True):
        rows, columns = view.rect.slices()
        if before is not None:
            far = np.abs(colour - before.colour[rows, columns]).max(axis=2)
            own = own / (1 + (far / AGREES) ** 2) ** 2
        total[rows, columns] += colour * own[..., None]
        weight[rows, columns] += own
    return Canvas(total / np.maximum(weight, 1e-6)[..., None], weight)


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
