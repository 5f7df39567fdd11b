"""`loopmatte atlas train`: mattes where there are none, then the fit, then atlases to paint on.

Whatever is there is used again: a draft goes on to the final fit, a final one stays as it is,
mattes are not made twice. What would be replaced although somebody may have worked on it is moved
aside.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from streaming.atlas.atlases import tell_beside, write_atlases
from streaming.atlas.choices import Engine, Flow, MaskFrom, Quality
from streaming.atlas.config import AtlasConfig
from streaming.atlas.fitted import hash_of_fit, keep_fit, load_fitted, outdated, store_config
from streaming.atlas.flows import Matcher, dis
from streaming.atlas.grid_engine import fit_grid
from streaming.atlas.mlp.engine import fit_mlp
from streaming.atlas.mlp.settings import MlpSettings
from streaming.atlas.model import Fit, Footage
from streaming.atlas.places import aside
from streaming.atlas.project import Project, open_project
from streaming.atlas_masks import Cutting
from streaming.atlas_mattes import mattes_for
from streaming.errors import InputError
from streaming.media.whole import telling
from streaming.motion.raft import Device, at_hand, raft_flow

__all__ = ["Trained", "Training", "train"]

DRAFT_STEPS = 10_000  # of the networks that the grid has not: up to so many somebody is in a hurry
MATTES = "mattes of the fit"
LEARNT = "checkpoints.pth"
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
        fit_hash: What tells it from any other.
        atlases: The pictures to paint on.
        anew: Whether anything had to be done.
    """

    project: Project
    fit: Fit
    fit_hash: str
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
    if training.config is not None:
        store_config(project)
    project = replace(project, config=training.over(project.config))
    for note in project.notes:
        say(note)
    if len(project.files) < 2:
        raise InputError(f"{folder / 'frames'} holds one picture: nothing moves; add the others")
    mattes = mattes_for(project, training.cutting, progress, say)
    mark = hashlib.sha256(mattes.tobytes()).hexdigest()[:32]
    again = training.force or project.config.engine == "mlp"  # networks go on by themselves
    before = None if again else _before(project, mark)
    if before is not None:
        say(f"it is fitted already ({before.quality}); --force fits it anew")
        return _told(project, before, say, anew=False)
    if training.force and project.config.engine == "mlp":
        _begin_again(project, say)
    fit = _fitted(project, project.footage(mattes), training.cutting.device, progress)
    keep_fit(project, fit)
    project.ledger.note_fact(MATTES, mark)
    return _told(project, fit, say, anew=True)


def _told(project: Project, fit: Fit, say: Say, *, anew: bool) -> Trained:
    """What a fit has become, with a word on what was measured of another one."""
    atlases = _atlases(project, fit, say)
    if old := outdated(project):
        names = " and ".join(each.name for each in old)
        say(f"of an earlier fit: {names}; `loopmatte atlas evaluate` measures this one")
    return Trained(project, fit, hash_of_fit(project), atlases, anew)


def _begin_again(project: Project, say: Say) -> None:
    """Move what networks have learnt aside; it may have taken a night."""
    path = project.results / LEARNT
    if path.exists():
        with telling(path):
            away = path.rename(aside(path))
        say(f"what the networks had learnt is in {away}")


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
            checkpoint=project.results / LEARNT,
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


def _atlases(project: Project, fit: Fit, say: Say) -> tuple[Path, ...]:
    made = write_atlases(fit, project.atlases, clip=project.mark)
    tell_beside(made, say)
    return tuple(made)
