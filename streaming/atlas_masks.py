"""Mattes for an atlas: from the network that mattes people, and from those that know more.

A clip that carries alpha has its mattes; else the network is run over it as it is for a loop. What
shows something else than people goes to a detector of things, which finds masks and no soft edges.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from streaming.atlas.choices import MaskFrom
from streaming.atlas.films import over_black
from streaming.atlas.masks.maskrcnn import mask_rcnn, require_class
from streaming.atlas.masks.modnet import modnet
from streaming.atlas.masks.tracking import ANYTHING
from streaming.atlas.mattes import scaled
from streaming.atlas.project import Project
from streaming.errors import InputError, LoopmatteError
from streaming.frames import U8
from streaming.mask_weights import MaskNetwork, weights_for
from streaming.media.source import Source, open_source
from streaming.planning import matting_for
from streaming.settings import MattingSettings, SourceSettings
from streaming.stage import through

__all__ = ["EMPTY", "MASKS", "Cutting", "MattedFrame", "masks_by", "matted", "require_somebody"]

MASKS = "masks made by"  # what the ledger calls it
EMPTY = 13  # alpha below 5 % is nobody

Progress = Callable[[str, float], object]


@dataclass(frozen=True, slots=True)
class Cutting:
    """How mattes are made.

    Attributes:
        cache: Folder for weights and converted networks.
        device: Where networks run: auto, cpu or cuda.
    """

    cache: Path
    device: str = "auto"


@dataclass(frozen=True, slots=True, eq=False)
class MattedFrame:
    """One frame of a clip and what of it is foreground.

    Attributes:
        rgb: (H, W, 3) uint8 sRGB.
        matte: (H, W) uint8.
        time_s: When it is shown.
        end_s: Until when.
    """

    rgb: U8
    matte: U8
    time_s: Fraction
    end_s: Fraction


def matted(source: Source, cutting: Cutting, *, wanted: bool = True) -> Iterator[MattedFrame]:
    """The frames of a clip with their mattes.

    Args:
        source: The clip, opened.
        cutting: How.
        wanted: Whether mattes are wanted at all; the whole picture is the matte where not.

    Raises:
        WeightsError: The network's weights are missing or damaged.
        RuntimeMissing: The device is not there.
    """
    settings = MattingSettings(
        quality="best", matte="auto" if wanted else "none", device=cutting.device
    )
    stage = matting_for(source.info, settings, cutting.cache)
    for each in through(stage, source.frames()):
        picture = each.frame.picture
        cut = each.cutout(picture.size)
        alpha = picture.alpha(picture.size) if cut is None else cut[..., 3]
        rgb = picture.rgb(picture.size)
        if picture.has_alpha:  # what it hides has any colour: shown over black, as players do
            rgb = over_black(np.dstack((rgb, picture.alpha(picture.size))))
        end_s = each.frame.time_s + each.frame.duration_s
        yield MattedFrame(rgb, alpha, each.frame.time_s, end_s)


def masks_by(how: MaskFrom, project: Project, cutting: Cutting, progress: Progress) -> U8:
    """Make the mattes of a project's frames, (N, H, W) uint8.

    Args:
        how: `rvm`, `maskrcnn` or `modnet`.
        project: The project.
        cutting: Where networks are, and where they run.
        progress: Told what goes on, and about which share of it is done.

    Raises:
        LoopmatteError: The network cannot be run; the message names what else makes masks.
    """
    if how == "rvm":
        count = len(project.files)
        made = _people_in(project.folder / "frames", count, cutting, progress)
        return np.stack([scaled(each, project.size) for each in made])
    network: MaskNetwork = "modnet" if how == "modnet" else "maskrcnn"
    return _by_network(network, project, cutting, progress)


def _by_network(network: MaskNetwork, project: Project, cutting: Cutting, progress: Progress) -> U8:
    """Masks by one that looks at single pictures; torch is imported only now."""
    config = project.config
    named = config.foreground_class
    wanted = ANYTHING if named in (None, "modnet") else str(named)
    if network == "maskrcnn" and config.weights is None:
        require_class(wanted)  # before a download

    def fetched(done: int, total: int) -> None:
        progress("fetching weights", done / max(done, total))

    weights = weights_for(network, cutting.cache, own=config.weights, progress=fetched)
    device = cutting.device
    if network == "modnet":
        return modnet(project.frames, weights=weights, device=device, progress=progress)
    return mask_rcnn(
        project.frames,
        weights=weights,
        wanted=wanted,
        count=config.foreground_layers,
        device=device,
        progress=progress,
    )


def _people_in(folder: Path, count: int, cutting: Cutting, progress: Progress) -> U8:
    """The mattes of the first pictures of a folder, (N, H, W) uint8, by the network for people.

    Raises:
        LoopmatteError: The network cannot be run; the message names what else makes masks.
    """
    made = []
    try:
        with open_source(str(folder), SourceSettings()) as source:
            for number, each in enumerate(matted(source, cutting)):
                made.append(each.matte)
                progress("masks of people", (number + 1) / count)
                if len(made) == count:
                    break
    except LoopmatteError as error:
        raise type(error)(
            f"{error} (instead: put your own masks into masks/, or --mask-from maskrcnn or modnet)"
        ) from error
    return np.stack(made)


def require_somebody(mattes: U8, how: str) -> None:
    """See to it that mattes show something.

    Raises:
        InputError: They are empty.
    """
    if int(mattes.max(initial=0)) < EMPTY:
        raise InputError(
            f"the masks are empty: {how} found nothing; put your own masks into "
            "masks/ (white is foreground), or try --mask-from maskrcnn"
        )
