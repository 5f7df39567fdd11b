"""The network in torch: for CUDA and Apple's GPUs, and as the reference on a CPU.

On CUDA it runs in half precision, and the full-size refinement stays on the device too: at 4K it
moves more memory than a CPU can.
"""

import threading

import numpy as np
import torch
from torch import Tensor

from streaming.errors import RuntimeMissing
from streaming.frames import U8, Size
from streaming.matting.guided import Coefficients, refine
from streaming.matting.halves import DeepHalf, Refine, ShallowHalf
from streaming.matting.loading import load_network
from streaming.matting.network import state_shapes
from streaming.matting.runtime import Step
from streaming.matting.weights import Weights
from streaming.settings import MattingSettings

__all__ = ["TorchRuntime", "pick_device"]

DTYPES = {"fp32": torch.float32, "fp16": torch.float16, "bf16": torch.bfloat16}


def pick_device(asked: str) -> str:
    """The torch device to use.

    Args:
        asked: auto, cpu, cuda, cuda:N or mps.

    Raises:
        RuntimeMissing: The device that was asked for is not there.
    """
    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if asked == "auto":
        return "cuda" if cuda else "mps" if mps else "cpu"
    kind, _, number = asked.partition(":")
    there = {"cpu": True, "cuda": cuda, "mps": mps}
    if kind not in there or (number and not number.isdigit()):
        raise RuntimeMissing(f"--device {asked}: wanted auto, cpu, cuda, cuda:N or mps")
    if not there[kind] or (kind == "cuda" and int(number or 0) >= torch.cuda.device_count()):
        raise RuntimeMissing(
            f"--device {asked}: torch sees no such device "
            f"({torch.cuda.device_count()} CUDA devices); use --device auto"
        )
    return asked


class TorchRuntime:
    """The network in torch with the memory of one stream (see `runtime.Runtime`)."""

    def __init__(
        self,
        settings: MattingSettings,
        weights: Weights,
        coarse: Size,
        *,
        refined: bool,
        device: str,
    ) -> None:
        self._device = torch.device(device)
        precision = settings.precision
        if precision == "auto":
            precision = "fp16" if self._device.type == "cuda" else "fp32"
        if precision == "fp16" and self._device.type == "cpu":
            raise RuntimeMissing("--precision fp16 is for CUDA; on a CPU use auto, fp32 or bf16")
        self._dtype = DTYPES[precision]
        network = load_network(weights.path, weights.variant).to(self._device, self._dtype)
        self._deep = DeepHalf(network)
        self._shallow = ShallowHalf(network, refined=refined)
        self._refine = Refine()
        self._shapes = state_shapes(weights.variant, coarse.height, coarse.width)
        self._state = self._blank()
        self._lock = threading.Lock()
        self._name = f"torch, {device}, {precision}"
        if self._device.type == "cpu" and settings.threads:
            torch.set_num_threads(settings.threads)

    @property
    def name(self) -> str:
        """Runtime, device and precision in words."""
        return self._name

    def push(self, rgb: U8, *, fresh: bool) -> tuple[Step]:
        """Matte one coarse picture; the answer is never late."""
        if fresh:
            self._state = self._blank()
        r1, *deeper = self._state
        with torch.inference_mode():
            picture = torch.from_numpy(rgb.copy()).unsqueeze(0).to(self._device)
            x, skip, *deeper = self._deep(picture, *deeper)
            rgba, r1, *planes = self._shallow(picture, x, skip, r1)
            self._state = [r1, *deeper]
            kept = planes[0][0].to("cpu").numpy() if planes else None
            return (Step(rgba[0].to("cpu").numpy(), kept),)

    def flush(self) -> tuple[()]:
        """Nothing is held back."""
        return ()

    def refine(self, rgb: U8, coefficients: Coefficients, size: Size) -> U8:
        """The full-size matte of one frame, on the device where there is one."""
        if self._device.type == "cpu":
            return refine(rgb, coefficients, size)
        reach = coefficients.reach(size).slices()
        whole = np.zeros((1, size.height, size.width, 3), np.uint8)
        whole[0][reach] = rgb
        with self._lock, torch.inference_mode():
            planes = self._whole(coefficients)
            made = self._refine(torch.from_numpy(whole).to(self._device), planes)[0]
            return made[reach].to("cpu").numpy()  # type: ignore[no-any-return]

    def _whole(self, kept: Coefficients) -> Tensor:
        planes = np.zeros((1, 8, kept.coarse.height, kept.coarse.width), np.float16)
        _, rows, columns = kept.planes.shape
        planes[0, :3] = -1  # outside the window: no colour, as on the CPU
        planes[0, :, kept.top : kept.top + rows, kept.left : kept.left + columns] = kept.planes
        return torch.from_numpy(planes).to(self._device, self._dtype)

    def _blank(self) -> list[Tensor]:
        return [
            torch.zeros(shape, device=self._device, dtype=self._dtype) for shape in self._shapes
        ]
