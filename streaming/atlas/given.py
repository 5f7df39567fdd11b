"""What a user gives back: a picture, a folder of pictures or a film, as edits of one layer.

A painted atlas means what it differs in from the atlas that it began as. Which one that was, its
card says; a copy under another name has none, and is compared with everything that was ever handed
out for its layer: the likest it is. With neither its proportions tell a stranger.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from streaming.atlas.atlases import HANDED_OUT, picture_of
from streaming.atlas.edits import Edit, overlay, split
from streaming.atlas.model import Fit, Layer
from streaming.atlas.sidecar import Card, beside, card_of, place_of, read_card
from streaming.errors import InputError
from streaming.frames import U8, Size
from streaming.media.stills import load_picture
from streaming.settings import SourceSettings

__all__ = ["Former", "edit_of", "former_of", "is_exact"]

MOST_DENSE = 2.0  # pixels for each texel: finer paint than this no frame can show
SAME_SHAPE = 0.01  # proportions that differ by less were rounded
EXACT = {".png", ".bmp", ".tif", ".tiff", ".ppm"}
TRUSTED = SourceSettings()
THUMB_PX = 48


@dataclass(frozen=True, slots=True, eq=False)
class Former:
    """What a painted picture began as.

    Attributes:
        card: Where it lies.
        picture: (h, w, 4) uint8, as it was handed out; of an overlay, nothing.
    """

    card: Card
    picture: U8


def edit_of(given: U8, former: Former, fit: Fit, layer: Layer, *, lossy: bool) -> Edit | None:
    """What a picture does to a layer; None where it does nothing.

    Args:
        given: (h', w', 3 or 4) uint8, straight alpha.
        former: What it began as.
        fit: The clip taken apart.
        layer: The layer.
        lossy: It went through a codec that moves colours.
    """
    whole = given if given.shape[2] == 4 else _cut(given, former)
    rgba = _dense(whole, Size(former.card.width, former.card.height))
    place = place_of(former.card, fit, layer, Size(rgba.shape[1], rgba.shape[0]))
    if former.card.kind == "overlay":
        return overlay(rgba, place, gain=former.card.gain)
    return split(rgba, former.picture, place, lossy=lossy)


def former_of(path: Path, first: U8, fit: Fit, layer: Layer, *, folder: Path, clip: str) -> Former:
    """Find out what a picture began as.

    Args:
        path: The picture, the folder or the film that was given.
        first: (h, w, 3 or 4) uint8, its first picture.
        fit: The clip taken apart.
        layer: The layer that it is given for.
        folder: Where the project's atlases lie.
        clip: What tells the clip from any other.

    Raises:
        InputError: It is of another clip or layer, or has other proportions than the atlas.
    """
    card = read_card(beside(path))
    if card is not None:
        _require_own(path, card, layer, clip)
        _require_shape(path, first, card)
        kept = _kept(card, folder) if card.kind == "atlas" else _blank(card)
        if kept is not None:
            return Former(card, kept)
    known = [each for each in _known(fit, layer, folder, clip) if _fits(first, each.card)]
    if not known:
        _require_shape(path, first, card_of(fit, layer, "", clip=clip))
    return min(known, key=lambda each: _unlike(first, each.picture))


def is_exact(path: Path) -> bool:
    """Whether a file's format keeps every byte."""
    return path.suffix.lower() in EXACT


def _with_alpha(pixels: U8) -> U8:
    """(h, w, 4) of a picture with or without alpha."""
    if pixels.shape[2] == 4:
        return pixels
    return np.dstack((pixels, np.full(pixels.shape[:2], 255, np.uint8)))


def _cut(pixels: U8, former: Former) -> U8:
    """A picture whose transparency was lost on the way, cut out as it was handed out.

    Around an atlas such a picture shows whatever a program put there: nobody's paint.
    """
    if former.card.kind == "overlay":
        return _with_alpha(pixels)
    size = pixels.shape[1], pixels.shape[0]
    alpha = cv2.resize(former.picture[..., 3], size, interpolation=cv2.INTER_LINEAR)
    return np.dstack((pixels, np.where(alpha >= 128, 255, 0).astype(np.uint8)))


def _require_own(path: Path, card: Card, layer: Layer, clip: str) -> None:
    if card.clip != clip:
        raise InputError(
            f"{path} is an atlas of another clip: give one that `loopmatte atlas generate` wrote "
            f"for this project, or remove {beside(path).name} beside it to use it all the same"
        )
    if card.layer != layer.name:
        raise InputError(
            f"{path} is the atlas of {card.layer} and was given for {layer.name}: "
            "-f takes foregrounds, the front one first, and -b the background"
        )


def _require_shape(path: Path, picture: U8, card: Card) -> None:
    if not _fits(picture, card):
        raise InputError(
            f"{path} is {picture.shape[1]}x{picture.shape[0]}, and the atlas of {card.layer} is "
            f"{card.width}x{card.height}: give a picture of the same proportions, at any size; "
            "was it cropped, or is it of another project?"
        )


def _fits(picture: U8, card: Card) -> bool:
    """Whether two pictures have the same proportions, but for the rounding of a side."""
    ratio = picture.shape[1] * card.height / (picture.shape[0] * card.width)
    rounding = 1 / min(picture.shape[:2])
    return bool(abs(ratio - 1) <= max(SAME_SHAPE, rounding))


def _known(fit: Fit, layer: Layer, folder: Path, clip: str) -> Iterator[Former]:
    """Everything that a picture of a layer may have begun as."""
    for fill in (False, True):
        yield Former(card_of(fit, layer, "", clip=clip), picture_of(layer, fill=fill))
    for path in sorted((folder / HANDED_OUT).glob("*.json")):
        card = read_card(path)
        if card is None or (card.layer, card.clip, card.kind) != (layer.name, clip, "atlas"):
            continue
        picture = _kept(card, folder)
        if picture is not None:
            yield Former(card, picture)


def _kept(card: Card, folder: Path) -> U8 | None:
    path = folder / HANDED_OUT / f"{card.sha256}.png"
    return _with_alpha(load_picture(path, TRUSTED)) if path.is_file() else None


def _blank(card: Card) -> U8:
    return np.zeros((card.height, card.width, 4), np.uint8)


def _unlike(given: U8, atlas: U8) -> float:
    """How far two pictures are from each other, small ones and as they are seen."""
    small = [
        cv2.resize(_with_alpha(each), (THUMB_PX, THUMB_PX), interpolation=cv2.INTER_AREA)
        for each in (given, atlas)
    ]
    seen = [each[..., :3] * (each[..., 3:] / 255) for each in small]
    return float(np.median(np.abs(seen[0] - seen[1]))) + float(np.abs(seen[0] - seen[1]).mean())


def _dense(rgba: U8, atlas: Size) -> U8:
    """A picture that is no finer than frames can show."""
    most = Size(round(atlas.width * MOST_DENSE), round(atlas.height * MOST_DENSE))
    if rgba.shape[1] <= most.width:
        return rgba
    multiplied = rgba.astype(np.float32)
    multiplied[..., :3] *= multiplied[..., 3:] / 255
    small = cv2.resize(multiplied, (most.width, most.height), interpolation=cv2.INTER_AREA)
    small[..., :3] /= np.maximum(small[..., 3:], 1) / 255
    return np.asarray(np.clip(np.round(small), 0, 255), np.uint8)
