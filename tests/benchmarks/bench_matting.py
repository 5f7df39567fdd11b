"""The network: against onnxruntime, against the truth, and how long a frame takes.

The truth is a dancing man whose alpha is known, laid over another clip, so that every pixel of the
matte can be scored: mean absolute difference times 1000, as the paper reports it.
"""

import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from streaming.frames import U8, Patch, Size
from streaming.matting.loading import load_network
from streaming.matting.runtime import Runtime, choose_runtime
from streaming.matting.stream import coarse_size
from streaming.matting.weights import Weights, default_cache, find_weights
from streaming.media.alpha import read_rgba
from streaming.media.composite import over
from streaming.media.picture import AvPicture
from streaming.media.planes import size_of
from streaming.media.source import open_source
from streaming.settings import MattingSettings, SourceSettings
from tests.benchmarks.measuring import footage, median_ms, row
from tests.matting.reference import Official, Ours, furthest_apart

FRAMES = 200
SIZE = Size(640, 360)


def main() -> None:
    """Print all tables."""
    _agreement()
    _speed()
    dancer, behind = footage("alpha", "dancer.webm"), footage("nasty", "imageio_cockatoo.mp4")
    if dancer is None or behind is None:
        return
    frames = [(over(rgba, back), rgba[:, :, 3]) for rgba, back in _pairs(dancer, behind)]
    for quality in ("best", "fast"):
        _quality(frames, MattingSettings(quality=quality, device="cpu"))


def _speed() -> None:
    coarse = Size(320, 180)
    picture = np.random.default_rng(0).integers(0, 256, (180, 320, 3), np.uint8)
    for runtime in ("openvino", "torch"):
        settings = MattingSettings(device="cpu", runtime=runtime, threads=1)
        network = _network(settings, coarse, refined=True)
        took = median_ms(lambda network=network: network.push(picture, fresh=False))  # type: ignore[misc]
        target = "<= 30 with bf16, <= 50 without" if runtime == "openvino" else ""
        row(f"coarse network 320x180, one thread: {network.name}", f"{took:.1f} ms", target)
    official = Official(_weights().path, threads=1)
    took = median_ms(lambda: _bytes(official, picture, 1.0))
    row("the same: onnxruntime, official file", f"{took:.1f} ms")


def _quality(frames: list[tuple[U8, U8]], settings: MattingSettings) -> None:
    coarse = coarse_size(SIZE, settings)
    default = _network(settings, coarse, refined=True)
    torch = _network(
        MattingSettings(quality=settings.quality, device="cpu", runtime="torch"),
        coarse,
        refined=True,
    )
    official = Official(_weights().path)
    ratio = coarse.width / SIZE.width
    apart: list[float] = []
    errors: dict[str, list[float]] = {"default": [], "torch": [], "onnxruntime": []}
    for rgb, truth in frames:
        picture = AvPicture.of(rgb)
        small = picture.rgb(coarse, sharp=True)
        ours = _full(default, rgb, small)
        theirs = _full(torch, rgb, small)
        apart.append(np.abs(ours - theirs).mean())
        errors["default"].append(np.abs(ours - truth).mean() / 255)
        errors["torch"].append(np.abs(theirs - truth).mean() / 255)
        errors["onnxruntime"].append(np.abs(_bytes(official, rgb, ratio) - truth).mean() / 255)
    name = f"dancer over cockatoo, {len(frames)} frames, {settings.quality} ({coarse})"
    row(f"{name}: {default.name} against torch", f"{np.mean(apart):.3f} /255", "<= 0.15")
    for who, values in errors.items():
        row(f"  MAD x1000 against the truth: {who}", f"{np.mean(values) * 1000:.2f}")
    share = np.mean(errors["default"]) / np.mean(errors["onnxruntime"])
    row("  default against onnxruntime", f"{share:.3f} x", "<= 1.01")


def _full(network: Runtime, rgb: U8, small: U8) -> NDArray[np.float32]:
    from streaming.matting.guided import Coefficients

    (step,) = network.push(small, fresh=False)
    assert step.planes is not None
    kept = Coefficients.around(step.planes, step.rgba[:, :, 3])
    size = size_of(rgb)
    rect = kept.reach(size)
    refined = Patch(network.refine(rgb[rect.slices()], kept, size), rect, size)
    return refined.whole()[:, :, 3].astype(np.float32)


def _agreement() -> None:
    for height, width, ratio in ((240, 320, 0.5), (243, 331, 0.4)):
        ours = Ours(load_network(_weights().path, "mobilenetv3"))
        apart = furthest_apart(ours, Official(_weights().path), height, width, ratio)
        name = f"torch against onnxruntime, three frames, {width}x{height}"
        row(name, f"{apart:.1e}", "<= 1e-4")


def _weights() -> Weights:
    return find_weights("mobilenetv3", default_cache())


def _network(settings: MattingSettings, coarse: Size, *, refined: bool) -> Runtime:
    cache = default_cache()
    return choose_runtime(
        settings,
        _weights(),
        coarse,
        refined=refined,
        cache=cache,
        late=False,
    )


def _pairs(dancer: Path, behind: Path) -> Iterator[tuple[U8, U8]]:
    with open_source(str(behind), SourceSettings()) as source:
        backs = (frame.picture.rgb(SIZE) for frame in source.frames())
        fronts = (each.rgba for each in read_rgba(dancer))
        yield from itertools.islice(zip(fronts, backs, strict=False), FRAMES)


def _bytes(official: Official, rgb: U8, ratio: float) -> NDArray[np.float32]:
    """The official matte of one frame, 0..255."""
    src = np.ascontiguousarray(rgb.transpose(2, 0, 1)[None], np.float32) / np.float32(255)
    matte: NDArray[np.float32] = official.frame(src, ratio)[0, 3] * 255
    return matte


if __name__ == "__main__":
    main()
