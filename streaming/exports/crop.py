"""One window for a whole loop: where the subject goes in a target's picture.

A crop that follows the subject frame by frame would make it tremble and take away how it moves. So
the window is laid once, around everything that the subject ever covers, with room for an outline
and a margin. Where the subject is cut off by the source's own edge the window ends there too: a
torso whose flat end hovers inside a sticker looks torn off, at the sticker's edge it looks framed.
"""

import math
from dataclasses import dataclass

from streaming.exports.light import Box
from streaming.exports.survey import Survey
from streaming.exports.targets import Pixels
from streaming.frames import Rect, Size

__all__ = ["Window", "window_for"]


@dataclass(frozen=True, slots=True)
class Window:
    """What of a loop's picture is shown, and at which size.

    Attributes:
        box: In the loop's own pixels; it may reach beyond the picture.
        size: Size of the written picture.
    """

    box: Box
    size: Size


@dataclass(frozen=True, slots=True)
class _Pads:
    """Empty room on each side in pixels of the target, none where the subject is cut off."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def across(self) -> float:
        return self.left + self.right

    @property
    def down(self) -> float:
        return self.top + self.bottom


def window_for(
    survey: Survey, own: Size, pixels: Pixels, *, room_px: int, share: float = 1.0, even: bool
) -> Window:
    """Lay the window.

    Args:
        survey: Where the subject is.
        own: Size of the loop's frames.
        pixels: What the target takes.
        room_px: Outline and margin together, in the target's pixels.
        share: How much smaller than could be, to save bytes: of the picture where its size is
            free, else of the subject in it.
        even: Whether sides must be even.
    """
    if pixels.form == "own":
        return Window(Box(0, 0, own.width, own.height), _scaled(own, share, even=even))
    if pixels.form == "exact":
        return _filled(survey, Size(pixels.width, pixels.height), room_px, share)
    most = _most(pixels, share)
    pads = _pads(survey, room_px)
    scale = _scale(survey.bounds, most, pads)
    wide, high = _spans(survey.bounds)
    size = Size(
        _whole(wide * scale + pads.across, most.width, even=even),
        _whole(high * scale + pads.down, most.height, even=even),
    )
    if pixels.form == "side":
        size = _lengthened(size, pixels.width)
    return _filled(survey, size, room_px, 1.0)


def _most(pixels: Pixels, share: float) -> Size:
    if pixels.form == "side":  # the long side is fixed: only "exact" and "box" can give way
        return Size(pixels.width, pixels.width)
    longer = max(pixels.width, pixels.height)
    share = max(share, pixels.least_px / longer)
    return Size(max(1, round(pixels.width * share)), max(1, round(pixels.height * share)))


def _filled(survey: Survey, size: Size, room_px: int, share: float) -> Window:
    """The window that shows the subject as large as it fits into a picture of this size."""
    pads = _pads(survey, room_px)
    scale = _scale(survey.bounds, size, pads) * share
    bounds, cuts = survey.bounds, survey.cuts
    wide, high = _spans(bounds)
    left = _begin(size.width - wide * scale, pads.left, pads.right, cuts.left, cuts.right)
    top = _begin(size.height - high * scale, pads.top, pads.bottom, cuts.top, cuts.bottom)
    x0, y0 = bounds.x0 - left / scale, bounds.y0 - top / scale
    return Window(Box(x0, y0, x0 + size.width / scale, y0 + size.height / scale), size)


def _begin(spare: float, low: float, high: float, cut_low: bool, cut_high: bool) -> float:
    """Where the subject begins along one axis: at the edge that cuts it, else in the middle."""
    if cut_low and not cut_high:
        return 0.0
    if cut_high and not cut_low:
        return spare
    return low + (spare - low - high) / 2


def _pads(survey: Survey, room_px: int) -> _Pads:
    cuts = survey.cuts
    sides = (cuts.left, cuts.top, cuts.right, cuts.bottom)
    return _Pads(*(0.0 if cut else float(room_px) for cut in sides))


def _scale(bounds: Rect, size: Size, pads: _Pads) -> float:
    wide, high = _spans(bounds)
    across = max(1.0, size.width - pads.across) / wide
    return min(across, max(1.0, size.height - pads.down) / high)


def _spans(bounds: Rect) -> tuple[int, int]:
    return bounds.x1 - bounds.x0, bounds.y1 - bounds.y0


def _whole(length: float, most: int, *, even: bool) -> int:
    whole = math.ceil(length - 0.01)
    if even:
        whole += whole % 2
    return max(2 if even else 1, min(whole, most))


def _lengthened(size: Size, longer: int) -> Size:
    """Make the longer side exactly so long, after rounding."""
    if size.width >= size.height:
        return Size(longer, min(size.height, longer))
    return Size(min(size.width, longer), longer)


def _scaled(own: Size, share: float, *, even: bool) -> Size:
    if share == 1.0 and not (even and (own.width % 2 or own.height % 2)):
        return own
    return Size(
        _whole(own.width * share, own.width + 1, even=even),
        _whole(own.height * share, own.height + 1, even=even),
    )
