"""A subject in the form in which codecs take it: 4:2:0 planes of its own part of the picture.

A loop and its master show the same subject, and neighbouring loops show the same frames, so what
leads there (cutting out, colours past the edge, the conversion) is done once per frame and shared.
Everything outside an inlay is transparent and grey; grey rather than a colour of the clip, because
it is the same for every file that an inlay may go into.
"""

from dataclasses import dataclass

import av
import numpy as np

from streaming.frames import U8, Patch, Rect, Size, read_only
from streaming.media.cutout import cut_out
from streaming.media.picture import AvPicture
from streaming.media.planes import BT709, LIMITED, ToYuv, padded, plane

__all__ = ["BLANK", "Inlay", "inlay_of", "lay", "opaque"]

FLAT = np.full(3, 128, np.uint8)
BLANK = (126, 128, 128, 0)  # FLAT in bt709, limited range, and no opacity


@dataclass(frozen=True, slots=True, eq=False)
class Inlay:
    """A subject and its place; bt709, limited range.

    Attributes:
        rect: Where it stands; begins at even places.
        planes: Y, Cb, Cr and alpha, uint8; Cb and Cr of half the size, rounded up.
    """

    rect: Rect
    planes: tuple[U8, ...]

    def __post_init__(self) -> None:
        if len(self.planes) != 4 or self.rect.x0 % 2 or self.rect.y0 % 2:
            raise ValueError(f"{len(self.planes)} planes at {self.rect} are no inlay")

    @property
    def nbytes(self) -> int:
        """Bytes held."""
        return sum(each.nbytes for each in self.planes)


def inlay_of(patch: Patch) -> Inlay | None:
    """Cut a subject out of a picture, with its colours continued past its edge.

    Returns:
        None where the picture is empty.
    """
    subject = cut_out(patch, FLAT)
    if subject is None:
        return None
    frame = ToYuv()(padded(subject.rgb))
    height, width = subject.alpha.shape
    half = (height + 1) // 2, (width + 1) // 2
    sides = ((height, width), half, half)
    colours = (plane(frame, n)[:rows, :columns].copy() for n, (rows, columns) in enumerate(sides))
    return Inlay(subject.rect, (*map(read_only, colours), read_only(subject.alpha)))


def opaque(picture: AvPicture) -> Inlay:
    """A whole picture without alpha, its planes as they are where they have the right matrix."""
    size: Size = picture.size
    frame = picture.frame
    if frame.format.name != "yuv420p" or (frame.colorspace, frame.color_range) != (BT709, LIMITED):
        frame = ToYuv()(padded(picture.rgb(size)))
    rows, columns = (size.height + 1) // 2, (size.width + 1) // 2
    luma = plane(frame, 0)[: size.height, : size.width]
    cb, cr = (plane(frame, each)[:rows, :columns] for each in (1, 2))
    alpha = np.full((size.height, size.width), 255, np.uint8)
    return Inlay(Rect.whole(size), (luma, cb, cr, alpha))


def lay(inlay: Inlay, frame: av.VideoFrame, onto: Rect, *, wipe: bool = False) -> None:
    """Draw an inlay on a frame, or wipe it away.

    Args:
        inlay: What to draw.
        frame: yuva420p, or yuv420p for the colours alone, or gray for alpha alone.
        onto: The part of the picture that the frame shows; begins at even places.
        wipe: Draw nothing in its place.
    """
    seen = inlay.rect.within(onto)
    if seen.empty:
        return
    numbers = (3,) if len(frame.planes) == 1 else range(len(frame.planes))
    for index, number in enumerate(numbers):
        halved = number in (1, 2)
        own = inlay.planes[number][seen.slices(of=inlay.rect, halved=halved)]
        plane(frame, index)[seen.slices(of=onto, halved=halved)] = BLANK[number] if wipe else own
