"""A draft made exact: another fit of the same clip beside it, and what was painted taken along."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from PIL import Image

from streaming.atlas.carrying import Move, moved
from streaming.atlas.model import Fit, Footage
from streaming.atlas.project import RESULTS
from streaming.media.whole import telling, whole_file

__all__ = ["carry", "twin"]

NOTHING = {"paint": (0, 0, 0, 0), "change": (128, 128, 128, 255)}  # what pictures of nothing hold


def twin(project: Path, to: Path) -> None:
    """Make a second project of the same clip, which shares the files that no fit changes.

    Args:
        project: The folder of the first.
        to: The folder of the second; what is there is removed.

    Raises:
        OutputError: It cannot be written.
    """
    with telling(to):
        shutil.rmtree(to, ignore_errors=True)
        shutil.copytree(project, to, copy_function=_shared, ignore=_no_results)
        shutil.copytree(project / RESULTS, to / RESULTS)


def _no_results(folder: str, names: list[str]) -> list[str]:
    return [each for each in names if each == RESULTS]


def _shared(source: str, to: str) -> None:
    """One file by two names, or two files where that is not possible."""
    try:
        os.link(source, to)
    except OSError:
        shutil.copy2(source, to)


def carry(
    old: Fit,
    new: Fit,
    footage: Footage,
    sent: Mapping[str, Mapping[str, str]],
    to: Path,
    frame: int,
) -> None:
    """Take what was painted on one fit to another.

    Args:
        old: The fit that was painted on.
        new: Another of the same clip.
        footage: The clip.
        sent: The pictures' files, by layer and then by kind, `paint` or `change`.
        to: The folder for files of the same names.
        frame: The frame in which it stays where it is, should the fits disagree.

    Raises:
        OutputError: They cannot be written.
    """
    with telling(to):
        to.mkdir(parents=True, exist_ok=True)
    for index, layer in enumerate(new.layers):
        pictures = sent.get(layer.name, {})
        if not pictures:
            continue
        move = moved(old.layer(layer.name), layer, footage, index, frame)
        for kind, path in pictures.items():
            _carry(move, kind, Path(path), to / Path(path).name)


def _carry(move: Move, kind: str, source: Path, to: Path) -> None:
    with Image.open(source) as picture:
        made = move.picture(np.asarray(picture.convert("RGBA")), nothing=NOTHING[kind])
    with whole_file(to, replace=True) as part, telling(to):
        Image.fromarray(made).save(part, "PNG", compress_level=1)
