"""The guided filter's cheap half on a CPU: coarse coefficients applied to the full-size frame.

The network leaves eight numbers for each coarse pixel: slope and offset of red, green, blue and
matte as functions of the frame's own colours. A full-size pixel is `slope * colour + offset` with
both interpolated to its place, so the matte follows hair that the network never saw.

This moves memory, it does not calculate: written as whole-frame operations it costs 30-70 ms at
720p in any framework. Here it runs in strips of rows that stay in the cache, interpolates by small
matrix products, and skips what the coarse matte says is empty. (`halves.Refine` is the same in
torch, for a GPU; a test holds the two together.)

Source: He and Sun 2015, "Fast Guided Filter" (arXiv 1505.00996), algorithm 2, lines 4-5.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from streaming.frames import U8, Rect, Size

__all__ = ["Coefficients", "refine", "refine_matte"]

F32 = NDArray[np.float32]
STRIP_PIXELS = 16 * 1280  # in eight float planes 650 kB: within a core's cache
BLOCK_COLUMNS = 64
MARGIN = 2  # coarse pixels around the subject in which the filter may still find some of it


@dataclass(frozen=True, slots=True, eq=False)
class Coefficients:
    """Slope and offset of the guided filter, kept only where the subject is.

    Attributes:
        planes: (8, h, w) float16: slope of R, G, B and matte, then their offsets, of the window.
        top: First coarse row of the window.
        left: First coarse column of the window.
        coarse: Size of the whole coarse picture, of which the window is a part.
    """

    planes: NDArray[np.float16]
    top: int
    left: int
    coarse: Size

    @classmethod
    def around(cls, planes: NDArray[np.float16], alpha: U8) -> "Coefficients":
        """Keep the part of `planes` in which the coarse matte is not empty.

        Args:
            planes: (8, H, W) float16 for the whole coarse picture.
            alpha: (H, W) uint8, the coarse matte.
        """
        height, width = alpha.shape
        rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
        if not len(rows):
            window = planes[:, :0, :0]
            return cls(window.copy(), 0, 0, Size(width, height))
        top, left = max(0, rows[0] - MARGIN), max(0, columns[0] - MARGIN)
        window = planes[:, top : rows[-1] + MARGIN + 1, left : columns[-1] + MARGIN + 1]
        kept = window.copy()
        kept.flags.writeable = False
        return cls(kept, int(top), int(left), Size(width, height))

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return self.planes.nbytes

    def reach(self, size: Size) -> Rect:
        """The part of a frame of `size` that the window covers; the subject is nowhere else."""
        _, rows, columns = self.planes.shape
        if not rows or not columns:
            return Rect(0, 0, 0, 0)
        y0, y1 = _span(self.top, rows, self.coarse.height, size.height)
        x0, x1 = _span(self.left, columns, self.coarse.width, size.width)
        return Rect(x0, y0, x1, y1)


def refine(rgb: U8, coefficients: Coefficients, size: Size) -> U8:
    """The full-size foreground and matte of one frame, where it can hold any.

    Args:
        rgb: (h, w, 3) uint8, the frame's `coefficients.reach(size)`.
        coefficients: What the network left for it.
        size: Size of the whole frame.

    Returns:
        (h, w, 4) uint8, the subject's colours and straight alpha in that part.
    """
    reach = coefficients.reach(size)
    out = np.empty((reach.y1 - reach.y0, reach.x1 - reach.x0, 4), np.uint8)
    if reach.empty:
        return out
    colour = np.empty((_strip_rows(8, out.shape[1]), 4, out.shape[1]), np.float32)
    for rows, strip in _strips(_scaled(coefficients.planes), coefficients, size):
        _apply(rgb[rows], strip, colour[: len(strip)], out[rows])
    return out


def refine_matte(rgb: U8, coefficients: Coefficients, size: Size) -> U8:
    """The matte alone, at a quarter of what `refine` takes.

    Args:
        rgb: (h, w, 3) uint8, the frame's `coefficients.reach(size)`.
        coefficients: What the network left for it.
        size: Size of the whole frame.

    Returns:
        (h, w) uint8, the same as the last channel of `refine`.
    """
    reach = coefficients.reach(size)
    if reach.empty:
        return np.empty((0, 0), np.uint8)
    out = np.empty(rgb.shape[:2], np.uint8)
    for rows, strip in _strips(_scaled(coefficients.planes)[3::4], coefficients, size):
        matte, offset = strip[:, 0], strip[:, 1]
        grey = rgb[rows, :, 0].astype(np.uint16)
        grey += rgb[rows, :, 1]
        grey += rgb[rows, :, 2]
        matte *= grey
        matte += offset
        out[rows] = np.clip(matte, 0, 255.5, out=matte)
    return out


def _strips(planes: F32, coefficients: Coefficients, size: Size) -> Iterator[tuple[slice, F32]]:
    """Interpolate planes to full size, a few rows at a time.

    Args:
        planes: (n, h, w), of the coefficients' window.
        coefficients: Where the window is; it is not empty.
        size: Size of the whole frame.

    Yields:
        Rows of `coefficients.reach(size)`, and (rows, n, width) that is good until the next.
    """
    reach, coarse = coefficients.reach(size), coefficients.coarse
    count, rows, _ = planes.shape
    width = reach.x1 - reach.x0
    wide = _across(planes, coefficients.left, coarse.width, size.width, reach.x0, reach.x1)
    step = _strip_rows(count, width)
    scratch = np.empty((step, count * width), np.float32)  # once: fresh pages cost more than sums
    for row in range(reach.y0, reach.y1, step):
        stop = min(row + step, reach.y1)
        first, weights = _taps(row, stop, coarse.height, size.height, coefficients.top, rows)
        strip = scratch[: stop - row]
        np.matmul(weights, wide[first : first + weights.shape[1]], out=strip)
        yield slice(row - reach.y0, stop - reach.y0), strip.reshape(stop - row, count, width)


def _strip_rows(planes: int, width: int) -> int:
    return max(8, STRIP_PIXELS * 8 // (planes * width))


def _scaled(planes: NDArray[np.float16]) -> F32:
    """Coefficients that take bytes to bytes; the residual's `+ source` goes into the slope."""
    scaled = planes.astype(np.float32)
    scaled[:3] += 1
    scaled[3] /= 3  # the grey that guides the matte is a third of the colours' sum
    scaled[4:] *= 255
    scaled[4:] += 0.5  # rounds when the sum is cut to a byte
    return scaled


def _span(first: int, count: int, coarse: int, full: int) -> tuple[int, int]:
    """The full-size rows or columns whose coarse place lies in the window."""
    start = 0 if first == 0 else int(np.ceil((first + 0.5) * full / coarse - 0.5))
    end = first + count
    stop = full if end == coarse else int(np.floor((end - 0.5) * full / coarse - 0.5)) + 1
    return max(0, start), min(full, stop)


@lru_cache(maxsize=512)
def _taps(start: int, stop: int, coarse: int, full: int, first: int, count: int) -> tuple[int, F32]:
    """Bilinear weights that take coarse places to full-size places start..stop.

    Returns:
        The first tap's number within the window, and a (stop - start, taps) matrix of weights.
    """
    place = (np.arange(start, stop) + 0.5) * (coarse / full) - 0.5 - first
    place = np.clip(place, 0, count - 1)
    low = np.minimum(place.astype(np.intp), max(0, count - 2))
    share = (place - low).astype(np.float32)
    base = int(low[0])
    weights = np.zeros((stop - start, int(low[-1]) - base + 2), np.float32)
    each = np.arange(stop - start)
    weights[each, low - base] = 1 - share
    weights[each, low - base + 1] += share
    return base, weights[:, : count - base]


def _across(scaled: F32, left: int, coarse: int, full: int, x0: int, x1: int) -> F32:
    """Interpolate the rows of n planes to full width: (h, n * (x1 - x0))."""
    count, rows, columns = scaled.shape
    by_column = np.ascontiguousarray(scaled.transpose(1, 0, 2)).reshape(rows * count, columns)
    wide = np.empty((rows * count, x1 - x0), np.float32)
    for start in range(x0, x1, BLOCK_COLUMNS):
        stop = min(start + BLOCK_COLUMNS, x1)
        first, weights = _taps(start, stop, coarse, full, left, columns)
        taps = by_column[:, first : first + weights.shape[1]]
        np.matmul(taps, weights.T, out=wide[:, start - x0 : stop - x0])
    return wide.reshape(rows, count * (x1 - x0))


def _apply(rgb: U8, strip: F32, colour: F32, out: U8) -> None:
    """Write `slope * colour + offset` of one strip, clipped to bytes.

    Bytes are shuffled between interleaved and planar as bytes, and cast only where they lie in a
    row: numpy casts strided data one by one.
    """
    colour[:, :3] = np.ascontiguousarray(rgb.transpose(0, 2, 1))
    np.add(colour[:, 0], colour[:, 1], out=colour[:, 3])
    colour[:, 3] += colour[:, 2]
    result = strip[:, :4]
    result *= colour
    result += strip[:, 4:]
    np.clip(result, 0, 255.5, out=result)
    planes = result.astype(np.uint8)
    packed = planes[:, 3].astype("<u4")
    for channel in (2, 1, 0):  # four bytes at a time: numpy interleaves single bytes slowly
        packed <<= 8
        packed |= planes[:, channel]
    out[:] = packed.view(np.uint8).reshape(out.shape)
