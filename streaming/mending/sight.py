"""A short piece of a stream as mending sees it: small pictures, and how far any two are apart.

Everything is planned on these: which ends, which frames go over into which, and what the seam looks
like then. They show only the part of the picture in which the subject ever is, at a size at which a
hand is still some pixels wide. Steps around a seam are measured as the check of a written file
measures them, on thumbnails of the whole picture in place, so that a plan says what the file will.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np
from PIL import Image

from streaming.frames import U8, Rect, Size
from streaming.loops.anchor import Box
from streaming.loops.distance import F32, F64, LEAST_UNION, distance, planes_at
from streaming.loops.fingerprint import Fingerprint, Fingerprinter
from streaming.loops.gauge import SpanGauge
from streaming.loops.model import Look, Loop
from streaming.loops.subject import Cutout, Framing
from streaming.mending.render import lit

__all__ = ["PLAN_PX", "Sight"]

PLAN_PX = 224  # long side of the part that is looked at
MARGIN = 0.08  # room around the subject, for what moves it
PRESENT = 13  # alpha of at least 5 % counts as subject


@dataclass(frozen=True, slots=True, eq=False)
class _Scene:
    """The part of the pictures that is looked at, and how large."""

    size: Size
    part: Rect


class Sight:
    """Some seconds of matted frames.

    Args:
        looks: The frames in order, at least two, all of one size.
        prints: Their fingerprints, where they are at hand.

    Attributes:
        effort: Between how many pairs of its pictures motion was found so far, which is what
            costs: about 0.06 s of one core each.
    """

    def __init__(self, looks: Sequence[Look], prints: Sequence[Fingerprint] = ()) -> None:
        self.looks = tuple(looks)
        fingerprint = Fingerprinter()
        self.prints = tuple(prints) or tuple(p for look in looks for p in fingerprint.push(look))
        self.gauge = SpanGauge(self.prints)
        self.first = looks[0].index
        self.last = looks[-1].index
        self.effort = 0
        self._scene = _scene_of(self.looks)
        self._pictures: dict[int, F32] = {}
        self._boxes: dict[int, Box | None] = {}
        self._seen: dict[int, F32] = {}

    @property
    def size(self) -> Size:
        """Size of the whole picture at which everything is looked at."""
        return self._scene.size

    @property
    def part(self) -> Rect:
        """The part of it that is."""
        return self._scene.part

    def at(self, frame: int) -> int:
        """Where a frame stands among the looks."""
        return frame - self.first

    def time_s(self, frame: int) -> Fraction:
        """A frame's exact time."""
        return self.looks[self.at(frame)].time_s

    def holds(self, frame: int) -> bool:
        """Whether a frame is there."""
        return self.first <= frame <= self.last

    def picture(self, frame: int) -> F32:
        """A frame's part, (h, w, 4) float32, 0..255, colours multiplied by alpha."""
        if frame not in self._pictures:
            self._pictures[frame] = _reduced(self.looks[self.at(frame)].rgba, self._scene)
        return self._pictures[frame]

    def box(self, frame: int) -> Box | None:
        """Where the subject is in a frame, None where there is none."""
        if frame not in self._boxes:
            self._boxes[frame] = _box(self.looks[self.at(frame)].rgba[..., 3])
        return self._boxes[frame]

    def loop(self, start: int, end: int) -> Loop:
        """A span with what is measured of it."""
        return self.gauge.loop(start, end, id="")

    def thumb(self, picture: F32) -> F32:
        """A thumbnail, in place, of a picture of the part; (4, N) float32, 0..1."""
        part = self.part
        wide, high = part.x1 - part.x0, part.y1 - part.y0
        framing = Framing(wide / 2, high / 2, free_x=False, free_y=False)
        pixels = picture.clip(0, 255).astype(np.uint8)
        return planes_at(Cutout(pixels, 0, 0, Size(wide, high)), framing, wide / 2, high / 2)

    def seen(self, frame: int, right: float = 0.0, down: float = 0.0) -> F32:
        """A frame's thumbnail as the check of a file sees it, moved by so many px of `size`."""
        if not right and not down:
            if frame not in self._seen:
                self._seen[frame] = self.checked(self.picture(frame))
            return self._seen[frame]
        return self.checked(self.picture(frame), right, down)

    def checked(self, picture: F32, right: float = 0.0, down: float = 0.0) -> F32:
        """The same of any picture of the part; (4, N) float32, 0..1."""
        part, size = self.part, self.size
        framing = Framing(size.width / 2, size.height / 2, free_x=False, free_y=False)
        pixels = picture.clip(0, 255).astype(np.uint8)
        cutout = Cutout(pixels, part.x0, part.y0, size)
        return planes_at(cutout, framing, size.width / 2 - right, size.height / 2 - down)

    @cached_property
    def strides(self) -> F64:
        """(n - 1,) every step from frame to frame in place, as the check sees them, 0..1."""
        seen = [self.seen(each.index) for each in self.looks]
        return np.array([distance(a, b) for a, b in pairwise(seen)])

    @cached_property
    def apart(self) -> F64:
        """(n, n) distances of all frames from all, each centred on its own subject."""
        return _distances(self._poses)

    @cached_property
    def apart_in_place(self) -> F64:
        """(n, n) the same where every subject stays where it stands."""
        return _distances(self._stills)

    @cached_property
    def paces(self) -> F64:
        """(n - 1,) every step from frame to frame, in usual steps."""
        made: F64 = np.diag(self.apart, 1) / self.step
        return made

    @cached_property
    def step(self) -> float:
        """The usual distance of neighbours here."""
        steps = np.diag(self.apart, 1)
        return max(float(np.median(steps)), 1e-4)

    def still(self, frame: int) -> F32:
        """A frame's thumbnail in place, (4, N) float32, 0..1."""
        return self._stills[self.at(frame)]

    @cached_property
    def _stills(self) -> list[F32]:
        return [self.thumb(self.picture(each.index)) for each in self.looks]

    @cached_property
    def _poses(self) -> list[F32]:
        framing = max((each.thumb.framing for each in self.prints), key=lambda each: each.half_x)
        return [self._cut(each, framing) for each in self.prints]

    @staticmethod
    def _cut(print_: Fingerprint, framing: Framing) -> F32:
        cutout, place = print_.cutout, print_.place
        x = place.x if framing.free_x else cutout.frame.width / 2
        y = place.y if framing.free_y else cutout.frame.height / 2
        return planes_at(cutout, framing, x, y)


def _scene_of(looks: Sequence[Look]) -> _Scene:
    """The box around every subject, with some room, at a size that suits."""
    high, wide = looks[0].rgba.shape[:2]
    seen = np.zeros((high, wide), bool)
    for look in looks:
        seen |= look.rgba[..., 3] >= PRESENT
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    if not len(rows):
        return _Scene(Size(wide, high), Rect(0, 0, wide, high))
    room = round(MARGIN * max(rows[-1] - rows[0], columns[-1] - columns[0])) + 2
    box = Rect(
        int(columns[0]) - room, int(rows[0]) - room, int(columns[-1]) + room, int(rows[-1]) + room
    ).within(Rect(0, 0, wide, high))
    scale = min(1.0, PLAN_PX / max(box.x1 - box.x0, box.y1 - box.y0))
    size = Size(max(1, round(wide * scale)), max(1, round(high * scale)))
    part = Rect(*(round(each * scale) for each in (box.x0, box.y0, box.x1, box.y1)))
    return _Scene(size, part.within(Rect.whole(size)))


def _distances(thumbs: Sequence[F32]) -> F64:
    """Distances of all thumbnails from all, as `loops.distance` has them."""
    planes = np.stack([each.reshape(-1) for each in thumbs])
    alphas = np.stack([each[3] for each in thumbs])
    squares, covers = planes @ planes.T, alphas @ alphas.T
    whole, area = np.diag(squares), np.diag(covers)
    gaps = (whole[:, None] + whole[None] - 2 * squares).clip(0, None)
    unions = np.maximum(area[:, None] + area[None] - covers, LEAST_UNION * alphas.shape[1])
    made: F64 = np.sqrt(gaps / (4 * unions)).astype(np.float64)
    return made


def _box(alpha: U8) -> Box | None:
    there = alpha >= PRESENT
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not len(rows):
        return None
    high, wide = there.shape
    return Box(
        float(columns[0]) / wide,
        float(rows[0]) / high,
        float(columns[-1] + 1) / wide,
        float(rows[-1] + 1) / high,
    )


def _reduced(rgba: U8, scene: _Scene) -> F32:
    """The part of one look, scaled with colours multiplied by alpha."""
    part, size = scene.part, scene.size
    high, wide = rgba.shape[:2]
    if (size.width, size.height) == (wide, high):
        return lit(rgba[part.y0 : part.y1, part.x0 : part.x1])
    picture = Image.fromarray(np.ascontiguousarray(rgba)).convert("RGBa")
    box = (
        part.x0 * wide / size.width,
        part.y0 * high / size.height,
        part.x1 * wide / size.width,
        part.y1 * high / size.height,
    )
    small = picture.resize((part.x1 - part.x0, part.y1 - part.y0), Image.Resampling.BOX, box=box)
    return np.asarray(small, np.float32)
