"""Films of a loop as a target shows them: windowed, scaled, outlined, timed.

The search for a size asks for the same loop at several rates and now and then at another size, so
frames that were made are kept as long as their size is asked for.
"""

import contextlib
from dataclasses import dataclass
from fractions import Fraction

from streaming.exports.crop import Window, window_for
from streaming.exports.cycle import Cycle
from streaming.exports.light import scaled
from streaming.exports.outline import outlined
from streaming.exports.survey import Survey
from streaming.exports.targets import Target
from streaming.exports.timing import Timing, timing_for
from streaming.frames import U8
from streaming.media.film import Film
from streaming.media.recipes import Colour
from streaming.threads import Aside, ahead

__all__ = ["Dress", "Studio"]

DECODED = 2  # frames that wait to be scaled
SCALERS = 2
EVEN = {"webm", "stacked"}  # chroma has half the pixels there


@dataclass(frozen=True, slots=True)
class Dress:
    """How a loop is shown, beyond what its target says.

    Attributes:
        start: Number of the frame to begin with.
        stroke_px: Width of the outline in the target's pixels.
        stroke: Its colour.
        margin_px: Empty room around the subject in the target's pixels, None for the target's own.
        rate: Frames per second at most, None for the target's own limit.
    """

    start: int = 0
    stroke_px: int = 0
    stroke: Colour = (255, 255, 255)
    margin_px: int | None = None
    rate: Fraction | None = None


class Studio:
    """Makes films of one loop for one target.

    Args:
        cycle: The loop.
        survey: What it shows.
        target: Where it goes.
        dress: How it is shown.
    """

    def __init__(self, cycle: Cycle, survey: Survey, target: Target, dress: Dress) -> None:
        self._cycle = cycle
        self._survey = survey
        self._target = target
        self._dress = dress
        self._share = 0.0
        self._made: dict[int, U8] = {}

    def timing(self, *, thin: int = 1) -> Timing:
        """Which frames are shown, and when.

        Args:
            thin: Every how-manieth frame of those that could be.

        Raises:
            OutputError: The loop is too long for the target, or has too few frames.
        """
        dress = self._dress
        return timing_for(self._cycle, self._target, start=dress.start, rate=dress.rate, thin=thin)

    def window(self, *, share: float = 1.0) -> Window:
        """What is shown, and how large.

        Args:
            share: How much smaller than could be.
        """
        margin = self._dress.margin_px
        room = self._dress.stroke_px + (self._target.margin_px if margin is None else margin)
        return window_for(
            self._survey,
            self._cycle.size,
            self._target.pixels,
            room_px=room,
            share=share,
            even=self._target.format in EVEN and self._target.pixels.form != "own",
        )

    def film(self, *, thin: int = 1, share: float = 1.0) -> Film:
        """The film at a rate and a size; see `timing` and `window`.

        Raises:
            InputError: The loop's master is damaged.
            OutputError: The loop is too long for the target, or has too few frames.
        """
        timing = self.timing(thin=thin)
        if share != self._share:
            self._made, self._share = {}, share
        self._make(set(timing.frames) - set(self._made), self.window(share=share))
        frames = (self._made[each] for each in timing.frames)
        return Film.of(frames, timing.times_s, timing.duration_s)

    def _make(self, missing: set[int], window: Window) -> None:
        if not missing:
            return
        frames = ahead(self._cycle.read(), depth=DECODED, name="decode loop")
        scaling = _Scaling(window, self._dress)
        aside = Aside(*[scaling] * SCALERS, depth=DECODED, name="scale")
        with contextlib.closing(frames), aside:
            for number, rgba in enumerate(frames):
                if number in missing:
                    self._made.update(aside.push((number, rgba)))
                if number >= max(missing):
                    break
            self._made.update(aside.flush())


class _Scaling:
    """Makes a numbered frame as the target shows it; any thread may."""

    def __init__(self, window: Window, dress: Dress) -> None:
        self._window = window
        self._dress = dress

    def push(self, item: tuple[int, U8], /) -> list[tuple[int, U8]]:
        number, rgba = item
        small = scaled(rgba, self._window.box, self._window.size)
        return [(number, outlined(small, self._dress.stroke_px, self._dress.stroke))]

    def flush(self) -> list[tuple[int, U8]]:
        return []
