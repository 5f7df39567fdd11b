"""The light of each frame: by what an atlas has to be multiplied, slowly changing over the picture.

Per node the gain that explains its surroundings best by least squares, drawn towards the whole
frame's (`exposure.py`) where a layer shows little; where it is hidden, what is beside goes on. A
red cloth tells nothing of green light, and white paint on it would show every error: a dark channel
takes the gain of the bright ones.

What all frames have in common belongs to the atlas: over time the logarithms of the gains that a
texel meets have mean 0.
"""

import cv2
import numpy as np

from streaming.atlas.cells import averages, cells_of
from streaming.atlas.grids import looked_up, nodes_at, spread
from streaming.atlas.model import F32, LIGHT_PX, nodes_for
from streaming.atlas.splat import View, continued
from streaming.frames import Rect, Size

__all__ = ["balanced", "lights"]

MOST = 1.65  # light may brighten or darken this much: log 0.5
ROUNDS = 3  # of least squares: tents overlap, and what two explain together is not enough at once
FIRM = 0.001  # what speaks for the whole frame's gain, in colour squared times pixels' share
FAINT = 0.01  # likewise: a channel that is darker takes the light of the others
HIDDEN = 0.01  # likewise: a node that saw less takes the light of those around it
TINT, SHADE = 0.2, 0.8  # differences in colour, 0..1, and in brightness, that are no light any more
MOST_PLAIN = 3.0  # gain of a cell by itself
NODE = 4  # cells from one node to the next: gains hardly change within a cell
CELL_PX = LIGHT_PX // NODE


def lights(
    seen: F32,
    made: F32,
    weight: F32,
    base: F32,
    size: Size,
    part: Rect,
    *,
    tinted: bool = True,
    crossed: bool = False,
) -> F32:
    """The gains of one layer in one frame.

    Args:
        seen: (h, w, 3) float32 0..1, the layer in a part of the frame.
        made: (h, w, 3) float32, its atlas there.
        weight: (h, w) float32, how much each pixel counts.
        base: (lh, lw, 3) float32, the gains of the frame as a whole.
        size: The whole frame's.
        part: Where the part is; beyond it the layer is not.
        tinted: Whether places of a frame may differ in the colour of their light, too.
        crossed: Whether what no light explains is another thing before the layer: it has no say.

    Returns:
        (lh, lw, 3) float32 for the whole frame.
    """
    if part.empty:
        return base
    both = weight[..., None] * made
    cells = Size(-(-size.width // CELL_PX), -(-size.height // CELL_PX))
    top, low = (averages(both * each, part, CELL_PX) for each in (seen, made))
    near = cells_of(part, CELL_PX)
    even = spread(base, NODE, cells, near)
    if crossed:
        own = _explained(top, even * low, even * even * low, averages(weight, part, CELL_PX))
        top, low = top * own, low * own
    lower = _gathered(even * even * low, size, near)
    gain = np.ones_like(base)
    for _ in range(ROUNDS):
        left = even * (top - even * spread(gain, NODE, cells, near) * low)
        gain = gain + _gathered(left, size, near) / (lower + FIRM)
    sure = lower.mean(axis=2) / (lower.mean(axis=2) + HIDDEN)
    logs = np.log(np.clip(gain, 1 / MOST, MOST))
    plain = (logs * lower).sum(axis=2, keepdims=True) / (lower.sum(axis=2, keepdims=True) + 1e-6)
    known = lower / (lower + FAINT) if tinted else np.zeros_like(lower)
    logs = plain + known * (logs - plain)
    beside = continued(np.asarray(logs, np.float32), sure)
    return np.asarray(base * np.exp(beside), np.float32)


def _explained(top: F32, low: F32, power: F32, count: F32) -> F32:
    """How far light of one colour explains what cells show: (h, w, 1), 1 well, 0 not at all.

    Args:
        top: (h, w, 3), what was seen times the atlas.
        low: (h, w, 3), the atlas in the frame's light times the atlas.
        power: (h, w, 3), the atlas in the frame's light, squared.
        count: (h, w), pixels.
    """
    plain = top.sum(axis=2) / np.maximum(low.sum(axis=2), 1e-6)
    plain = np.clip(plain, 1 / MOST_PLAIN, MOST_PLAIN)[..., None]
    bright = np.sqrt(power / np.maximum(count, 1e-6)[..., None])
    tint = (np.abs(top / np.maximum(low, 1e-6) - plain) * bright).max(axis=2)
    other = (np.abs(plain - 1) * bright).max(axis=2)
    off = np.maximum(tint / TINT, other / SHADE)
    return np.asarray(np.clip(1 - off * off, 0, 1)[..., None] ** 2, np.float32)


def _gathered(cells: F32, size: Size, near: Rect) -> F32:
    """Averages around each node, as far as its tent reaches; 0 where it reaches nothing."""
    framed = cv2.copyMakeBorder(cells, NODE, NODE, NODE, NODE, cv2.BORDER_CONSTANT)
    box = (NODE, NODE)
    tents = cv2.blur(framed, box, anchor=(0, 0), borderType=cv2.BORDER_CONSTANT)
    tents = cv2.blur(tents, box, anchor=(NODE - 1, NODE - 1), borderType=cv2.BORDER_CONSTANT)
    at = (_nodes(size) + 0.5) / CELL_PX - 0.5 - np.array([near.x0, near.y0]) + NODE
    return looked_up(tents, np.asarray(at, np.float32))


def _nodes(size: Size) -> F32:
    """Where the nodes are: (lh, lw, 2), those outside the frame at its edge."""
    at = nodes_at(nodes_for(size, LIGHT_PX), LIGHT_PX)
    return np.asarray(np.clip(at, 0, [size.width - 1, size.height - 1]), np.float32)


def balanced(
    light: F32, uv: F32, spacing_px: int, seen: list[View], size: Size, atlas: Size
) -> F32:
    """Gains without what all frames have in common.

    Args:
        light: (N, lh, lw, 3) float32.
        uv: (N, gh, gw, 2) float32 maps.
        spacing_px: Distance of their nodes.
        seen: What of the atlas each frame shows.
        size: The frames'.
        atlas: The atlas's.
    """
    total = np.zeros((atlas.height, atlas.width, 3), np.float32)
    count = np.zeros((atlas.height, atlas.width, 1), np.float32)
    logs = np.log(light)
    for view, each in zip(seen, logs, strict=True):
        if view.rect.empty:
            continue
        rows, columns = view.rect.slices()
        dense = looked_up(spread(each, LIGHT_PX, size), view.at, beyond=None)
        total[rows, columns] += dense * view.seen[..., None]
        count[rows, columns] += view.seen[..., None]
    common = cv2.blur(total / np.maximum(count, 1), (LIGHT_PX, LIGHT_PX))
    made = []
    for frame, each in enumerate(logs):
        dense = spread(uv[frame], spacing_px, size)
        texels = looked_up(dense, _nodes(size), beyond=None)
        made.append(np.exp(each - looked_up(common, texels, beyond=None)))
    return np.asarray(made, np.float32)
