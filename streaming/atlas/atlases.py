"""Atlases as pictures that any paint program opens: PNGs with straight alpha, a card beside each.

    foreground_atlas_0.png   foreground_atlas_0.json
    background_atlas.png     background_atlas.json
    .handed-out/HASH.png     .handed-out/HASH.json

What somebody painted is theirs: a picture whose bytes are not those that were written is never
written again, and the new one gets `.new` before its ending. What was handed out is kept, because
the painted picture says what was done only beside the one that it began as.
"""

import io
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from streaming.atlas.model import BACKGROUND, Fit, Layer
from streaming.atlas.sidecar import Card, beside, card_of, hash_of, read_card
from streaming.atlas.splat import continued
from streaming.errors import InputError
from streaming.frames import U8
from streaming.media.whole import telling, whole_file

__all__ = [
    "HANDED_OUT",
    "atlas_name",
    "picture_of",
    "png_of",
    "tell_beside",
    "write_animated",
    "write_atlases",
    "write_for_each",
    "write_picture",
]

HANDED_OUT = ".handed-out"
EFFORT = 2  # of PNG's compression: 6 takes four times as long and saves 15 %


def atlas_name(layer: str) -> str:
    """How the picture of a layer is called, without an ending, as NeuralAtlases has it."""
    first, _, number = layer.partition("_")
    return f"{first}_atlas_{number}" if number else f"{first}_atlas"


def picture_of(layer: Layer, *, fill: bool = False) -> U8:
    """A layer's atlas as it is handed out.

    Args:
        layer: The layer.
        fill: Make a foreground opaque all over, its colours going on into what was never seen.

    Returns:
        (h, w, 4) uint8, straight alpha. Colours go on where nothing was ever seen, too.
    """
    whole = np.ones_like(layer.cover)
    alpha = whole if fill and layer.name != BACKGROUND else layer.cover
    colours = continued(layer.atlas, layer.cover) if layer.cover.any() else layer.atlas
    kept = np.where(layer.cover[..., None] > 0.05, layer.atlas, colours)
    return np.clip(np.round(np.dstack((kept, alpha)) * 255), 0, 255).astype(np.uint8)


def write_atlases(fit: Fit, folder: Path, *, clip: str, fill: bool = False) -> list[Path]:
    """Write the atlas of every layer.

    Args:
        fit: The clip taken apart.
        folder: Where to; it is made where it is not there.
        clip: What tells the clip from any other.
        fill: See `picture_of`.

    Returns:
        The files, in the order of the layers.

    Raises:
        OutputError: One cannot be written.
    """
    return [
        write_picture(
            picture_of(layer, fill=fill), card_of(fit, layer, "", clip=clip),
            folder / f"{atlas_name(layer.name)}.png",
        )
        for layer in fit.layers
    ]  # fmt: skip


def write_picture(rgba: U8, card: Card, path: Path) -> Path:
    """Write a picture with its card, beside what somebody painted, and keep what was handed out.

    Args:
        rgba: (h, w, 4) uint8, straight alpha.
        card: Its card; the hash is put in here.
        path: Where to.

    Returns:
        Where it went: `path`, or the first free of PATH.new.png, PATH.new2.png, ...

    Raises:
        OutputError: It cannot be written.
    """
    return _put(rgba, card, path, ours=_ours, write=_write)


def write_animated(fit: Fit, folder: Path, *, clip: str, fill: bool = False) -> list[Path]:
    """Write the atlas of every layer as often as there are frames, each to be painted by itself.

    Args:
        fit: The clip taken apart.
        folder: Where a folder for each layer goes.
        clip: What tells the clip from any other.
        fill: See `picture_of`.

    Returns:
        The folders, in the order of the layers.

    Raises:
        OutputError: One cannot be written.
    """
    return [
        write_for_each(
            picture_of(layer, fill=fill), card_of(fit, layer, "", clip=clip),
            folder / atlas_name(layer.name), fit.count,
        )
        for layer in fit.layers
    ]  # fmt: skip


def write_for_each(rgba: U8, card: Card, folder: Path, count: int) -> Path:
    """Write a picture as often as there are frames, with one card beside them all.

    Args:
        rgba: (h, w, 4) uint8, straight alpha.
        card: Its card; the hash is put in here.
        folder: Where to.
        count: How often.

    Returns:
        Where it went; see `write_picture`.

    Raises:
        OutputError: They cannot be written.
    """
    return _put(rgba, card, folder, ours=_ours_all, write=partial(_fill, count=count))


def tell_beside(made: Sequence[Path], say: Callable[[str], object]) -> None:
    """Say which of the files or folders that were written stand beside what somebody painted."""
    for each in made:
        if ".new" in each.name:
            say(f"{each.name}: what was there before was painted on, and is left as it is")


def png_of(rgba: U8) -> bytes:
    """A picture as the bytes of a PNG file."""
    made = io.BytesIO()
    Image.fromarray(rgba).save(made, "PNG", compress_level=EFFORT)
    return made.getvalue()


def _put(
    rgba: U8,
    card: Card,
    path: Path,
    *,
    ours: Callable[[Path], bool],
    write: Callable[[Path, bytes], None],
) -> Path:
    """Write a picture with its card under the first name that nobody painted on; gives that."""
    data = png_of(rgba)
    card = replace(card, sha256=hash_of(data))
    with telling(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        free = _free(path, ours)
        _hand_out(card, data, path.parent)
        _write(beside(free), card.text().encode())
        write(free, data)
    return free


def _hand_out(card: Card, data: bytes, folder: Path) -> None:
    """Keep an atlas as it is now; what is painted on an overlay is all paint, whatever it was."""
    if card.kind == "atlas":
        kept = folder / HANDED_OUT / f"{card.sha256}.png"
        kept.parent.mkdir(exist_ok=True)
        _write(beside(kept), card.text().encode())
        _write(kept, data)


def _write(path: Path, data: bytes) -> None:
    with whole_file(path, replace=True) as part:
        part.write_bytes(data)


def _free(path: Path, ours: Callable[[Path], bool]) -> Path:
    """The first name under which nothing lies that somebody painted."""
    number = 1
    name = path
    while name.exists() and not ours(name):
        name = path.with_name(f"{path.stem}.new{number if number > 1 else ''}{path.suffix}")
        number += 1
    return name


def _ours(path: Path) -> bool:
    """Whether a picture is as this program wrote it."""
    return _noted(path) == hash_of(path.read_bytes())


def _noted(path: Path) -> str | None:
    try:
        card = read_card(beside(path))
    except InputError:
        return None
    return card.sha256 if card else None


def _ours_all(folder: Path) -> bool:
    """Whether every file of a folder is as this program wrote it, and none is anybody else's."""
    noted = _noted(folder)
    return folder.is_dir() and all(
        each.is_file() and hash_of(each.read_bytes()) == noted for each in folder.iterdir()
    )


def _fill(folder: Path, data: bytes, count: int) -> None:
    """Fill a folder beside its name, then give it that."""
    part = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}.part")
    part.mkdir()
    try:
        for number in range(count):
            (part / f"{number:05d}.png").write_bytes(data)
        shutil.rmtree(folder, ignore_errors=True)
        part.rename(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
