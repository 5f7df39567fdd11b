"""The published network as somebody else runs it, and ours on the same frames, to compare."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from streaming.matting.network import MattingNetwork, state_shapes

F32 = NDArray[np.float32]


class Official:
    """The official ONNX file in onnxruntime, with its memory.

    Args:
        path: The file.
        threads: CPU threads, 0 for all.
    """

    def __init__(self, path: Path, *, threads: int = 0) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )
        self._memory: list[NDArray[Any]] = [np.zeros((1, 1, 1, 1), np.float32)] * 4

    def frame(self, src: F32, ratio: float) -> F32:
        """Foreground and matte of (1, 3, H, W) RGB in 0..1, as (1, 4, H, W)."""
        feeds: dict[str, NDArray[Any]] = {f"r{n + 1}i": each for n, each in enumerate(self._memory)}
        feeds |= {"src": src, "downsample_ratio": np.array([ratio], np.float32)}
        colour, matte, *self._memory = self._session.run(None, feeds)
        return np.concatenate((colour, matte), axis=1)


class Ours:
    """Our torch network on whole frames, with its memory."""

    def __init__(self, network: MattingNetwork) -> None:
        self._network = network
        self._state: list[torch.Tensor] = []

    def frame(self, src: F32, ratio: float) -> F32:
        """The same as `Official.frame`."""
        with torch.inference_mode():
            picture = torch.from_numpy(src)
            small = F.interpolate(picture, scale_factor=ratio, mode="bilinear", align_corners=False)
            if not self._state:
                shapes = state_shapes("mobilenetv3", *small.shape[2:])
                self._state = [torch.zeros(shape) for shape in shapes]
            out, hidden, self._state = self._network(small, self._state)
            planes = torch.cat(self._network.refiner(small, out, hidden), dim=1)
            full = F.interpolate(planes, src.shape[2:], mode="bilinear", align_corners=False)
            guide = torch.cat([picture, picture.mean(1, keepdim=True)], dim=1)
            result = full[:, :4] * guide + full[:, 4:]
            result[:, :3] += picture
            return result.clamp(0, 1).numpy()


def furthest_apart(ours: Ours, official: Official, height: int, width: int, ratio: float) -> float:
    """The largest difference over three recurrent frames of noise."""
    chance = np.random.default_rng(3)
    apart = 0.0
    for _ in range(3):
        src = chance.random((1, 3, height, width), dtype=np.float32)
        apart = max(apart, float(np.abs(ours.frame(src, ratio) - official.frame(src, ratio)).max()))
    return apart
