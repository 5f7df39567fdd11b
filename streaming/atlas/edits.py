"""What was done to an atlas: paint that lies over it, and differences that are added to it.

A user gives back a whole picture, and most of it is still what it was. Laid over the clip as it
is, it would replace the clip's grain by the atlas's blur everywhere. So the picture is compared,
texel by texel, with the atlas that was handed out: what is equal does nothing, what was retouched a
little is a difference that leaves the grain alone, and what is plainly something else is paint.
Between the two there is no edge: the weight of paint rises smoothly, and the difference goes on
below it until paint hides it.

A picture of another size than the atlas was scaled by a program that nobody knows, and a lossy one
was never equal to anything. There the comparison is made at the atlas's own size, and what differs
by less than such programs do is called equal.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from streaming.atlas.model import F32
from streaming.frames import U8, Size

__all__ = ["Edit", "Place", "differing", "multiplied", "overlay", "split", "straight"]

LITTLE, MUCH = 0.1, 0.3  # a difference of colour up to which, and from which on, it is no retouch
EQUAL = 0.6 / 255  # below this two colours were the same byte
LOSSY = 7 / 255  # as far as a scaler or a codec moves a colour that nobody touched
EDGES = 0.25  # of the contrast around a texel, which they move it by besides: of a swan's atlas at
# five sizes, five ways, 1 % of the texels differ without it, and 0.01 % with it
MERGED = 1 / 255  # below this alpha holds nothing
HIDDEN = 16  # paint of weight w hides all but w ** HIDDEN of the difference below it
OVERLAY = 0.5  # of an atlas that is gone from a picture, from which on that is no atlas but a layer


@dataclass(frozen=True, slots=True)
class Place:
    """Where a picture lies on an atlas.

    Attributes:
        left: Edge of its first column, in texels: -1/2 where it begins as the atlas does.
        top: Edge of its first row.
        across: Its pixels for each texel, along a row.
        down: The same along a column.
    """

    left: float = -0.5
    top: float = -0.5
    across: float = 1.0
    down: float = 1.0

    @classmethod
    def over(cls, atlas: Size, picture: Size) -> "Place":
        """Of a picture that covers a whole atlas."""
        return cls(
            across=picture.width / atlas.width,
            down=picture.height / atlas.height,
        )

    def inner(self, column: int, row: int) -> "Place":
        """Of the part of the picture that begins at a column and row."""
        left, top = self.left + column / self.across, self.top + row / self.down
        return Place(left, top, self.across, self.down)

    def of(self, uv: F32) -> F32:
        """Where in the picture texels are, pixels' centres at whole numbers; (..., 2) float32."""
        scale = np.array([self.across, self.down], np.float32)
        shift = np.array([self.left * self.across, self.top * self.down], np.float32) + 0.5
        return np.asarray(uv * scale - shift, np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """What is done to one layer.

    Attributes:
        paint: (h, w, 4) float32, what is laid over, colours multiplied by alpha; or None.
        change: (h, w, 3) float32, what is added to the atlas's colours; or None.
        place: Where the two lie. Outside them nothing is done.
    """

    paint: F32 | None
    change: F32 | None
    place: Place

    @classmethod
    def of(cls, paint: F32, change: F32, place: Place) -> "Edit | None":
        """What of it does anything; None where nothing does."""
        painted, changed = paint[..., 3] > 0, (change != 0).any(axis=2)
        rect = cv2.boundingRect((painted | changed).astype(np.uint8))
        if not rect[2]:
            return None
        part = slice(rect[1], rect[1] + rect[3]), slice(rect[0], rect[0] + rect[2])
        kept = np.ascontiguousarray(paint[part]) if painted.any() else None
        added = np.ascontiguousarray(change[part]) if changed.any() else None
        return cls(kept, added, place.inner(rect[0], rect[1]))

    @property
    def size(self) -> Size:
        """Of its pictures."""
        one = self.paint if self.paint is not None else self.change
        assert one is not None
        return Size(one.shape[1], one.shape[0])

    @property
    def span(self) -> tuple[F32, F32]:
        """The first and the last texel that it touches: two times x and y."""
        wide, high = self.size.width + 0.5, self.size.height + 0.5
        start = np.array([self.place.left, self.place.top])
        scale = np.array([self.place.across, self.place.down])
        ends = start - 0.5 / scale, start + np.array([wide, high]) / scale
        return ends[0].astype(np.float32), ends[1].astype(np.float32)


def overlay(rgba: U8, place: Place, *, gain: float = 1.0) -> Edit | None:
    """All of a picture as paint.

    Args:
        rgba: (h, w, 4) uint8, straight alpha.
        place: Where it lies.
        gain: What its colours are multiplied by: above 1 where they are brighter than white.
    """
    paint = multiplied(rgba)
    paint[..., :3] *= np.float32(gain)
    return Edit.of(paint, np.zeros_like(paint[..., :3]), place)


def split(given: U8, atlas: U8, place: Place, *, lossy: bool = False) -> Edit | None:
    """What somebody did to an atlas.

    Args:
        given: (h', w', 4) uint8, straight alpha, the picture as it came back.
        atlas: (h, w, 4) uint8, straight alpha, the picture as it was handed out.
        place: Where the *given* picture lies on the layer's atlas.
        lossy: It went through a codec that moves colours a little.

    Returns:
        The edit; None where nothing was done.
    """
    if _is_overlay(given, atlas):
        return overlay(given, place)
    if lossy or given.shape != atlas.shape:
        before = _sized(atlas, given) if given.shape != atlas.shape else _unit(atlas)
        return Edit.of(*_parts(_unit(given), before, _touched_roughly(given, atlas)), place)
    return _split_exactly(given, atlas, place)


def differing(given: U8, before: U8, *, lossy: bool = False) -> F32:
    """Where somebody painted on a picture: 1 there and 0 elsewhere, (h, w) float32.

    Args:
        given: (h, w, 3) uint8.
        before: (h, w, 3) uint8, what was painted on.
        lossy: `given` went through a codec or a scaler.
    """
    if not lossy:
        return np.asarray((given != before).any(axis=2), np.float32)
    full = np.full(given.shape[:2], 255, np.uint8)
    return _touched_roughly(np.dstack((given, full)), np.dstack((before, full)))


def _split_exactly(given: U8, atlas: U8, place: Place) -> Edit | None:
    """The same where most bytes are equal: only the rectangle of the others is compared."""
    x, y, wide, high = cv2.boundingRect((_packed(given) != _packed(atlas)).astype(np.uint8))
    if not wide:
        return None
    part = slice(y, y + high), slice(x, x + wide)
    after, before = _unit(given[part]), _unit(atlas[part])
    return Edit.of(*_parts(after, before, _touched(after, before, EQUAL)), place.inner(x, y))


def _packed(rgba: U8) -> NDArray[np.uint32]:
    made: NDArray[np.uint32] = np.ascontiguousarray(rgba).view(np.uint32)[..., 0]
    return made


def _parts(after: F32, before: F32, touched: F32) -> tuple[F32, F32]:
    """Paint (h, w, 4) and difference (h, w, 3) of what was touched, (h, w) 0..1."""
    differs = after[..., :3] - before[..., :3]
    weight = _ramp(np.abs(differs).max(axis=2), LITTLE, MUCH)
    own = np.clip(before[..., 3] * 4, 0, 1)  # a faint texel's colour says nothing
    weight = np.asarray(1 - (1 - weight) * own, np.float32)
    alpha = (after[..., 3] * weight * touched)[..., None]
    paint = np.concatenate((after[..., :3] * alpha, alpha), axis=2)
    left = own * (1 - weight**HIDDEN) * touched
    left *= np.clip(after[..., 3] / np.maximum(before[..., 3], MERGED), 0, 1)
    return paint, np.asarray(differs * left[..., None], np.float32)


def _touched(after: F32, before: F32, equal: float | F32) -> F32:
    """1 where two pictures are not equal as they are seen, (h, w); 0 where nothing is left.

    Args:
        after: (h, w, 4) what it is now.
        before: (h, w, 4) what it was.
        equal: Differences that count for nothing, 0..1; one, or (h, w) of them.
    """
    seen = np.abs(after[..., :3] * after[..., 3:] - before[..., :3] * before[..., 3:]).max(axis=2)
    more = after[..., 3] - before[..., 3] > equal
    same = np.abs(after[..., :3] - before[..., :3]).max(axis=2) <= equal
    there = (after[..., 3] >= MERGED) & ((seen > equal) | more)
    made: F32 = (there & (more | ~same)).astype(np.float32)
    return made


def _touched_roughly(given: U8, atlas: U8) -> F32:
    """The same for pictures that a scaler or a codec went over, (h, w) of `given`, 0..1.

    They are compared at the smaller one's size and a little blurred, and forgiven most where the
    atlas has edges: that is where such programs differ.
    """
    size = min(given.shape[1], atlas.shape[1]), min(given.shape[0], atlas.shape[0])
    small = [
        cv2.blur(cv2.resize(multiplied(each), size, interpolation=cv2.INTER_AREA), (3, 3))
        for each in (given, atlas)
    ]
    near = np.ones((3, 3), np.uint8)
    edges = cv2.dilate(small[1], near) - cv2.erode(small[1], near)
    equal = np.asarray(LOSSY + EDGES * edges.max(axis=2), np.float32)
    rough = cv2.dilate(_touched(straight(small[0]), straight(small[1]), equal), near)
    wide, high = given.shape[1], given.shape[0]
    return np.asarray(cv2.resize(rough, (wide, high), interpolation=cv2.INTER_LINEAR), np.float32)


def _is_overlay(given: U8, atlas: U8) -> bool:
    """Whether most of what an atlas shows is gone from a picture, so that it is a layer over it."""
    size = atlas.shape[1], atlas.shape[0]
    shown = atlas[..., 3] >= 128
    left = cv2.resize(given[..., 3], size, interpolation=cv2.INTER_AREA) < 64
    return bool(shown.any()) and float(left[shown].mean()) > OVERLAY


def _sized(atlas: U8, like: U8) -> F32:
    size = like.shape[1], like.shape[0]
    shrinks = size[0] < atlas.shape[1]
    way = cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC
    return straight(np.asarray(cv2.resize(multiplied(atlas), size, interpolation=way)))


def _unit(rgba: U8) -> F32:
    return np.asarray(rgba, np.float32) / np.float32(255)


def multiplied(rgba: U8) -> F32:
    """Straight alpha as colours that are multiplied by it: (h, w, 4) uint8 to float32 0..1."""
    made = _unit(rgba)
    made[..., :3] *= made[..., 3:]
    return made


def straight(premultiplied: F32) -> F32:
    """The way back, still float32 0..1."""
    made = np.asarray(np.clip(premultiplied, 0, 1), np.float32)
    made[..., :3] = np.clip(made[..., :3] / np.maximum(made[..., 3:], MERGED), 0, 1)
    return made


def _ramp(value: F32, low: float, high: float) -> F32:
    """0 up to `low`, 1 from `high` on, smooth between."""
    share = np.clip((value - low) / (high - low), 0, 1)
    return np.asarray(share * share * (3 - 2 * share), np.float32)
