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
from scipy import sparse

from streaming.atlas.flows import Match
from streaming.atlas.grids import looked_up
from streaming.atlas.model import F32, nodes_for
from streaming.frames import Size

__all__ = ["Anchor", "Weights", "regridded", "solved"]

F64 = NDArray[np.float64]
Solid = NDArray[np.floating]
COARSE = 4  # how many times as far apart the first grid's nodes are
OUTER = 3  # times that matches are weighed anew
INNER = 25  # steps of conjugate gradients each time


@dataclass(frozen=True, slots=True)
class Weights:
    """What smoothness counts against matches; a match counts 1.

    Attributes:
        bend: Against second differences between neighbouring nodes.
        stretch: Against first differences.
        keep: Against going away from where it started.
        steady: Against changing speed from frame to frame.
        doubt_px: How far off a match may be before it loses its say.
    """

    bend: float = 0.6
    stretch: float = 0.02
    keep: float = 1e-4
    steady: float = 0.02
    doubt_px: float = 1.0


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
    weights: Weights = Weights(),
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
    moves = np.zeros_like(start, dtype=np.float64)
    rows = _equations(start, spacing_px, matches, anchors)
    if not len(rows.offset):
        return start
    if min(size.width, size.height) > 4 * COARSE * spacing_px:
        wide = COARSE * spacing_px
        coarse = _System(rows, len(start), nodes_for(size, wide), wide, reference, weights)
        moves = regridded(coarse.solve(None), wide, spacing_px, size).astype(np.float64)
    fine = _System(rows, len(start), start.shape[1:3], spacing_px, reference, weights)
    return (start + fine.solve(moves)).astype(np.float32)


def regridded(nodes: NDArray[np.floating], old_px: int, new_px: int, size: Size) -> F32:
    """The same maps on nodes of another distance.

    Args:
        nodes: (N, gh, gw, C).
        old_px: Distance of its nodes.
        new_px: The new one.
        size: The frames'.
    """
    high, wide = nodes_for(size, new_px)
    j, i = np.meshgrid(np.arange(wide), np.arange(high))
    at = (np.stack((j, i), axis=-1) - 0.5) * new_px / old_px + 0.5
    at = np.asarray(at - 0.0, np.float32)
    return np.stack([_extended(each.astype(np.float32), at) for each in nodes])


def _extended(nodes: F32, at: F32) -> F32:
    return looked_up(nodes, at, beyond=None)


@dataclass(frozen=True, slots=True, eq=False)
class _Rows:
    """Equations: what frame `first` shows at `here` is what `second` shows at `there`, plus offset.

    A row of an anchor has no second frame (-1).
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    here: F32
    there: F32
    offset: F64
    weight: F64


def _equations(
    start: F32, spacing_px: int, matches: Sequence[Match], anchors: Sequence[Anchor]
) -> _Rows:
    """All matches and anchors; offsets are what the maps to begin with leave open."""
    first, second, here, there, offset, weight = [], [], [], [], [], []
    for each in matches:
        now = _at(start[each.pair.first], spacing_px, each.here)
        then = _at(start[each.pair.second], spacing_px, each.there)
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
        offset.append(anchor.texel - _at(start[anchor.frame], spacing_px, anchor.here))
        weight.append(anchor.weight)
    if not first:
        none = np.zeros((0, 2), np.float32)
        no = np.zeros(0, np.int64)
        return _Rows(no, no, none, none, none.astype(np.float64), np.zeros(0))
    return _Rows(
        np.concatenate(first).astype(np.int64),
        np.concatenate(second).astype(np.int64),
        np.concatenate(here),
        np.concatenate(there),
        np.concatenate(offset).astype(np.float64),
        np.concatenate(weight).astype(np.float64),
    )


def _at(nodes: F32, spacing_px: int, points: F32) -> F32:
    """A map's texels at some pixels, exactly."""
    corners, shares = _corners(points, nodes.shape[:2], spacing_px)
    flat = nodes.reshape(-1, 2)
    return np.einsum("pk,pkc->pc", shares, flat[corners]).astype(np.float32)


def _corners(points: F32, shape: tuple[int, int], spacing_px: int) -> tuple[NDArray[np.int64], F64]:
    """Numbers of the four nodes around each point, and their shares in it: (P, 4) each."""
    high, wide = shape
    spot = (points.astype(np.float64) + 0.5) / spacing_px + 0.5
    x = np.clip(spot[:, 0], 0, wide - 1 - 1e-6)
    y = np.clip(spot[:, 1], 0, high - 1 - 1e-6)
    j, i = x.astype(np.int64), y.astype(np.int64)
    a, b = x - j, y - i
    first = i * wide + j
    numbers = np.stack((first, first + 1, first + wide, first + wide + 1), axis=1)
    shares = np.stack(((1 - a) * (1 - b), a * (1 - b), (1 - a) * b, a * b), axis=1)
    return numbers, shares


class _System:
    """Least squares over the moves of all nodes of all frames, on a grid of some spacing."""

    def __init__(
        self,
        rows: _Rows,
        count: int,
        shape: tuple[int, ...],
        spacing_px: int,
        reference: int | None,
        weights: Weights,
    ) -> None:
        self._shape = (count, shape[0], shape[1])
        self._rows, self._weights = rows, weights
        self._free = np.ones(self._shape, bool)
        if reference is not None:
            self._free[reference] = False
        self._data = _matrix(rows, self._shape, spacing_px)
        self._smooth = _smoothness(self._shape, weights, spacing_px)

    def solve(self, begin: F64 | None) -> F64:
        """Moves, (N, gh, gw, 2); matches that others contradict count less each time."""
        total = int(np.prod(self._shape))
        moves = np.zeros((total, 2)) if begin is None else begin.reshape(total, 2).copy()
        free = self._free.ravel().astype(np.float64)[:, None]
        moves *= free
        doubt = self._weights.doubt_px
        for each in range(OUTER):
            left = self._data @ moves - self._rows.offset
            size = np.hypot(left[:, 0], left[:, 1])
            wide = doubt * 2.0 ** (OUTER - 1 - each)
            weight = self._rows.weight / (1 + (size / wide) ** 2) ** 2
            moves = self._descend(moves, weight, free)
        return moves.reshape((*self._shape, 2))

    def _descend(self, moves: F64, weight: F64, free: F64) -> F64:
        """Preconditioned conjugate gradients; right and down are two problems side by side."""
        weighted = sparse.diags_array(weight) @ self._data
        turned = self._data.T.tocsr()
        squared = self._data.copy()
        squared.data **= 2
        diagonal = (squared.T @ weight + self._smooth.diagonal())[:, None]

        def product(x: F64) -> F64:
            return (turned @ (weighted @ x) + self._smooth @ x) * free

        residual = (turned @ (weight[:, None] * self._rows.offset)) * free - product(moves)
        ready = residual / diagonal
        way, strength = ready.copy(), (residual * ready).sum(0)
        begun = strength.copy()
        for _ in range(INNER):
            made = product(way)
            step = strength / np.maximum((way * made).sum(0), 1e-30)
            moves = moves + step * way
            residual = residual - step * made
            ready = residual / diagonal
            before, strength = strength, (residual * ready).sum(0)
            if (strength <= 1e-4 * begun).all():
                break
            way = ready + strength / np.maximum(before, 1e-30) * way
        return moves


def _matrix(rows: _Rows, shape: tuple[int, int, int], spacing_px: int) -> sparse.csr_array:
    """One row for each equation: four nodes of one frame less four of another."""
    per = shape[1] * shape[2]
    near, share = _corners(rows.here, shape[1:], spacing_px)
    far, minus = _corners(rows.there, shape[1:], spacing_px)
    columns = np.concatenate(
        (near + (rows.first * per)[:, None], far + (np.maximum(rows.second, 0) * per)[:, None]), 1
    )
    values = np.concatenate((share, np.where(rows.second[:, None] < 0, 0, -minus)), axis=1)
    number = np.repeat(np.arange(len(columns)), 8)
    return sparse.csr_array(
        (values.ravel(), (number, columns.ravel())), shape=(len(columns), int(np.prod(shape)))
    )


def _smoothness(shape: tuple[int, int, int], weights: Weights, spacing_px: int) -> sparse.csr_array:
    """What bending, stretching, going away and changing speed cost, as one symmetric matrix."""
    count, high, wide = shape
    area = (spacing_px / 6) ** 2  # as many matches as a cell can hold
    down, across = _second(high), _second(wide)
    one, other = sparse.eye_array(high), sparse.eye_array(wide)
    plane = (
        weights.bend * area * (sparse.kron(down, other) + sparse.kron(one, across))
        + 2 * weights.bend * area * sparse.kron(_first(high), _first(wide))
        + weights.stretch
        * area
        * (sparse.kron(_first(high), other) + sparse.kron(one, _first(wide)))
        + weights.keep * area * sparse.eye_array(high * wide)
    )
    whole = sparse.kron(sparse.eye_array(count), plane)
    if count > 2 and weights.steady:
        whole = whole + sparse.kron(
            _second(count), weights.steady * area * sparse.eye_array(high * wide)
        )
    return sparse.csr_array(whole)


def _first(count: int) -> sparse.csr_array:
    step = sparse.diags_array(
        [-np.ones(count - 1), np.ones(count - 1)], offsets=[0, 1], shape=(count - 1, count)
    )
    return sparse.csr_array(step.T @ step)


def _second(count: int) -> sparse.csr_array:
    if count < 3:
        return sparse.csr_array((count, count))
    ones = np.ones(count - 2)
    step = sparse.diags_array([ones, -2 * ones, ones], offsets=[0, 1, 2], shape=(count - 2, count))
    return sparse.csr_array(step.T @ step)
