"""Animated pictures, folders and sheets, read back as they are shown.

Pillow lays every frame of an animation over the one before, as a viewer does. Where it turns exact
times into floats (APNG) or gives no number of plays, the few bytes that say so are read here.
"""

import json
import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np
from PIL import Image

from streaming.errors import InputError
from streaming.frames import Size, read_only
from streaming.media.shown import Facts, Shown
from streaming.media.timing import MILLISECOND

__all__ = ["animation_facts", "folder_facts", "sheet_facts"]

DAMAGE = (OSError, ValueError, SyntaxError, EOFError, LookupError, ArithmeticError, MemoryError)
CODECS = {"PNG": "apng", "GIF": "gif", "WEBP": "webp", "AVIF": "av1"}


def animation_facts(path: Path) -> Facts:
    """Look at an animated WebP, PNG, GIF or AVIF.

    Raises:
        InputError: Pillow cannot read it.
    """
    try:
        with Image.open(path) as image:
            kind = str(image.format)
            size, pixels = Size(*image.size), image.mode
            loop = image.info.get("loop")
    except DAMAGE as error:
        raise InputError(f"{path}: cannot be read as a picture ({error})") from error
    return Facts(
        container=kind.lower(),
        codec=CODECS.get(kind, kind.lower()),
        pixels=pixels,
        size=size,
        plays=_plays(kind, loop),
        has_audio=False,
        bytes=path.stat().st_size,
        shown=lambda: _frames(path),
    )


def _plays(kind: str, loop: object) -> int:
    """How often it plays; a GIF without the extension plays once, and with it once more."""
    if kind == "AVIF":
        return 0
    if not isinstance(loop, int):
        return 1
    return loop + 1 if kind == "GIF" and loop else loop


def _frames(path: Path) -> Iterator[Shown]:
    try:
        with Image.open(path) as image:
            exact = _delays(path) if image.format == "PNG" else []
            count = getattr(image, "n_frames", 1)
            for number in range(count):
                image.seek(number)
                rgba = read_only(np.array(image.convert("RGBA"), np.uint8))
                ticks = round(image.info.get("duration", 0)) if count > 1 else 0
                stated = ticks * MILLISECOND
                yield Shown(rgba, exact[number] if number < len(exact) else stated)
    except DAMAGE as error:
        raise InputError(f"{path} is damaged: {error}") from error


def _delays(path: Path) -> list[Fraction]:
    """The delay of every frame of an animated PNG (PNG, third edition, 11.3.6.2)."""
    delays = []
    with path.open("rb") as file:
        file.seek(8)
        while len(head := file.read(8)) == 8:
            length, name = struct.unpack(">I4s", head)
            body = file.read(length + 4)
            if name == b"fcTL":
                above, below = struct.unpack(">HH", body[20:24])
                delays.append(Fraction(above, below or 100))
    return delays


def folder_facts(path: Path) -> Facts:
    """Look at a folder of pictures with its timing.json.

    Raises:
        InputError: It has none, or names a picture that is not there.
    """
    frames = _entries(path / "timing.json", "filename", "duration_s")
    first = _opened(path / str(frames[0]["filename"]))
    return Facts(
        container="folder",
        codec="png",
        pixels="RGBA",
        size=Size(*first.size),
        plays=1,
        has_audio=False,
        bytes=sum(each.stat().st_size for each in path.iterdir()),
        shown=lambda: _files(path, frames),
    )


def _files(folder: Path, frames: list[dict[str, object]]) -> Iterator[Shown]:
    for each in frames:
        rgba = np.array(_opened(folder / str(each["filename"])), np.uint8)
        yield Shown(read_only(rgba), Fraction(str(each["duration_s"])))


def sheet_facts(path: Path) -> Facts:
    """Look at a sprite sheet: its PNG, with the JSON of the same name.

    Raises:
        InputError: One of the two cannot be read.
    """
    frames = _entries(
        path.with_suffix(".json"), "frame", "spriteSourceSize", "sourceSize", "duration"
    )
    whole = frames[0]["sourceSize"]
    assert isinstance(whole, dict)
    return Facts(
        container="sheet",
        codec="png",
        pixels="RGBA",
        size=Size(int(whole["w"]), int(whole["h"])),
        plays=1,
        has_audio=False,
        bytes=path.stat().st_size + path.with_suffix(".json").stat().st_size,
        shown=lambda: _cells(path, frames),
    )


def _cells(path: Path, frames: list[dict[str, object]]) -> Iterator[Shown]:
    sheet = _opened(path)
    for each in frames:
        cell, place, whole = (each[key] for key in ("frame", "spriteSourceSize", "sourceSize"))
        assert isinstance(cell, dict) and isinstance(place, dict) and isinstance(whole, dict)
        x, y, w, h = (int(cell[key]) for key in "xywh")
        canvas = Image.new("RGBA", (int(whole["w"]), int(whole["h"])))
        canvas.paste(sheet.crop((x, y, x + w, y + h)), (int(place["x"]), int(place["y"])))
        duration_s = Fraction(str(each["duration"])) * MILLISECOND
        yield Shown(read_only(np.array(canvas, np.uint8)), duration_s)


def _opened(path: Path) -> Image.Image:
    try:
        with Image.open(path) as image:
            return image.convert("RGBA")
    except DAMAGE as error:
        raise InputError(f"{path}: cannot be read as a picture ({error})") from error


def _entries(path: Path, *keys: str) -> list[dict[str, object]]:
    """The frames that a JSON lists, by themselves or by their names; each has these keys."""
    try:
        frames = json.loads(path.read_text("utf-8"))["frames"]
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise InputError(f"{path}: does not list frames ({error}); export them again") from error
    listed = list(frames.values()) if isinstance(frames, dict) else frames
    if not listed or any(not isinstance(f, dict) or not set(keys) <= f.keys() for f in listed):
        raise InputError(f"{path}: lists no frames with {', '.join(keys)}; export it again")
    return list(listed)
