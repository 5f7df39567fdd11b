"""Maps of all frames at once, so that points found again in other frames show the same texel.

Chaining flow from frame to frame adds up what each step is off. Here every pair has its say in one
system of equations: the maps of all frames are the unknowns, each match one equation between two of
them (the pair that closes a loop like any other), and smoothness decides where nothing was seen.
One frame, the reference, keeps its map: that fixes what the atlas looks like, and a loop leaves no
drift to wait at its seam.

Matches that contradict the rest are weighed down and the equations solved again. They are solved by
conjugate gradients, on a coarse grid first, whose answer starts the finer one.

Source: atlas equations as in "Deformable Sprites", CVPR 2022, with Geman-McClure weights (Black and
Rangarajan, "On the Unification of Line Processes, Outlier Rejection, and Robust Statistics", 1996).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streaming.atlas.flows import Match
from streaming.atlas.grids import looked_up, nodes_at
from streaming.atlas.model import F32, nodes_for
from streaming.atlas.system import Rows, System, Weights, texels_at
from streaming.frames import Size

__all__ = ["Anchor", "Weights", "regridded", "solved"]

F64 = NDArray[np.float64]
Solid = NDArray[np.floating]
PLAIN = Weights()
COARSE = 4  # how many times as far apart the first grid's nodes are


@dataclass(frozen=True, slots=True, eq=False)
class Anchor:
    """Points of one frame whose texels are known.

    Attributes:
        frame: Its number.
        here: (P, 2) float32 pixels.
        texel: (P, 2) float32.
        weight: (P,) float32.
    """

    frame: int
    here: F32
    texel: F32
    weight: F32


def solved(
    start: F32,
    spacing_px: int,
    size: Size,
    matches: Sequence[Match],
    anchors: Sequence[Anchor] = (),
    *,
    reference: int | None,
    weights: Weights = PLAIN,
) -> F32:
    """Move maps so that matches agree.

    Args:
        start: (N, gh, gw, 2) float32 maps to begin with.
        spacing_px: Distance of their nodes.
        size: The frames'.
        matches: One layer's points found again.
        anchors: Points whose texels are known beside.
        reference: The frame whose map stays; None where anchors hold all.
        weights: What smoothness counts.

    Returns:
        (N, gh, gw, 2) float32.
    """
    rows = _equations(start, spacing_px, matches, anchors)
    if not len(rows.offset):
        return start
    moves: F32 | None = None
    if reference is not None and min(size.width, size.height) > 4 * COARSE * spacing_px:
        wide = COARSE * spacing_px
        coarse = System(rows, len(start), nodes_for(size, wide), wide, reference, weights)
        moves = regridded(coarse.solve(None), wide, spacing_px, size)
    fine = System(rows, len(start), nodes_for(size, spacing_px), spacing_px, reference, weights)
    return np.asarray(start + fine.solve(moves), np.float32)


def regridded(nodes: NDArray[np.floating], old_px: int, new_px: int, size: Size) -> F32:
    """The same maps on nodes of another distance.

    Args:
        nodes: (N, gh, gw, C).
        old_px: Distance of its nodes.
        new_px: The new one.
        size: The frames'.
    """
    at = (nodes_at(nodes_for(size, new_px), new_px) + 0.5) / np.float32(old_px) + 0.5
    return np.stack([looked_up(np.asarray(each, np.float32), at, beyond=None) for each in nodes])


def _equations(
    start: F32, spacing_px: int, matches: Sequence[Match], anchors: Sequence[Anchor]
) -> Rows:
    """All matches and anchors; offsets are what the maps to begin with leave open."""
    first, second, here, there, offset, weight = [], [], [], [], [], []
    for each in matches:
        now = texels_at(start[each.pair.first], spacing_px, each.here)
        then = texels_at(start[each.pair.second], spacing_px, each.there)
        first.append(np.full(len(each.here), each.pair.first))
        second.append(np.full(len(each.here), each.pair.second))
        here.append(each.here)
        there.append(each.there)
        offset.append(then - now)
        weight.append(each.weight)
    for anchor in anchors:
        first.append(np.full(len(anchor.here), anchor.frame))
        second.append(np.full(len(anchor.here), -1))
        here.append(anchor.here)
        there.append(anchor.here)
        offset.append(anchor.texel - texels_at(start[anchor.frame], spacing_px, anchor.here))
        weight.append(anchor.weight)
    if not first:
        none = np.zeros((0, 2), np.float32)
        no = np.zeros(0, np.int64)
        return Rows(no, no, none, none, none.astype(np.float64), np.zeros(0))
    return Rows(
        np.concatenate(first).astype(np.int64),
        np.concatenate(second).astype(np.int64),
        np.concatenate(here),
        np.concatenate(there),
        np.concatenate(offset).astype(np.float64),
        np.concatenate(weight).astype(np.float64),
    )
