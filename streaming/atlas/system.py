"""Least squares over the moves of every node of every frame that has anything to say.

A subject fills a fifth of the picture: nodes far from any match are left out and filled in at the
end from those beside them. Right and down are two problems with the same matrix.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from streaming.atlas.credence import credence
from streaming.atlas.model import F32

__all__ = ["Rows", "System", "Weights", "corners_of", "mixed", "texels_at"]

F64 = NDArray[np.float64]
OUTER = 3  # times that matches are weighed anew
NARROWER = 5.0  # times as much may a match be off each time before: a quick arm is off at first
INNER = 60  # steps of conjugate gradients each time, at most
ENOUGH = 1e-3  # of what was wrong at first, squared, at which no more are taken
AROUND = 3  # nodes around a match that take part


@dataclass(frozen=True, slots=True)
class Weights:
    """What smoothness counts against matches; a match counts 1.

    Attributes:
        bend: Against second differences between neighbouring nodes.
        stretch: Against first differences.
        keep: Against going away from where it started.
        doubt_px: How far off a match may be before it loses its say.
    """

    bend: float = 0.01
    stretch: float = 0.005
    keep: float = 1e-5
    doubt_px: float = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Equations: what frame `first` shows at `here` is what `second` shows at `there`, plus offset.

    A row of an anchor has no second frame (-1).
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    here: F32
    there: F32
    offset: F64
    weight: F64


class System:
    """The equations on a grid of some spacing.

    Args:
        rows: What is to agree.
        count: How many frames there are.
        shape: Rows and columns of the grid.
        spacing_px: Distance of its nodes.
        reference: The frame that does not move; None where all may.
        weights: What smoothness counts.
    """

    def __init__(
        self,
        rows: Rows,
        count: int,
        shape: tuple[int, int],
        spacing_px: int,
        reference: int | None,
        weights: Weights,
    ) -> None:
        self._shape = (count, *shape)
        self._rows, self._weights = rows, weights
        data = _matrix(rows, self._shape, spacing_px)
        self._live = _near(data, self._shape)
        data = data[:, self._live.ravel()]
        self._data, self._turned = data, sparse.csr_array(data.T)
        self._smooth = _smoothness(self._live, weights, spacing_px)
        free = np.ones(self._shape)
        if reference is not None:
            free[reference] = 0
        self._free = free[self._live]

    def solve(self, begin: F32 | None) -> F32:
        """Moves, (N, gh, gw, 2) float32; matches that others contradict count less each time."""
        moves = np.zeros((2, len(self._free)))
        if begin is not None:
            moves = begin[self._live].T.astype(np.float64) * self._free
        for each in range(OUTER):
            left = [self._data @ moves[axis] - self._rows.offset[:, axis] for axis in (0, 1)]
            wide = self._weights.doubt_px * NARROWER ** (OUTER - 1 - each)
            far = (left[0] ** 2 + left[1] ** 2) / wide**2
            moves = self._descend(moves, self._rows.weight * credence(far))
        return self._filled(moves)

    def _descend(self, moves: F64, weight: F64) -> F64:
        """Conjugate gradients, each unknown scaled by what it weighs itself."""
        weighted = sparse.csr_array(self._data * weight[:, None])
        squared = self._turned.copy()
        squared.data **= 2
        diagonal = squared @ weight + self._smooth.diagonal()

        def product(x: F64) -> F64:
            return np.stack([self._turned @ (weighted @ v) + self._smooth @ v for v in x])

        wanted = np.stack([self._turned @ (weight * each) for each in self._rows.offset.T])
        residual = (wanted - product(moves)) * self._free
        ready = residual / diagonal
        way, strength = ready.copy(), (residual * ready).sum(1)
        begun = strength.copy()
        for _ in range(INNER):
            made = product(way) * self._free
            step = (strength / np.maximum((way * made).sum(1), 1e-30))[:, None]
            moves = moves + step * way
            residual = residual - step * made
            ready = residual / diagonal
            before, strength = strength, (residual * ready).sum(1)
            if (strength <= ENOUGH * begun).all():
                break
            way = ready + (strength / np.maximum(before, 1e-30))[:, None] * way
        return moves

    def _filled(self, moves: F64) -> F32:
        """The moves of all nodes: far from any match what is nearest, softened."""
        whole = np.zeros((*self._shape, 2), np.float32)
        whole[self._live] = moves.T
        if self._live.all():
            return whole
        for frame, live in enumerate(self._live):
            if live.any() and not live.all():
                whole[frame] = _spilt(whole[frame], live)
        return whole


def _spilt(moves: F32, live: NDArray[np.bool_]) -> F32:
    """What is known, carried on over what is not, the further the softer."""
    known = live.astype(np.float32)
    made, left = moves.copy(), ~live
    side = 3
    while left.any():
        weight = cv2.blur(known, (side, side), borderType=cv2.BORDER_CONSTANT)
        near = cv2.blur(moves * known[..., None], (side, side), borderType=cv2.BORDER_CONSTANT)
        now = left & (weight > 1e-4)
        made[now] = near[now] / weight[now][:, None]
        left &= ~now
        side = 2 * side + 1
    return made


def corners_of(
    points: F32, shape: tuple[int, int], spacing_px: int
) -> tuple[NDArray[np.int64], F64]:
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


def texels_at(nodes: F32, spacing_px: int, points: F32) -> F32:
    """A map's texels at some pixels, exactly.

    Args:
        nodes: (gh, gw, 2) float32.
        spacing_px: Distance of its nodes.
        points: (P, 2) float32 pixels.

    Returns:
        (P, 2) float32.
    """
    return mixed(nodes, *corners_of(points, (nodes.shape[0], nodes.shape[1]), spacing_px))


def mixed(nodes: F32, corners: NDArray[np.int64], shares: F64) -> F32:
    """A grid's values at points whose `corners_of` are known.

    Args:
        nodes: (gh, gw) or (gh, gw, C) float32.
        corners: (P, 4).
        shares: (P, 4).

    Returns:
        (P,) or (P, C) float32.
    """
    around = nodes.reshape(-1, *nodes.shape[2:])[corners]
    return np.asarray(np.einsum("pk,pk...->p...", shares, around), np.float32)


def _matrix(rows: Rows, shape: tuple[int, int, int], spacing_px: int) -> sparse.csr_array:
    """One row for each equation: four nodes of one frame less four of another."""
    per = shape[1] * shape[2]
    near, share = corners_of(rows.here, shape[1:], spacing_px)
    far, minus = corners_of(rows.there, shape[1:], spacing_px)
    second = np.maximum(rows.second, 0)[:, None]
    columns = np.concatenate((near + rows.first[:, None] * per, far + second * per), axis=1)
    values = np.concatenate((share, np.where(rows.second[:, None] < 0, 0, -minus)), axis=1)
    number = np.repeat(np.arange(len(columns)), 8)
    return sparse.csr_array(
        (values.ravel(), (number, columns.ravel())), shape=(len(columns), int(np.prod(shape)))
    )


def _near(data: sparse.csr_array, shape: tuple[int, int, int]) -> NDArray[np.bool_]:
    """Which nodes take part: (N, gh, gw)."""
    hit = np.zeros(int(np.prod(shape)), np.uint8)
    hit[data.indices[data.data != 0]] = 1
    side = 2 * AROUND + 1
    window = np.ones((side, side), np.uint8)
    return np.stack([cv2.dilate(each, window) for each in hit.reshape(shape)]) > 0


def _smoothness(live: NDArray[np.bool_], weights: Weights, spacing_px: int) -> sparse.csr_array:
    """What bending, stretching and going away cost among the nodes that take part.

    A difference that would need a node that does not is not asked for.
    """
    high, wide = live.shape[1:]
    area = (spacing_px / 6) ** 2  # as many matches as a cell can hold
    frames, one, other = (sparse.eye_array(each) for each in live.shape)
    bend, stretch = weights.bend * area, weights.stretch * area
    flat = [
        (bend, sparse.kron(_second(high), other)),
        (bend, sparse.kron(one, _second(wide))),
        (2 * bend, sparse.kron(_first(high), _first(wide))),
        (stretch, sparse.kron(_first(high), other)),
        (stretch, sparse.kron(one, _first(wide))),
    ]
    rows = [np.sqrt(cost) * sparse.kron(frames, each) for cost, each in flat]
    wanted = sparse.csr_array(sparse.vstack(rows))
    out = (~live).ravel().astype(np.float64)
    asked = wanted[np.abs(wanted) @ out == 0][:, live.ravel()]
    keep = weights.keep * area * sparse.eye_array(int(live.sum()))
    return sparse.csr_array(asked.T @ asked + keep)


def _first(count: int) -> sparse.sparray:
    ones = np.ones(count - 1)
    return sparse.diags_array([-ones, ones], offsets=[0, 1], shape=(count - 1, count))


def _second(count: int) -> sparse.sparray:
    if count < 3:
        return sparse.csr_array((0, count))
    ones = np.ones(count - 2)
    return sparse.diags_array([ones, -2 * ones, ones], offsets=[0, 1, 2], shape=(count - 2, count))
