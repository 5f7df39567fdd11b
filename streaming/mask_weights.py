"""Weights of the networks that make masks: at hand, or fetched once from where they are published.

They are no part of this program. Where there is no way to them the message names what else makes
masks, because a person who wants to edit a clip does not want to hear of a network.
"""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from streaming.errors import WeightsError
from streaming.matting.weights import Progress, download, sha256_of

__all__ = ["MaskNetwork", "weights_for"]

MaskNetwork = Literal["modnet", "maskrcnn"]

HUB = Path(".cache/torch/hub/checkpoints")  # in the home folder, where torchvision leaves weights
MODNET = (
    "https://storage.openvinotoolkit.org/repositories/open_model_zoo/public/2022.2/"
    "modnet-photographic-portrait-matting/modnet_photographic_portrait_matting.ckpt"
)
MASK_RCNN = "https://download.pytorch.org/models/maskrcnn_resnet50_fpn_v2_coco-73cbd019.pth"


@dataclass(frozen=True, slots=True)
class _Published:
    """One published file.

    Attributes:
        title: What people call the network.
        origin: Its URL.
        sha256: Its hash, or as many digits of it as its authors tell.
        licence: Under which it is published.
        instead: What else makes masks.
    """

    title: str
    origin: str
    sha256: str
    licence: str
    instead: str

    @property
    def name(self) -> str:
        """The file's name."""
        return self.origin.rpartition("/")[2]


PUBLISHED: dict[MaskNetwork, _Published] = {
    "modnet": _Published(
        "MODNet",
        MODNET,
        "7c22235f0925deba15d4d63e53afcb654c47055bbcd98f56e393ab2584007ed8",
        "Apache-2.0",
        "--mask-from rvm (which finds people too), --mask-from maskrcnn",
    ),
    "maskrcnn": _Published(
        "Mask R-CNN",
        MASK_RCNN,
        "73cbd019",
        "BSD-3-Clause",
        "--mask-from rvm or modnet (both find people)",
    ),
}


def weights_for(
    network: MaskNetwork, cache: Path, *, own: Path | None = None, progress: Progress | None = None
) -> Path:
    """The file of a network's weights: the user's own, one that is there, or a freshly fetched one.

    Args:
        network: Which network.
        cache: Folder of fetched files; made when needed.
        own: A file that the user names instead; its names and shapes are checked when it is read.
        progress: Told of a download's bytes.

    Raises:
        WeightsError: The file is missing or cannot be fetched; names what else makes masks.
    """
    entry = PUBLISHED[network]
    if own is not None:
        if not own.is_file():
            raise WeightsError(f"{own}: no such weights file; wanted those of {entry.title}")
        return own
    there = (cache / entry.name, Path.home() / HUB / entry.name)
    return next((each for each in there if each.is_file()), None) or _fetched(
        entry, cache, progress
    )


def _fetched(entry: _Published, cache: Path, progress: Progress | None) -> Path:
    otherwise = (
        f"download it elsewhere ({entry.licence}) and name it with --weights, "
        f"or make masks another way: {entry.instead}, or your own pictures in masks/"
    )
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as folder:
            target = Path(folder) / entry.name
            got = download(entry.origin, target, otherwise=otherwise, progress=progress)
            digest = sha256_of(got)
            if not digest.startswith(entry.sha256):
                raise WeightsError(
                    f"{entry.origin}: what came has sha256 {digest}, wanted {entry.sha256}; "
                    f"nothing was kept; {otherwise}"
                )
            return got.replace(cache / entry.name)
    except OSError as error:
        raise WeightsError(f"{cache}: cannot keep the weights there: {error}") from error
