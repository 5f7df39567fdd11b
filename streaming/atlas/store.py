"""A fit on disk: one archive of plain arrays, which opens without any library that made it."""

import io
import json
import zipfile
from pathlib import Path

import numpy as np

from streaming.atlas.model import Fit, Layer
from streaming.errors import InputError, OutputError
from streaming.frames import Size

__all__ = ["load_fit", "save_fit"]

VERSION = 1
ARRAYS = ("uv", "atlas", "cover", "light", "trust")
FACTS = "about.json"


def save_fit(fit: Fit, path: Path) -> None:
    """Write a fit beside its name and then rename it, so that no half a file is ever there.

    Raises:
        OutputError: It cannot be written.
    """
    about = {
        "version": VERSION,
        "size": [fit.size.width, fit.size.height],
        "reference": fit.reference,
        "engine": fit.engine,
        "quality": fit.quality,
        "seconds": fit.seconds,
        "layers": [{"name": each.name, "spacing_px": each.spacing_px} for each in fit.layers],
    }
    beside = path.with_name(f".{path.name}.part")
    try:
        with zipfile.ZipFile(beside, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            archive.writestr(FACTS, json.dumps(about))
            for layer in fit.layers:
                for name in ARRAYS:
                    with archive.open(f"{layer.name}/{name}.npy", "w", force_zip64=True) as file:
                        np.lib.format.write_array(file, getattr(layer, name), allow_pickle=False)
        beside.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error}") from error
    finally:
        beside.unlink(missing_ok=True)


def load_fit(path: Path) -> Fit:
    """Read what `save_fit` wrote.

    Raises:
        InputError: It is not there, is damaged, or is something else.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            about = json.loads(archive.read(FACTS))
            layers = tuple(_layer(archive, each) for each in about["layers"])
    except FileNotFoundError as error:
        raise InputError(f"{path} is not there: run `loopmatte atlas train` first") from error
    except (OSError, EOFError, ValueError, KeyError, TypeError, zipfile.BadZipFile) as error:
        raise InputError(
            f"{path} is damaged or no fit of this program ({error}): remove it and train again"
        ) from error
    size = Size(*about["size"])
    return Fit(
        size, layers, about["reference"], about["engine"], about["quality"], about["seconds"]
    )


def _layer(archive: zipfile.ZipFile, about: dict[str, object]) -> Layer:
    name, spacing = str(about["name"]), int(str(about["spacing_px"]))
    arrays = {each: _array(archive, f"{name}/{each}.npy") for each in ARRAYS}
    return Layer(name=name, spacing_px=spacing, **arrays)


def _array(archive: zipfile.ZipFile, name: str) -> np.ndarray:
    made: np.ndarray = np.lib.format.read_array(io.BytesIO(archive.read(name)), allow_pickle=False)
    return made
