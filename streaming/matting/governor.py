"""How large a picture the network may see, if it is to keep up with a source that does not wait.

The largest that fits is the best, and only the machine knows what fits. So the network is run a few
times on an empty picture before the stream begins, and the sides of the picture are taken from a
short ladder: every size is converted and compiled once, and kept. What was measured is remembered
for as long as the program runs, so that a second stream begins at once.
"""

import time
from collections.abc import Callable
from fractions import Fraction

import numpy as np

from streaming.frames import Size
from streaming.matting.runtime import Runtime

__all__ = ["LADDER_PX", "Governor", "largest_side"]

LADDER_PX = (384, 320, 256, 192, 160, 128)  # long sides; the authors advise 256 and more
PROBE_PX = 256
ROUNDS, WARM = 6, 2
SHARE = 0.55  # of the time between two frames; the rest is for decoding, showing and searching

_measured_s: dict[str, float] = {}  # seconds per million pixels, by what runs the network


def largest_side(seconds_per_mpx: float, shape: Size, interval_s: float, least_px: int) -> int:
    """The longest side of the ladder that keeps up.

    Args:
        seconds_per_mpx: What a million pixels cost the network.
        shape: Size of the source; only its shape counts.
        interval_s: Time between two frames.
        least_px: What is given even if it is too slow.
    """
    for side in LADDER_PX:
        mpx = _scaled(shape, side).pixels / 1e6
        if side <= least_px or mpx * seconds_per_mpx <= SHARE * interval_s:
            return side
    return LADDER_PX[-1]


class Governor:
    """Chooses the size of the network's picture for a stream.

    Args:
        build: Makes the runtime for a coarse size; told whether coefficients are wanted.
        rate: Frames per second that it must keep up with.
        least_px: Long side below which it does not go.
        clock: Seconds, rising.
    """

    def __init__(
        self,
        build: Callable[[Size, bool], Runtime],
        *,
        rate: Fraction,
        least_px: int,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._build = build
        self._interval_s = 1 / float(rate)
        self._least_px = least_px
        self._clock = clock

    def pick(self, size: Size) -> Size:
        """The coarse size for frames of `size`; never larger than they are."""
        probe = _scaled(size, min(PROBE_PX, max(size.width, size.height)))
        runtime = self._build(probe, probe != size)
        if runtime.name not in _measured_s:
            _measured_s[runtime.name] = self._seconds(runtime, probe) / (probe.pixels / 1e6)
        speed = _measured_s[runtime.name]
        side = largest_side(speed, size, self._interval_s, self._least_px)
        return _scaled(size, min(side, max(size.width, size.height)))

    def _seconds(self, runtime: Runtime, size: Size) -> float:
        grey = np.full((size.height, size.width, 3), 128, np.uint8)
        took = []
        for turn in range(ROUNDS):
            start = self._clock()
            for _ in runtime.push(grey, fresh=turn == 0):
                pass
            took.append(self._clock() - start)
        return min(took[WARM:])


def _scaled(shape: Size, long_px: int) -> Size:
    scale = long_px / max(shape.width, shape.height)
    return Size(max(16, round(shape.width * scale)), max(16, round(shape.height * scale)))
