"""Where projects lie: wherever somebody says, and in `projects` by their mere name."""

from pathlib import Path

__all__ = ["found_project", "place_for_new"]

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
