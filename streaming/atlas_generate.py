"""`loopmatte atlas generate`: the atlases to paint on, or an edited frame carried into them."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from streaming.atlas.atlases import tell_beside, write_animated, write_atlases
from streaming.atlas.fitted import load_fitted
from streaming.atlas.frame_edit import Onto, carried, layers_for, painted_on, write_carried
from streaming.atlas.given import is_exact
from streaming.atlas.model import Fit
from streaming.atlas.project import Project, open_project
from streaming.errors import InputError
from streaming.media.stills import load_picture
from streaming.settings import SourceSettings

__all__ = ["Generating", "generate"]

Progress = Callable[[str, float], object]
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Generating:
    """What `generate` was told.

    Attributes:
        frame: An edited frame, called by its number.
        layer: Where its edit goes.
        animated: Whether there is to be an atlas for each frame.
        fill: Whether foregrounds are to be opaque all over.
        folder: Where to, None for the usual place.
    """

    frame: Path | None = None
    layer: Onto = "both"
    animated: bool = False
    fill: bool = False
    folder: Path | None = None


def generate(
    folder: Path,
    wish: Generating,
    progress: Progress = lambda words, share: None,
    say: Say = lambda words: None,
) -> list[Path]:
    """Write a project's atlases.

    Args:
        folder: Where it lies.
        wish: Which.
        progress: Told what goes on, and about which share of it is done.
        say: Told, in sentences, what a person should know.

    Returns:
        The files, or the folders of those that are animated, in the order of the layers.

    Raises:
        InputError: The project is not fitted, or the frame is none of its frames.
        OutputError: They cannot be written.
    """
    project = open_project(folder)
    fit = load_fitted(project)
    progress("atlases", 0.0)
    usual = project.results / "animated_atlases" if wish.animated else project.atlases
    to = wish.folder or usual
    if wish.frame is not None:
        if wish.fill:
            say("--fill is for whole atlases; of an edited frame only the paint is taken")
        made = _of_frame(project, fit, wish, to)
    else:
        write = write_animated if wish.animated else write_atlases
        made = write(fit, to, clip=project.mark, fill=wish.fill)
    tell_beside(made, say)
    progress("done", 1.0)
    return made


def _of_frame(project: Project, fit: Fit, wish: Generating, to: Path) -> list[Path]:
    """Carry an edited frame into atlases."""
    assert wish.frame is not None
    index = _number(wish.frame, fit.count)
    given = load_picture(wish.frame, SourceSettings())
    frame = project.frames[index]
    painted = painted_on(given, frame, wish.frame.name, lossy=not is_exact(wish.frame))
    layers = layers_for(fit, wish.layer)
    shares = project.footage().shares(index)
    made = carried(painted, fit, shares, index, layers)
    return [
        write_carried(each, fit, index, to, clip=project.mark, animated=wish.animated)
        for each in made
    ]


def _number(path: Path, count: int) -> int:
    """The frame that an edited picture is of.

    Raises:
        InputError: It is not there, or its name is no frame's number.
    """
    if not path.is_file():
        raise InputError(f"{path} is not there: name the edited frame, like 00012.png")
    if not path.stem.isdecimal() or int(path.stem) >= count:
        raise InputError(
            f"{path.name}: an edited frame is called by its number, 00000 to {count - 1:05d}; "
            "rename it"
        )
    return int(path.stem)
