"""The light of whole frames: for each a gain that changes evenly over the picture.

How bright a place of an atlas is and in how much light it was seen are told apart only by what else
was seen in the same light. A place behind a walker is seen by few frames, all of one side of the
walk: if those were dark ones, averages of what its neighbourhood shows call it dark, and each
further round believes it. So light is first solved for the whole clip at once: the logarithm of a
texel's colour is one unknown, that of a frame's gain a plane of three, and every sight of a texel
by a frame is one equation between them. The texels drop out, and what is left is a small system.

Sights that the rest contradicts (water, what stood in the way) lose their say, and it is solved
again.

Source: the elimination is the Schur complement of bundle adjustment (Triggs et al., "Bundle
Adjustment - A Modern Synthesis", 1999), of which this is a plain case.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streaming.atlas.abreast import for_each
from streaming.atlas.credence import credence
from streaming.atlas.grids import looked_up, nodes_at
from streaming.atlas.model import F32, LIGHT_PX, nodes_for
from streaming.atlas.splat import Glance, View
from streaming.frames import Size

__all__ = ["exposures"]

F64 = NDArray[np.float64]
TEXELS = 3000  # that are looked at, about
ROUNDS = 3  # of solving, each with less say for what was far off
DOUBT = 0.1  # of a logarithm: a sight so far off counts a quarter
DARK, BRIGHT = 0.1, 0.97  # colours, 0..1: below one noise speaks, above the other the sensor's end
SURE = 0.3  # least weight of a sight
FIRM = np.array([1e-3, 1e-2, 1e-2])  # what speaks for no light of a frame's own: level and slopes


@dataclass(frozen=True, slots=True, eq=False)
class _Sights:
    """Which texels one frame shows.

    Attributes:
        texel: (P,) their numbers.
        ground: (P, 3) float64, 1 and where the frame shows them, -1..1.
        log: (P, 3) float64, logarithms of their colours.
        weight: (P,) float64.
    """

    texel: NDArray[np.int64]
    ground: F64
    log: F64
    weight: F64


def exposures(seen: list[View], glance: Callable[[int], Glance], size: Size, atlas: Size) -> F32:
    """The gains of all frames of a layer.

    Args:
        seen: What of the atlas each frame shows.
        glance: A frame's colours of the layer, in that frame's light.
        size: The frames'.
        atlas: The atlas's.

    Returns:
        (N, lh, lw, 3) float32, on nodes that are LIGHT_PX apart; their logarithms have mean 0.
    """
    step = max(1, round((atlas.width * atlas.height / TEXELS) ** 0.5))
    wide, high = -(-atlas.width // step), -(-atlas.height // step)
    sights = for_each(len(seen), lambda each: _sights(seen[each], glance(each), step, wide, size))
    planes = np.zeros((len(seen), 3, 3))
    for _ in range(ROUNDS):
        planes = _solved(sights, planes, wide * high)
    nodes = nodes_at(nodes_for(size, LIGHT_PX), LIGHT_PX)
    return np.asarray(np.exp(_ground(nodes, size) @ planes[:, None]), np.float32)


def _sights(view: View, glance: Glance, step: int, wide: int, size: Size) -> _Sights:
    """What a frame shows of every `step`-th texel, `wide` of them to a row."""
    left, top = -view.rect.x0 % step, -view.rect.y0 % step
    at, there = view.at[top::step, left::step], view.seen[top::step, left::step]
    rows, columns = np.nonzero(there)
    places = at[rows, columns][None]
    spot = places - np.array([glance.rect.x0, glance.rect.y0], np.float32)
    if glance.rect.empty or not len(rows):
        none = np.zeros((0, 3))
        return _Sights(np.zeros(0, np.int64), none, none, none[:, 0])
    colour, weight = looked_up(glance.colour, spot)[0], looked_up(glance.weight, spot)[0]
    kept = (weight > SURE) & (colour.max(1) < BRIGHT)
    down = (rows * step + top + view.rect.y0) // step
    across = (columns * step + left + view.rect.x0) // step
    luma = colour.mean(1)
    weight = weight * luma**2 / (luma**2 + DARK**2)
    return _Sights(
        (down * wide + across)[kept],
        _ground(places[0], size)[kept],
        np.log(np.maximum(colour, 0.01))[kept].astype(np.float64),
        weight[kept].astype(np.float64),
    )


def _ground(places: F32, size: Size) -> F64:
    """What a plane is made of: 1, x and y, -1..1 over the picture; (..., 3)."""
    x, y = 2 * places[..., 0] / size.width - 1, 2 * places[..., 1] / size.height - 1
    return np.asarray(np.stack((np.ones_like(x), x, y), axis=-1), np.float64)


def _solved(sights: list[_Sights], before: F64, texels: int) -> F64:
    """The planes that agree best, (N, 3, 3): for each frame, part of the plane and channel."""
    weights = _believed(sights, before, texels)
    count = len(sights)
    shared, total = np.zeros((texels, count, 3)), np.full(texels, 1e-9)
    logs, own = np.zeros((texels, 3)), np.zeros((count, 3, count, 3))
    wanted = np.zeros((count, 3, 3))
    for frame, (each, weight) in enumerate(zip(sights, weights, strict=True)):
        weighed = each.ground * weight[:, None]
        shared[each.texel, frame] = weighed
        total[each.texel] += weight
        logs[each.texel] += each.log * weight[:, None]
        own[frame, :, frame] = weighed.T @ each.ground
        wanted[frame] = weighed.T @ each.log
    flat = shared.reshape(texels, -1)
    matrix = own.reshape(3 * count, -1) - flat.T @ (flat / total[:, None])
    mean = float(total.sum()) / count
    matrix += np.diag(np.tile(FIRM * mean + 1e-9, count))
    right = wanted.reshape(-1, 3) - flat.T @ (logs / total[:, None])
    made = np.linalg.solve(matrix, right).reshape(count, 3, 3)
    return np.asarray(made - made.mean(axis=0), np.float64)


def _believed(sights: list[_Sights], planes: F64, texels: int) -> list[F64]:
    """What each sight counts, given what the planes so far leave over."""
    if not planes.any():
        return [each.weight for each in sights]
    left = [each.log - each.ground @ plane for each, plane in zip(sights, planes, strict=True)]
    total, sums = np.full(texels, 1e-9), np.zeros((texels, 3))
    for each, rest in zip(sights, left, strict=True):
        total[each.texel] += each.weight
        sums[each.texel] += rest * each.weight[:, None]
    mean = sums / total[:, None]
    far = [np.abs(rest - mean[each.texel]).max(1) for each, rest in zip(sights, left, strict=True)]
    return [
        each.weight * credence((off / DOUBT) ** 2) for each, off in zip(sights, far, strict=True)
    ]
