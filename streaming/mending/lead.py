"""How a loop's frames are moved and toned, so that its end stands and looks as its start does.

What re-anchoring does for the place, a straight way back spread over the loop, is done here for
size, tilt and light as well. All of it is a function of the share of the loop that has passed: at 0
a frame is left as it is (but for the anchor's constant), at 1 it has been brought all the way back.
The share goes on below 0: frames before the start, which a morph shows at the loop's end, are moved
on the same straight line, and so stand where the frames stand that they go over into.

Places are shares of the picture, so that a small picture is moved as its large one will be.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
from numpy.typing import NDArray

from streaming.frames import Size
from streaming.loops.anchor import Anchor

__all__ = ["Lead"]

F64 = NDArray[np.float64]
LEAST_PX = 1 / 64  # a move below this nobody can see
LEAST_TURN = 1e-5


@dataclass(frozen=True, slots=True)
class Lead:
    """The way back of one loop.

    Attributes:
        drift_x: How far the subject has moved to the right at the end, as a share of the width.
        drift_y: The same downwards, of the height.
        base_x: Constant part of the move to the right.
        base_y: The same downwards.
        growth: By how much it has grown, as a natural logarithm.
        turn: By how much it has turned, in radians, from right to down.
        pivot_x: Middle of the subject at the start: what growing and turning leave in place.
        pivot_y: The same, from the top.
        tone: By how much red, green and blue have become brighter, as natural logarithms of their
            gamma-coded values.
        note: What was not led back, and why; empty where there is nothing to say.
    """

    drift_x: float = 0.0
    drift_y: float = 0.0
    base_x: float = 0.0
    base_y: float = 0.0
    growth: float = 0.0
    turn: float = 0.0
    pivot_x: float = 0.5
    pivot_y: float = 0.5
    tone: tuple[float, ...] = (0.0, 0.0, 0.0)
    note: str = ""

    @classmethod
    def of(cls, anchor: Anchor, size: Size) -> "Lead":
        """An anchor planned for pictures of `size`."""
        return cls(
            drift_x=anchor.drift_x_px / size.width if anchor.led_x else 0.0,
            drift_y=anchor.drift_y_px / size.height if anchor.led_y else 0.0,
            base_x=anchor.base_x_px / size.width,
            base_y=anchor.base_y_px / size.height,
            note=anchor.note,
        )

    @property
    def turns(self) -> bool:
        """Whether frames are turned or change size."""
        return max(abs(self.growth), abs(self.turn)) > LEAST_TURN

    @property
    def tones(self) -> bool:
        """Whether colours change."""
        return any(self.tone)

    def shift(self, share: float, size: Size) -> tuple[float, float]:
        """Pixels to the right and down by which a frame of `size` is moved.

        Args:
            share: How much of the loop has passed at that frame.
            size: Of the whole picture.
        """
        right = (self.base_x - share * self.drift_x) * size.width
        down = (self.base_y - share * self.drift_y) * size.height
        return right, down

    def matrix(self, share: float, size: Size) -> F64 | None:
        """The affine map from a frame's places to where they are shown, (2, 3) in px.

        Returns:
            None where nothing is moved.
        """
        right, down = self.shift(share, size)
        if not self.turns and max(abs(right), abs(down)) < LEAST_PX:
            return None
        by, angle = math.exp(-share * self.growth), -share * self.turn
        cos, sin = by * math.cos(angle), by * math.sin(angle)
        x = (self.pivot_x + share * self.drift_x) * size.width
        y = (self.pivot_y + share * self.drift_y) * size.height
        return np.array(
            [
                [cos, -sin, x - cos * x + sin * y + right],
                [sin, cos, y - sin * x - cos * y + down],
            ]
        )

    def gains(self, share: float) -> NDArray[np.float32]:
        """By what red, green and blue are multiplied, (3,)."""
        return np.exp(-share * np.array(self.tone)).astype(np.float32)

    def as_json(self) -> dict[str, object]:
        """Its fields as plain values."""
        return {
            "drift": [self.drift_x, self.drift_y],
            "base": [self.base_x, self.base_y],
            "growth": self.growth,
            "turn": self.turn,
            "pivot": [self.pivot_x, self.pivot_y],
            "tone": list(self.tone),
            "note": self.note,
        }

    @classmethod
    def of_json(cls, told: Mapping[str, object]) -> "Lead":
        """Read what `as_json` gave."""
        drift, base, pivot = (_floats(told[key], 2) for key in ("drift", "base", "pivot"))
        return cls(
            drift_x=drift[0],
            drift_y=drift[1],
            base_x=base[0],
            base_y=base[1],
            growth=float(str(told["growth"])),
            turn=float(str(told["turn"])),
            pivot_x=pivot[0],
            pivot_y=pivot[1],
            tone=_floats(told["tone"], 3),
            note=str(told["note"]),
        )


def _floats(told: object, count: int) -> tuple[float, ...]:
    read = tuple(float(str(each)) for each in cast(Sequence[object], told))
    if len(read) != count or not all(map(math.isfinite, read)):
        raise ValueError(f"{told!r}: wanted {count} numbers")
    return read
