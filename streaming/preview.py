"""What is shown of a run while it goes on: its newest frames as small tile pictures.

Refining and encoding a picture that nobody sees again is work taken from the network, so the
preview has its own size, looks only at frames that it is handed, and whoever owns it hands it the
newest one only while somebody watches.
"""

import io
from fractions import Fraction

import numpy as np
from PIL import Image

from streaming.frames import U8, Patch, Size
from streaming.matting.edges import cleaned
from streaming.matting.stream import Matted, sketched
from streaming.media.tiles import Stamp, TilePainter, TilePicture, tile_size
from streaming.media.vp8 import LiveEncoder, Packet

__all__ = ["Preview", "patch_of"]

JPEG_QUALITY = 85


class Preview:
    """Makes tile pictures of matted frames; one instance per stream and thread.

    Args:
        long_px: Longest side of the foreground tile.
    """

    def __init__(self, long_px: int) -> None:
        self._long_px = long_px
        self._painter: TilePainter | None = None
        self._encoder = LiveEncoder()

    def want_key(self) -> None:
        """Make the next packet one that a new viewer can begin with; from any thread."""
        self._encoder.want_key()

    def picture(self, item: Matted, stamp: Stamp) -> TilePicture:
        """The tiles of one frame, yuv420p."""
        source = item.frame.picture
        painter = self._painter_for(tile_size(source.size, self._long_px))
        sketch = sketched(item, painter.size)
        if sketch is not None:
            alpha, rect = sketch
            look = cleaned(item.look, Size(item.look.shape[1], item.look.shape[0]))
            return painter.sketch(look, alpha, rect, source, stamp)
        return painter.paint(patch_of(item, painter.size), source, stamp)

    def packet(self, picture: TilePicture, time_s: Fraction) -> Packet:
        """The picture as VP8.

        Args:
            picture: From `picture`.
            time_s: When it was taken, in seconds, rising.
        """
        return self._encoder.encode(picture, time_s)

    @staticmethod
    def jpeg(picture: TilePicture) -> bytes:
        """The picture as JPEG, for a browser that cannot be reached otherwise."""
        into = io.BytesIO()
        picture.to_image().save(into, "JPEG", quality=JPEG_QUALITY)
        return into.getvalue()

    def _painter_for(self, size: Size) -> TilePainter:
        if self._painter is None or self._painter.size != size:
            self._painter = TilePainter(size)
        return self._painter


def patch_of(item: Matted, size: Size) -> Patch:
    """The subject of a frame at `size`, wherever its matte comes from."""
    subject = item.subject(size)
    if subject is not None and subject.size == size:
        return subject
    picture = item.frame.picture
    if subject is not None:  # the network saw the frame whole, at its own size
        return Patch.of(_resized(subject, size))
    alpha = picture.alpha(size)
    if item.whole:
        alpha = np.full_like(alpha, 255)
    return Patch.of(np.dstack([picture.rgb(size), alpha]))


def _resized(subject: Patch, size: Size) -> U8:
    scaled = Image.fromarray(subject.whole()).resize((size.width, size.height))
    return np.asarray(scaled)
