"""Whether the frames on both sides of a seam show the same pose, however fast the motion is.

An ordinary step is a fair measure of a seam as long as it is small against the motion. A runner
whose limbs move by their own width from one frame to the next differs from itself by nearly as
much as any two of its poses do: measured in such steps, a stride with the left leg in front closes
on one with the right leg in front at 0.5. So a seam is measured a second time, in absolute terms:
`OTHER` is how far two poses are apart that are not taken for one, and no step counts more.

Two things make this second look finer than the first. The thumbnails are cut as close around the
two subjects as they are, not in the window that serves a whole stretch of the stream. And what is
merely early or late is no other pose: of a motion sampled so coarsely, a period is seldom a whole
number of frames. The part of the difference that goes along the motion is left out, up to half a
frame of it.

Measured: half strides 0.20 to 0.24, squats that repeat 0.06 and 0.08 (at five frames per second,
out of step, 0.14), whole strides up to 0.04. It takes the five frames of the seam: where two legs
pass each other a half stride is one picture with a whole one.
"""

import numpy as np

from streaming.loops.distance import F32, distance, planes_at
from streaming.loops.fingerprint import Fingerprint
from streaming.loops.seams import TAPS, WEIGHTS
from streaming.loops.subject import Framing
from streaming.loops.window import Window

__all__ = ["OTHER", "pose_gap"]

OTHER = 0.165  # distance of two poses that are not taken for one
ROOM = 1.08  # room around the subject's reach
OFF = 0.5  # a pair that is off by more of a frame is not the nearest pair
LEAST_PX = 2.0  # half the smallest window


def pose_gap(window: Window, lag: int, length: int, free_x: bool, free_y: bool) -> float:
    """Measure how far apart the poses around a span's start and end are, 0..1.

    Args:
        window: Where the frames are.
        lag: How far back the span's end is.
        length: How many frames it has.
        free_x: Whether the subject may stand further to the side at the end.
        free_y: Whether it may stand higher or lower.
    """
    cut = _Closely(window.at(lag + length), window.at(lag), free_x, free_y)
    ends, starts = _Course(window, lag, cut), _Course(window, lag + length, cut)
    taps = [k for k in range(-TAPS, TAPS + 1) if lag - k >= 0 and lag + length - k < window.count]
    weights = WEIGHTS[np.array(taps) + TAPS]
    gaps = [_gap(starts, ends, k) for k in taps]
    return float(weights @ gaps / weights.sum())


def _gap(starts: "_Course", ends: "_Course", k: int) -> float:
    """Distance of two frames, the part of it left out that is a matter of time."""
    start, end = starts.at(k), ends.at(k)
    motion: F32 = np.float32(0.5) * (starts.motion(k) + ends.motion(k))
    size = float(np.vdot(motion, motion))
    late = float(np.vdot(end - start, motion)) / size if size > 0 else 0.0
    moved: F32 = start + np.float32(min(OFF, max(-OFF, late))) * motion
    return distance(moved, end)


class _Course:
    """The thumbnails of the frames around one that lies `lag` back."""

    def __init__(self, window: Window, lag: int, cut: "_Closely") -> None:
        self._lag = lag
        reach = range(-TAPS - 1, TAPS + 2)
        lags = [lag - k for k in reach if 0 <= lag - k < window.count]
        self._planes = {at: cut(window.at(at)) for at in lags}

    def at(self, k: int) -> F32:
        """The frame `k` later."""
        return self._planes[self._lag - k]

    def motion(self, k: int) -> F32:
        """How the picture changes there, per frame."""
        after, before = (self._planes.get(self._lag - k - way, self.at(k)) for way in (1, -1))
        both = self._lag - k - 1 in self._planes and self._lag - k + 1 in self._planes
        return np.asarray((after - before) / (2 if both else 1), np.float32)


class _Closely:
    """Cuts thumbnails in the closest window that holds the subject of two frames.

    On an axis that is not free both are cut at the same place, half way between the two.
    """

    def __init__(self, a: Fingerprint, b: Fingerprint, free_x: bool, free_y: bool) -> None:
        one, other = a.place, b.place
        apart_x = 0.0 if free_x else abs(one.x - other.x) / 2
        apart_y = 0.0 if free_y else abs(one.y - other.y) / 2
        self._framing = Framing(
            max(LEAST_PX, ROOM * max(one.reach_x, other.reach_x) + apart_x),
            max(LEAST_PX, ROOM * max(one.reach_y, other.reach_y) + apart_y),
            free_x,
            free_y,
        )
        self._x, self._y = (one.x + other.x) / 2, (one.y + other.y) / 2

    def __call__(self, print_: Fingerprint) -> F32:
        framing, place = self._framing, print_.place
        x = place.x if framing.free_x else self._x
        y = place.y if framing.free_y else self._y
        return planes_at(print_.cutout, framing, x, y)
