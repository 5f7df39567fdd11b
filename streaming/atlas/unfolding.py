"""Maps made one to one again where they fold.

Where two parts of a body pass each other, what flow says of them crosses, and a map that follows
both folds over: two places of the frame then show one texel, and paint stands twice. There, and
only there, a map gives up detail: nodes take the mean of their neighbours until no cell is turned
over. The mean of a plain motion is that motion, so this always ends.
"""

import cv2
import numpy as np

from streaming.atlas.grids import turned
from streaming.atlas.model import F32

__all__ = ["unfolded"]

LEAST = 0.12  # of a cell's usual area: a smaller one is about to fold
ROUNDS = 40
WIDER = 8  # rounds after which more nodes around give way


def unfolded(uv: F32) -> F32:
    """Smooth maps where their cells are turned over.

    Args:
        uv: (N, gh, gw, 2) float32.

    Returns:
        (N, gh, gw, 2) float32; the same values wherever nothing was near folding.
    """
    least = LEAST * max(float(np.median(turned(uv))), 1e-3)
    return np.stack([_smoothed(each, least) for each in uv])


def _smoothed(nodes: F32, least: float) -> F32:
    for each in range(ROUNDS):
        bad = (turned(nodes) < least).astype(np.uint8)
        if not bad.any():
            break
        corners = np.pad(bad, ((0, 1), (0, 1))) | np.pad(bad, ((1, 0), (1, 0)))
        side = 3 + 2 * (each // WIDER)
        near = cv2.dilate(corners, np.ones((side, side), np.uint8)) > 0
        framed = np.pad(nodes, ((1, 1), (1, 1), (0, 0)), mode="reflect", reflect_type="odd")
        mean = cv2.blur(framed, (3, 3))[1:-1, 1:-1]
        nodes = np.where(near[..., None], mean, nodes).astype(np.float32)
    return nodes
