"""Leading a subject that drifted back to where the loop began.

The detector compares poses, not places, so at a loop's end the subject may stand elsewhere. The way
back is spread evenly over the loop: at time t the frame is moved by minus t/T of the drift, so that
the frame after the last stands exactly where the first does. A constant is added where the subject
would otherwise leave the frame. A subject that the frame's edge cuts must not be moved away from
that edge, or the cut would show; then the loop stays where it is and says why.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from streaming.frames import Size
from streaming.loops.model import Loop

__all__ = ["Anchor", "Box", "plan_anchor"]

LEAST_PX = 0.05  # less than this nobody can see
EDGE_PX = 1.0  # a subject this close to the edge is cut by it
REVEAL_PX = 0.5  # how far a cut may be moved inwards before it shows
MOST = 0.5  # share of the subject's own width or height that it may be led back


@dataclass(frozen=True, slots=True)
class Box:
    """Where the subject is, in shares of the frame's width and height, 0..1."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Anchor:
    """How each frame of one loop is moved.

    Attributes:
        drift_x_px: How far the subject has moved to the right at the end, in pixels of the loop.
        drift_y_px: The same downwards.
        base_x_px: Constant part of the move to the right.
        base_y_px: The same downwards.
        led_x: Whether the horizontal drift is undone.
        led_y: Whether the vertical drift is undone.
        note: Why something is not undone; empty where there is nothing to say.
    """

    drift_x_px: float = 0.0
    drift_y_px: float = 0.0
    base_x_px: float = 0.0
    base_y_px: float = 0.0
    led_x: bool = False
    led_y: bool = False
    note: str = ""

    def shift_at(self, share: Fraction) -> tuple[float, float]:
        """Pixels to move a frame to the right and down.

        Args:
            share: How much of the loop has passed at that frame, 0 up to 1.
        """
        right = self.base_x_px - float(share) * self.drift_x_px if self.led_x else 0.0
        down = self.base_y_px - float(share) * self.drift_y_px if self.led_y else 0.0
        return right, down


def plan_anchor(loop: Loop, boxes: Sequence[Box | None], size: Size) -> Anchor:
    """Plan how a loop's frames are moved.

    Args:
        loop: With the drift that the detector measured.
        boxes: Where the subject is in each frame of the loop, None where there is none.
        size: Size in which the loop is written.
    """
    shares = [each / max(1, len(boxes)) for each in range(len(boxes))]
    across = [
        (share, box.left * size.width, box.right * size.width)
        for share, box in zip(shares, boxes, strict=True)
        if box is not None
    ]
    along = [
        (share, box.top * size.height, box.bottom * size.height)
        for share, box in zip(shares, boxes, strict=True)
        if box is not None
    ]
    drift_x, drift_y = loop.drift_x * size.width, loop.drift_y * size.height
    x = _axis(drift_x, across, size.width, "sideways")
    y = _axis(drift_y, along, size.height, "up or down")
    return Anchor(
        drift_x,
        drift_y,
        x.base_px,
        y.base_px,
        x.led,
        y.led,
        "; ".join(dict.fromkeys(each.note for each in (x, y) if each.note)),
    )


@dataclass(frozen=True, slots=True)
class _Axis:
    base_px: float = 0.0
    led: bool = False
    note: str = ""


def _axis(drift: float, spans: list[tuple[float, float, float]], full: int, way: str) -> _Axis:
    """One axis: `spans` holds share of time, first and last pixel of the subject per frame."""
    if abs(drift) < LEAST_PX or not spans:
        return _Axis()
    extent = max(last - first for _, first, last in spans)
    if abs(drift) > MOST * extent:
        return _Axis(note=f"moved {way} by more than half of its size: left in place")
    least, most = float("-inf"), float("inf")
    for share, first, last in spans:
        cut_low, cut_high = first <= EDGE_PX, last >= full - EDGE_PX
        low = -REVEAL_PX if cut_high else -first
        high = REVEAL_PX if cut_low else full - last
        if cut_low and cut_high:
            low, high = -REVEAL_PX, REVEAL_PX
        elif cut_low:
            low = float("-inf")
        elif cut_high:
            high = float("inf")
        least, most = max(least, low + share * drift), min(most, high + share * drift)
    if least > most:
        return _Axis(note=f"cut by the frame's edge or without room {way}: left in place")
    return _Axis(min(max(0.0, least), most), True)
