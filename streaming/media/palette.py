"""One palette for all frames of a loop, with opacity, and pixels put into it without a flicker.

A palette chosen for each frame makes still parts shimmer, and error diffusion makes them crawl, for
a pixel that changes moves the error of all that follow. So one palette serves the whole loop, and
the dither is a pattern that stands still in the picture.

A pixel is taken for what it looks like over black and over white: six numbers, whose distances
weigh a wrong opacity exactly as much as it shows, and for which invisible colours do not exist.
Measured on a noisy dancer, the error over black and white is 3.6, 5.6 and 7.1 levels with 256, 64
and 32 entries; with those that Pillow's octree chooses it is 6.1, 11.2 and 14.2. Soft edges are few
pixels and weigh more, and what is wholly there only takes entries that are: with 64 entries the
matte is 1.2 levels off over the subject, where plain means leave it 1.6 off and 32 entries 2.5.

Grain packs badly. Where a pixel may be like its left neighbour at a small loss, runs come about:
30 frames of 320x320 as APNG with 64 entries take 584 kB (32.6 dB within the subject); 407 kB (30.9
dB) at a loss of 10, a little better than 32 entries without (430 kB, 30.7 dB); 279 kB (28.9 dB) at
16, where streaks begin to be seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streaming.frames import U8, Rect, read_only

__all__ = ["Indexer", "Palette", "palette_of"]

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]

STEPS = 63  # per channel, six bits: finer than any palette of 256 entries is
SAMPLES = 1_500_000  # pixels of a loop that a palette is chosen from
COARSE_BITS = 5
ROUNDS = 6
EDGES = 6  # what a pixel of a soft edge weighs beside one of the inside
SOLID = 251  # alpha from which a pixel is wholly there: the last of COARSE_BITS' levels
APART = 1024.0
LOOKS = 7
CHUNK = 1 << 14


@dataclass(frozen=True, slots=True, eq=False)
class Palette:
    """The colours of a loop.

    Attributes:
        entries: (N, 4) uint8, straight alpha; the first is wholly transparent, it alone has 0.
        error: How far a pixel is from its entry, root mean square over black and white, 0..255.
    """

    entries: U8
    error: float


def palette_of(frames: Iterable[U8], colours: int) -> Palette:
    """Choose the entries that serve all frames best.

    Args:
        frames: Each (H, W, 4) uint8, straight alpha.
        colours: How many at most, 2 to 256, the transparent one included.
    """
    points, weights = _cells(frames)
    if not len(points):
        return Palette(read_only(np.zeros((1, 4), np.uint8)), 0.0)
    centres = _seeds(points, weights, min(colours - 1, len(points)))
    for _ in range(ROUNDS):
        nearest, _far = _nearest(points, centres)
        centres = _means(points, weights, nearest, centres)
    _nearest_of, far = _nearest(points, centres)
    error = float(np.sqrt(np.average(far, weights=weights) / 6))
    entries = np.unique(np.vstack((np.zeros((1, 4), np.uint8), _straight(centres))), axis=0)
    order = np.argsort(entries[:, 3] > 0, kind="stable")  # the transparent one first
    return Palette(read_only(entries[order]), error)


class Indexer:
    """Puts frames into a palette; it remembers the colours that it has met.

    Args:
        palette: Where to.
        dither: How far the standing pattern moves a pixel, 0 (not) to 1 (as far as entries lie
            apart).
        loss: How far from its colour a pixel may end, in levels beyond what the palette costs it
            anyway, where it can then be like its left neighbour: such runs are what packs well.
    """

    def __init__(self, palette: Palette, dither: float, loss: float = 0.0) -> None:
        self._more = 6 * loss**2
        self._centres = _looks(_premultiplied(palette.entries[None])[0].astype(np.float32))
        self._reach = dither * palette.error * 2 * 3**0.5  # of a uniform spread with that deviation
        self._known = np.full(1 << 24, -1, np.int16)
        self._moved: NDArray[np.int16] | None = None

    def __call__(self, rgba: U8) -> U8:
        """Give each pixel's entry, (H, W) uint8, for (H, W, 4) uint8 with straight alpha."""
        made = np.zeros(rgba.shape[:2], np.uint8)
        box = Image.fromarray(np.ascontiguousarray(rgba[..., 3])).getbbox()
        if box is not None:
            seen = Rect(*box).slices()
            moved = self._pattern(rgba.shape[0], rgba.shape[1])[seen]
            made[seen] = self._placed(_premultiplied(rgba[seen]).astype(np.int16), moved)
        return made

    def _placed(self, seen: NDArray[np.int16], moved: NDArray[np.int16]) -> U8:
        if self._reach >= 1:
            seen[..., :3] += moved
            np.clip(seen[..., :3], 0, seen[..., 3:], out=seen[..., :3])
        keys = _keys(seen, STEPS)
        found = self._known[keys]
        if (found < 0).any():
            self._learn(np.unique(keys[found < 0]))
            found = self._known[keys]
        return found.astype(np.uint8) if not self._more else self._in_runs(seen, found)

    def _pattern(self, height: int, width: int) -> NDArray[np.int16]:
        """What the dither adds to a picture of this size."""
        if self._moved is None or self._moved.shape[:2] != (height, width):
            self._moved = _pattern(height, width, self._reach)
        return self._moved

    def _in_runs(self, seen: NDArray[np.int16], found: NDArray[np.int16]) -> U8:
        """Columns from left to right, all rows at once; nothing transparent comes or goes."""
        columns = np.ascontiguousarray(found.T)
        wanted = _looks(seen.transpose(1, 0, 2).reshape(-1, 4).astype(np.float32))
        wanted = wanted.reshape(*columns.shape, LOOKS)
        allowed = ((wanted - self._centres[columns]) ** 2).sum(axis=2) + self._more
        allowed[columns == 0] = -1
        for x in range(1, len(columns)):
            left = columns[x - 1]
            off = ((wanted[x] - self._centres[left]) ** 2).sum(axis=1)
            np.copyto(columns[x], left, where=(off <= allowed[x]) & (left > 0))
        return np.ascontiguousarray(columns.T.astype(np.uint8))

    def _learn(self, keys: I32) -> None:
        for start in range(0, len(keys), CHUNK):
            some = keys[start : start + CHUNK]
            levels = np.stack([some >> shift & STEPS for shift in (18, 12, 6, 0)], axis=1)
            looks = _looks((levels * (255 / STEPS)).astype(np.float32))
            nearest, _far = _nearest(looks, self._centres)
            self._known[some] = np.where(levels[:, 3] == 0, 0, nearest)


def _premultiplied(rgba: U8) -> U8:
    return np.asarray(Image.fromarray(np.ascontiguousarray(rgba)).convert("RGBa"))


def _looks(premultiplied: F32) -> F32:
    """(N, LOOKS): each pixel over black, over white, and APART where it is wholly there.

    The last keeps the inside of a subject from entries that are not opaque.
    """
    colours, alpha = premultiplied[:, :3], premultiplied[:, 3:]
    there = np.where(alpha >= SOLID, np.float32(APART), np.float32(0))
    return np.concatenate((colours, colours + (255 - alpha), there), axis=1)


def _straight(looks: F32) -> U8:
    """(N, 4) straight alpha from (N, LOOKS), none of it wholly transparent."""
    colours = looks[:, :3]
    alpha = (255 - (looks[:, 3:6] - colours).mean(axis=1, keepdims=True)).clip(1, SOLID - 1)
    alpha[looks[:, 6] > APART / 2] = 255
    return np.hstack(((colours * 255 / alpha), alpha)).clip(0, 255).round().astype(np.uint8)


def _keys(premultiplied: NDArray[np.int16], steps: int) -> I32:
    """One number for each pixel: its four values in that many steps."""
    bits = steps.bit_length()
    table = np.rint(np.arange(256) * (steps / 255)).astype(np.int32)
    levels = table[premultiplied]
    keys = levels[..., 0]
    for channel in (1, 2, 3):
        keys = (keys << bits) | levels[..., channel]
    return np.asarray(keys, np.int32)


def _cells(frames: Iterable[U8]) -> tuple[F32, F32]:
    """The looks of visible pixels, averaged where they are almost alike, and their numbers."""
    taken = [_premultiplied(each).reshape(-1, 4) for each in frames]
    stride = max(1, sum(map(len, taken)) // SAMPLES)
    pixels = np.concatenate([each[number % stride :: stride] for number, each in enumerate(taken)])
    pixels = pixels[pixels[:, 3] > 0]
    keys = _keys(pixels.astype(np.int16), (1 << COARSE_BITS) - 1)
    _kept, place, count = np.unique(keys, return_inverse=True, return_counts=True)
    looks = _looks(pixels.astype(np.float32))
    sums = [np.bincount(place, looks[:, each], len(count)) for each in range(LOOKS)]
    means = np.stack(sums, axis=1) / np.maximum(count, 1)[:, None]
    soft = np.bincount(place, (pixels[:, 3] < SOLID) * (EDGES - 1.0), len(count))
    return means.astype(np.float32), (count + soft).astype(np.float32)


def _seeds(points: F32, weights: F32, count: int) -> F32:
    """Points that matter and lie far from each other, (count, LOOKS); always the same ones."""
    chosen = [int(weights.argmax())]
    far = ((points - points[chosen[0]]) ** 2).sum(axis=1)
    while len(chosen) < count:
        chosen.append(int((far * weights).argmax()))
        np.minimum(far, ((points - points[chosen[-1]]) ** 2).sum(axis=1), out=far)
    return points[chosen]


def _nearest(points: F32, centres: F32) -> tuple[NDArray[np.intp], F32]:
    """The nearest centre of each point, and its squared distance."""
    best, far = [], []
    own = (centres**2).sum(axis=1)
    for start in range(0, len(points), CHUNK):
        some = points[start : start + CHUNK]
        away = own - 2 * (some @ centres.T)
        best.append(away.argmin(axis=1))
        least = away[np.arange(len(some)), best[-1]] + (some**2).sum(axis=1)
        far.append(least.clip(0))
    return np.concatenate(best), np.concatenate(far).astype(np.float32)


def _means(points: F32, weights: F32, nearest: NDArray[np.intp], centres: F32) -> F32:
    """Each centre moved to the mean of its points; one without any stays."""
    count = np.bincount(nearest, weights, len(centres))
    sums = [np.bincount(nearest, points[:, each] * weights, len(centres)) for each in range(LOOKS)]
    means = np.stack(sums, axis=1) / np.maximum(count, 1)[:, None]
    return np.where(count[:, None] > 0, means, centres).astype(np.float32)


def _pattern(height: int, width: int, reach: float) -> NDArray[np.int16]:
    """What the dither adds to all channels alike, (height, width, 1), -reach / 2 to reach / 2.

    Palettes are short of brightnesses first; channels moved apart would cancel each other out.

    Source: interleaved gradient noise, J. Jimenez, Next Generation Post Processing in Call of Duty
    (SIGGRAPH 2014).
    """
    y, x = np.indices((height, width), np.float64)
    noise = 52.9829189 * ((0.06711056 * x + 0.00583715 * y) % 1) % 1
    return np.rint((noise[..., None] - 0.5) * reach).astype(np.int16)
