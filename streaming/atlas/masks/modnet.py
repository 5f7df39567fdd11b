"""Mattes by MODNet: soft ones of people, each frame for itself.

Pictures are shown to the network at the size that its authors use, the short side about 512 px,
and in values from -1 to 1. torch is imported when a matte is asked for.
"""

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np

from streaming.errors import WeightsError
from streaming.frames import U8, Size

__all__ = ["modnet", "shown_at"]

REFERENCE_PX = 512
GRID = 32  # both sides are multiples of it


def shown_at(size: Size, reference_px: int = REFERENCE_PX) -> Size:
    """The size at which the network sees a picture.

    Pictures about as large as the reference stay as they are; smaller and larger ones get it as
    their short side.

    Args:
        size: The picture's.
        reference_px: What the network was trained on.
    """
    width, height = size.width, size.height
    if max(width, height) < reference_px or min(width, height) > reference_px:
        scale = reference_px / min(width, height)
        width, height = int(width * scale), int(height * scale)
    return Size(max(GRID, width - width % GRID), max(GRID, height - height % GRID))


def modnet(
    frames: U8,
    *,
    weights: Path,
    device: str = "auto",
    reference_px: int = REFERENCE_PX,
    progress: Callable[[str, float], object] = lambda _words, _share: None,
) -> U8:
    """Matte every frame.

    Args:
        frames: (N, H, W, 3) uint8 sRGB.
        weights: The official checkpoint.
        device: `auto`, `cpu`, `cuda`, ...
        reference_px: About how large the network sees a picture.
        progress: Told what is done and which share of it.

    Returns:
        (N, H, W) uint8.

    Raises:
        WeightsError: The file is not there, is damaged or of another network.
        RuntimeMissing: The device is not there.
    """
    if not weights.is_file():
        raise WeightsError(f"{weights}: no such file; wanted the official checkpoint of MODNet")
    import torch

    from streaming.atlas.devices import device_called
    from streaming.atlas.masks.filling import fill, state_of
    from streaming.atlas.masks.modnet_network import UNUSED, ModNet

    where = device_called(device)
    state = state_of(weights, "MODNet")
    wanted = {name: each for name, each in state.items() if not name.startswith(UNUSED)}
    network = ModNet()
    fill(network, wanted, weights, "MODNet")
    network.eval().to(where)
    seen = shown_at(Size(frames.shape[2], frames.shape[1]), reference_px)
    made = np.empty(frames.shape[:3], np.uint8)
    with torch.inference_mode():
        for number, frame in enumerate(frames):
            small = _resized(frame, seen).astype(np.float32) / 127.5 - 1
            asked = torch.from_numpy(small.transpose(2, 0, 1)[None]).to(where)
            matte = network(asked)[0, 0].cpu().numpy()
            whole = _resized(matte, Size(frames.shape[2], frames.shape[1]))
            made[number] = np.round(whole.clip(0, 1) * 255).astype(np.uint8)
            progress("mattes by MODNet", (number + 1) / len(frames))
    return made


def _resized(picture: np.ndarray, size: Size) -> np.ndarray:
    shrinks = size.width < picture.shape[1]
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    made: np.ndarray = cv2.resize(picture, (size.width, size.height), interpolation=how)
    return made
