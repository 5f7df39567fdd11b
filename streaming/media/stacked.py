"""Writing colours above and the matte below in one H.264 picture, for a canvas to put together.

It is the one form of moving transparency that every browser decodes in hardware, Safari among them.
The matte is stored in limited range as any grey: browsers turn every video into full range before a
shader sees it, and what is tagged otherwise they do not all treat alike; the rounding costs half a
level. Under the colours and under the matte stand guard rows, so that neither leaks into the
other where a shader or the encoder filters; both halves are then equally high, as simpler players
expect. A comment in the file says where things stand.
"""

import base64
import html
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from streaming.assets import asset
from streaming.frames import U8, Size
from streaming.media.bleed import bleed
from streaming.media.film import Film
from streaming.media.planes import ToYuv, padded
from streaming.media.prores import exact_base
from streaming.media.recipes import StackedRecipe
from streaming.media.reel import Reel, ReelWriter
from streaming.media.track import VideoTrack
from streaming.media.whole import telling, whole_file

__all__ = ["Stack", "stack_of", "write_stacked"]

GUARD_PX = 8
OPTIONS = {
    "preset": "medium",
    "tune": "psnr",  # no psychovisual bits: the matte a third less off, for 10 % more bytes
    "bf": "0",  # so that the first frame is at 0 exactly
}
COMMENT = "colours above, matte below: {width}x{height} px, matte from row {row}"


@dataclass(frozen=True, slots=True)
class Stack:
    """Where things stand in a stacked picture.

    Attributes:
        size: Size of the picture that is shown.
        matte_row: First row of the matte, even.
    """

    size: Size
    matte_row: int

    @property
    def whole(self) -> Size:
        """Size of the stored picture; both sides even."""
        return Size(self.size.width + self.size.width % 2, 2 * self.matte_row)

    @property
    def comment(self) -> str:
        """The same in words, for the file."""
        size = self.size
        return COMMENT.format(width=size.width, height=size.height, row=self.matte_row)


def stack_of(comment: str, whole: Size) -> Stack:
    """Where things stand in a file, by its comment; in two even halves where it says nothing.

    Args:
        comment: What the file says.
        whole: Size of its pictures.
    """
    found = re.search(r"(\d+)x(\d+) px, matte from row (\d+)", comment)
    if not found:
        return Stack(Size(whole.width, max(1, whole.height // 2)), whole.height // 2)
    width, height, row = map(int, found.groups())
    return Stack(Size(width, height), row)


def write_stacked(path: Path, film: Film, recipe: StackedRecipe, *, replace: bool = False) -> None:
    """Write a film as stacked H.264 in MP4: bt709, no sound, times exact, index first.

    Args:
        path: Its final name, ending in .mp4; the player's page gets the same with .html.
        film: What to write.
        recipe: How.
        replace: Whether existing files may be replaced.

    Raises:
        OutputError: A file cannot be written.
    """
    size = film.size
    stack = Stack(size, size.height + size.height % 2 + GUARD_PX)
    with _StackedFile(path, film, stack, recipe, replace=replace) as file:
        file.fill(film)
    if recipe.player:
        _write_player(path, stack, replace=replace)


class _StackedFile(ReelWriter):
    """An MP4 that is being written; a context manager."""

    def __init__(
        self, path: Path, film: Film, stack: Stack, recipe: StackedRecipe, *, replace: bool
    ) -> None:
        base = exact_base(film)
        options = {"video_track_timescale": str(base.denominator), "movflags": "+faststart"}
        self._reel = Reel(path, format="mp4", options=options, replace=replace)
        self._reel.into.metadata["comment"] = stack.comment
        self._stack = stack
        self._to_yuv = ToYuv()
        self._track = VideoTrack(
            self._reel.into,
            "libx264",
            size=stack.whole,
            pixels="yuv420p",
            options={**OPTIONS, "crf": str(recipe.crf)},
            time_base_s=base,
        )

    def fill(self, film: Film) -> None:
        """Write every frame and give the file its name."""
        with telling(self._reel.path):
            for rgba, time_s in zip(film.frames, film.times_s, strict=True):
                self._track.write(self._to_yuv(_stacked(rgba, self._stack)), time_s)
            self._track.end(film.duration_s)
        self._reel.keep()


def _stacked(rgba: U8, stack: Stack) -> U8:
    """(H, W, 3): colours, continued, above the matte, which ends in nothing."""
    pixels = padded(bleed(rgba))
    guard = stack.matte_row - pixels.shape[0]
    above = np.pad(pixels[..., :3], ((0, guard), (0, 0), (0, 0)), "edge")
    below = np.pad(pixels[..., 3:], ((0, guard), (0, 0), (0, 0)))
    return np.vstack((above, below.repeat(3, axis=2)))


def _write_player(path: Path, stack: Stack, *, replace: bool) -> None:
    """Write a page that holds the film and plays it; it needs no server."""
    page = asset("stacked.html").read_text("utf-8")
    film = base64.b64encode(path.read_bytes()).decode("ascii")
    values = {
        "TITLE": html.escape(path.stem),
        "WIDTH": str(stack.size.width),
        "HEIGHT": str(stack.size.height),
        "MATTE_ROW": str(stack.matte_row),
        "FILM": f"data:video/mp4;base64,{film}",
    }
    for name, value in values.items():
        page = page.replace(f"%{name}%", value)
    with whole_file(path.with_suffix(".html"), replace=replace) as part:
        part.write_text(page, "utf-8")
