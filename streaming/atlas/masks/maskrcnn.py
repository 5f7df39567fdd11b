"""Masks of things of 80 kinds by torchvision's Mask R-CNN, each object followed through time.

Both of torchvision's trained networks load; which one a file holds is told from its names. Pictures
go in as red, green, blue in 0..1, as the network was trained. torch is imported when a mask is
asked for.

Source: He, Gkioxari, Dollár, Girshick, "Mask R-CNN", ICCV 2017; the newer network after Li et al.,
"Benchmarking Detection Transfer Learning with Vision Transformers", 2021.
"""

import difflib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from streaming.atlas.flows import Matcher, dis
from streaming.atlas.masks.tracking import ANYTHING, Detection, tracked
from streaming.errors import SettingsError, WeightsError
from streaming.frames import U8

if TYPE_CHECKING:
    from torch import Tensor, nn

__all__ = ["classes", "detected", "mask_rcnn", "network_for", "require_class"]

KINDS = 91  # of COCO, with the background and numbers that are not used
ONLY_OLDER = "roi_heads.box_head.fc6.weight"  # the newer network's head has convolutions
SLOPE = 4.0  # the network's masks are 28 px wide: what is between is made a narrow edge


def classes() -> tuple[str, ...]:
    """The names of what can be seen, by the network's numbers."""
    from torchvision.models.detection import MaskRCNN_ResNet50_FPN_V2_Weights as Published

    return tuple(Published.COCO_V1.meta["categories"])


def require_class(wanted: str) -> None:
    """See to it that a class is one of COCO's.

    Raises:
        SettingsError: It is not.
    """
    known = [each for each in classes() if each not in ("__background__", "N/A")]
    if wanted != ANYTHING and wanted not in known:
        near = difflib.get_close_matches(wanted, known, 3) or known[:8]
        raise SettingsError(
            f"foreground_class is {wanted!r}, which is no COCO class; wanted `anything`, `modnet` "
            f"or a class such as {', '.join(near)}"
        )


def mask_rcnn(
    frames: U8,
    *,
    weights: Path,
    wanted: str = ANYTHING,
    count: int = 1,
    device: str = "auto",
    match: Matcher | None = None,
    progress: Callable[[str, float], object] = lambda _words, _share: None,
) -> U8:
    """Find an object in every frame.

    Args:
        frames: (N, H, W, 3) uint8 sRGB.
        weights: A checkpoint of torchvision's.
        wanted: A COCO class, or `anything`: then what is clearest.
        count: How many such objects there are to be in the masks.
        device: `auto`, `cpu`, `cuda`, ...
        match: Measures flow; OpenCV's where None.
        progress: Told what is done and which share of it.

    Returns:
        (N, H, W) uint8.

    Raises:
        SettingsError: There is no such class.
        WeightsError: The file is not there, is damaged or of another network.
        RuntimeMissing: The device is not there.
        InputError: Nothing of the kind was seen.
    """
    if not weights.is_file():
        raise WeightsError(f"{weights}: no such file; wanted torchvision's Mask R-CNN")
    require_class(wanted)
    from streaming.atlas.devices import device_called
    from streaming.atlas.masks.filling import fill, state_of

    where = device_called(device)
    state = state_of(weights, "Mask R-CNN")
    network = network_for(state)
    fill(network, state, weights, "Mask R-CNN")
    network.eval().to(where)
    seen = []
    for number, frame in enumerate(frames):
        seen.append(detected(network, frame, classes()))
        progress("masks by Mask R-CNN", (number + 1) / len(frames))
    return tracked(frames, seen, wanted=wanted, match=match or dis(), count=count)


def network_for(names: Mapping[str, object]) -> "nn.Module":
    """The empty network that a checkpoint with such names belongs to."""
    from torchvision.models import detection
    from torchvision.models.detection.backbone_utils import resnet_fpn_backbone
    from torchvision.ops.misc import FrozenBatchNorm2d

    if ONLY_OLDER not in names:
        newer: nn.Module = detection.maskrcnn_resnet50_fpn_v2(
            weights=None, weights_backbone=None, num_classes=KINDS
        )
        return newer
    backbone = resnet_fpn_backbone(backbone_name="resnet50", weights=None)
    older: nn.Module = detection.MaskRCNN(backbone, KINDS)
    for module in older.modules():
        if isinstance(module, FrozenBatchNorm2d):
            module.eps = 0.0  # as it was trained
    return older


def detected(network: "nn.Module", frame: U8, names: tuple[str, ...]) -> list[Detection]:
    """What a network sees in a picture, the surest first.

    Args:
        network: A Mask R-CNN, in evaluation mode.
        frame: (H, W, 3) uint8 sRGB.
        names: Of its classes, by number.
    """
    import torch

    device = next(network.parameters()).device
    picture = torch.from_numpy(np.array(frame)).to(device).permute(2, 0, 1).float() / 255
    with torch.inference_mode():
        found: dict[str, Tensor] = network([picture])[0]
    masks = ((found["masks"][:, 0] - 0.5) * SLOPE + 0.5).clamp(0, 1).cpu().numpy()
    return [
        Detection(names[label], score, mask)
        for label, score, mask in zip(
            found["labels"].tolist(), found["scores"].tolist(), masks, strict=True
        )
    ]
