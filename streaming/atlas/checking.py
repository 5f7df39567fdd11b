"""Pictures by which a fit is judged: maps as checkerboards, errors as heat, films of both."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

from streaming.atlas.atlases import atlas_name, picture_of
from streaming.atlas.edits import Edit, Place, overlay
from streaming.atlas.films import write_film
from streaming.atlas.measures import errors_at, reconstructed
from streaming.atlas.model import BACKGROUND, F32, Fit, Footage, Layer
from streaming.atlas.origin import Origin
from streaming.atlas.render import edited
from streaming.frames import U8, Size
from streaming.media.whole import telling, whole_file

__all__ = ["Checks", "checkered", "write_checks"]

SQUARES = 16  # along the longer side of an atlas
LOUD = 8.0  # by which errors are made visible
COLOURS = {BACKGROUND: ((40, 70, 160), (235, 235, 240))}
FRONT = ((190, 60, 30), (250, 225, 120))


class Checks:
    """Where these pictures lie, by what they show.

    Args:
        folder: `results/debug`.
        fit: The clip taken apart.
    """

    def __init__(self, folder: Path, fit: Fit) -> None:
        self.folder = folder
        self.reconstruction = folder / "video_reconstruction.mp4"
        self.maps = folder / "maps.mp4"
        self.errors = folder / "errors.mp4"
        self.error = folder / "error_mean.png"
        fronts = [each for each in fit.layers if each.name != BACKGROUND]
        self.alphas = [folder / f"alpha_reconstruction_{each}.mp4" for each in range(len(fronts))]
        self.textures = [folder / f"{texture_name(each.name)}.png" for each in fit.layers]


def texture_name(layer: str) -> str:
    """What NeuralAtlases calls the picture of a layer without its alpha."""
    return atlas_name(layer).replace("_atlas", "_texture")


def write_checks(
    fit: Fit, footage: Footage, origin: Origin, folder: Path
) -> Iterator[tuple[str, float]]:
    """Write all of them, replacing older ones; they are nobody's work.

    Args:
        fit: The clip taken apart.
        footage: The clip.
        origin: Its times.
        folder: Where to.

    Yields:
        What was done, and which share of it all.

    Raises:
        OutputError: One cannot be written.
    """
    checks = Checks(folder, fit)
    with telling(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for layer, path in zip(fit.layers, checks.textures, strict=True):
        _save(picture_of(layer)[..., :3], path)
    films = {
        checks.reconstruction: _reconstruction(fit, footage),
        checks.maps: checkered(fit, footage),
        checks.errors: _errors(fit, footage),
        **{path: _alpha(footage, each) for each, path in enumerate(checks.alphas)},
    }
    for number, (path, frames) in enumerate(films.items()):
        yield path.stem.replace("_", " "), number / len(films)
        write_film(path, frames, origin.times_s, origin.end_s, replace=True)
    _save(_heat(_mean_error(fit, footage)), checks.error)
    yield "pictures for checking", 1.0


def checkered(fit: Fit, footage: Footage) -> Iterator[U8]:
    """The clip with a checkerboard painted on every atlas: a map's every fault can be seen."""
    edits = [_board(each) for each in fit.layers]
    for number in range(fit.count):
        yield edited(fit, footage.shares(number), footage.frames[number], number, edits)


def _board(layer: Layer) -> Edit | None:
    high, wide = layer.cover.shape
    side = max(4, max(high, wide) // SQUARES)
    rows, columns = np.mgrid[:high, :wide]
    odd = ((rows // side + columns // side) % 2).astype(bool)
    dark, light = COLOURS.get(layer.name, FRONT)
    rgba = np.empty((high, wide, 4), np.uint8)
    rgba[..., :3] = np.where(odd[..., None], np.array(light), np.array(dark))
    rgba[..., 3] = 190
    return overlay(rgba, Place.over(Size(wide, high), Size(wide, high)))


def _reconstruction(fit: Fit, footage: Footage) -> Iterator[U8]:
    for number in range(fit.count):
        yield _eighted(reconstructed(fit, footage.shares(number), number, lit=True))


def _errors(fit: Fit, footage: Footage) -> Iterator[U8]:
    for number in range(fit.count):
        yield _heat(errors_at(fit, footage, number))


def _mean_error(fit: Fit, footage: Footage) -> F32:
    total = sum(errors_at(fit, footage, each) for each in range(fit.count))
    return np.asarray(total / fit.count, np.float32)


def _alpha(footage: Footage, layer: int) -> Iterator[U8]:
    for matte in footage.mattes[layer]:
        yield np.dstack((matte, matte, matte))


def _heat(error: F32) -> U8:
    """An error as a colour, LOUD times as strong: black is none."""
    grey = np.clip(error * LOUD * 255, 0, 255).astype(np.uint8)
    return np.ascontiguousarray(cv2.applyColorMap(grey, cv2.COLORMAP_INFERNO)[..., ::-1])


def _eighted(values: F32) -> U8:
    return np.clip(np.round(values * 255), 0, 255).astype(np.uint8)


def _save(pixels: U8, path: Path) -> None:
    with whole_file(path, replace=True) as part:
        Image.fromarray(np.ascontiguousarray(pixels)).save(part, "PNG", compress_level=4)
