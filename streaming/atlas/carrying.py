"""What was painted on one fit of a clip, taken to another fit of it.

A draft and the final fit lay the same subject out a little differently, so paint cannot simply be
put in the same place. But both say of every pixel of every frame which texel it shows: a texel of
the new atlas is shown at pixels, and these showed texels of the old one. Their mean over frames,
weighted by how far both maps are to be trusted there, is where its paint comes from.

Where the two do not agree on how things move, paint cannot stay where it was in every frame. It
does in one: what that frame shows of the layer is taken from there, and the way between it and the
mean goes on smoothly into what it does not show.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from streaming.atlas.edits import Place, multiplied, straight
from streaming.atlas.grids import affine, looked_up, places, spread
from streaming.atlas.model import F32, Footage, Layer
from streaming.atlas.splat import Canvas, Glance, averaged, continued, taken, views
from streaming.frames import U8, Rect, Size

__all__ = ["Move", "moved"]

MOST_FRAMES = 24  # that are asked: more show no texel that these do not
HARDLY = 1e-3  # of trust: a map that nobody believes still beats a guess


@dataclass(frozen=True, slots=True, eq=False)
class Move:
    """The way from one fit of a layer to another.

    Attributes:
        old: Size of the atlas that was painted on.
        at: (h, w, 2) float32, the texel of it that each texel of the new atlas was.
    """

    old: Size
    at: F32

    def picture(self, picture: U8, *, nothing: tuple[int, int, int, int] = (0, 0, 0, 0)) -> U8:
        """A picture over the old atlas as one over the new.

        Args:
            picture: (h, w, 4) uint8, straight alpha, of any resolution.
            nothing: What stands beyond it.

        Returns:
            (h', w', 4) uint8, with as many pixels for each texel as it had.
        """
        high, wide = picture.shape[:2]
        place = Place.over(self.old, Size(wide, high))
        finer = round(place.across * self.at.shape[1]), round(place.down * self.at.shape[0])
        at = place.of(cv2.resize(self.at, finer, interpolation=cv2.INTER_LINEAR))
        shift = np.asarray(nothing, np.float32) / np.float32(255)
        values = looked_up(np.asarray(multiplied(picture) - shift, np.float32), at) + shift
        return np.round(straight(np.asarray(values, np.float32)) * 255).astype(np.uint8)


def moved(old: Layer, new: Layer, footage: Footage, index: int, frame: int) -> Move:
    """The way from one fit of a layer to another.

    Args:
        old: The layer as it was painted on.
        new: The same layer of another fit of the same clip.
        footage: The clip.
        index: The layer's number.
        frame: The frame in which paint stays where it is.
    """
    asked = np.unique(np.linspace(0, footage.count - 1, MOST_FRAMES).round().astype(int))
    made = _everywhere(_seen(old, new, footage, index, asked))
    exact = _seen(old, new, footage, index, np.array([frame]))
    there = exact.weight[..., None] > 0
    bend = np.where(there, exact.colour[..., :2] - made, 0)
    return Move(old.size, made + _continued(bend, exact.weight))


def _seen(old: Layer, new: Layer, footage: Footage, index: int, frames: NDArray[np.int_]) -> Canvas:
    """The texels of the old atlas that some frames show where they show those of the new."""
    size, atlas = footage.size, new.size

    def glance(number: int) -> Glance:
        frame = frames[number]
        texels = spread(old.uv[frame], old.spacing_px, size)
        trust = [spread(each.trust[frame], each.spacing_px, size) for each in (old, new)]
        weight = footage.shares(frame)[index] * (trust[0] * trust[1] + HARDLY)
        return Glance(Rect.whole(size), _three(texels), weight)

    return averaged(taken(views(new.uv[frames], new.spacing_px, size, atlas), glance), atlas)


def _everywhere(seen: Canvas) -> F32:
    """Where texels come from; those that no frame shows as those around them, on straight lines."""
    all_ = places(Size(*seen.weight.shape[::-1]))
    there = seen.weight > 0
    lines = affine(all_[there], seen.colour[there][:, :2], all_)
    bend = np.where(there[..., None], seen.colour[..., :2] - lines, 0)
    return lines + _continued(bend, seen.weight)


def _continued(bend: F32, weight: F32) -> F32:
    return continued(_three(bend), weight)[..., :2]


def _three(pairs: F32) -> F32:
    """Two numbers each as three, since pictures have three channels."""
    return np.dstack((pairs, np.zeros_like(pairs[..., :1])))
