"""`loopmatte atlas render`: the clip with what was painted, or without one of its layers.

A clip becomes a film. A loop becomes a loop: its own edited master, and from that the file, so that
it can be exported as every other; a name with a suffix asks for a film of it instead.
"""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from streaming.atlas.animation import Edits, NoEdit, given_edits
from streaming.atlas.atlases import HANDED_OUT
from streaming.atlas.films import format_of, holds_alpha, write_film
from streaming.atlas.fitted import load_fitted
from streaming.atlas.model import Fit, Footage
from streaming.atlas.origin import Origin
from streaming.atlas.project import Project, open_project
from streaming.atlas.removal import Plate, foreground_alone, without_foreground
from streaming.atlas.render import edited
from streaming.atlas_loops import (
    EditedLoop,
    LoopWork,
    edited_cycle,
    edited_loop,
    edited_master,
    holds_more,
)
from streaming.errors import InputError, OutputError
from streaming.frames import U8
from streaming.results.jsonfile import JSON_NAME

__all__ = ["Rendered", "Rendering", "render"]

Remove = Literal["foreground", "background"]
Progress = Callable[[str, float], object]
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Rendering:
    """What `render` was told.

    Attributes:
        foregrounds: An atlas for each foreground, the front one first; `none` leaves one out.
        background: An atlas for the background.
        remove: What is left out of the picture.
        fps: Frames a second, None for the source's own.
        output: Where to, None for the usual place.
        force: Whether what lies there may be replaced.
    """

    foregrounds: tuple[str, ...] = ()
    background: str | None = None
    remove: Remove | None = None
    fps: Fraction | None = None
    output: Path | None = None
    force: bool = False

    @property
    def idle(self) -> bool:
        """Whether nothing is to be done to the clip."""
        named = (*self.foregrounds, self.background or "none")
        return self.remove is None and all(each.lower() == "none" for each in named)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What was rendered.

    Attributes:
        path: The file or folder.
        frames: How many frames it shows.
        loop: What is recorded of it, where it is a loop.
    """

    path: Path
    frames: int
    loop: EditedLoop | None = None


def render(
    folder: Path,
    rendering: Rendering,
    progress: Progress = lambda words, share: None,
    say: Say = lambda words: None,
) -> Rendered:
    """Render a project.

    Args:
        folder: Where it lies.
        rendering: What is to be done.
        progress: Told what goes on, and about which share of it is done.
        say: Told, in sentences, what a person should know.

    Raises:
        InputError: The project is not fitted, or an atlas is not its own.
        OutputError: Something has that name, or it cannot be written.
        SettingsError: The name asks for no format that is known.
    """
    project = open_project(folder)
    fit, to = load_fitted(project), _place(project, rendering)
    replace_it = _may_write(project, to, rendering)
    edits = edits_for(project, fit, rendering.foregrounds, rendering.background)
    if rendering.idle:
        say("no atlas and nothing to remove: this is the original")
    footage = project.footage()
    whole = rendering.remove == "foreground" or (to.suffix != "" and not _clear(to))
    plate = Plate(fit) if rendering.remove is not None else None
    made = Rendered(to, fit.count)
    if project.master is None:
        times = _times(project, rendering.fps)
        if rendering.remove == "background" and not _clear(to):
            say(f"{to.name} knows no transparency: the foreground lies over black; name a .webm")
        frames = _frames(fit, footage, edits, rendering.remove, plate)
        shown = _told(frames, fit.count, progress)
        write_film(to, shown, times.times_s, times.end_s, replace=replace_it)
    else:
        behind = plate if rendering.remove == "foreground" else None
        if rendering.fps is not None and not to.suffix:
            say("a loop keeps its own times; --fps is for films")
        if not (whole or rendering.remove or isinstance(edits[-1], NoEdit)):
            say(
                "this shows the subject alone, without its background: name an .mp4 with -o to see "
                "what was painted there"
            )
        work = LoopWork(project, fit, footage, edits, whole, behind)
        made = _loop(work, to, rendering.fps, progress, replace_it=replace_it)
        if made.loop and made.loop.aside:
            say(f"the edit that was there, with all that was made of it, is in {made.loop.aside}")
    if to.resolve().is_relative_to(project.results.resolve()):
        project.ledger.note(to)
    return made


def edits_for(
    project: Project, fit: Fit, foregrounds: tuple[str, ...], background: str | None
) -> list[Edits]:
    """The edits of all layers, from the atlases that were named.

    Raises:
        InputError: There are more of them than foregrounds, or one is not this project's.
    """
    layers = len(fit.layers) - 1
    if len(foregrounds) > layers:
        raise InputError(
            f"{len(foregrounds)} foreground atlases for {layers} foreground"
            f"{'s' if layers > 1 else ''}: give at most one for each, the front one first"
        )
    named = [*foregrounds, *["none"] * (layers - len(foregrounds)), background or "none"]
    made: list[Edits] = []
    for name, layer in zip(named, fit.layers, strict=True):
        if name.lower() == "none":
            made.append(NoEdit())
            continue
        path = _found(Path(name), project)
        kept = path.parent if (path.parent / HANDED_OUT).is_dir() else project.atlases
        made.append(given_edits(path, fit, layer, folder=kept, clip=project.mark))
    return made


def _found(path: Path, project: Project) -> Path:
    """An atlas where it was said to be, or beside those that were handed out."""
    inside = (project.atlases, project.results / "animated_atlases")
    places = (path, *(each / path for each in inside))
    return next((each for each in places if each.exists()), path)


def _frames(
    fit: Fit, footage: Footage, edits: list[Edits], remove: Remove | None, plate: Plate | None
) -> Iterator[U8]:
    """The frames of a clip, (H, W, 3), or (H, W, 4) where the background is left out."""
    for number in range(fit.count):
        now = [each.at(number) for each in edits]
        shares, frame = footage.shares(number), footage.frames[number]
        if plate is None:
            yield edited(fit, shares, frame, number, now)
        elif remove == "foreground":
            yield without_foreground(fit, plate, shares, frame, number, now)
        else:
            yield foreground_alone(fit, plate, shares, frame, number, now)


def _loop(
    work: LoopWork, to: Path, fps: Fraction | None, progress: Progress, *, replace_it: bool
) -> Rendered:
    """A loop as a result folder, or as a film where its name has a suffix."""
    if not to.suffix:
        made = edited_loop(work, to, progress, replace_it=replace_it)
        return Rendered(to, made.record.frames, made)
    to.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="loopmatte-") as place:
        master = edited_master(work, Path(place) / "master.mkv", progress)
        cycle = edited_cycle(work, master)
        even = Origin.even("", cycle.frames, fps) if fps else None
        times_s, end_s = (even.times_s, even.end_s) if even else (cycle.times_s, cycle.duration_s)
        frames = _told(cycle.read(), cycle.frames, progress)
        write_film(to, frames, times_s, end_s, replace=replace_it)
    return Rendered(to, cycle.frames)


def _told(frames: Iterator[U8], count: int, progress: Progress) -> Iterator[U8]:
    for number, frame in enumerate(frames):
        yield frame
        progress("render", (number + 1) / count)


def _times(project: Project, fps: Fraction | None) -> Origin:
    if fps is None:
        return project.origin
    return Origin.even(project.name, len(project.files), fps)


def _place(project: Project, rendering: Rendering) -> Path:
    """Where to: as said, else the usual place in `results`."""
    if rendering.output is not None:
        format_of(rendering.output)
        return rendering.output
    if project.master is not None:
        return project.results / "edited_loop"
    clear = rendering.remove == "background"
    return project.results / f"edited_video.{'webm' if clear else 'mp4'}"


def _may_write(project: Project, to: Path, rendering: Rendering) -> bool:
    """Whether what lies at a place may be replaced.

    Raises:
        OutputError: Something lies there that may not.
    """
    _require_no_input(project, to, rendering)
    if not to.exists() or rendering.force:
        return rendering.force
    inside = to.resolve().is_relative_to(project.results.resolve())
    loop = project.master is not None and (to / JSON_NAME).is_file()
    if inside and (project.ledger.ours(to) or (loop and holds_more(to))):
        return True
    raise OutputError(f"{to} is there already: name another with -o, or --force to replace it")


def _require_no_input(project: Project, to: Path, rendering: Rendering) -> None:
    """See to it that what is rendered does not take the place of what it is rendered from.

    Raises:
        OutputError: It would.
    """
    named = (*rendering.foregrounds, rendering.background or "none")
    atlases = [_found(Path(each), project) for each in named if each.lower() != "none"]
    folders = [project.folder / each for each in ("frames", "masks", "scribbles")]
    whole = to.resolve()
    for each in (*folders, *atlases, project.checkpoint):
        read = each.resolve()
        if read.is_relative_to(whole) or (each in folders and whole.is_relative_to(read)):
            raise OutputError(f"{to} is what it is rendered from ({each}): name another with -o")


def _clear(to: Path) -> bool:
    return holds_alpha(format_of(to))
