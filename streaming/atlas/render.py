"""Laying an edit over a frame: the formula that the page in the browser follows, too.

For a pixel of colour I, and for every layer l with its share a of the pixel, let u be the texel
that the layer's map says, A and c the colour and cover of its atlas there, g the light of that
frame, k the trust in the map, and E and D the edit's paint (multiplied by its alpha) and difference
at u:

    B = I + (1 - a) c clamp(A g - I)      what the layer itself shows: I also holds other layers
    O = B + k D g                         retouched: the grain stays
    O = O + k (E.rgb g - E.a O)           painted over, in the light of the frame
    I' = I + sum over l of a (O - B)

Everything is added to the frame as it is, so what no edit touches keeps its bytes. Outside an
edit's pictures E and D are zero; all samples are bilinear.

Only the rectangle of a frame whose cells can show the edit is looked at, in bands of rows whose
numbers stay in the processor's cache.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from streaming.atlas.edits import Edit
from streaming.atlas.grids import looked_up, spread
from streaming.atlas.model import F32, LIGHT_PX, Fit, Layer
from streaming.frames import U8, Rect, Size

__all__ = ["edited", "reach"]

BAND_ROWS = 48  # 768 px of four floats in it are 600 kB


def edited(fit: Fit, shares: F32, frame: U8, index: int, edits: Sequence[Edit | None]) -> U8:
    """One frame with the edits of all layers.

    Args:
        fit: The clip taken apart.
        shares: (L + 1, H, W) float32, how much of each pixel each layer shows.
        frame: (H, W, 3) uint8 sRGB.
        index: The frame's number.
        edits: One for each layer of the fit; None leaves it alone.

    Returns:
        (H, W, 3) uint8; `frame` itself where no edit is to be seen in it.
    """
    wanted = [
        (layer, share, edit, _shown(share, reach(layer, index, edit, fit.size)))
        for layer, share, edit in zip(fit.layers, shares, edits, strict=True)
        if edit is not None
    ]
    seen = [each for each in wanted if not each[3].empty]
    if not seen:
        return frame
    made = frame.copy()
    for band in _bands([each[3] for each in seen]):
        rows, columns = band.slices()
        before = frame[rows, columns].astype(np.float32) / np.float32(255)
        after = before.copy()
        for layer, share, edit, rect in seen:
            part = rect.within(band)
            if part.empty:
                continue
            inside = part.slices(of=band)
            own = share[part.slices()]
            after[inside] += _added(layer, own, before[inside], index, edit, part, fit.size)
        made[rows, columns] = cv2.convertScaleAbs(np.maximum(after, 0), alpha=255)
    return made


def _added(
    layer: Layer, share: F32, frame: F32, index: int, edit: Edit, rect: Rect, size: Size
) -> F32 | float:
    """What one layer's edit adds to a part of a frame: a (O - B), (h, w, 3)."""
    at = spread(edit.place.of(layer.uv[index]), layer.spacing_px, size, rect)
    paint = looked_up(edit.paint, at) if edit.paint is not None else None
    change = looked_up(edit.change, at) if edit.change is not None else None
    if not _any(paint, change):
        return 0.0
    light = spread(layer.light[index], LIGHT_PX, size, rect)
    trust = spread(_thrice(layer.trust[index]), layer.spacing_px, size, rect)
    made = np.zeros_like(frame) if change is None else change * light * trust
    if paint is not None:
        own = frame + made + _held(layer, share, frame, index, light, rect, size)
        colours = cv2.cvtColor(paint, cv2.COLOR_RGBA2RGB)
        made += trust * (colours * light - _thrice(cv2.extractChannel(paint, 3)) * own)
    return np.asarray(made * _thrice(share), np.float32)


def _held(
    layer: Layer, share: F32, frame: F32, index: int, light: F32, rect: Rect, size: Size
) -> F32 | float:
    """What other layers have added to a layer's soft edge, by its own atlas: B - I."""
    if not np.any((share > 0) & (share < 1)):
        return 0.0
    uv = spread(layer.uv[index], layer.spacing_px, size, rect)
    cover = looked_up(layer.cover, uv) * (1 - share)
    shown = looked_up(layer.atlas, uv, beyond=None) * light - frame
    return np.asarray(np.clip(shown, -1, 1) * _thrice(cover), np.float32)


def _thrice(plane: F32) -> F32:
    """One plane as three channels: numpy is slow where it has to repeat a last axis itself."""
    made: F32 = cv2.cvtColor(np.ascontiguousarray(plane), cv2.COLOR_GRAY2RGB)
    return made


def _any(paint: F32 | None, change: F32 | None) -> bool:
    return (paint is not None and bool(cv2.extractChannel(paint, 3).any())) or (
        change is not None and bool(change.any())
    )


def _shown(share: F32, rect: Rect) -> Rect:
    """The part of a rectangle in which a layer has any share."""
    if rect.empty:
        return rect
    x, y, wide, tall = cv2.boundingRect((share[rect.slices()] > 0).astype(np.uint8))
    return Rect(rect.x0 + x, rect.y0 + y, rect.x0 + x + wide, rect.y0 + y + tall)


def _bands(rects: list[Rect]) -> list[Rect]:
    """The rectangle around several, in bands of rows."""
    x0, y0 = min(each.x0 for each in rects), min(each.y0 for each in rects)
    x1, y1 = max(each.x1 for each in rects), max(each.y1 for each in rects)
    return [Rect(x0, y, x1, min(y1, y + BAND_ROWS)) for y in range(y0, y1, BAND_ROWS)]


def reach(layer: Layer, index: int, edit: Edit, size: Size) -> Rect:
    """The rectangle of a frame outside which none of an edit is shown.

    A cell of a bilinear map holds no texel that its four corners do not enclose.
    """
    uv, (low, high) = layer.uv[index], edit.span
    corners = np.stack((uv[:-1, :-1], uv[1:, :-1], uv[:-1, 1:], uv[1:, 1:]))
    hit = (corners.min(axis=0) < high).all(axis=2) & (corners.max(axis=0) > low).all(axis=2)
    x, y, wide, tall = cv2.boundingRect(hit.astype(np.uint8))
    step = layer.spacing_px
    first_x, first_y = int((x - 0.5) * step - 0.5), int((y - 0.5) * step - 0.5)
    rect = Rect(first_x, first_y, first_x + wide * step + 2, first_y + tall * step + 2)
    return rect.within(Rect.whole(size)) if wide else Rect(0, 0, 0, 0)
