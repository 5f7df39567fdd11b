"""What is kept with a project: its fit, which must be of its frames, and what was chosen.

What was measured of a fit stays when there is another one: it says which fit it is of.
"""

import hashlib
import json
from pathlib import Path

from streaming.atlas.model import Fit
from streaming.atlas.project import CONFIG, Project
from streaming.atlas.store import load_fit, save_fit
from streaming.errors import InputError
from streaming.media.whole import telling

__all__ = [
    "EVALUATION",
    "FRAMES",
    "REPORT",
    "hash_of_fit",
    "keep_fit",
    "load_fitted",
    "outdated",
    "store_config",
]

FRAMES = "frames of the fit"
EVALUATION, REPORT = "evaluation.json", "report.html"
DIGITS = 12  # of a hash, so that people can compare it


def load_fitted(project: Project) -> Fit:
    """The fit of a project.

    Raises:
        InputError: There is none, it is damaged, or it is of other frames.
    """
    fit = load_fit(project.checkpoint)
    layers = project.config.foreground_layers
    seen = f"{fit.count} frames of {fit.size} with {_counted(len(fit.layers) - 1)}"
    wanted = f"{len(project.files)} frames of {project.size} with {_counted(layers)}"
    if seen != wanted:
        raise InputError(
            f"{project.checkpoint} is of another clip: it has {seen}, this project {wanted}; "
            "run `loopmatte atlas train --force`, or put the right one back"
        )
    if project.ledger.fact(FRAMES) not in (None, project.mark):
        raise InputError(
            f"{project.checkpoint} was fitted to other frames than those in "
            f"{project.folder / 'frames'}: run `loopmatte atlas train --force`, or put them back"
        )
    return fit


def _counted(layers: int) -> str:
    return f"{layers} foreground{'' if layers == 1 else 's'}"


def store_config(project: Project) -> None:
    """Keep what the user has chosen, word for word; what was stored before is kept beside it.

    Raises:
        OutputError: It cannot be written.
    """
    path = project.folder / CONFIG
    text = json.dumps(dict(project.config.given), indent=2) + "\n"
    with telling(path):
        if path.is_file():
            if path.read_text("utf-8") == text:
                return
            path.replace(path.with_name("config.old.json"))
        path.write_text(text, "utf-8")


def keep_fit(project: Project, fit: Fit) -> None:
    """Store a fit as that of a project.

    Raises:
        OutputError: It cannot be written.
    """
    with telling(project.checkpoint):
        project.results.mkdir(parents=True, exist_ok=True)
    save_fit(fit, project.checkpoint)
    project.ledger.note_fact(FRAMES, project.mark)


def hash_of_fit(project: Project) -> str:
    """What tells the fit that is there from any other.

    Raises:
        InputError: There is none.
    """
    try:
        with project.checkpoint.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()[:DIGITS]
    except OSError as error:
        raise InputError(f"{project.checkpoint} cannot be read: {error}") from error


def outdated(project: Project) -> tuple[Path, ...]:
    """What lies in a project that was measured of another fit than the one that is there.

    Raises:
        InputError: There is no fit.
    """
    there = [each for each in (project.results / REPORT, project.results / EVALUATION)
             if each.exists()]  # fmt: skip
    if not there or _measured(project.results / EVALUATION) == hash_of_fit(project):
        return ()
    return tuple(there)


def _measured(evaluation: Path) -> str | None:
    """The fit that an evaluation is of; None where it does not say so."""
    try:
        told = json.loads(evaluation.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return str(told["fit_hash"]) if isinstance(told, dict) and "fit_hash" in told else None
