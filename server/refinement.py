"""A draft that is made exact: where that is made, and how it takes the draft's place.

Until everything is there the draft stays as it is, with what was painted on it, so that whoever
gives the work up, or whose machine stops, has lost nothing.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Painted", "Refinement"]

Pictures = Mapping[str, Mapping[str, str]]  # files, by layer and then by kind


@dataclass(frozen=True, slots=True)
class Painted:
    """What was painted on the draft, for one version.

    Attributes:
        folder: Where its pictures lie.
        pictures: Their files.
        frame: The frame of the loop in which it stays where it is; None for any.
    """

    folder: Path
    pictures: Pictures
    frame: int | None = None


@dataclass(frozen=True, slots=True)
class Refinement:
    """One draft on its way.

    Attributes:
        project: The folder of its project.
        bundle: The file that pages open.
        painted: All that was painted on it.
    """

    project: Path
    bundle: Path
    painted: tuple[Painted, ...]

    def order(self, told: Mapping[str, Any], cache: Path) -> dict[str, Any]:
        """What the process is told that makes it exact.

        Args:
            told: What the run's record says of the loop.
            cache: Folder for weights and converted networks.
        """
        return {
            "do": "refine",
            "folder": str(self.project),
            "told": dict(told),
            "to": str(_new(self.project)),
            "bundle": str(_new(self.bundle)),
            "cache": str(cache),
            "paints": [
                {"from": each.pictures, "to": str(_new(each.folder)), "frame": each.frame}
                for each in self.painted
            ],
        }

    def take_place(self) -> None:
        """Put what was made in the place of the draft."""
        for each in self._places():
            if each.exists() and _new(each).exists():  # a version may have been discarded meanwhile
                each.rename(_old(each))
                _new(each).rename(each)
        for each in self._places():
            _remove(_old(each))
            _remove(_new(each))

    def forget(self) -> None:
        """Remove what was made; the draft stays."""
        for each in self._places():
            _remove(_new(each))

    def _places(self) -> tuple[Path, ...]:
        return (self.project, self.bundle, *(each.folder for each in self.painted))


def _new(path: Path) -> Path:
    return path.with_name(f"{path.name}.new")


def _old(path: Path) -> Path:
    return path.with_name(f"{path.name}.old")


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
