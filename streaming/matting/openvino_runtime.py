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
from dataclasses import dataclass
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

CONVERSION = 2  # raise it when the `halves` change what they compute


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
    """The network on a CPU with the memory of one stream (see `runtime.Runtime`).

    Args:
        settings: Precision and threads.
        weights: The network's weights.
        coarse: Size of the pictures that will be pushed.
        refined: Whether the guided filter's coefficients are wanted.
        cache: Folder for converted networks.
        late: Let the two halves of the network work on neighbouring frames at the same time, each
            with half of the threads: they wait for each other once per frame, where threads that
            share every layer wait at each of its hundred layers.
    """

    def __init__(
        self,
        settings: MattingSettings,
        weights: Weights,
        coarse: Size,
        *,
        refined: bool,
        cache: Path,
        late: bool,
    ) -> None:
        precision = cpu_precision(settings.precision)
        threads = settings.threads or os.cpu_count() or 1
        self._late = late and threads > 1
        first = threads // 2 if self._late else threads
        second = threads - first if self._late else threads
        paths = _converted(weights, coarse, refined=refined, cache=cache)
        self._deep = _Half(_compile(paths.deep, precision, first, cache), (1, 2, 3), (2, 3, 4))
        self._shallow = _Half(_compile(paths.shallow, precision, second, cache), (3,), (1,))
        self._pictures = [np.zeros((1, coarse.height, coarse.width, 3), np.uint8) for _ in range(2)]
        self._between = [self._deep.outputs(0, 1) for _ in range(2)]
        self._fresh = [True, True]
        self._turn = 0
        self._waiting = False
        self._refined = refined
        self._name = f"openvino, {threads} CPU thread{'s' if threads > 1 else ''}, {precision}"

    @property
    def name(self) -> str:
        """Runtime, device and precision in words."""
        return self._name

    def push(self, rgb: U8, *, fresh: bool) -> list[Step]:
        """Take the next coarse picture; give the step that is ready."""
        turn = self._turn
        self._pictures[turn][0] = rgb
        self._fresh[turn] = fresh
        if fresh:
            self._deep.forget()
        self._deep.start([self._pictures[turn]], self._between[turn])
        steps = self.flush()  # the frame before, while this one's first half runs
        self._deep.wait()
        self._turn, self._waiting = 1 - turn, True
        return steps if self._late else self.flush()

    def flush(self) -> list[Step]:
        """Finish the picture that is half done, if there is one."""
        if not self._waiting:
            return []
        self._waiting = False
        turn = 1 - self._turn
        if self._fresh[turn]:
            self._shallow.forget()
        self._shallow.start([self._pictures[turn], *self._between[turn]], [])
        self._shallow.wait()
        planes = self._shallow.result(2)[0].copy() if self._refined else None
        return [Step(self._shallow.result(0)[0].copy(), planes)]

    def refine(self, rgb: U8, coefficients: Coefficients, size: Size) -> U8:
        """The full-size matte of one frame, where it can hold any."""
        return refine(rgb, coefficients, size)


class _Half:
    """One compiled half of the network and its memories, which change places after each frame.

    Args:
        compiled: An OpenVINO compiled model.
        memories: Which of its inputs are memories.
        successors: Which of its outputs take their place for the next frame.
    """

    def __init__(
        self, compiled: Any, memories: tuple[int, ...], successors: tuple[int, ...]
    ) -> None:
        self._compiled = compiled
        self._request = compiled.create_infer_request()
        self._memories, self._successors = memories, successors
        self._kept = [
            [np.zeros(tuple(compiled.inputs[n].shape), np.float32) for n in memories]
            for _ in range(2)
        ]
        self._now = 0

    def outputs(self, *numbers: int) -> list[NDArray[Any]]:
        """Fresh arrays that these outputs can be written to."""
        return [np.zeros(tuple(self._compiled.outputs[n].shape), np.float32) for n in numbers]

    def forget(self) -> None:
        """The next frame has no predecessor."""
        for each in self._kept[self._now]:
            each.fill(0)

    def start(self, given: list[NDArray[Any]], into: list[NDArray[Any]]) -> None:
        """Begin a frame: `given` are the first inputs, `into` takes the first outputs."""
        before, after = self._kept[self._now], self._kept[1 - self._now]
        for number, array in (*enumerate(given), *zip(self._memories, before, strict=True)):
            self._request.set_input_tensor(number, self._tensor(array))
        for number, array in (*enumerate(into), *zip(self._successors, after, strict=True)):
            self._request.set_output_tensor(number, self._tensor(array))
        self._request.start_async()

    def wait(self) -> None:
        """Wait until the frame is done."""
        self._request.wait()
        self._now = 1 - self._now

    def result(self, number: int) -> NDArray[Any]:
        """An output; good until the next `start`."""
        return self._request.get_output_tensor(number).data  # type: ignore[no-any-return]

    @staticmethod
    def _tensor(array: NDArray[Any]) -> Any:
        return _openvino().Tensor(array, shared_memory=True)


@dataclass(frozen=True, slots=True)
class _Paths:
    """The two halves of a converted network."""

    deep: Path
    shallow: Path


def _compile(path: Path, precision: str, threads: int, cache: Path) -> Any:
    ov = _openvino()
    options = {
        "INFERENCE_NUM_THREADS": threads,
        "INFERENCE_PRECISION_HINT": {"fp32": "f32", "bf16": "bf16"}[precision],
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": False,  # else both halves are pinned to the first core
        "CACHE_DIR": str(cache / "compiled"),
    }
    try:
        return ov.Core().compile_model(str(path), "CPU", options)
    except RuntimeError as error:
        raise RuntimeMissing(
            f"{path}: OpenVINO cannot use the converted network ({str(error).splitlines()[0]}); "
            "delete that file and run again, or use --runtime torch"
        ) from error


def _converted(weights: Weights, coarse: Size, *, refined: bool, cache: Path) -> _Paths:
    version = _openvino().__version__.split("-")[0]
    name = f"{weights.variant}-{weights.sha256[:16]}-{coarse}"
    end = f"-v{CONVERSION}-ov{version}.xml"
    folder = cache / "networks"
    paths = _Paths(
        folder / f"{name}-deep{end}", folder / f"{name}-shallow{'-r' if refined else ''}{end}"
    )
    files = [half.with_suffix(s) for half in (paths.deep, paths.shallow) for s in (".xml", ".bin")]
    if not all(file.is_file() for file in files):
        log.info("converting the network for %s px pictures, once", coarse)
        _convert(weights, coarse, paths, refined=refined)
    return paths


def _convert(weights: Weights, coarse: Size, paths: _Paths, *, refined: bool) -> None:
    import torch

    from streaming.matting.halves import DeepHalf, ShallowHalf
    from streaming.matting.loading import load_network
    from streaming.matting.network import state_shapes

    network = load_network(weights.path, weights.variant)
    shapes = state_shapes(weights.variant, coarse.height, coarse.width)
    r1, *deeper = (torch.zeros(shape) for shape in shapes)
    picture = torch.zeros((1, coarse.height, coarse.width, 3), dtype=torch.uint8)
    deep = DeepHalf(network).eval()
    _save(deep, (picture, *deeper), paths.deep)
    with torch.no_grad():
        x, skip, *_ = deep(picture, *deeper)
    _save(ShallowHalf(network, refined=refined).eval(), (picture, x, skip, r1), paths.shallow)


def _save(module: Any, example: tuple[Any, ...], path: Path) -> None:
    ov = _openvino()
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
