"""Writing ProRes 4444 with its matte, for editing: 10 bits a colour, nothing at half size.

Editors take the file's alpha as straight and scale colours by themselves, so the colours go on past
the subject's edge (see `bleed`). ProRes packs the matte without loss.
"""

from fractions import Fraction
from math import lcm
from pathlib import Path

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from streaming.frames import U8
from streaming.media.bleed import bleed
from streaming.media.film import Film
from streaming.media.planes import BT709, tag
from streaming.media.recipes import ProResRecipe
from streaming.media.reel import Reel, ReelWriter
from streaming.media.track import VideoTrack
from streaming.media.whole import telling

__all__ = ["exact_base", "write_prores"]

EXACT = Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INP | Interpolation.ACCURATE_RND
FINEST = 90_000  # ticks a second, where a film's times have no smaller common ground


def write_prores(path: Path, film: Film, recipe: ProResRecipe, *, replace: bool = False) -> None:
    """Write a film as ProRes 4444 in MOV: bt709, no sound, times exact.

    Args:
        path: Its final name, ending in .mov.
        film: What to write.
        recipe: How.
        replace: Whether an existing file may be replaced.

    Raises:
        OutputError: The file cannot be written.
    """
    with _MovFile(path, film, recipe, replace=replace) as file:
        file.fill(film)


def exact_base(film: Film) -> Fraction:
    """The unit in which all times of a film are whole, as far as a container counts that finely."""
    ticks = lcm(*(each.denominator for each in (*film.times_s, film.duration_s)))
    return Fraction(1, ticks if 1 < ticks <= FINEST else FINEST)


class _MovFile(ReelWriter):
    """A MOV that is being written; a context manager."""

    def __init__(self, path: Path, film: Film, recipe: ProResRecipe, *, replace: bool) -> None:
        base = exact_base(film)
        options = {"video_track_timescale": str(base.denominator), "movflags": "+faststart"}
        self._reel = Reel(path, format="mov", options=options, replace=replace)
        self._scaler = VideoReformatter()
        self._track = VideoTrack(
            self._reel.into,
            "prores_ks",
            size=film.size,
            pixels="yuva444p10le",
            options={"profile": "4444", "alpha_bits": "16", "qscale": str(recipe.quantiser)},
            time_base_s=base,
        )

    def fill(self, film: Film) -> None:
        """Write every frame and give the file its name."""
        with telling(self._reel.path):
            for rgba, time_s in zip(film.frames, film.times_s, strict=True):
                self._track.write(self._frame(bleed(rgba)), time_s)
            self._track.end(film.duration_s)
        self._reel.keep()

    def _frame(self, rgba: U8) -> av.VideoFrame:
        source = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgba), "rgba")
        made = self._scaler.reformat(
            source,
            format="yuva444p10le",
            src_color_range=ColorRange.JPEG,
            dst_colorspace=BT709,
            dst_color_range=ColorRange.MPEG,
            interpolation=EXACT,
            threads=1,
        )
        return tag(made)
