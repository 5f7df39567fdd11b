"""What every way of running the network has in common, and how one is chosen.

A runtime holds the recurrent memory of one stream. The network is defined once, in torch; OpenVINO
runs a conversion of that very module that is kept beside the weights. On a CPU OpenVINO is about
twice as fast, and a warm start needs neither torch nor torchvision, which take three seconds to
import: that is why they are imported only in the functions that use them.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from streaming.errors import RuntimeMissing
from streaming.frames import U8, Size
from streaming.matting.guided import Coefficients
from streaming.matting.weights import Weights
from streaming.settings import MattingSettings

__all__ = ["Runtime", "Step", "choose_runtime", "runs_on_cpu"]


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """What the network says about one coarse picture.

    Attributes:
        rgba: (h, w, 4) uint8, the subject's colours and matte, straight alpha.
        planes: (8, h, w) float16, the guided filter's slope and offset; None where the coarse
            picture is the whole frame.
    """

    rgba: U8
    planes: NDArray[np.float16] | None


class Runtime(Protocol):
    """The network with the memory of one stream."""

    @property
    def name(self) -> str:
        """Runtime, device and precision in words, for the log and the report."""
        ...

    def push(self, rgb: U8, *, fresh: bool) -> Iterable[Step]:
        """Take the next coarse picture; give the step that is ready, if one is.

        Args:
            rgb: (h, w, 3) uint8.
            fresh: The picture has no predecessor: forget what was before.

        Returns:
            Steps in the order of their pictures, at most one picture late.
        """
        ...

    def flush(self) -> Iterable[Step]:
        """Give what is still held back; a picture may follow."""
        ...

    def refine(self, rgb: U8, coefficients: Coefficients, size: Size) -> U8:
        """The full-size matte of one frame; safe to call from several threads.

        Args:
            rgb: (h, w, 3) uint8, the frame's `coefficients.reach(size)`.
            coefficients: What the network left for it.
            size: Size of the whole frame.

        Returns:
            (h, w, 4) uint8, the subject's colours and straight alpha in that part.
        """
        ...


def runs_on_cpu(settings: MattingSettings) -> bool:
    """Whether the settings lead to a CPU, found without importing torch where that is possible.

    Raises:
        RuntimeMissing: A device was asked for that is not there.
    """
    if settings.device == "cpu" or settings.runtime == "openvino":
        if settings.device not in ("auto", "cpu"):
            raise RuntimeMissing(
                f"--runtime openvino with --device {settings.device}: OpenVINO runs on the CPU "
                "here; leave out one of the two"
            )
        return True
    if settings.device != "auto":
        return False
    return not _has_accelerator()


def _has_accelerator() -> bool:
    """Ask the system, not torch: importing torch costs more than a short clip's matting."""
    import sys

    if sys.platform == "darwin":
        import platform

        return platform.machine() == "arm64"
    return any(Path(name).exists() for name in ("/dev/nvidia0", "/dev/nvidiactl", "/dev/dxg"))


def choose_runtime(
    settings: MattingSettings,
    weights: Weights,
    coarse: Size,
    *,
    refined: bool,
    cache: Path,
    late: bool = True,
) -> Runtime:
    """Build the runtime that the settings ask for.

    Args:
        settings: Runtime, device, precision and threads.
        weights: The network's weights.
        coarse: Size of the pictures that will be pushed.
        refined: Whether the guided filter's coefficients are wanted.
        cache: Folder for converted networks.
        late: Whether a step may come one picture late, which is faster; not for live input.

    Raises:
        RuntimeMissing: The device or runtime is not there.
        WeightsError: The weights do not fit the network.
    """
    if settings.runtime == "torch" or not runs_on_cpu(settings):
        from streaming.matting.torch_runtime import TorchRuntime, pick_device

        device = "cpu" if settings.device == "cpu" else pick_device(settings.device)
        if device != "cpu" or settings.runtime == "torch":
            return TorchRuntime(settings, weights, coarse, refined=refined, device=device)
    from streaming.matting.openvino_runtime import OpenVinoRuntime

    return OpenVinoRuntime(settings, weights, coarse, refined=refined, cache=cache, late=late)
