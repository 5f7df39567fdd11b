"""One opaque picture that carries a transparent one, for codecs that know no alpha.

WebRTC has no codec with alpha, so what is sent is three tiles on top of each other, and whoever
shows it puts them together again: the subject's colours (continued past its edge, grey elsewhere),
its matte, and the source at half size, for those who want to see what was there. Between them lie
guard rows, eight of what is above and eight of what is below, so that neither the codec's blocks
nor a filter at the seam mix a tile with its neighbour.

    foreground   H rows
    guard        16: grey, then the matte's first row
    matte        H rows
    guard        16: the matte's last row, then grey
    source       H/2 rows, W/2 columns; beside it, grey with the stamp

Width is a multiple of 16 and H of 4, so the layout follows from the whole picture's size alone. The
stamp says which frame it is and when it came in, as cells of 8x8 px: black or white survives any
codec. Colours are bt601 in limited range, which is what a WebRTC receiver takes VP8 to be.
"""

from dataclasses import dataclass

import av
import numpy as np
from av.video.reformatter import VideoReformatter

from streaming.frames import U8, Patch, Picture, Rect, Size
from streaming.media.cutout import cut_out
from streaming.media.picture import AvPicture
from streaming.media.planes import plane
from streaming.media.sketch import Sketcher, to_bt601

__all__ = ["GUARD_PX", "Stamp", "TilePainter", "TilePicture", "read_stamp", "tile_size"]

TilePicture = av.VideoFrame  # for whoever hands one on without opening it

GUARD_PX = 16
CELL_PX = 8
CELLS_IN_ROW = 24
FRAME_BITS, TIME_BITS = 16, 32
GREY = 128
LUMA = (16 + np.arange(256) * 219 / 255).round().astype(np.uint8)
BLACK, WHITE = 16, 235


@dataclass(frozen=True, slots=True)
class Stamp:
    """Which frame a picture shows, readable from its pixels.

    Attributes:
        frame: The frame's number, modulo 65536.
        time_ms: When it came in, in milliseconds of the sender's clock, modulo 2**32.
    """

    frame: int
    time_ms: int

    def bits(self) -> list[int]:
        """Most significant first, the frame before the time."""
        whole = (self.frame % (1 << FRAME_BITS)) << TIME_BITS | self.time_ms % (1 << TIME_BITS)
        return [whole >> shift & 1 for shift in reversed(range(FRAME_BITS + TIME_BITS))]


def tile_size(source: Size, long_px: int) -> Size:
    """Size of the foreground tile for a source: about its shape, at most `long_px` on a side.

    Args:
        source: Size of the source's pictures; the tile is not made larger.
        long_px: Longest side wanted, in pixels.
    """
    scale = min(1.0, long_px / max(source.width, source.height))
    return Size(
        max(16, round(source.width * scale / 16) * 16), max(4, round(source.height * scale / 4) * 4)
    )


class TilePainter:
    """Paints frames of one size as tiles; one instance per stream and thread.

    Args:
        size: Size of the foreground tile, from `tile_size`.

    Attributes:
        whole: Size of the pictures that come out.
    """

    def __init__(self, size: Size) -> None:
        if size.width % 16 or size.height % 4:
            raise ValueError(f"a tile's width is a multiple of 16 and its height of 4, not {size}")
        self.size = size
        self.whole = Size(size.width, size.height * 2 + 2 * GUARD_PX + size.height // 2)
        self._to_yuv = VideoReformatter()
        self._shrink = VideoReformatter()
        self._sketcher = Sketcher(size, GREY)
        self._colours = np.full((size.height, size.width, 3), GREY, np.uint8)

    def paint(self, subject: Patch, source: Picture, stamp: Stamp) -> av.VideoFrame:
        """Paint one frame.

        Args:
            subject: What is not transparent of a picture of the tile's size.
            source: The frame as it came, of any size.
            stamp: Which frame it is.

        Returns:
            A yuv420p frame of size `whole`.
        """
        alpha = subject.rgba[..., 3]
        return self._laid(self._refined(subject), alpha, subject.rect, source, stamp)

    def sketch(
        self, look: U8, alpha: U8, rect: Rect, source: Picture, stamp: Stamp
    ) -> av.VideoFrame:
        """Paint one frame at a quarter of the cost, with plainer colours at the edge.

        Args:
            look: (h, w, 4) uint8, the subject as the network saw it.
            alpha: The matte in `rect`.
            rect: The part of the tile that can hold the subject.
            source: The frame as it came, of any size.
            stamp: Which frame it is.
        """
        foreground = self._sketcher.foreground(source, look, alpha, rect)
        return self._laid(foreground, alpha, rect, source, stamp)

    def _laid(
        self, foreground: av.VideoFrame, alpha: U8, rect: Rect, source: Picture, stamp: Stamp
    ) -> av.VideoFrame:
        height, matte_at = self.size.height, self.size.height + GUARD_PX
        source_at = 2 * height + 2 * GUARD_PX
        frame = av.VideoFrame(self.whole.width, self.whole.height, "yuv420p")
        self._put(frame, foreground, 0)
        luma = plane(frame, 0)
        luma[height:] = GREY
        for index in (1, 2):
            plane(frame, index)[height // 2 :] = GREY
        matte = luma[matte_at : matte_at + height]
        matte[:] = LUMA[0]
        matte[rect.slices()] = LUMA.take(alpha)
        luma[matte_at - GUARD_PX // 2 : matte_at] = luma[matte_at]
        luma[matte_at + height : matte_at + height + GUARD_PX // 2] = luma[matte_at + height - 1]
        half = Size(self.size.width // 2, self.size.height // 2)
        self._put(frame, to_bt601(self._shrink, source, half), source_at)
        _write_stamp(luma[source_at:, self.size.width // 2 :], stamp)
        return frame

    def _refined(self, subject: Patch) -> av.VideoFrame:
        self._colours[:] = GREY
        cutout = cut_out(subject, np.full(3, GREY, np.uint8))
        if cutout is not None:
            self._colours[cutout.rect.slices()] = cutout.rgb
        return to_bt601(self._to_yuv, AvPicture.of(self._colours), self.size)

    @staticmethod
    def _put(frame: av.VideoFrame, part: av.VideoFrame, row: int) -> None:
        for index in range(3):
            small = plane(part, index)
            at = row >> (index > 0)
            plane(frame, index)[at : at + small.shape[0], : small.shape[1]] = small


def read_stamp(luma: U8, size: Size) -> Stamp | None:
    """Read the stamp of a picture back.

    Args:
        luma: (T, W) uint8, brightness of the whole picture.
        size: Size of its foreground tile.

    Returns:
        The stamp, None where the picture is too narrow to carry one.
    """
    area = luma[2 * size.height + 2 * GUARD_PX :, size.width // 2 :]
    rows, columns = -(-(FRAME_BITS + TIME_BITS) // CELLS_IN_ROW), CELLS_IN_ROW
    if area.shape[1] < columns * CELL_PX or area.shape[0] < rows * CELL_PX:
        return None
    cells = area[: rows * CELL_PX, : columns * CELL_PX]
    means = cells.reshape(rows, CELL_PX, columns, CELL_PX).mean(axis=(1, 3)).reshape(-1)
    whole = int("".join("1" if mean > GREY else "0" for mean in means), 2)
    return Stamp(whole >> TIME_BITS, whole & ((1 << TIME_BITS) - 1))


def _write_stamp(area: U8, stamp: Stamp) -> None:
    bits = np.array(stamp.bits(), np.uint8).reshape(-1, CELLS_IN_ROW)
    rows, columns = bits.shape
    if area.shape[1] < columns * CELL_PX or area.shape[0] < rows * CELL_PX:
        return
    cells = np.where(bits == 1, WHITE, BLACK).astype(np.uint8)
    area[: rows * CELL_PX, : columns * CELL_PX] = cells.repeat(CELL_PX, 0).repeat(CELL_PX, 1)
