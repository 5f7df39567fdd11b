"""What is kept with a project: its fit, which must be of its frames, and what was chosen."""

import json

from streaming.atlas.model import Fit
from streaming.atlas.project import CONFIG, Project
from streaming.atlas.store import load_fit, save_fit
from streaming.errors import InputError
from streaming.media.whole import telling

__all__ = ["FRAMES", "keep_fit", "load_fitted", "store_config"]

FRAMES = "frames of the fit"


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
