"""One matte split among several foregrounds by what a person scribbled over a few frames.

All frames are labelled together (see `walker`) at a size at which flow is quick: whatever one
frame's strokes say reaches every other along the flow, from both sides, and where an object comes
out from behind another its colours and the frames after decide. The first labels teach which
colours each object has; the second round weighs them.

Labels are then carried to the full size along the edges of the picture itself, and made sharp:
objects meet within a pixel or two, so that a pixel well inside one belongs to it alone and painting
one layer leaves the others exactly as they were. Shares are whole numbers that sum to the matte's.
"""

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from streaming.atlas.flows import Matcher, dis
from streaming.atlas.grids import looked_up, places
from streaming.atlas.model import F32, Pair
from streaming.atlas.scribbles import Scribble
from streaming.atlas.walker import Bonds, bonds_in_space, bonds_in_time, walked
from streaming.errors import InputError
from streaming.frames import U8, Size

__all__ = ["split"]

LONG_PX = 288  # long side of the frames that are labelled
SOLID = 24  # of 255, below which a pixel of the matte takes no part
HELD = 3.0  # a bond along flow, beside one between neighbours
SURE_PX = 1.0  # there and back
ALIKE = 0.08  # of the colours at both ends of a flow, 0..1
LEARNT = 0.85  # share from which on a pixel teaches its label's colours
BELIEVED = 0.02  # of colours, beside a bond
BINS = 16
SOFT = 0.15  # half the share over which two objects go over into each other


def split(
    frames: U8,
    matte: U8,
    scribbles: Sequence[Scribble],
    *,
    layers: int,
    seams: Sequence[Pair] = (),
    match: Matcher | None = None,
    progress: Callable[[str, float], object] = lambda _words, _share: None,
) -> U8:
    """Say which part of a matte is which foreground.

    Args:
        frames: (N, H, W, 3) uint8 sRGB.
        matte: (N, H, W) uint8, all foregrounds together.
        scribbles: Strokes over some of the frames.
        layers: How many foregrounds; label `layers + 1` is the background.
        seams: Pairs beyond neighbours that show (nearly) the same pose.
        match: Measures flow; OpenCV's where None.
        progress: Told what is done and which share of it.

    Returns:
        (layers, N, H, W) uint8: together the matte, less what was marked as background.

    Raises:
        InputError: A layer is marked nowhere within the matte.
    """
    small = _Small(frames, matte, scribbles, layers + 1)
    small.check(layers)
    bonds = small.bonds(seams, match or dis(), progress)
    progress("split the matte", 0.6)
    labels = int(max(layers, small.marks.max()))
    shares = walked(bonds, small.marks, labels)
    prior = small.prior(shares)
    progress("split the matte", 0.75)
    shares = walked(bonds, small.marks, labels, prior=prior, start=shares)
    made = np.empty((layers, *matte.shape), np.uint8)
    for frame in range(len(frames)):
        fine = _fine(small.laid_out(shares, frame), frames[frame])
        made[:, frame] = _counted(fine, matte[frame])[:layers]
        progress("split the matte", 0.85 + 0.15 * (frame + 1) / len(frames))
    return made


class _Small:
    """The clip at the size at which it is labelled, every pixel of its matte a node."""

    def __init__(self, frames: U8, matte: U8, scribbles: Sequence[Scribble], most: int) -> None:
        high, wide = matte.shape[1:]
        scale = min(1.0, LONG_PX / max(high, wide))
        self.size = Size(max(16, round(wide * scale)), max(16, round(high * scale)))
        self.frames = np.stack([self._shrunk(each) for each in frames])
        solid = np.stack([self._shrunk(each) for each in matte]) >= SOLID
        self.nodes = np.full(solid.shape, -1, np.int64)
        self.nodes[solid] = np.arange(np.count_nonzero(solid))
        self.colours = self.frames[solid].astype(np.float32) / 255
        self.marks = np.zeros(len(self.colours), np.uint8)
        for each in scribbles:
            taken = solid[each.frame]
            own = self._thinned(each.labels, most)[taken]
            self.marks[self.nodes[each.frame][taken]] = own

    def check(self, layers: int) -> None:
        """Refuse what cannot be split."""
        for label in range(1, layers + 1):
            if not np.any(self.marks == label):
                raise InputError(
                    f"no scribble of layer {label} of {layers} lies on the matte: draw over the "
                    "object itself in a picture such as scribbles/00000.png, named by its frame, "
                    "or give masks that hold the object"
                )

    def bonds(
        self, seams: Sequence[Pair], match: Matcher, progress: Callable[[str, float], object]
    ) -> list[Bonds]:
        """All bonds, in space and in time."""
        deep = np.asarray(self.frames / np.float32(255), np.float32)
        count = len(deep)
        made = [
            bonds_in_space(self.nodes[each], deep[each], sharpness=_sharpness(deep[each]))
            for each in range(count)
        ]
        pairs = [*(Pair(each, each + 1) for each in range(count - 1)), *seams]
        for done, pair in enumerate(pairs):
            a, b = self.frames[pair.first], self.frames[pair.second]
            made += self._along(pair, match(a, b), match(b, a), deep)
            progress("measure motion", 0.6 * (done + 1) / len(pairs))
        return made

    def _along(self, pair: Pair, there: F32, back: F32, deep: F32) -> list[Bonds]:
        first, second = pair.first, pair.second
        a, b = self.nodes[first], self.nodes[second]
        ahead = _trusted(there, back, deep[first], deep[second])
        behind = _trusted(back, there, deep[second], deep[first])
        half = np.float32(HELD / 2)
        return [bonds_in_time(a, b, there, ahead * half), bonds_in_time(b, a, back, behind * half)]

    def prior(self, shares: F32) -> F32:
        """What its colour says of each node: (labels, M), weak where labels share colours."""
        spots = np.minimum((self.colours * BINS).astype(np.int64), BINS - 1)
        flat = (spots[:, 0] * BINS + spots[:, 1]) * BINS + spots[:, 2]
        each_has = []
        for share in shares:
            counts = np.bincount(flat, weights=share * (share > LEARNT), minlength=BINS**3)
            smooth = gaussian_filter(counts.reshape(BINS, BINS, BINS), 1.0).ravel()
            each_has.append(smooth / max(smooth.sum(), 1e-9) + 1e-6)
        likely = np.stack(each_has)[:, flat]
        likely /= likely.sum(axis=0)
        even = 1 / len(likely)
        telling = (likely.max(axis=0) - even) / (1 - even)  # 0 where every label has that colour
        made: F32 = (BELIEVED * telling**2 * likely).astype(np.float32)
        return made

    def laid_out(self, shares: F32, frame: int) -> F32:
        """Shares of one frame as pictures: (labels, h, w), each going on beyond the matte."""
        nodes = self.nodes[frame]
        known = nodes >= 0
        pictures = np.where(known, shares[:, np.maximum(nodes, 0)], 0).astype(np.float32)
        weight = known.astype(np.float32)
        around = cv2.GaussianBlur(weight, (0, 0), 2.0)
        return np.stack(
            [
                np.where(known, each, cv2.GaussianBlur(each, (0, 0), 2.0) / (around + 1e-6))
                for each in pictures
            ]
        )

    def _shrunk(self, picture: U8) -> U8:
        made: U8 = cv2.resize(
            picture, (self.size.width, self.size.height), interpolation=cv2.INTER_AREA
        )
        return made

    def _thinned(self, labels: U8, most: int) -> U8:
        """Labels at the small size: whatever a stroke touches most, however thin it is."""
        touched = [np.zeros((self.size.height, self.size.width), np.uint8) + 8]
        for label in range(1, most + 1):
            touched.append(self._shrunk(np.where(labels == label, np.uint8(255), np.uint8(0))))
        made: U8 = np.argmax(np.stack(touched), axis=0).astype(np.uint8)
        return made


def _sharpness(picture: F32) -> float:
    """What makes an ordinary difference of neighbours weaken their bond to a half or so."""
    steps = [np.square(np.diff(picture, axis=each)).sum(axis=2).mean() for each in (0, 1)]
    return 1 / max(float(np.mean(steps)) * 2, 1e-4)


def _trusted(flow: F32, back: F32, here: F32, there: F32) -> F32:
    """How far a flow is confirmed by its return and by the colours at both ends, 0..1."""
    at = places(Size(flow.shape[1], flow.shape[0])) + flow
    left = np.square(flow + looked_up(back, at, beyond=1e3)).sum(axis=2)
    apart = np.square(looked_up(there, at, beyond=None) - here).sum(axis=2)
    return np.asarray(np.exp(-left / SURE_PX**2 - apart / (3 * ALIKE**2)), np.float32)


def _fine(shares: F32, picture: U8) -> F32:
    """Shares at the picture's own size, along its edges, and sharp: (labels, H, W).

    Source: He, Sun, Tang, "Guided Image Filtering", ECCV 2010.
    """
    high, wide = picture.shape[:2]
    guide = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    radius = max(2, round(1.5 * max(high, wide) / max(shares.shape[1:])))
    grown = [cv2.resize(each, (wide, high), interpolation=cv2.INTER_LINEAR) for each in shares]
    along = np.stack([_guided(guide, each, radius) for each in grown])
    best = along.max(axis=0, keepdims=True)
    sharp = np.clip((along - best) / SOFT + 1, 0, 1)
    return np.asarray(sharp / sharp.sum(axis=0), np.float32)


def _guided(guide: F32, values: F32, radius: int) -> F32:
    side = (2 * radius + 1, 2 * radius + 1)

    def mean(picture: F32) -> F32:
        return np.asarray(cv2.boxFilter(picture, -1, side), np.float32)

    middle, level = mean(guide), mean(values)
    slope = (mean(guide * values) - middle * level) / (mean(guide * guide) - middle**2 + 1e-4)
    return mean(slope) * guide + mean(level - slope * middle)


def _counted(shares: F32, matte: NDArray[np.uint8]) -> U8:
    """Whole parts of a matte that sum to it, none where there is no share: (labels, H, W)."""
    upto = np.round(np.cumsum(shares, axis=0) * matte.astype(np.float32)).astype(np.int16)
    upto[-1] = matte
    made: U8 = np.diff(upto, axis=0, prepend=np.zeros((1, *matte.shape), np.int16)).astype(np.uint8)
    return made
