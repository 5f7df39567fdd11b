"""A loop's frames led back to where it began, on their way into its file."""

from fractions import Fraction

import numpy as np

from streaming.frames import Rect, Size, read_only
from streaming.loops.anchor import Anchor
from streaming.loops.model import Loop
from streaming.media.cutout import snapped
from streaming.media.inlay import BLANK, Inlay
from streaming.media.webm import LoopWriter
from streaming.motion.warp import LEAST_PX, TAPS, shifted

__all__ = ["LedLoop", "led"]


class LedLoop:
    """A loop that is being written, each frame moved as its anchor says.

    Args:
        writer: Takes the frames.
        anchor: How each one is moved.
        loop: Which one.
        size: Size of its frames.
    """

    def __init__(self, writer: LoopWriter, anchor: Anchor, loop: Loop, size: Size) -> None:
        self._writer = writer
        self._anchor = anchor
        self._loop = loop
        self._whole = Rect.whole(size)

    def write(self, subject: Inlay | None, time_s: Fraction) -> None:
        """Add the frame that the source shows at `time_s`; None is an empty one."""
        passed_s = time_s - self._loop.start_s
        right, down = self._anchor.shift_at(passed_s / self._loop.duration_s)
        moved = None if subject is None else led(subject, right, down, self._whole)
        self._writer.lay(moved, passed_s)

    def close(self) -> None:
        """Finish the file."""
        self._writer.close(self._loop.duration_s)


def led(subject: Inlay, right_px: float, down_px: float, picture: Rect) -> Inlay:
    """Move a subject within its picture; what leaves the picture is gone.

    Args:
        subject: What to move.
        right_px: How far to the right; negative is left.
        down_px: How far down.
        picture: All of the picture.

    Returns:
        The moved subject, or `subject` where there is nothing to move.
    """
    if abs(right_px) < LEAST_PX and abs(down_px) < LEAST_PX:
        return subject
    old = subject.rect
    rect = Rect(
        old.x0 - _reach(-right_px),
        old.y0 - _reach(-down_px),
        old.x1 + _reach(right_px),
        old.y1 + _reach(down_px),
    ).within(picture)
    planes = []
    for index, plane in enumerate(subject.planes):
        halved = index in (1, 2)
        rows, columns = rect.slices(of=rect, halved=halved)
        room = np.full((rows.stop, columns.stop), BLANK[index], np.uint8)
        room[old.slices(of=rect, halved=halved)] = plane
        share = 0.5 if halved else 1.0
        beyond = 0 if index == 3 else None  # colours go on past the picture's edge, alpha ends
        planes.append(shifted(room, share * right_px, share * down_px, beyond=beyond))
    *colours, alpha = planes
    return Inlay(rect, (*map(read_only, colours), read_only(snapped(alpha))))


def _reach(move_px: float) -> int:
    """How far a subject may get beyond its old place on one side, in whole chroma pixels."""
    reach = int(max(0.0, move_px)) + 2 * TAPS
    return reach + reach % 2
