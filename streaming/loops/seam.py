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

__all__ = ["Seam", "SeamGauge", "seam_of"]


@dataclass(frozen=True, slots=True)
class Seam:
    """How a loop closes.

    Attributes:
        ratio: The step over the seam in ordinary steps; about 1 where nothing shows.
        jump: The distance of the last frame from the first, 0..1.
        step: The ordinary step inside, 0..1.
        frames: How many frames were looked at.
        worst: The largest step around the seam in ordinary steps, the one over it among them.
        pace: The larger of the steps just before and after the seam, in ordinary steps: where the
            motion is quick, a large step over the seam is what the eye expects.
    """

    ratio: float
    jump: float
    step: float
    frames: int
    pace: float = 1.0
    worst: float = 1.0


class SeamGauge:
    """Measures the seam of a written loop while its frames go by; keeps thumbnails of two.

    Args:
        before: How many steps before the seam are looked at with it.
        after: How many after it.
    """

    def __init__(self, before: int = 1, after: int = 1) -> None:
        self._around = before, after
        self._first: F32 | None = None
        self._last: F32 | None = None
        self._steps: list[float] = []

    def see(self, look: U8) -> None:
        """Take the next frame, (H, W, 4) uint8 with straight alpha; a few hundred px are enough."""
        thumb = _in_place(look)
        if self._first is None or self._last is None:
            self._first = thumb
        else:
            self._steps.append(distance(self._last, thumb))
        self._last = thumb

    def seam(self) -> Seam:
        """The verdict; ratio 1 for a loop of a single frame."""
        if self._first is None or self._last is None or not self._steps:
            return Seam(1.0, 0.0, 0.0, 0 if self._first is None else 1)
        jump, step = distance(self._last, self._first), ordinary_step(np.array(self._steps))
        pace = max(self._steps[0], self._steps[-1]) / step
        before, after = self._around
        around = [jump, *self._steps[len(self._steps) - before :], *self._steps[:after]]
        return Seam(jump / step, jump, step, len(self._steps) + 1, pace, max(around) / step)


def seam_of(looks: Iterable[U8]) -> Seam:
    """Measure the seam of a loop whose frames, all of one size, come in order."""
    gauge = SeamGauge()
    for look in looks:
        gauge.see(look)
    return gauge.seam()


def _in_place(rgba: U8) -> F32:
    cutout = cut_out(rgba)
    place: Place = locate(cutout, edges_of(rgba[:, :, 3]))
    whole = Framing(cutout.frame.width / 2, cutout.frame.height / 2, free_x=False, free_y=False)
    return thumb_of(cutout, place, whole).planes
