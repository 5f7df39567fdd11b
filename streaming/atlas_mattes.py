"""Which mattes a project is fitted with: the user's, those that came along, or freshly made ones.

What is there is used again; what would be replaced although somebody may have worked on it is moved
aside.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from streaming.atlas.choices import MaskFrom
from streaming.atlas.config import AtlasConfig
from streaming.atlas.masks.looking import shown_share, tidied, too_little
from streaming.atlas.mattes import write_mattes
from streaming.atlas.model import foreground
from streaming.atlas.places import aside
from streaming.atlas.project import USED, Project
from streaming.atlas.scribbles import Palette, Scribble, read_scribbles
from streaming.atlas.split import split
from streaming.atlas_masks import EMPTY, MASKS, Cutting, masks_by, require_somebody
from streaming.errors import InputError
from streaming.frames import U8
from streaming.media.whole import telling

__all__ = ["masks_wanted", "mattes_for"]

SPLIT = "foregrounds told apart by"

Progress = Callable[[str, float], object]
Say = Callable[[str], object]


def mattes_for(project: Project, cutting: Cutting, progress: Progress, say: Say) -> U8:
    """What each foreground covers; made where it is not there.

    Args:
        project: The project.
        cutting: Where networks are, and where they run.
        progress: Told what goes on, and about which share of it is done.
        say: Told, in sentences, what a person should know.

    Returns:
        (L, N, H, W) uint8.

    Raises:
        InputError: There are none where there should be some, or they are empty.
        LoopmatteError: They cannot be made; the message names another way.
    """
    whole = _whole(project, cutting, progress, say)
    layers = project.config.foreground_layers
    if layers == 1:
        return whole[None]
    mark, there = _split_mark(project, whole), project.mattes()
    if there is not None and project.ledger.fact(SPLIT) in (None, mark):
        say(f"foregrounds: those in {project.results / 'masks'}, or your own")
        return there
    several = _split(project, whole, progress, say)
    for layer, mattes in enumerate(several):
        folder = project.results / "masks" / foreground(layer)
        _set_aside(folder, say)
        write_mattes(mattes, folder)
    project.ledger.note_fact(SPLIT, mark)
    return several


def _split(project: Project, whole: U8, progress: Progress, say: Say) -> U8:
    """Tell foregrounds apart by scribbles, (L, N, H, W)."""
    config = project.config
    scribbles = read_scribbles(
        project.folder / "scribbles",
        size=project.size,
        count=len(whole),
        layers=config.foreground_layers,
        palette=Palette(config.scribble_colours, config.scribble_background, config.scribble_erase),
    )
    for layer in range(config.foreground_layers):
        _tell_missed(layer + 1, scribbles, whole, say)
    return split(
        project.frames,
        whole,
        scribbles,
        layers=config.foreground_layers,
        seams=project.origin.seams,
        progress=progress,
    )


def _tell_missed(layer: int, scribbles: Sequence[Scribble], whole: U8, say: Say) -> None:
    """Say where most of a layer's strokes lie beside the masks, and so say nothing."""
    drawn = [each.labels == layer for each in scribbles]
    total = sum(map(np.count_nonzero, drawn))
    on = sum(
        np.count_nonzero(whole[each.frame][marked] >= EMPTY)
        for each, marked in zip(scribbles, drawn, strict=True)
    )
    if 2 * on < total:
        say(
            f"{100 * (total - on) / total:.0f} % of the lines for {foreground(layer - 1)} lie "
            "where the masks show nothing, and count for nothing: give masks that hold the object"
        )


def _split_mark(project: Project, whole: U8) -> str:
    """What foregrounds were told apart by: other scribbles, colours or mattes give others."""
    config, folder = project.config, project.folder / "scribbles"
    colours = (config.scribble_colours, config.scribble_background, config.scribble_erase)
    known = hashlib.sha256(repr((config.foreground_layers, colours)).encode())
    known.update(whole.tobytes())
    for each in sorted(folder.iterdir()) if folder.is_dir() else []:
        known.update(each.name.encode() + each.read_bytes())
    return known.hexdigest()[:32]


def _whole(project: Project, cutting: Cutting, progress: Progress, say: Say) -> U8:
    """What all foregrounds cover together, (N, H, W)."""
    wanted, how = project.config.mask_from, project.ledger.fact(MASKS)
    own = project.own_mattes() if wanted in ("auto", "own") else None
    if own is not None:
        say("masks: your own")
        return _used(project, own, "own", "you have", say)
    made = project.made_mattes() if wanted in ("auto", "matte", how) else None
    if made is not None:
        say(f"masks: {project.origin.mattes or how or 'those in results/masks'}")
        return _used(project, made, "made", "whatever made them", say)
    if wanted in ("own", "matte"):
        lack = "masks/" if wanted == "own" else "matte of its own"
        raise InputError(
            f"{project.folder} has no {lack}: put one picture for each frame into masks/ (white is "
            "foreground), or --mask-from rvm"
        )
    chosen = masks_wanted(project.config)
    say(f"masks: made by {chosen}")
    made = np.stack([*map(tidied, masks_by(chosen, project, cutting, progress))])
    require_somebody(made, chosen)
    _set_aside(project.results / "masks", say)
    write_mattes(made, project.results / "masks", progress)
    project.ledger.note_fact(MASKS, chosen)
    return _used(project, made, "made", chosen, say)


def _used(project: Project, mattes: U8, which: str, how: str, say: Say) -> U8:
    """Note which mattes the fit is made with: the renderer takes the same."""
    require_somebody(mattes, how)
    if little := too_little([*map(shown_share, mattes)]):
        say(little)
    project.ledger.note_fact(USED, which)
    return mattes


def masks_wanted(config: AtlasConfig) -> MaskFrom:
    """What makes masks where there are none.

    As asked for, else as NeuralAtlases takes `foreground_class`, else the network for people.
    """
    if config.mask_from != "auto":
        return config.mask_from
    if config.foreground_class is None:
        return "rvm"
    return "modnet" if config.foreground_class == "modnet" else "maskrcnn"


def _set_aside(folder: Path, say: Say) -> None:
    """Move older masks away: somebody may have painted on them."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    away = aside(folder)
    with telling(away):
        folder.rename(away)
    say(f"the masks that were there are in {away}")
