"""The subject's colours for a preview, at a quarter of what they cost in a loop.

A loop's colours come from the guided filter at full size, eight planes of it. Somebody who watches
live sees them for a thirtieth of a second through a lossy codec. So the preview calculates only the
matte at full size: where that is opaque the source's own pixels are the subject's, and where it is
soft, or just outside, the network's small picture is stretched over them, its colours continued
past the edge. Everything stays in 4:2:0, as the source came and the encoder wants it. At 640x480:
7 ms where refining every colour takes 20.
"""

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, VideoReformatter
from PIL import Image

from streaming.frames import U8, Patch, Picture, Rect, Size
from streaming.media.cutout import cut_out
from streaming.media.picture import AvPicture
from streaming.media.planes import plane

__all__ = ["Sketcher", "to_bt601"]

OWN, FOREIGN = 230, 64  # alpha from which a pixel is the subject's own, and up to which it is not
TRUST = [min(255, max(0, round(255 * (a - FOREIGN) / (OWN - FOREIGN)))) for a in range(256)]


class Sketcher:
    """Makes the foreground of frames of one size; one instance per stream and thread.

    Args:
        size: Size of the foreground, both sides even.
        flat: Grey value of everything far from the subject.
    """

    def __init__(self, size: Size, flat: int) -> None:
        self._size = size
        self._flat = np.full(3, flat, np.uint8)
        self._scale = VideoReformatter()
        self._stretch = VideoReformatter()

    def foreground(self, source: Picture, look: U8, alpha: U8, rect: Rect) -> av.VideoFrame:
        """The subject's colours, continued past its edge.

        Args:
            source: The frame as it came, of any size.
            look: (h, w, 4) uint8, the subject as the network saw it, straight alpha.
            alpha: (rh, rw) uint8, the matte in `rect`, which holds all of it.
            rect: A part of the foreground.

        Returns:
            yuv420p, bt601 in limited range.
        """
        made = self._surroundings(look)
        if rect.empty:
            return made
        own = to_bt601(self._scale, source, self._size)
        x0, y0, x1, y1 = rect.x0 // 2 * 2, rect.y0 // 2 * 2, rect.x1 + 1, rect.y1 + 1
        wider = Rect(x0, y0, x1 // 2 * 2, y1 // 2 * 2)
        framed = np.zeros((wider.y1 - wider.y0, wider.x1 - wider.x0), np.uint8)
        framed[rect.slices(of=wider)] = alpha
        trust = Image.fromarray(framed).point(TRUST)
        for index, mask in enumerate((trust, half := trust.reduce(2), half)):
            at = wider.slices(halved=index > 0)
            under = Image.fromarray(np.ascontiguousarray(plane(made, index)[at]))
            over = Image.fromarray(np.ascontiguousarray(plane(own, index)[at]))
            plane(made, index)[at] = np.asarray(Image.composite(over, under, mask))
        return made

    def _surroundings(self, look: U8) -> av.VideoFrame:
        """The network's colours, stretched, with those beside the subject continued from it."""
        small = np.empty((*look.shape[:2], 3), np.uint8)
        small[:] = self._flat
        cutout = cut_out(Patch.of(look), self._flat)
        if cutout is not None:
            small[cutout.rect.slices()] = cutout.rgb
        picture = AvPicture.of(small)
        return to_bt601(self._stretch, picture, self._size, "FAST_BILINEAR")


def to_bt601(
    by: VideoReformatter, source: Picture, size: Size, interpolation: str = "AREA"
) -> av.VideoFrame:
    """A picture as a WebRTC receiver takes it to be: yuv420p, bt601, limited range.

    Args:
        by: The scaler, which is kept for one pair of sizes.
        source: What to show.
        size: At which size.
        interpolation: How pixels are found between pixels.
    """
    frame = source.frame if isinstance(source, AvPicture) else None
    if frame is None or frame.format.name == "rgba":
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(source.rgb(size)), "rgb24")
    return by.reformat(
        frame,
        size.width,
        size.height,
        "yuv420p",
        dst_colorspace=Colorspace.ITU601,
        dst_color_range=ColorRange.MPEG,
        interpolation=interpolation,
        threads=1,
    )
