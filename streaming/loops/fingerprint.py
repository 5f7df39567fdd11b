"""What is remembered of a frame: two hashes, a reduced picture, a thumbnail, the subject's place.

The hashes are imagehash's phash of small pictures (of a full frame it costs a hundred times as
much), turned into plain integers at once. phash ignores alpha, so the frame is hashed on neutral
grey and the matte apart. The hashed pictures are the subject-centred thumbnails, for the seam is
judged on those: a hash of the whole frame would turn away a subject that drifts.
"""

from dataclasses import dataclass
from fractions import Fraction

import imagehash
import numpy as np
from PIL import Image

from streaming.frames import Size
from streaming.loops.distance import F32, F64, LUMA, Thumb, stiffness, thumb_of
from streaming.loops.model import Look
from streaming.loops.subject import Cutout, Follower, Place, cut_out, edges_of, locate

__all__ = ["Fingerprint", "Fingerprinter"]

GREY = np.float32(0.5)
HASHED = 32  # side of the pictures that phash works on


@dataclass(frozen=True, slots=True, eq=False)
class Fingerprint:
    """One frame as the detector keeps it.

    Attributes:
        index: The frame's number.
        time_s: Its exact time in seconds.
        colour_hash: 64-bit phash of the thumbnail on grey.
        matte_hash: 64-bit phash of the thumbnail's matte.
        cutout: The reduced picture, from which other thumbnails can be cut.
        place: Where the subject is.
        thumb: The thumbnail in the window in force.
        stiff: (3,) float64, what a shift costs (`distance.stiffness`).
        luma: Mean luma of the subject, 0..1; 0 where there is none.
        size: Size of the look it was made from.
    """

    index: int
    time_s: Fraction
    colour_hash: int
    matte_hash: int
    cutout: Cutout
    place: Place
    thumb: Thumb
    stiff: F64
    luma: float
    size: Size


class Fingerprinter:
    """A stage that turns looks into fingerprints, one for one.

    Args:
        centred: Whether thumbnails follow the subject (`--anchor subject`).
    """

    def __init__(self, *, centred: bool = True) -> None:
        self._centred = centred
        self._follower = Follower(centred=centred)
        self._size: Size | None = None

    def push(self, look: Look, /) -> tuple[Fingerprint]:
        """Fingerprint one frame."""
        height, width = look.rgba.shape[:2]
        size = Size(width, height)
        if size != self._size:
            self._follower, self._size = Follower(centred=self._centred), size
        cutout = cut_out(look.rgba)
        place = locate(cutout, edges_of(look.rgba[:, :, 3]))
        thumb = thumb_of(cutout, place, self._follower.follow(place, cutout.frame))
        small = _hashed(thumb)
        return (
            Fingerprint(
                index=look.index,
                time_s=look.time_s,
                colour_hash=_phash(_on_grey(small)),
                matte_hash=_phash(small[3]),
                cutout=cutout,
                place=place,
                thumb=thumb,
                stiff=stiffness(thumb),
                luma=_luma(thumb.planes),
                size=size,
            ),
        )

    def flush(self) -> tuple[()]:
        """Nothing is held back."""
        return ()


def _luma(planes: F32) -> float:
    area = float(planes[3].sum())
    return float((LUMA @ planes[:3]).sum()) / area if area > 0 else 0.0


def _hashed(thumb: Thumb) -> F32:
    """The thumbnail at the size that phash works on, for it to resize nothing; (4, 32, 32)."""
    grid = thumb.framing.grid
    rows = ((np.arange(HASHED) + 0.5) * grid.height / HASHED).astype(np.intp)
    columns = ((np.arange(HASHED) + 0.5) * grid.width / HASHED).astype(np.intp)
    planes = thumb.planes.reshape(4, grid.height, grid.width)
    small: F32 = planes[:, rows[:, None], columns]
    return small


def _phash(plane: F32) -> int:
    grey = (plane * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    bits = imagehash.phash(Image.fromarray(grey)).hash
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


def _on_grey(small: F32) -> F32:
    grey: F32 = np.tensordot(LUMA, small[:3], 1) + (1 - small[3]) * GREY
    return grey
