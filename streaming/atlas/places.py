"""Where projects lie: wherever somebody says, and in `projects` by their mere name.

And where that goes which makes room for something newer and may be somebody's work.
"""

from pathlib import Path

__all__ = ["aside", "found_project", "place_for_new"]

PROJECTS = "projects"  # as NeuralAtlases has it


def found_project(name: Path, here: Path) -> Path:
    """The folder of a project: itself, or the one of that name in `projects`.

    Args:
        name: What the user said.
        here: From where relative names count.
    """
    inside = here / PROJECTS / name
    return inside if inside.is_dir() and not (here / name / "frames").is_dir() else here / name


def place_for_new(name: Path, here: Path) -> Path:
    """Where a new project goes: one of a mere name into `projects`.

    Args:
        name: What the user said.
        here: From where relative names count.
    """
    mere = len(name.parts) == 1 and not name.is_absolute() and name.name not in ("", ".", "..")
    return here / PROJECTS / name if mere and not (here / name).is_dir() else here / name


def aside(path: Path) -> Path:
    """The first free name for what makes room: PATH.old1, PATH.old2, ..."""
    number = 1
    while (away := path.with_name(f"{path.name}.old{number}")).exists():
        number += 1
    return away
