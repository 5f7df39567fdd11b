"""What is remembered of a frame: two hashes, a reduced picture, a thumbnail, the subject's place.

The hashes are imagehash's phash of small pictures (of a full frame it costs a hundred times as
much), turned into plain integers at once. phash ignores alpha, so the frame is hashed on neutral
grey and the matte apart. The hashed pictures are the subject-centred thumbnails, for the seam is
judged on those: a hash of the whole frame would turn away a subject that drifts.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streaming.frames import U8, Size
from streaming.loops.distance import F32, F64, LUMA, Thumb, stiffness, thumb_of
from streaming.loops.model import Look
from streaming.loops.subject import Cutout, Follower, Place, cut_out, edges_of, locate

__all__ = ["Fingerprint", "Fingerprinter"]

HASHED = 32  # side of the pictures that phash works on
GREY = 127.5  # what a frame is laid on before it is hashed
ON_GREY = np.array(
    [[*(255 * LUMA), -GREY], [0, 0, 0, 255]], np.float32
)  # R G B A to luma and matte
PAPER = np.array([[GREY + 0.5], [0.5]], np.float32)  # half a level to round to the nearest


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
                colour_hash=_phash(small[0]),
                matte_hash=_phash(small[1]),
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


@cache
def _picked(grid: Size) -> NDArray[np.intp]:
    """The samples of a thumbnail that make a picture of the size phash works on; (32 * 32,)."""
    middles = (np.arange(HASHED) + 0.5) / HASHED
    rows, columns = (middles * grid.height).astype(np.intp), (middles * grid.width).astype(np.intp)
    return (rows[:, None] * grid.width + columns).reshape(-1)


def _hashed(thumb: Thumb) -> U8:
    """What phash is taken of: the thumbnail on grey, and its matte; (2, 32, 32) uint8."""
    small = thumb.planes.take(_picked(thumb.framing.grid), axis=1)
    return (ON_GREY @ small + PAPER).astype(np.uint8).reshape(2, HASHED, HASHED)


def _phash(grey: U8) -> int:
    """Phash of a picture of a size that leaves nothing to resize."""
    bits = imagehash.phash(Image.frombuffer("L", (HASHED, HASHED), grey, "raw", "L", 0, 1)).hash
    return int.from_bytes(np.packbits(bits).tobytes(), "big")
