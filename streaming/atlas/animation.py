"""Edits by frame: one still for all of them, or pictures that play while the clip does.

An animated atlas has M pictures for the N frames of a clip, and frame t shows number
floor(t M / N): it plays once while the clip does, whatever its own rate, so that over a loop it
closes as the loop does. Pictures are read when they are asked for; in rising order costs least.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import numpy as np

from streaming.atlas.edits import Edit
from streaming.atlas.given import edit_of, former_of, is_exact
from streaming.atlas.model import Fit, Layer
from streaming.errors import InputError
from streaming.frames import U8
from streaming.media.folder import pictures_in
from streaming.media.source import open_source
from streaming.media.stills import load_picture
from streaming.settings import SourceSettings

__all__ = ["Edits", "NoEdit", "StillEdit", "given_edits"]

TRUSTED = SourceSettings()
STILLS = {".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".ppm"}


class Edits(Protocol):
    """What is done to one layer, frame by frame."""

    def at(self, frame: int) -> Edit | None:
        """The edit that a frame shows; None where nothing is done."""
        ...


class NoEdit:
    """A layer that stays as it is."""

    def at(self, frame: int) -> Edit | None:
        """Nothing."""
        return None


class StillEdit:
    """One edit for all frames.

    Args:
        edit: The edit.
    """

    def __init__(self, edit: Edit | None) -> None:
        self._edit = edit

    def at(self, frame: int) -> Edit | None:
        """The edit."""
        return self._edit


class _Playing:
    """Pictures that play once while the clip does."""

    def __init__(
        self, pictures: "_Pictures", fit: Fit, layer: Layer, folder: Path, clip: str
    ) -> None:
        self._pictures, self._fit, self._layer = pictures, fit, layer
        path, first = pictures.path, pictures.at(0)
        self._former = former_of(path, first, fit, layer, folder=folder, clip=clip)
        self._last: tuple[int, Edit | None] | None = None

    def at(self, frame: int) -> Edit | None:
        count = self._pictures.count
        number = (frame * count // self._fit.count) % count
        if self._last is None or self._last[0] != number:
            given, lossy = self._pictures.at(number), self._pictures.lossy
            made = edit_of(given, self._former, self._fit, self._layer, lossy=lossy)
            self._last = number, made
        return self._last[1]


class _Pictures(Protocol):
    path: Path
    lossy: bool
    count: int

    def at(self, number: int) -> U8: ...


class _Folder:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._files = pictures_in(path)
        if not self._files:
            raise InputError(f"{path} holds no pictures: an animated atlas is a folder of them")
        self.count, self.lossy = len(self._files), not is_exact(self._files[0])

    def at(self, number: int) -> U8:
        return load_picture(self._files[number], TRUSTED)


class _Film:
    """The frames of a film; asked for in rising order, it is decoded once."""

    def __init__(self, path: Path) -> None:
        self.path, self.lossy = path, True
        self.count = sum(1 for _ in self._decoded())
        self._frames, self._next = self._decoded(), 0
        self._picture: U8 | None = None

    def at(self, number: int) -> U8:
        if number < self._next - 1:
            self._frames, self._next = self._decoded(), 0
        while self._next <= number:
            self._picture = next(self._frames)
            self._next += 1
        assert self._picture is not None
        return self._picture

    def _decoded(self) -> Iterator[U8]:
        with open_source(str(self.path), TRUSTED) as source:
            for frame in source.frames():
                picture = frame.picture
                rgb = picture.rgb(picture.size)
                if picture.has_alpha:
                    rgb = np.dstack((rgb, picture.alpha(picture.size)))
                yield rgb


def given_edits(path: Path, fit: Fit, layer: Layer, *, folder: Path, clip: str) -> Edits:
    """What a user gave for a layer.

    Args:
        path: A picture, a folder of pictures or a film.
        fit: The clip taken apart.
        layer: The layer.
        folder: Where the project's atlases lie.
        clip: What tells the clip from any other.

    Raises:
        InputError: It is not there, cannot be read, is empty, or is not of this project.
    """
    if path.is_dir():
        return _Playing(_Folder(path), fit, layer, folder, clip)
    if not path.is_file():
        raise InputError(f"{path} is not there: give a picture, a folder of pictures, or a film")
    if path.suffix.lower() not in STILLS:
        return _Playing(_Film(path), fit, layer, folder, clip)
    given = load_picture(path, TRUSTED)
    former = former_of(path, given, fit, layer, folder=folder, clip=clip)
    return StillEdit(edit_of(given, former, fit, layer, lossy=not is_exact(path)))
