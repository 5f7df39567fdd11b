"""RGB arrays in, video frames with the right matrix and the right tags out.

What we write says bt709, limited range, and is converted with that matrix: FFmpeg converts with
bt601 unless it is told, and a browser that believes the tag then shows shifted reds and greens.
Arrays are handed to FFmpeg without a copy, and one converter is kept per size, because setting one
up costs as much as converting a frame.
"""

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter

from streaming.frames import U8, Size

__all__ = ["BT709", "FULL", "LIMITED", "ToYuv", "copied", "even", "padded", "plane", "tag"]

BT709 = 1  # the number of bt709 in every one of the standard's tables (matrix, primaries, curve)
LIMITED = 1
FULL = 2
LUMA = (16 + np.arange(256) * 219 / 255).round().astype(np.uint8)  # limited range of a grey value


def plane(frame: av.VideoFrame, index: int) -> U8:
    """One plane of a planar 8-bit frame as a (height, width) view that can be written to."""
    each = frame.planes[index]
    rows: U8 = np.frombuffer(each, np.uint8).reshape(each.height, each.line_size)
    return rows[:, : each.width]


def padded(pixels: U8) -> U8:
    """Repeat the last column and row where needed so that both sides are even.

    Args:
        pixels: (H, W) or (H, W, C).
    """
    odd_rows, odd_columns = pixels.shape[0] % 2, pixels.shape[1] % 2
    if not odd_rows and not odd_columns:
        return pixels
    more = [(0, odd_rows), (0, odd_columns)] + [(0, 0)] * (pixels.ndim - 2)
    return np.pad(pixels, more, "edge")


def even(size: Size) -> Size:
    """The size with both sides rounded up to even."""
    return Size(size.width + size.width % 2, size.height + size.height % 2)


def copied(frame: av.VideoFrame, size: Size) -> av.VideoFrame:
    """Copy the colours of a planar 4:2:0 frame, alpha left out, cut or grown at its far edges.

    An encoder writes times on the frames that it is given, so a frame that others hold is copied.
    The copy keeps the frame's matrix and range, and its numbers untouched. An odd frame is grown
    to even sides and cut back like this rather than through RGB, which would move its chroma.

    Args:
        frame: yuv420p, yuvj420p or yuva420p.
        size: Size of the copy, at most a pixel more than the frame's on either side.
    """
    made = av.VideoFrame(size.width, size.height, "yuv420p")
    for index in range(3):
        old, new = plane(frame, index), plane(made, index)
        short = [(0, max(0, new.shape[axis] - old.shape[axis])) for axis in (0, 1)]
        grown = np.pad(old, short, "edge") if any(more for _, more in short) else old
        new[:] = grown[: new.shape[0], : new.shape[1]]
    made.colorspace, made.color_range = frame.colorspace, frame.color_range
    return made


def tag(frame: av.VideoFrame, *, full: bool = False) -> av.VideoFrame:
    """Say on the frame itself that it is bt709, limited range unless `full`."""
    frame.colorspace = BT709
    frame.color_primaries = BT709
    frame.color_trc = BT709
    frame.color_range = FULL if full else LIMITED
    return frame


class ToYuv:
    """Converts RGB arrays to 4:2:0 in bt709, limited range; one instance per stream and thread."""

    def __init__(self) -> None:
        self._reformatter = VideoReformatter()

    def __call__(self, rgb: U8) -> av.VideoFrame:
        """Convert one picture.

        Args:
            rgb: (H, W, 3) uint8; it may change again once this has returned.

        Returns:
            A tagged yuv420p frame of the same size.
        """
        source = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(rgb), format="rgb24")
        made = self._reformatter.reformat(
            source,
            format="yuv420p",
            src_color_range=ColorRange.JPEG,
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            threads=1,
        )
        return tag(made)

    def grey(self, values: U8, *, full: bool = False) -> av.VideoFrame:
        """Put grey values into a yuv420p frame.

        Args:
            values: (H, W) uint8; 0 is black, 255 white.
            full: Store them as they are instead of in limited range, which loses one in seven.
        """
        frame = av.VideoFrame(values.shape[1], values.shape[0], "yuv420p")
        plane(frame, 0)[:] = values if full else LUMA[values]
        for index in (1, 2):
            plane(frame, index)[:] = 128
        return tag(frame, full=full)

    def colour(self, rgb: U8) -> list[int]:
        """Y, Cb and Cr of one colour, (3,) uint8 in."""
        frame = self(np.broadcast_to(rgb, (16, 16, 3)))
        return [int(plane(frame, index)[0, 0]) for index in range(3)]


def size_of(pixels: U8) -> Size:
    """Size of a (H, W) or (H, W, C) array."""
    return Size(pixels.shape[1], pixels.shape[0])
