"""Loops written by another process: the same files, and a death that costs one loop."""

import os
import pickle
import signal
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from streaming.errors import OutputError
from streaming.events import LoopFailed, LoopWritten
from streaming.frames import Size
from streaming.matting.guided import Coefficients, refine
from streaming.media.picture import AvPicture
from streaming.meter import Meter
from streaming.results import ResultFolder
from streaming.scribe import Scribe
from tests.test_making import PERIOD, SIZE, cut, orbit


@pytest.fixture
def meter() -> Meter:
    return Meter(lambda: 0.0)


@pytest.fixture
def scribe(folder: ResultFolder, meter: Meter) -> Iterator[Scribe]:
    with Scribe(folder, {"input": "a disc"}, meter) as scribe:
        yield scribe


def test_a_loop_and_its_master_are_written_there(
    scribe: Scribe, folder: ResultFolder, meter: Meter
) -> None:
    folder.place("L0", "loop")  # found earlier, not written yet
    frames = orbit(40)
    early = cut(frames, "L1", PERIOD, early=True)
    (told,) = scribe.push(early)
    assert isinstance(told, LoopWritten)
    assert told.path == folder.path / "loop_1.webm"
    assert told.record.frames == PERIOD
    assert early.frames == []  # this process holds on to nothing
    assert list(scribe.push(cut(frames, "L1", PERIOD, early=False))) == []
    assert (folder.path / "masters" / "loop_1.mkv").exists()
    spent = {each.name: each.items for each in meter.spent()}
    assert spent["encode loop"] == PERIOD
    assert spent["encode master"] == 40


def test_a_loop_that_fails_its_check_is_forgotten_here_too(
    scribe: Scribe, folder: ResultFolder
) -> None:
    (told,) = scribe.push(cut(orbit(40), "L1", PERIOD // 2, early=False))
    assert isinstance(told, LoopFailed)
    assert "the seam is" in told.problems[0]
    assert folder.finish(["L1"], keep=1) == ()


def test_in_a_hurry_the_master_alone_is_written(scribe: Scribe, folder: ResultFolder) -> None:
    scribe.alone(hurried=True)
    assert list(scribe.push(cut(orbit(40), "L1", PERIOD, early=False))) == []
    assert [each.name for each in folder.path.rglob("*.*")] == ["loop_0.mkv"]


def test_a_process_that_dies_costs_one_loop(scribe: Scribe, folder: ResultFolder) -> None:
    os.kill(scribe._process.pid, signal.SIGKILL)
    scribe._process.wait()
    (lost,) = scribe.push(cut(orbit(40), "L1", PERIOD, early=True))
    assert isinstance(lost, LoopFailed)
    assert "ended unexpectedly" in lost.problems[0]
    (told,) = scribe.push(cut(orbit(40), "L2", PERIOD, early=True))
    assert isinstance(told, LoopWritten)
    assert [each.name for each in folder.path.iterdir() if each.is_file()] == ["loop_1.webm"]


def test_what_cannot_be_written_is_said_here(scribe: Scribe, folder: ResultFolder) -> None:
    (folder.path / "loop_0.webm").mkdir()
    with pytest.raises(OutputError, match="loop_0"):
        list(scribe.push(cut(orbit(40), "L1", PERIOD, early=True)))


def test_it_is_ended_by_nothing_but_its_owner(scribe: Scribe) -> None:
    process = scribe._process
    assert list(scribe.push(cut(orbit(40), "L1", PERIOD, early=True)))
    for each in (signal.SIGINT, signal.SIGTERM):  # a terminal sends them to everybody
        process.send_signal(each)
    assert list(scribe.push(cut(orbit(40), "L2", PERIOD, early=True)))
    scribe.close()
    assert process.returncode == 0


def test_coefficients_are_refined_without_a_runtime() -> None:
    rng = np.random.default_rng(1)
    planes = rng.random((8, 12, 16)).astype(np.float16)
    coefficients = Coefficients(planes, 0, 0, Size(16, 12))
    picture = AvPicture.of(rng.integers(0, 255, (SIZE.height, SIZE.width, 3), np.uint8))
    kept = orbit(1)[0]
    crossed = replace(kept, picture=picture, cutout=None, coefficients=coefficients, runtime=None)
    wanted = refine(picture.rgb(SIZE), coefficients, SIZE)
    assert (crossed.subject().rgba[..., 3] == wanted[..., 3]).all()


@pytest.mark.parametrize("channels", [3, 4])
def test_a_picture_crosses_unchanged(channels: int) -> None:
    rng = np.random.default_rng(2)
    pixels = rng.integers(0, 255, (46, 34, channels), np.uint8)
    for picture in (AvPicture.of(pixels), AvPicture.of(pixels).packed(Size(34, 46))):
        again: AvPicture = pickle.loads(pickle.dumps(picture, 5))
        assert again.frame.format.name == picture.frame.format.name
        assert again.frame.colorspace == picture.frame.colorspace
        assert again.frame.color_range == picture.frame.color_range
        assert (again.rgb(again.size) == picture.rgb(picture.size)).all()
        assert (again.alpha(again.size) == picture.alpha(picture.size)).all()
