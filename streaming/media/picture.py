"""One decoded picture, kept as the decoder left it and converted only on request.

A 4:2:0 frame costs half of what RGB costs, and most looks at a frame want few pixels: the network
a few hundred across, the detector a thumbnail. So the frame stays as it is, and every request is
one pass of swscale from the kept planes straight to the asked size. Nothing is cached: what is
asked for twice is asked for at two sizes.

Three things about swscale decide the flags below. AREA averages what falls into a pixel, so a
picture shrunk by any factor does not alias. Its fast paths to packed RGB are up to 2/255 too dark;
planar GBR with full chroma is exact and twice as fast. And PyAV writes a frame's colour tags while
it converts, so tags are settled once, here, and two threads that convert the same frame write the
same values. A scaler itself is never shared.
"""

from collections.abc import Callable
from typing import cast

import av
import numpy as np
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc, Interpolation
from av.video.reformatter import VideoReformatter as Scaler

from streaming.frames import U8, Rect, Size, read_only
from streaming.media.planes import plane

__all__ = ["KEPT_FORMATS", "AvPicture", "matrix_of"]

KEPT_FORMATS = ("yuv420p", "yuva420p", "rgb24", "rgba")

# H.273 matrix coefficients; 2 is "unspecified".
BT709, BT470BG, BT601, RGB = 1, 5, 6, 0
KNOWN_MATRICES = (BT709, 4, BT470BG, BT601, 7, 9, 10)
MARGIN_PX = 4  # even; chroma is interpolated over fewer pixels
HD_LINES = 720  # untagged video is bt601 below this height, bt709 from it on, as players take it

TO_RGB = Interpolation.AREA | Interpolation.FULL_CHR_H_INT
TO_RGB_SHARP = Interpolation.LANCZOS | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND
TO_RGB_UNSCALED = TO_RGB | Interpolation.ACCURATE_RND
# Without exact rounding, planes that are only scaled come out 1/255 too dark.
TO_YUV = Interpolation.AREA | Interpolation.FULL_CHR_H_INP | Interpolation.ACCURATE_RND
TO_GREY = Interpolation.AREA | Interpolation.ACCURATE_RND


def matrix_of(tag: int, lines: int) -> int:
    """The colour matrix of YUV pixels.

    Args:
        tag: H.273 matrix coefficients as the stream says, 2 for unspecified.
        lines: Height of the coded picture in pixels.

    Returns:
        The tag where it names a matrix, else bt601 (6) below 720 lines and bt709 (1) from there.
    """
    if tag in KNOWN_MATRICES:
        return tag
    return BT709 if lines >= HD_LINES else BT601


class AvPicture:
    """A `Picture` around one video frame; immutable, safe to read from several threads.

    Args:
        frame: Upright, square pixels, SDR, yuv420p, yuva420p, rgb24 or rgba. It belongs to the
            picture from here on; untagged colours are tagged as they will be read.

    Raises:
        ValueError: The frame has another format.
    """

    __slots__ = ("_frame", "_size")

    def __init__(self, frame: av.VideoFrame) -> None:
        if frame.format.name not in KEPT_FORMATS:
            raise ValueError(f"a picture is one of {KEPT_FORMATS}, not {frame.format.name}")
        _settle_tags(frame)
        self._frame = frame
        self._size = Size(frame.width, frame.height)

    @classmethod
    def of(cls, pixels: U8) -> "AvPicture":
        """A picture of (H, W, 3) RGB or (H, W, 4) RGBA uint8 pixels, copied.

        Raises:
            ValueError: The array has another shape.
        """
        if pixels.ndim != 3 or pixels.shape[2] not in (3, 4):
            raise ValueError(f"pixels are (H, W, 3) or (H, W, 4), not {pixels.shape}")
        name = "rgb24" if pixels.shape[2] == 3 else "rgba"
        return cls(av.VideoFrame.from_ndarray(np.ascontiguousarray(pixels), name))

    def __reduce__(self) -> "tuple[Callable[..., AvPicture], tuple[object, ...]]":
        """Bytes and tags, for another process."""
        frame = self._frame
        planar = frame.format.name.startswith("yuv")
        planes = [plane(frame, n).copy() for n in range(len(frame.planes))] if planar else []
        pixels = planes or [frame.to_ndarray()]
        return _rebuilt, (frame.format.name, pixels, frame.colorspace, frame.color_range)

    @property
    def frame(self) -> av.VideoFrame:
        """The frame itself, tagged; for encoders. Not to be written to."""
        return self._frame

    @property
    def size(self) -> Size:
        """Size in square pixels."""
        return self._size

    @property
    def has_alpha(self) -> bool:
        """Whether the frame has an alpha channel."""
        return self._frame.format.name in ("yuva420p", "rgba")

    @property
    def nbytes(self) -> int:
        """Bytes of all planes, padding included."""
        return sum(each.buffer_size for each in self._frame.planes)

    def rgb(self, size: Size, *, sharp: bool = False) -> U8:
        """Colours as read-only (H, W, 3) uint8 sRGB, straight; `sharp` shrinks with Lanczos."""
        flags = TO_RGB_UNSCALED if size == self._size else TO_RGB_SHARP if sharp else TO_RGB
        planar = self._frame.format.name.startswith("yuv")
        made = _scaled(self._frame, size, "gbrp" if planar else "rgb24", flags)
        return read_only(_array(made))

    def part(self, rect: Rect) -> U8:
        """Colours of a part as read-only (h, w, 3) uint8, the same as `rgb` gives there.

        Only the part's own planes are converted, with a margin that chroma is interpolated from:
        1.1 ms for a person in a 720p picture instead of 4.5. Not so where a side is odd: swscale
        stretches chroma over the whole picture then.
        """
        odd = self._size.width % 2 or self._size.height % 2
        if self._frame.format.name != "yuv420p" or odd or rect.empty:
            return self.rgb(self._size)[rect.slices()]
        x0, y0 = max(0, rect.x0 // 2 * 2 - MARGIN_PX), max(0, rect.y0 // 2 * 2 - MARGIN_PX)
        x1, y1 = rect.x1 + MARGIN_PX, rect.y1 + MARGIN_PX
        wider = Rect(x0, y0, x1 + x1 % 2, y1 + y1 % 2).within(Rect.whole(self._size))
        cut = av.VideoFrame(wider.x1 - wider.x0, wider.y1 - wider.y0, "yuv420p")
        for index in range(3):
            plane(cut, index)[:] = plane(self._frame, index)[wider.slices(halved=index > 0)]
        cut.colorspace, cut.color_range = self._frame.colorspace, self._frame.color_range
        small = AvPicture(cut)
        return small.rgb(small.size)[rect.slices(of=wider)]

    def alpha(self, size: Size) -> U8:
        """Opacity as read-only (H, W) uint8; 255 where the frame has no alpha."""
        if not self.has_alpha:
            return read_only(np.full((size.height, size.width), 255, np.uint8))
        opacity = self._alpha_plane()
        if size == self._size:
            return read_only(opacity)
        grey = av.VideoFrame.from_ndarray(opacity, "gray")
        return read_only(_array(_scaled(grey, size, "gray", TO_GREY)))

    def packed(self, size: Size) -> "AvPicture":
        """The picture at `size` as yuv420p or yuva420p; itself where it already is that."""
        wanted = "yuva420p" if self.has_alpha else "yuv420p"
        if size == self._size and self._frame.format.name == wanted:
            return self
        return AvPicture(_scaled(self._frame, size, wanted, TO_YUV))

    def _alpha_plane(self) -> U8:
        """A copy of the opacity at the frame's own size."""
        if self._frame.format.name == "rgba":
            return np.ascontiguousarray(_array(self._frame)[..., 3])
        return plane(self._frame, 3).copy()


def _rebuilt(name: str, pixels: list[U8], matrix: int, colours: int) -> AvPicture:
    """A picture that came as bytes."""
    height, width = pixels[0].shape[:2]
    if name.startswith("yuv"):
        frame = av.VideoFrame(width, height, name)
        for index, each in enumerate(pixels):
            plane(frame, index)[:] = each
    else:
        frame = av.VideoFrame.from_ndarray(pixels[0], name)
    frame.colorspace, frame.color_range = matrix, colours
    return AvPicture(frame)


def _settle_tags(frame: av.VideoFrame) -> None:
    """Write down how the frame's numbers are to be read, so that nobody guesses again."""
    if frame.format.name in ("rgb24", "rgba"):
        frame.colorspace = RGB
        frame.color_range = ColorRange.JPEG
    else:
        frame.colorspace = matrix_of(frame.colorspace, frame.height)
        if frame.color_range not in (ColorRange.MPEG, ColorRange.JPEG):
            frame.color_range = ColorRange.MPEG
    frame.color_trc = ColorTrc.UNSPECIFIED
    frame.color_primaries = ColorPrimaries.UNSPECIFIED


def _scaled(frame: av.VideoFrame, size: Size, name: str, flags: Interpolation) -> av.VideoFrame:
    """One pass of swscale on this thread alone, with a scaler of its own."""
    made = frame.colorspace if frame.colorspace in KNOWN_MATRICES else BT709
    to_yuv = name.startswith("yuv")
    return Scaler().reformat(
        frame,
        size.width,
        size.height,
        name,
        dst_colorspace=made if to_yuv else None,
        dst_color_range=_made_range(frame) if to_yuv else None,
        interpolation=flags,
        threads=1,
    )


def _made_range(frame: av.VideoFrame) -> int:
    """YUV keeps its range; what was RGB becomes limited-range video."""
    if frame.format.name.startswith("yuv"):
        return int(frame.color_range)
    return int(ColorRange.MPEG)


def _array(frame: av.VideoFrame) -> U8:
    return cast(U8, frame.to_ndarray())
