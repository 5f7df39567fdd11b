"""`loopmatte atlas train`: mattes where there are none, then the fit, then atlases to paint on.

Whatever is there is used again: a draft goes on to the final fit, a final one stays as it is,
mattes are not made twice. What would be replaced although somebody may have worked on it is moved
aside.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from streaming.atlas.atlases import write_atlases
from streaming.atlas.choices import Engine, Flow, MaskFrom, Quality
from streaming.atlas.config import AtlasConfig
from streaming.atlas.fitted import keep_fit, load_fitted, store_config
from streaming.atlas.flows import Matcher, dis
from streaming.atlas.grid_engine import fit_grid
from streaming.atlas.mattes import write_mattes
from streaming.atlas.mlp.engine import fit_mlp
from streaming.atlas.mlp.settings import MlpSettings
from streaming.atlas.model import Fit, Footage, foreground
from streaming.atlas.project import USED, Project, open_project
from streaming.atlas.scribbles import read_scribbles
from streaming.atlas.split import split
from streaming.atlas_masks import MASKS, Cutting, masks_by, require_somebody
from streaming.errors import InputError
from streaming.frames import U8
from streaming.media.whole import telling
from streaming.motion.raft import Device, at_hand, raft_flow

__all__ = ["Trained", "Training", "train"]

DRAFT_STEPS = 10_000  # of the networks that the grid has not: up to so many somebody is in a hurry
MATTES = "mattes of the fit"
RANK: dict[Quality, int] = {"draft": 0, "final": 1}

Progress = Callable[[str, float], object]
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Training:
    """What `train` was told.

    Attributes:
        cutting: Where networks are, and where they run.
        config: A configuration that stands for the stored one.
        quality: How far to fit; None for what the steps or the configuration say.
        engine: What fits; None for what the configuration says.
        mask_from: What tells the foreground; None for the same.
        learning: Steps of the phases of the mlp engine that were given.
        weights: A file for the network that makes masks.
        force: Fit anew although a fit is there.
    """

    cutting: Cutting
    config: Path | None = None
    quality: Quality | None = None
    engine: Engine | None = None
    mask_from: MaskFrom | None = None
    learning: dict[str, float] = field(default_factory=dict)
    weights: Path | None = None
    force: bool = False

    def over(self, config: AtlasConfig) -> AtlasConfig:
        """A configuration with what was said beside it."""
        steps = self.learning.get("steps", config.learning.get("steps"))
        hurried: Quality = "draft" if steps and steps <= DRAFT_STEPS else config.quality
        return replace(
            config,
            quality=self.quality or hurried,
            engine=self.engine or config.engine,
            mask_from=self.mask_from or config.mask_from,
            weights=self.weights or config.weights,
            learning={**config.learning, **self.learning},
        )


@dataclass(frozen=True, slots=True, eq=False)
class Trained:
    """A project that is fitted.

    Attributes:
        project: The project.
        fit: Its fit.
        atlases: The pictures to paint on.
        anew: Whether anything had to be done.
    """

    project: Project
    fit: Fit
    atlases: tuple[Path, ...]
    anew: bool


def train(
    folder: Path,
    training: Training,
    progress: Progress = lambda words, share: None,
    say: Say = lambda words: None,
) -> Trained:
    """Fit a project.

    Args:
        folder: Where it lies.
        training: How.
        progress: Told what goes on, and about which share of it is done.
        say: Told, in sentences, what a person should know.

    Raises:
        InputError: Its frames, masks or fit are not what they should be.
        LoopmatteError: Masks cannot be made; the message names another way.
    """
    project = open_project(folder, training.config)
    for note in project.notes:
        say(note)
    if training.config is not None:
        store_config(project)
    project = replace(project, config=training.over(project.config))
    if len(project.files) < 2:
        raise InputError(f"{folder / 'frames'} holds one picture: nothing moves; add the others")
    mattes = _mattes(project, training.cutting, progress, say)
    mark = hashlib.sha256(mattes.tobytes()).hexdigest()[:32]
    again = training.force or project.config.engine == "mlp"  # networks go on by themselves
    before = None if again else _before(project, mark)
    if before is not None:
        say(f"it is fitted already ({before.quality}); --force fits it anew")
        return Trained(project, before, _atlases(project, before), False)
    fit = _fitted(project, project.footage(mattes), training.cutting.device, progress)
    keep_fit(project, fit)
    project.ledger.note_fact(MATTES, mark)
    return Trained(project, fit, _atlases(project, fit), True)


def _before(project: Project, mark: str) -> Fit | None:
    """The fit that is there, where it is of these frames and mattes and as good as what is wanted.

    Raises:
        InputError: It is damaged, or of another clip.
    """
    if not project.checkpoint.exists():
        return None
    fit = load_fitted(project)
    wanted = project.config
    same = fit.engine == wanted.engine and project.ledger.fact(MATTES) in (None, mark)
    return fit if same and RANK[fit.quality] >= RANK[wanted.quality] else None


def _fitted(project: Project, footage: Footage, device: str, progress: Progress) -> Fit:
    config = project.config
    match = _matcher(config.flow, device)
    if config.engine == "mlp":
        return fit_mlp(
            footage,
            settings=MlpSettings.of(config.learning, device=device),
            checkpoint=project.results / "checkpoints.pth",
            quality=config.quality,
            match=match,
            progress=progress,
        )
    return fit_grid(footage, quality=config.quality, match=match, progress=progress)


def _matcher(flow: Flow, device: str) -> Matcher:
    """What measures motion: as asked for; a network where it is at hand with a card to run on."""
    wanted = flow == "raft" or (flow == "auto" and device != "cpu" and at_hand())
    if not wanted:
        return dis()
    where: Device = "cpu" if device == "cpu" else "cuda"
    return lambda a, b: raft_flow(a, b, device=where)


def _atlases(project: Project, fit: Fit) -> tuple[Path, ...]:
    return tuple(write_atlases(fit, project.atlases, clip=project.mark))


def _mattes(project: Project, cutting: Cutting, progress: Progress, say: Say) -> U8:
    """What each foreground covers, (L, N, H, W); made where it is not there."""
    whole = _whole(project, cutting, progress, say)
    layers = project.config.foreground_layers
    if layers == 1:
        return whole[None]
    there = project.mattes()
    if there is not None:
        return there
    scribbles = read_scribbles(
        project.folder / "scribbles", size=project.size, count=len(whole), layers=layers
    )
    seams = project.origin.seams
    several = split(project.frames, whole, scribbles, layers=layers, seams=seams, progress=progress)
    for layer, mattes in enumerate(several):
        write_mattes(mattes, project.results / "masks" / foreground(layer))
    return several


def _whole(project: Project, cutting: Cutting, progress: Progress, say: Say) -> U8:
    """What all foregrounds cover together, (N, H, W)."""
    wanted, how = project.config.mask_from, project.ledger.fact(MASKS)
    own = project.own_mattes() if wanted in ("auto", "own") else None
    if own is not None:
        say("masks: your own")
        return _used(project, own, "own", "you have")
    made = project.made_mattes() if wanted in ("auto", "matte", how) else None
    if made is not None:
        say(f"masks: {project.origin.mattes or how or 'those in results/masks'}")
        return _used(project, made, "made", "whatever made them")
    if wanted in ("own", "matte"):
        lack = "masks/" if wanted == "own" else "matte of its own"
        raise InputError(
            f"{project.folder} has no {lack}: put one picture for each frame into masks/ (white is "
            "foreground), or --mask-from rvm"
        )
    chosen = _chosen(project.config)
    say(f"masks: made by {chosen}")
    made = masks_by(chosen, project, cutting, progress)
    require_somebody(made, chosen)
    _set_aside(project.results / "masks", say)
    write_mattes(made, project.results / "masks", progress)
    project.ledger.note_fact(MASKS, chosen)
    return _used(project, made, "made", chosen)


def _used(project: Project, mattes: U8, which: str, how: str) -> U8:
    """Note which mattes the fit is made with: the renderer takes the same."""
    require_somebody(mattes, how)
    project.ledger.note_fact(USED, which)
    return mattes


def _chosen(config: AtlasConfig) -> MaskFrom:
    """What makes masks: as asked for, else as NeuralAtlases takes `foreground_class`."""
    if config.mask_from != "auto":
        return config.mask_from
    if config.foreground_class is None:
        return "rvm"
    return "modnet" if config.foreground_class == "modnet" else "maskrcnn"


def _set_aside(folder: Path, say: Say) -> None:
    """Move older masks away: somebody may have painted on them."""
    if not folder.is_dir() or not any(folder.iterdir()):
        return
    number = 1
    while (away := folder.with_name(f"{folder.name}.old{number}")).exists():
        number += 1
    with telling(away):
        folder.rename(away)
    say(f"the masks that were there are in {away}")
