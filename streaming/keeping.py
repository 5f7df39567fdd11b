"""What is kept of a frame until no loop can start at it any more.

The source picture stays in 4:2:0 (1.5 bytes per pixel). The matte stays as the guided filter's
coefficients where these are small, which at 720p they are, and the full size is calculated only if
the frame is written. Where these would cost more than the cut-out, that is kept instead, in 4:2:0
with alpha (2.5 bytes per pixel). Either way a frame costs at most four bytes per pixel at the size
in which loops are written.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from streaming.frames import U8, Patch, Picture, Rect, Size
from streaming.loops.anchor import Box
from streaming.loops.fingerprint import Fingerprint
from streaming.matting.guided import Coefficients
from streaming.matting.runtime import Runtime
from streaming.matting.stream import Matted, refined

__all__ = ["Keeper", "Kept", "box_of"]

PICTURE_BYTES = 1.5  # per pixel, 4:2:0
CUTOUT_BYTES = 2.5  # per pixel, 4:2:0 with alpha
COEFFICIENT_BYTES = 16  # per coarse pixel, eight halves
PRESENT = 13  # alpha of at least 5 % counts as subject


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """One frame in the form in which it waits.

    Attributes:
        index: The frame's number.
        time_s: Its exact time.
        duration_s: How long it is shown, as far as the source says.
        picture: The source at loop size.
        cutout: The subject with alpha at loop size, or None.
        coefficients: What `runtime` makes the cut-out from, where it is not kept.
        runtime: Refines `coefficients`, None where the CPU does.
        box: Where the subject is, None where there is none.
        glimpse: What mending looks at, where anything may be mended.
    """

    index: int
    time_s: Fraction
    duration_s: Fraction
    picture: Picture
    cutout: Picture | None
    coefficients: Coefficients | None
    runtime: Runtime | None
    box: Box | None
    glimpse: "Glimpse | None" = None

    @property
    def nbytes(self) -> int:
        """Memory that keeping it costs."""
        cutout = self.cutout.nbytes if self.cutout is not None else 0
        own = self.cutout is self.picture
        return (
            self.picture.nbytes
            + (0 if own else cutout)
            + (self.coefficients.nbytes if self.coefficients else 0)
        )

    @property
    def reach(self) -> Rect:
        """The part of the frame that can hold the subject."""
        if self.coefficients is not None:
            return self.coefficients.reach(self.picture.size)
        return Rect.whole(self.picture.size)

    def subject(self) -> Patch:
        """The subject with straight alpha, at loop size."""
        size = self.picture.size
        if self.coefficients is not None:
            return refined(self.picture, size, self.coefficients, self.runtime)
        cutout = self.cutout or self.picture
        return Patch.of(np.dstack([cutout.rgb(size), cutout.alpha(size)]))


@dataclass(frozen=True, slots=True, eq=False)
class Glimpse:
    """A frame as the detector saw it: some 0.1 MB, not counted, for the detector keeps as much.

    Attributes:
        subject: The part of its look that is not empty.
        print_: Its fingerprint.
    """

    subject: Patch
    print_: Fingerprint

    @classmethod
    def of(cls, look: U8, print_: Fingerprint) -> "Glimpse":
        """What is kept of a look, (h, w, 4) uint8."""
        rows, columns = (np.flatnonzero(look[..., 3].any(axis=axis)) for axis in (1, 0))
        size = Size(look.shape[1], look.shape[0])
        if not len(rows):
            return cls(Patch(look[:0, :0], Rect(0, 0, 0, 0), size), print_)
        rect = Rect(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1)
        return cls(Patch(look[rect.slices()].copy(), rect, size), print_)


class Keeper:
    """Turns matted frames into kept ones of one size.

    Args:
        size: Size in which loops are written.
        picture: Makes a picture from (H, W, 3) or (H, W, 4) uint8 pixels.
    """

    def __init__(self, size: Size, picture: Callable[[U8], Picture]) -> None:
        self.size = size
        self._picture = picture

    @staticmethod
    def bytes_per_frame(size: Size, coarse: Size | None) -> float:
        """The most that one frame costs at `size`, in bytes."""
        if coarse is None:
            return size.pixels * CUTOUT_BYTES
        coefficients = float(coarse.pixels * COEFFICIENT_BYTES)
        return size.pixels * PICTURE_BYTES + min(size.pixels * CUTOUT_BYTES, coefficients)

    def keep(self, item: Matted) -> Kept:
        """The form in which one frame waits."""
        frame = item.frame
        picture = frame.picture.packed(self.size)
        if item.whole and picture.has_alpha:
            picture = self._picture(picture.rgb(self.size)).packed(self.size)
        cutout: Picture | None = None
        coefficients = item.coefficients
        if coefficients is not None and coefficients.nbytes > self.size.pixels * CUTOUT_BYTES:
            coefficients = None
        if item.own:
            cutout = picture
        elif coefficients is None:
            made = item.cutout(self.size)
            if made is not None:
                cutout = self._picture(made).packed(self.size)
        return Kept(
            frame.index,
            frame.time_s,
            frame.duration_s,
            picture,
            cutout,
            coefficients,
            item.runtime if coefficients is not None else None,
            box_of(item.look),
        )


def box_of(look: U8) -> Box | None:
    """Where the subject is.

    Args:
        look: (h, w, 4) uint8, straight alpha.

    Returns:
        Its bounding box, None where there is no subject.
    """
    there = look[:, :, 3] >= PRESENT
    rows, columns = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not len(rows):
        return None
    height, width = there.shape
    return Box(
        columns[0] / width,
        rows[0] / height,
        (columns[-1] + 1) / width,
        (rows[-1] + 1) / height,
    )
