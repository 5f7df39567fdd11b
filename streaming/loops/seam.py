"""The verdict on a written loop: is its seam an ordinary step?

Measured on the decoded file, in place: by then the subject has been led back to where it began, and
what the viewer sees is what counts.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from streaming.frames import U8
from streaming.loops.distance import F32, distance, thumb_of
from streaming.loops.guards import ordinary_step
from streaming.loops.subject import Framing, Place, cut_out, edges_of, locate

__all__ = ["Seam", "seam_of"]


@dataclass(frozen=True, slots=True)
class Seam:
    """How a loop closes.

    Attributes:
        ratio: The step over the seam in ordinary steps; about 1 where nothing shows.
        jump: The distance of the last frame from the first, 0..1.
        step: The ordinary step inside, 0..1.
        frames: How many frames were looked at.
    """

    ratio: float
    jump: float
    step: float
    frames: int


def seam_of(looks: Iterable[U8]) -> Seam:
    """Measure the seam of a written loop.

    Args:
        looks: Its frames in order, each (H, W, 4) uint8 with straight alpha, all of one size; a few
            hundred pixels are enough. They are looked at one by one and not kept.

    Returns:
        The verdict; ratio 1 for a loop of a single frame.
    """
    first: F32 | None = None
    last: F32 | None = None
    steps: list[float] = []
    for look in looks:
        thumb = _in_place(look)
        if first is None or last is None:
            first = thumb
        else:
            steps.append(distance(last, thumb))
        last = thumb
    if first is None or last is None or not steps:
        return Seam(1.0, 0.0, 0.0, 0 if first is None else 1)
    jump, step = distance(last, first), ordinary_step(np.array(steps))
    return Seam(jump / step, jump, step, len(steps) + 1)


def _in_place(rgba: U8) -> F32:
    cutout = cut_out(rgba)
    place: Place = locate(cutout, edges_of(rgba[:, :, 3]))
    whole = Framing(cutout.frame.width / 2, cutout.frame.height / 2, free_x=False, free_y=False)
    return thumb_of(cutout, place, whole).planes
