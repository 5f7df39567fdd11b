"""Which frames show at a place of an atlas what it is to show.

An arm that crosses a body takes turns with the shirt behind it. A mean of both is a picture of
neither: nothing is like it, so nothing could be told to be unlike it, and an edit of the shirt
would be laid over the arm. So every frame is a candidate for how a place looks, and the one wins
that most frames are like. What is unlike the winner is hardly believed.

An atlas is to be one picture, not a mosaic: places choose together with those around them, and the
frame that most frames are like all over has a start everywhere.

What changes all the time is not to be taken for one thing before another: where all frames are far
from each other, none of them is wrong. So a frame's distance from the winner is held against that
of the nearest quarter.

Source: the choice is that of a photomontage (Agarwala et al., "Interactive Digital Photomontage",
2004), by votes in place of a graph cut.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from streaming.atlas.abreast import for_each
from streaming.atlas.cells import averages, cells_of
from streaming.atlas.credence import credence
from streaming.atlas.model import F32
from streaming.atlas.splat import Glance, largest
from streaming.frames import Rect, Size

__all__ = ["agreed", "believed"]

CELL_PX = 4  # side of a cell, for which one choice is made
CANDIDATES = 16  # frames, about, that may win
TOGETHER = 5  # cells beside each other that choose together: an arm's width at the least
THERE = 0.2  # least share of a cell that a frame shows
ALIKE = 0.1  # difference in colour, 0..1: a frame so far off gives a quarter of its vote
START = 0.4  # of all votes, for the frame that most are like all over
AGREES, TIMES = 0.12, 3.0  # a quarter is believed of what is off by this and so often the usual
NEAREST = 0.25  # of the frames: how far those are off is usual


def agreed(parts: Sequence[Glance], atlas: Size) -> F32:
    """How far each frame is to be believed.

    Args:
        parts: What each frame shows of an atlas, in the atlas's light.
        atlas: The atlas's size.

    Returns:
        (N, ch, cw) float32 0..1, for cells of CELL_PX.
    """
    shape = -(-atlas.height // CELL_PX), -(-atlas.width // CELL_PX)
    colour = np.zeros((len(parts), *shape, 3), np.float32)
    weight = np.zeros((len(parts), *shape), np.float32)
    for each, part in enumerate(parts):
        if not part.rect.empty:
            place = cells_of(part.rect, CELL_PX).slices()
            colour[each][place], weight[each][place] = _cells(part)
    far = _far(colour, _elected(colour, weight))
    there = weight > THERE
    ranked = np.sort(np.where(there, far, np.inf), axis=0)
    nearest = (NEAREST * np.maximum(there.sum(axis=0) - 1, 0)).astype(int)
    near = np.take_along_axis(ranked, nearest[None], axis=0)[0]
    usual = AGREES + TIMES * np.where(np.isfinite(near), near, 1)
    return _share(np.asarray(far / usual, np.float32))


def believed(parts: Sequence[Glance], belief: F32) -> list[Glance]:
    """What frames show, with as much weight as they are believed.

    Args:
        parts: What each frame shows of an atlas.
        belief: (N, ch, cw) float32 0..1, for cells.
    """
    return [
        Glance(part.rect, part.colour, part.weight * _dense(cells, part.rect))
        for part, cells in zip(parts, belief, strict=True)
    ]


def _elected(colour: F32, weight: F32) -> F32:
    """The colours that win, (ch, cw, 3)."""
    candidates = range(0, len(colour), -(-len(colour) // CANDIDATES))
    votes = np.asarray(for_each(len(candidates), lambda n: _votes(colour, weight, candidates[n])))
    shown = weight[candidates.start :: candidates.step]
    votes[np.argmax((votes * shown).sum(axis=(1, 2)))] += START
    together = [_together(each, there > THERE) for each, there in zip(votes, shown, strict=True)]
    best = np.asarray(candidates)[np.argmax(together, axis=0)]
    winner = np.take_along_axis(colour, best[None, ..., None], axis=0)[0]
    near = weight * _share(_far(colour, winner) / np.float32(ALIKE))
    mean = (colour * near[..., None]).sum(axis=0) / np.maximum(near.sum(axis=0), 1e-6)[..., None]
    return np.asarray(mean, np.float32)


def _votes(colour: F32, weight: F32, candidate: int) -> F32:
    """Which part of the frames that show a cell are like one of them, (ch, cw) 0..1."""
    alike = _share(_far(colour, colour[candidate]) / np.float32(ALIKE))
    return np.asarray((weight * alike).sum(axis=0) / (weight.sum(axis=0) + 1e-6), np.float32)


def _together(votes: F32, there: np.ndarray) -> F32:
    """Means over cells beside each other; -1 for those that the candidate does not show."""
    side, known = (TOGETHER, TOGETHER), there.astype(np.float32)
    mean = cv2.blur(votes * known, side) / np.maximum(cv2.blur(known, side), 1e-6)
    return np.asarray(np.where(there, mean, -1), np.float32)


def _far(colour: F32, from_it: F32) -> F32:
    """How far colours of frames are from others, (N, ch, cw)."""
    return np.asarray([largest(each - from_it) for each in colour])


def _share(far: F32) -> F32:
    """What is left of a vote so far off: all at 0, a quarter at 1."""
    return credence(far * far)


def _cells(part: Glance) -> tuple[F32, F32]:
    """A frame's mean colours and weights in cells."""
    both = np.dstack((part.colour * part.weight[..., None], part.weight))
    made = averages(both, part.rect, CELL_PX)
    colour = made[..., :3] / np.maximum(made[..., 3:], np.float32(1e-6))
    return np.asarray(colour, np.float32), made[..., 3]


def _dense(cells: F32, rect: Rect) -> F32:
    """A frame's cells for each texel of a part of an atlas."""
    if rect.empty:
        return np.zeros((0, 0), np.float32)
    around = cells_of(rect, CELL_PX)
    whole = Rect(*(CELL_PX * each for each in (around.x0, around.y0, around.x1, around.y1)))
    size = (whole.x1 - whole.x0, whole.y1 - whole.y0)
    dense = cv2.resize(cells[around.slices()], size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(dense[rect.slices(of=whole)], np.float32)
