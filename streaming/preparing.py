"""Kept frames made ready for the codecs, each of them once.

A loop is written at once and its master a little later, and near-loops overlap: on 10 s of juggling
three of them with their masters hold 340 frames, of which 197 are different. So what was made last
is remembered, up to a bound.
"""

import threading
from collections import OrderedDict

from streaming.keeping import Kept
from streaming.media.inlay import Inlay, inlay_of, opaque
from streaming.media.picture import AvPicture
from streaming.meter import Meter

__all__ = ["Preparer"]


class Preparer:
    """Makes inlays of kept frames; safe to call from several threads.

    Args:
        budget_bytes: What the inlays that are remembered may cost.
        meter: Counts how many are asked for, and the time of making them.

    Attributes:
        nbytes: What those that are remembered cost.
    """

    def __init__(self, budget_bytes: int, meter: Meter) -> None:
        self._budget = budget_bytes
        self._meter = meter
        self._made: OrderedDict[int, Inlay | None] = OrderedDict()
        self.nbytes = 0
        self._lock = threading.Lock()

    def __call__(self, kept: Kept) -> Inlay | None:
        """The subject of a frame, None where there is none."""
        with self._meter.timing("refine"):
            with self._lock:
                if kept.index in self._made:
                    self._made.move_to_end(kept.index)
                    return self._made[kept.index]
            made = _inlay(kept)
            with self._lock:
                self._remember(kept.index, made)
            return made

    def _remember(self, index: int, made: Inlay | None) -> None:
        if index not in self._made:
            self._made[index] = made
            self.nbytes += made.nbytes if made else 0
        while self.nbytes > self._budget:
            _, oldest = self._made.popitem(last=False)
            self.nbytes -= oldest.nbytes if oldest else 0


def _inlay(kept: Kept) -> Inlay | None:
    picture = kept.picture
    whole = kept.coefficients is None and kept.cutout is None and not picture.has_alpha
    if whole and isinstance(picture, AvPicture):
        return opaque(picture)
    return inlay_of(kept.subject())
