"""Labels spread from a few marked pixels to all others, through space and time at once.

Every pixel that is to be labelled, of every frame, is a node of one graph. It holds on to its
neighbours as strongly as they are alike, and to the pixels of other frames that show the same
place. A label's share of a node is then how probably a walk along these bonds meets that label's
marks first: one sparse linear system for each label, whatever number of frames is marked, with no
order in which frames are visited and no drift from one to the next.

Source: Grady, "Random Walks for Image Segmentation", IEEE TPAMI 2006; with priors after Grady,
"Multilabel Random Walker Image Segmentation Using Prior Models", CVPR 2005.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_matrix, csr_matrix, diags
from scipy.sparse.linalg import cg

from streaming.atlas.model import F32

__all__ = ["Bonds", "bonds_in_space", "bonds_in_time", "walked"]

LOOSE = 1e-6  # a node without bonds gets every label alike
ENOUGH = 1e-4  # of what the marks pull
ROUNDS = 400
ALL, BEFORE, AFTER = slice(None), slice(None, -1), slice(1, None)
HALVES = (((BEFORE,), (AFTER,)), ((ALL, BEFORE), (ALL, AFTER)))  # neighbours along either axis


@dataclass(frozen=True, slots=True, eq=False)
class Bonds:
    """Which nodes hold on to which.

    Attributes:
        first: (E,) int64 nodes.
        second: (E,) int64 nodes.
        weight: (E,) float32 above 0.
    """

    first: NDArray[np.int64]
    second: NDArray[np.int64]
    weight: F32


def bonds_in_space(nodes: NDArray[np.int64], colours: F32, *, sharpness: float) -> Bonds:
    """Bonds between neighbours of one frame.

    Args:
        nodes: (H, W), the number of each pixel's node, -1 where it is none.
        colours: (H, W, 3) 0..1.
        sharpness: By how much a difference of colour squared weakens a bond.
    """
    firsts, seconds, weights = [], [], []
    for axis in (0, 1):
        before, after = HALVES[axis]
        a, b, left, right = nodes[before], nodes[after], colours[before], colours[after]
        both = (a >= 0) & (b >= 0)
        apart = np.square(left - right).sum(axis=2)[both]
        firsts.append(a[both])
        seconds.append(b[both])
        weights.append(np.exp(-sharpness * apart) + 1e-4)
    return Bonds(
        np.concatenate(firsts), np.concatenate(seconds), np.concatenate(weights).astype(np.float32)
    )


def bonds_in_time(
    nodes: NDArray[np.int64], others: NDArray[np.int64], flow: F32, weight: F32
) -> Bonds:
    """Bonds from the pixels of one frame to the four each that surround its place in another.

    Args:
        nodes: (H, W), as for `bonds_in_space`.
        others: (H, W), the other frame's.
        flow: (H, W, 2) px, where the first frame's pixels went.
        weight: (H, W), how strongly each is held to it.
    """
    high, wide = nodes.shape
    rows, columns = np.nonzero((nodes >= 0) & (weight > 0.01))
    x, y = columns + flow[rows, columns, 0], rows + flow[rows, columns, 1]
    left, top = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    firsts, seconds, weights = [], [], []
    for down in (0, 1):
        for right in (0, 1):
            j, i = left + right, top + down
            share = (1 - np.abs(x - j)) * (1 - np.abs(y - i)) * weight[rows, columns]
            inside = (i >= 0) & (i < high) & (j >= 0) & (j < wide) & (share > 0.01)
            other = others[i[inside], j[inside]]
            kept = other >= 0
            firsts.append(nodes[rows, columns][inside][kept])
            seconds.append(other[kept])
            weights.append(share[inside][kept])
    return Bonds(
        np.concatenate(firsts), np.concatenate(seconds), np.concatenate(weights).astype(np.float32)
    )


def walked(
    bonds: list[Bonds],
    marks: NDArray[np.uint8],
    labels: int,
    *,
    prior: F32 | None = None,
    start: F32 | None = None,
) -> F32:
    """Every node's share of every label.

    Args:
        bonds: Of all nodes.
        marks: (M,) uint8, 0 for an unmarked node, else its label.
        labels: How many labels there are.
        prior: (labels, M) what is guessed of each node from itself; as strong as it is large.
        start: (labels, M) shares that are about right.

    Returns:
        (labels, M) float32, together 1.
    """
    many = len(marks)
    guess = np.full((labels, many), LOOSE, np.float32) if prior is None else prior + LOOSE
    graph = (_laplacian(bonds, many) + diags(guess.sum(axis=0))).tocsr()
    free = marks == 0
    inner, rim = graph[free][:, free], graph[free][:, ~free]
    rough = diags(1 / inner.diagonal())
    shares = np.stack([(marks == label + 1).astype(np.float32) for label in range(labels)])
    for label in range(labels - 1):
        wanted = guess[label, free] - rim @ shares[label, ~free]
        first = start[label, free] if start is not None else None
        found, _ = cg(inner, wanted, x0=first, rtol=ENOUGH, maxiter=ROUNDS, M=rough)
        shares[label, free] = np.clip(found, 0, 1)
    shares[-1, free] = np.clip(1 - shares[:-1, free].sum(axis=0), 0, 1)
    made: F32 = shares / np.maximum(shares.sum(axis=0), np.float32(1e-6))
    return made


def _laplacian(bonds: list[Bonds], many: int) -> csr_matrix:
    first = np.concatenate([each.first for each in bonds])
    second = np.concatenate([each.second for each in bonds])
    weight = np.concatenate([each.weight for each in bonds])
    one_way = coo_matrix((weight, (first, second)), shape=(many, many)).tocsr()
    both = one_way + one_way.T
    return (diags(np.asarray(both.sum(axis=1)).ravel()) - both).tocsr()
