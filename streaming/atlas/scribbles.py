"""Strokes that a person drew over a few frames to say which object is which.

A picture of strokes stands on black, or on nothing where it has alpha. Any colours will do, one for
each layer: they are found by where a colour lies flat, so the mixed colours that a soft brush
leaves along a stroke's edges are no layers of their own and mark nothing. Which colour is which
layer follows the list that is given, front to back, or else the order in which the colours first
appear: by frame, then from the top.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from streaming.errors import InputError
from streaming.frames import U8, Size
from streaming.media.stills import load_picture
from streaming.settings import SourceSettings

__all__ = ["Colour", "Palette", "Scribble", "read_scribbles", "scribbles_of"]

Colour = tuple[int, int, int]

DARK = 40  # channels all below it are the ground that strokes stand on
FLAT = 10  # a colour is a brush's own where the pixel beside and below differ by no more
ALIKE = 56  # colours nearer than this, in RGB, are one
SPECK = 0.02  # of all flat pixels, below which a colour is an accident
ENDINGS = {".png", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".jpg", ".jpeg"}


@dataclass(frozen=True, slots=True)
class Palette:
    """What colours mean.

    Attributes:
        layers: One per foreground layer, the front one first; None where they are to be found.
        background: What marks pixels of the matte that are background after all.
        erase: What marks nothing.
    """

    layers: tuple[Colour, ...] | None = None
    background: Colour | None = None
    erase: Colour | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Scribble:
    """The strokes over one frame.

    Attributes:
        frame: Its number.
        labels: (H, W) uint8: 0 where nothing is said, 1 the front layer, 2 the next, ...; one more
            than there are layers is the background.
    """

    frame: int
    labels: U8


def read_scribbles(
    folder: Path, *, size: Size, count: int, layers: int, palette: Palette | None = None
) -> tuple[Scribble, ...]:
    """Read the stroke pictures of a project, whose names are the numbers of their frames.

    Args:
        folder: Where they lie; that it is missing means that there are none.
        size: Of every frame; pictures of another size are scaled without mixing colours.
        count: How many frames there are.
        layers: How many foregrounds are wanted.
        palette: What the colours mean.

    Raises:
        InputError: A name is no frame's number, a picture is damaged, or its colours do not say
            which layer is which.
    """
    if not folder.is_dir():
        return ()
    files = sorted(each for each in folder.iterdir() if each.suffix.lower() in ENDINGS)
    drawn = {_frame(each, count): load_picture(each, SourceSettings()) for each in files}
    return scribbles_of(drawn, size=size, layers=layers, palette=palette)


def scribbles_of(
    drawn: dict[int, U8], *, size: Size, layers: int, palette: Palette | None = None
) -> tuple[Scribble, ...]:
    """Say which layer each stroke marks.

    Args:
        drawn: Frame number to (h, w, 3) or (h, w, 4) uint8.
        size: Of every frame.
        layers: How many foregrounds are wanted.
        palette: What the colours mean.

    Raises:
        InputError: The colours do not say which layer is which.
    """
    palette = palette or Palette()
    fitted = [(frame, _scaled(drawn[frame], size)) for frame in sorted(drawn)]
    special = [each for each in (palette.background, palette.erase) if each is not None]
    own = palette.layers or _found([each for _, each in fitted], special)
    if fitted and len(own) != layers:
        raise InputError(_miscounted(own, layers, given=palette.layers is not None))
    colours = [*own, *special]
    marks = [*range(1, len(own) + 1)]
    marks += [len(own) + 1] * (palette.background is not None) + [0] * (palette.erase is not None)
    return tuple(Scribble(frame, _labelled(picture, colours, marks)) for frame, picture in fitted)


def _frame(path: Path, count: int) -> int:
    if not path.stem.isdecimal():
        raise InputError(
            f"{path.name}: a picture of scribbles is named by its frame's number, "
            "as 00012.png; rename it or take it away"
        )
    if int(path.stem) >= count:
        raise InputError(
            f"{path.name}: there is no frame {int(path.stem)}; the clip has frames 0 to {count - 1}"
        )
    return int(path.stem)


def _scaled(picture: U8, size: Size) -> U8:
    wanted = (size.width, size.height)
    if picture.shape[1::-1] == wanted:
        return picture
    made: U8 = cv2.resize(picture, wanted, interpolation=cv2.INTER_NEAREST_EXACT)
    return made


def _marked(picture: U8) -> NDArray[np.bool_]:
    """Where there is a stroke, (H, W)."""
    if picture.shape[2] == 4 and np.any(picture[..., 3] < 255):
        return np.asarray(picture[..., 3] >= 128)
    return np.asarray(picture[..., :3].max(axis=2) >= DARK)


def _flat(picture: U8) -> NDArray[np.bool_]:
    """Where a stroke has its brush's own colour, as far as its neighbours tell."""
    deep = picture[..., :3].astype(np.int16)
    still = _marked(picture)
    alone = still.copy()
    for axis in (0, 1):
        step = np.abs(np.diff(deep, axis=axis)).max(axis=2) <= FLAT
        wider = np.zeros_like(still)
        wider[tuple(slice(0, each) for each in step.shape)] = step
        still &= wider
    return still if still.any() else alone


def _found(pictures: Sequence[U8], special: Sequence[Colour]) -> tuple[Colour, ...]:
    """The brushes' colours, in the order in which they first appear."""
    flats = [each[..., :3][_flat(each)] for each in pictures]
    if not flats or not sum(map(len, flats)):
        return ()
    seen, first, counts = np.unique(
        np.concatenate(flats), axis=0, return_index=True, return_counts=True
    )
    taken: list[tuple[NDArray[np.int64], int, int]] = []
    for each in np.argsort(-counts, kind="stable"):
        colour = seen[each].astype(np.int64)
        near = [n for n, (other, *_) in enumerate(taken) if _apart(colour, other) < ALIKE]
        if near:
            other, at, total = taken[near[0]]
            taken[near[0]] = other, min(at, int(first[each])), total + int(counts[each])
        else:
            taken.append((colour, int(first[each]), int(counts[each])))
    enough = SPECK * sum(total for *_, total in taken)
    kept = [
        (at, colour)
        for colour, at, total in taken
        if total >= enough and all(_apart(colour, np.array(each)) >= ALIKE for each in special)
    ]
    kept.sort(key=lambda each: each[0])
    return tuple((int(c[0]), int(c[1]), int(c[2])) for _, c in kept)


def _apart(a: NDArray[np.int64], b: NDArray[np.int64]) -> float:
    return float(np.linalg.norm(a - b))


def _labelled(picture: U8, colours: Sequence[Colour], marks: Sequence[int]) -> U8:
    """Each stroke's label by its nearest colour; what lies between two colours marks nothing."""
    deep = picture[..., :3].astype(np.float32)
    far = np.stack([np.linalg.norm(deep - np.array(each), axis=2) for each in colours])
    nearest = np.array(marks, np.uint8)[np.argmin(far, axis=0)]
    sure = _marked(picture) & (far.min(axis=0) < ALIKE)
    return np.where(sure, nearest, np.uint8(0))


def _miscounted(found: Sequence[Colour], wanted: int, *, given: bool) -> str:
    names = ", ".join("#{:02x}{:02x}{:02x}".format(*each) for each in found) or "none"
    if given:
        return f"{len(found)} scribble colours are named ({names}) for {wanted} foreground layers"
    return (
        f"the scribbles have {len(found)} colours ({names}), and {wanted} foreground layers are "
        "wanted: give each layer a colour of its own, change foreground_layers, or name the "
        "colours of the layers, of the background and of what is to be ignored"
    )
