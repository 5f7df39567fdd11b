"""The network on a CPU, compiled by OpenVINO from the torch module.

The conversion (about four seconds, and the only part that needs torch) is done once per weights,
picture size and library version and kept in the cache, as is what OpenVINO compiles of it for this
very processor. A file that cannot be read is made again.

bf16 is used where the processor has it: half the time, and the matte differs by less than a tenth
of a grey level on average.
"""

import logging
import os
import sys
import tempfile
import warnings
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streaming.errors import RuntimeMissing, WeightsError
from streaming.frames import U8, Size
from streaming.matting.guided import Coefficients, refine
from streaming.matting.runtime import Step
from streaming.matting.weights import Weights
from streaming.settings import MattingSettings

__all__ = ["OpenVinoRuntime", "cpu_precision"]

log = logging.getLogger(__name__)

CONVERSION = 1  # raise it when `network.Coarse` changes what it computes


def _openvino() -> Any:
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type] # posts usage data
    import openvino

    return openvino


def cpu_precision(asked: str) -> str:
    """The arithmetic to use on this processor: fp32 or bf16.

    Raises:
        RuntimeMissing: bf16 was asked for and the processor has none, or fp16 on a CPU.
    """
    capable = "BF16" in _openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    if asked == "auto":
        return "bf16" if capable else "fp32"
    if asked == "bf16" and not capable:
        raise RuntimeMissing(
            "--precision bf16: this processor has no bf16 arithmetic; use --precision auto"
        )
    if asked == "fp16":
        raise RuntimeMissing("--precision fp16 is for CUDA; on a CPU use auto, fp32 or bf16")
    return asked


class OpenVinoRuntime:
    """The network on a CPU with the memory of one stream (see `runtime.Runtime`)."""

    def __init__(
        self,
        settings: MattingSettings,
        weights: Weights,
        coarse: Size,
        *,
        refined: bool,
        cache: Path,
    ) -> None:
        precision = cpu_precision(settings.precision)
        threads = settings.threads or os.cpu_count() or 1
        path = _converted(weights, coarse, refined=refined, cache=cache)
        compiled = _compile(path, precision, threads, cache)
        self._request = compiled.create_infer_request()
        self._picture = np.zeros((1, coarse.height, coarse.width, 3), np.uint8)
        self._states = [
            [np.zeros(tuple(each.shape), np.float32) for each in compiled.inputs[1:5]]
            for _ in range(2)
        ]
        self._turn = 0
        self._refined = refined
        self._ov = _openvino()
        self._request.set_input_tensor(0, self._ov.Tensor(self._picture, shared_memory=True))
        self._name = f"openvino, {threads} CPU thread{'s' if threads > 1 else ''}, {precision}"

    @property
    def name(self) -> str:
        """Runtime, device and precision in words."""
        return self._name

    def forget(self) -> None:
        """Start anew."""
        for state in self._states[self._turn]:
            state.fill(0)

    def step(self, rgb: U8) -> Step:
        """Matte one coarse picture."""
        self._picture[0] = rgb
        before, after = self._states[self._turn], self._states[1 - self._turn]
        for number in range(4):  # the memory changes places instead of being copied
            self._request.set_input_tensor(
                1 + number, self._ov.Tensor(before[number], shared_memory=True)
            )
            self._request.set_output_tensor(
                1 + number, self._ov.Tensor(after[number], shared_memory=True)
            )
        self._request.infer()
        self._turn = 1 - self._turn
        rgba = self._output(0)[0].copy()
        planes = self._output(5)[0].copy() if self._refined else None
        return Step(rgba, planes)

    def refine(self, rgb: U8, coefficients: Coefficients) -> U8:
        """The full-size matte of one frame."""
        return refine(rgb, coefficients)

    def _output(self, number: int) -> NDArray[Any]:
        return self._request.get_output_tensor(number).data  # type: ignore[no-any-return]


def _compile(path: Path, precision: str, threads: int, cache: Path) -> Any:
    ov = _openvino()
    options = {
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision],
        "PERFORMANCE_HINT": "LATENCY",
        "CACHE_DIR": str(cache / "compiled"),
    }
    try:
        return ov.Core().compile_model(str(path), "CPU", options)
    except RuntimeError as error:
        raise RuntimeMissing(
            f"{path}: OpenVINO cannot use the converted network ({str(error).splitlines()[0]}); "
            "delete that file and run again, or use --runtime torch"
        ) from error


def _converted(weights: Weights, coarse: Size, *, refined: bool, cache: Path) -> Path:
    ov = _openvino()
    version = ov.__version__.split("-")[0]
    name = f"{weights.variant}-{weights.sha256[:16]}-{coarse}{'-r' if refined else ''}"
    path = cache / "networks" / f"{name}-v{CONVERSION}-ov{version}.xml"
    if not (path.is_file() and path.with_suffix(".bin").is_file()):
        log.info("converting the network for %s px pictures, once", coarse)
        _convert(weights, coarse, path, refined=refined)
    return path


def _convert(weights: Weights, coarse: Size, path: Path, *, refined: bool) -> None:
    import torch

    from streaming.matting.loading import load_network
    from streaming.matting.network import Coarse, state_shapes

    ov = _openvino()
    module = Coarse(load_network(weights.path, weights.variant), refined=refined).eval()
    shapes = state_shapes(weights.variant, coarse.height, coarse.width)
    picture = torch.zeros((1, coarse.height, coarse.width, 3), dtype=torch.uint8)
    example = (picture, *(torch.zeros(shape) for shape in shapes))
    with warnings.catch_warnings():  # tracing warns of every Python number in the graph
        warnings.simplefilter("ignore")
        model = ov.convert_model(
            module,
            example_input=example,
            input=[ov.PartialShape(list(each.shape)) for each in example],
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".convert-") as folder:
            fresh = Path(folder) / path.name
            ov.save_model(model, str(fresh), compress_to_fp16=False)
            fresh.with_suffix(".bin").replace(path.with_suffix(".bin"))
            fresh.replace(path)
    except OSError as error:
        raise WeightsError(f"{path}: cannot keep the converted network: {error}") from error
