"""Matting a stream with the real weights: runtimes agree, scenes are apart, starts are warm."""

import subprocess
import sys
from collections.abc import Callable, Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from streaming.demo import DEMO_SIZE, demo_frame, demo_person
from streaming.errors import RuntimeMissing
from streaming.frames import U8, Frame, Size
from streaming.matting.runtime import Runtime, choose_runtime
from streaming.matting.stream import CutDetector, Matted, NetworkMatting, SourceMatting, coarse_size
from streaming.matting.weights import find_weights
from streaming.media.picture import AvPicture
from streaming.settings import MattingSettings
from streaming.stage import through

FAST = MattingSettings(quality="fast", device="cpu")


def _builder(settings: MattingSettings, cache: Path) -> Callable[[Size, bool], Runtime]:
    found = find_weights("mobilenetv3", cache)
    return lambda coarse, refined: choose_runtime(
        settings, found, coarse, refined=refined, cache=cache
    )


def _frames(pictures: Sequence[U8]) -> list[Frame]:
    return [
        Frame(number, Fraction(number, 30), Fraction(1, 30), AvPicture.of(picture))
        for number, picture in enumerate(pictures)
    ]


def _matted(settings: MattingSettings, cache: Path, pictures: Sequence[U8]) -> list[Matted]:
    return list(through(NetworkMatting(settings, _builder(settings, cache)), _frames(pictures)))


@pytest.fixture(scope="module")
def astronaut() -> list[U8]:
    return [demo_frame(each) for each in range(0, 24, 2)]


@pytest.fixture(scope="module")
def matted(cache: Path, astronaut: list[U8]) -> list[Matted]:
    return _matted(FAST, cache, astronaut)


def test_the_default_runtime_agrees_with_torch(
    cache: Path, astronaut: list[U8], matted: list[Matted]
) -> None:
    few = 4  # the memory is in use from the second on
    settings = MattingSettings(quality="fast", device="cpu", runtime="torch")
    torch = _matted(settings, cache, astronaut[:few])
    for ours, theirs in zip(matted[:few], torch, strict=True):
        assert np.abs(ours.look[:, :, 3].astype(int) - theirs.look[:, :, 3]).mean() <= 0.15


def test_a_person_is_cut_out_at_full_size(matted: list[Matted]) -> None:
    truth = demo_person(22)[:, :, 3].astype(int)
    cutout = matted[-1].cutout(DEMO_SIZE)
    assert cutout is not None
    assert cutout.shape == (DEMO_SIZE.height, DEMO_SIZE.width, 4)
    error = np.abs(cutout[:, :, 3].astype(int) - truth)
    assert error.mean() < 4
    assert cutout[:4, :4, 3].max() == 0


def test_the_same_frames_give_the_same_mattes(
    cache: Path, astronaut: list[U8], matted: list[Matted]
) -> None:
    again = _matted(FAST, cache, astronaut)
    assert all((a.look == b.look).all() for a, b in zip(matted, again, strict=True))


def test_a_cut_makes_the_network_forget(cache: Path, astronaut: list[U8]) -> None:
    other = np.full_like(astronaut[0], 235)
    after = _matted(FAST, cache, [other, other, *astronaut[:2]])
    fresh = _matted(FAST, cache, astronaut[:2])
    assert [each.cut for each in after] == [False, False, True, False]
    assert (after[2].look == fresh[0].look).all()


def test_a_change_of_size_starts_anew(cache: Path, astronaut: list[U8]) -> None:
    small = [np.ascontiguousarray(each[::2, ::2]) for each in astronaut[:2]]
    mixed = _matted(FAST, cache, [*astronaut[:2], *small])
    alone = _matted(FAST, cache, small)
    assert (mixed[2].look == alone[0].look).all()
    assert (mixed[3].look == alone[1].look).all()


def test_a_picture_as_small_as_the_network_s_needs_no_refinement(
    cache: Path, astronaut: list[U8]
) -> None:
    small = np.ascontiguousarray(astronaut[0][::3, ::3])
    only = _matted(FAST, cache, [small])[0]
    assert only.coefficients is None
    assert only.cutout(Size(small.shape[1], small.shape[0])) is only.look


def test_the_source_s_own_alpha_is_kept_or_ignored_as_asked() -> None:
    rgba = np.zeros((40, 60, 4), np.uint8)
    rgba[10:30, 20:40] = (250, 20, 20, 200)
    frame = Frame(0, Fraction(0), Fraction(1, 25), AvPicture.of(rgba))
    (own,) = SourceMatting(FAST, whole=False).push(frame)
    (whole,) = SourceMatting(FAST, whole=True).push(frame)
    assert own.look[20, 30].tolist() == [250, 20, 20, 200]
    assert own.look[0, 0, 3] == 0
    assert whole.look[:, :, 3].min() == 255


@pytest.mark.parametrize(
    ("frame", "settings", "coarse"),
    [
        (Size(1280, 720), MattingSettings(), Size(384, 216)),
        (Size(1280, 720), MattingSettings(quality="fast"), Size(256, 144)),
        (Size(720, 1280), MattingSettings(quality="best"), Size(288, 512)),
        (Size(1920, 1080), MattingSettings(downsample_ratio=0.25), Size(480, 270)),
        (Size(176, 144), MattingSettings(), Size(176, 144)),
    ],
)
def test_the_network_s_picture(frame: Size, settings: MattingSettings, coarse: Size) -> None:
    assert coarse_size(frame, settings) == coarse


def test_motion_is_no_cut_and_a_new_scene_is() -> None:
    detector = CutDetector()
    scene = np.zeros((90, 160, 3), np.uint8)
    answers = []
    for step in range(12):
        moving = scene.copy()
        moving[20:80, 5 * step : 5 * step + 40] = 220
        answers.append(detector.is_cut(moving))
    assert not any(answers)
    assert detector.is_cut(np.full_like(scene, 180))
    assert not detector.is_cut(np.full_like(scene, 181))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (MattingSettings(device="cuda:99"), "sees no such device"),
        (MattingSettings(device="toaster"), "wanted auto, cpu, cuda"),
        (MattingSettings(runtime="openvino", device="cuda"), "leave out one of the two"),
        (MattingSettings(device="cpu", precision="fp16"), "fp16 is for CUDA"),
    ],
)
def test_a_device_that_is_not_there_is_named(
    cache: Path, settings: MattingSettings, words: str
) -> None:
    with pytest.raises(RuntimeMissing, match=words):
        _builder(settings, cache)(Size(64, 64), False)


def test_a_warm_start_on_a_cpu_imports_neither_torch_nor_torchvision(
    cache: Path, matted: list[Matted]
) -> None:
    program = f"""
import sys
from pathlib import Path
import numpy as np
from streaming.frames import Size
from streaming.matting.runtime import choose_runtime
from streaming.matting.weights import find_weights
from streaming.settings import MattingSettings
import streaming.pipeline
cache = Path({str(cache)!r})
settings = MattingSettings(quality="fast", device="cpu")
runtime = choose_runtime(
    settings, find_weights("mobilenetv3", cache), Size(256, 144), refined=True, cache=cache
)
runtime.push(np.zeros((144, 256, 3), np.uint8), fresh=True)
print([name for name in ("torch", "torchvision", "onnx") if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
