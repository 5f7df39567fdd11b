"""A clip without its foreground, or the foreground alone.

Without the foreground a frame shows, where it stood and a little around, what the background's
atlas shows there, in that frame's light. The foreground alone is a picture with alpha; at a soft
edge the frame holds both, and as the background is known, it is taken out again:

    I = a F + (1 - a) B    so    F = (I - (1 - a) B) / a

Where little of the foreground is in a pixel, that divides an error by almost nothing, and where
the background was never seen, there is nothing to take out. There the colours of the foreground's
inside go on to its edge instead.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from streaming.atlas.edits import Edit
from streaming.atlas.filling import filled
from streaming.atlas.grids import looked_up, spread
from streaming.atlas.model import F32, LIGHT_PX, Fit
from streaming.atlas.render import edited
from streaming.atlas.splat import continued
from streaming.frames import U8, Rect, Size

__all__ = ["Plate", "foreground_alone", "without_foreground"]

FAINT = 0.02  # of a foreground in a pixel that still stains it
FEATHER_PX, SPARE_PX = 4, 2  # how softly the made-up part ends, and how far beyond the matte it is
INSIDE = 0.95  # from this alpha on a colour is the foreground's own
DOUBT = 0.03  # an alpha at which what was unmixed and what was carried on count the same


class Plate:
    """The background of a clip without anybody before it; filled once.

    Args:
        fit: The clip taken apart; its last layer is the background.
    """

    def __init__(self, fit: Fit) -> None:
        self._size, self._layer = fit.size, fit.layers[-1]
        self._atlas = filled(self._layer)
        self._known = np.asarray(np.minimum(self._layer.cover * 2, 1), np.float32)

    def at(self, index: int, rect: Rect) -> F32:
        """The background of a part of a frame.

        Args:
            index: The frame's number.
            rect: The part, within the frame.

        Returns:
            (h, w, 3) float32 0..1.
        """
        light = spread(self._layer.light[index], LIGHT_PX, self._size, rect)
        seen = looked_up(self._atlas, self._map(index, rect), beyond=None)
        return np.asarray(np.clip(seen * light, 0, 1), np.float32)

    def known(self, index: int, rect: Rect) -> F32:
        """How far a part of it was ever seen, (h, w) float32 0..1."""
        return looked_up(self._known, self._map(index, rect))

    def _map(self, index: int, rect: Rect) -> F32:
        return spread(self._layer.uv[index], self._layer.spacing_px, self._size, rect)


def without_foreground(
    fit: Fit, plate: Plate, shares: F32, frame: U8, index: int, edits: Sequence[Edit | None] = ()
) -> U8:
    """A frame without any foreground.

    Args:
        fit: The clip taken apart.
        plate: Its background.
        shares: (L + 1, H, W) float32, how much of each pixel each layer shows.
        frame: (H, W, 3) uint8 sRGB.
        index: The frame's number.
        edits: One for each layer; the background's is laid over what was behind, too.

    Returns:
        (H, W, 3) uint8; pixels away from every foreground as they were.
    """
    gone, made = _gone(1 - shares[-1]), frame.copy()
    x, y, wide, high = cv2.boundingRect((gone > 0).astype(np.uint8))
    if wide:
        rect = Rect(x, y, x + wide, y + high)
        own = np.asarray(frame[rect.slices()], np.float32) / np.float32(255)
        behind = plate.at(index, rect)
        clean = own + gone[rect.slices()][..., None] * (behind - own)
        made[rect.slices()] = cv2.convertScaleAbs(np.asarray(clean, np.float32), alpha=255)
    if not edits or edits[-1] is None:
        return made
    alone = np.zeros_like(shares)
    alone[-1] = 1
    laid = [None] * (len(fit.layers) - 1) + [edits[-1]]
    return edited(fit, alone, made, index, laid)


def _gone(front: F32) -> F32:
    """How much of each pixel is replaced: all where a foreground is, then softly less."""
    reach = 2 * (FEATHER_PX + SPARE_PX) + 1
    wide = cv2.dilate((front > FAINT).astype(np.float32), cv2.getStructuringElement(
        cv2.MORPH_ELLIPSE, (reach, reach)))  # fmt: skip
    side = 2 * FEATHER_PX + 1
    soft = cv2.blur(np.asarray(wide, np.float32), (side, side))
    return np.asarray(np.maximum(soft, front > FAINT), np.float32)


def foreground_alone(
    fit: Fit, plate: Plate, shares: F32, frame: U8, index: int, edits: Sequence[Edit | None] = ()
) -> U8:
    """A frame's foregrounds on nothing.

    Args:
        fit: The clip taken apart.
        plate: Its background.
        shares: (L + 1, H, W) float32, how much of each pixel each layer shows.
        frame: (H, W, 3) uint8 sRGB.
        index: The frame's number.
        edits: One for each layer; the background's is not used.

    Returns:
        (H, W, 4) uint8, straight alpha, which is the mattes' sum.
    """
    front = np.clip(1 - shares[-1], 0, 1)
    colours = _unmixed(frame, front, plate, index)
    if any(each is not None for each in edits[:-1]):
        alone = shares / np.maximum(front, 1 / 512)
        alone[-1] = 0
        colours = edited(fit, alone, colours, index, [*edits[:-1], None])
    return np.dstack((colours, np.round(front * 255).astype(np.uint8)))


def _unmixed(frame: U8, front: F32, plate: Plate, index: int) -> U8:
    """The foregrounds' own colours, carried on past their edge; (H, W, 3) uint8, else black."""
    made = np.zeros_like(frame)
    x, y, wide, high = cv2.boundingRect((front > 0).astype(np.uint8))
    if not wide:
        return made
    size = Size(frame.shape[1], frame.shape[0])
    rect = Rect(x - SPARE_PX, y - SPARE_PX, x + wide + SPARE_PX, y + high + SPARE_PX)
    rect = rect.within(Rect.whole(size))
    part = rect.slices()
    own = np.asarray(frame[part], np.float32) / np.float32(255)
    alpha = front[part][..., None]
    behind, known = plate.at(index, rect), plate.known(index, rect)[..., None]
    taken = (own - (1 - alpha) * behind) / np.maximum(alpha, 1 / 255)
    on = continued(own, np.asarray(front[part] >= min(INSIDE, front.max()), np.float32))
    trust = known * alpha**2 / (alpha**2 + DOUBT)
    mixed = np.where(alpha < 1, np.clip(taken, 0, 1) * trust + on * (1 - trust), own)
    made[part] = cv2.convertScaleAbs(np.asarray(mixed, np.float32), alpha=255)
    return made
