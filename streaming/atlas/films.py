"""What was rendered as a file, or as a folder of pictures; its name says which.

A film that is only looked at is written while it is drawn. Formats that need all frames at once,
for editors and pages, get them at the end: a clip of an atlas is a few seconds.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np

from streaming.errors import SettingsError
from streaming.frames import U8, Size, read_only
from streaming.media.apng import write_apng
from streaming.media.film import Film
from streaming.media.gif import write_gif
from streaming.media.pngs import write_pngs
from streaming.media.prores import write_prores
from streaming.media.recipes import ApngRecipe, GifRecipe, PngsRecipe, ProResRecipe, WebpRecipe
from streaming.media.video import VideoWriter
from streaming.media.webm import LoopWriter
from streaming.media.webp import write_webp
from streaming.media.whole import telling

__all__ = ["Format", "format_of", "holds_alpha", "over_black", "write_film"]

Format = Literal["mp4", "webm", "webp", "mov", "apng", "gif", "folder"]
SUFFIXES: dict[str, Format] = {
    ".mp4": "mp4",
    ".webm": "webm",
    ".webp": "webp",
    ".mov": "mov",
    ".png": "apng",
    ".apng": "apng",
    ".gif": "gif",
    "": "folder",
}
CRF_MP4, CRF_WEBM = 16, 20


def format_of(path: Path) -> Format:
    """What a name asks for.

    Raises:
        SettingsError: It asks for something that is not written here.
    """
    found = SUFFIXES.get(path.suffix.lower())
    if found is None:
        raise SettingsError(
            f"{path.name}: wanted .mp4, .webm, .webp, .mov (ProRes), .png (animated) or .gif, or a "
            "name without a suffix for a folder of PNG"
        )
    return found


def holds_alpha(format: Format) -> bool:
    """Whether a format keeps transparency."""
    return format != "mp4"


def write_film(
    path: Path,
    frames: Iterable[U8],
    times_s: tuple[Fraction, ...],
    end_s: Fraction,
    *,
    replace: bool = False,
) -> None:
    """Write frames in the format that their file's name asks for.

    Args:
        path: Its final name.
        frames: (H, W, 3) or (H, W, 4) uint8, straight alpha, as many as there are times; alpha
            lies over black where the format knows none.
        times_s: When each is shown, from 0.
        end_s: Until when the last one is.
        replace: Whether what has that name may be replaced.

    Raises:
        OutputError: It cannot be written.
        SettingsError: The name asks for nothing that is known.
    """
    format = format_of(path)
    with telling(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    if format in ("mp4", "webm"):
        _written(path, frames, times_s, end_s, replace=replace)
        return
    film = Film.of((_rgba(each) for each in frames), times_s, end_s)
    match format:
        case "webp":
            write_webp(path, film, WebpRecipe(quality=90), replace=replace)
        case "mov":
            write_prores(path, film, ProResRecipe(), replace=replace)
        case "apng":
            write_apng(path, film, ApngRecipe(), replace=replace)
        case "gif":
            write_gif(path, film, GifRecipe(), replace=replace)
        case _:
            write_pngs(path, film, PngsRecipe(effort=3), replace=replace)


def _written(
    path: Path,
    frames: Iterable[U8],
    times_s: tuple[Fraction, ...],
    end_s: Fraction,
    *,
    replace: bool,
) -> None:
    """Write frames as they come."""
    coming = iter(frames)
    first = next(coming)
    size = Size(first.shape[1], first.shape[0])
    shown = zip(_again(first, coming), times_s, strict=True)
    if format_of(path) == "mp4":
        with VideoWriter(path, size=size, crf=CRF_MP4, replace=replace) as video:
            for pixels, time_s in shown:
                video.write(over_black(pixels), time_s)
            video.close(end_s)
        return
    with LoopWriter(path, size=size, effort="good", crf=CRF_WEBM, replace=replace) as loop:
        for pixels, time_s in shown:
            loop.write(_rgba(pixels), time_s)
        loop.close(end_s)


def _again(first: U8, others: Iterator[U8]) -> Iterator[U8]:
    yield first
    yield from others


def _rgba(pixels: U8) -> U8:
    if pixels.shape[2] == 4:
        return read_only(pixels)
    return read_only(np.dstack((pixels, np.full(pixels.shape[:2], 255, np.uint8))))


def over_black(pixels: U8) -> U8:
    """What players show of a picture with alpha, (H, W, 3) uint8; one without is as it is."""
    if pixels.shape[2] == 3:
        return pixels
    multiplied = pixels[..., :3].astype(np.uint16) * pixels[..., 3:]
    return np.asarray((multiplied + 127) // 255, np.uint8)
