"""A loop that is not what it should be does not stay, and neither does its master."""

from fractions import Fraction

import numpy as np
import pytest

from streaming.events import LoopFailed, LoopWritten
from streaming.frames import Frame, Size
from streaming.keeping import Keeper, Kept
from streaming.loops.emitter import Cut
from streaming.loops.model import Loop
from streaming.making import LoopMaker
from streaming.matting.stream import SourceMatting
from streaming.media.picture import AvPicture
from streaming.mending.model import INVISIBLE
from streaming.meter import Meter
from streaming.proving import seam_bound
from streaming.results import ResultFolder
from streaming.settings import LoopSettings, MattingSettings, Repair

SIZE = Size(96, 64)
PERIOD = 24
STEP_S = Fraction(1, 24)


def orbit(count: int) -> list[Kept]:
    """Frames of a disc that orbits once in PERIOD frames, as the ring holds them."""
    y, x = np.mgrid[: SIZE.height, : SIZE.width]
    keeper = Keeper(SIZE, AvPicture.of)
    kept = []
    for number in range(count):
        turn = 2 * np.pi * number / PERIOD
        far = np.hypot(x - 48 - 20 * np.cos(turn), y - 32 - 20 * np.sin(turn))
        rgba = np.full((SIZE.height, SIZE.width, 4), (200, 60, 40, 0), np.uint8)
        rgba[:, :, 3] = np.clip((9 - far) * 255, 0, 255)
        frame = Frame(number, number * STEP_S, STEP_S, AvPicture.of(rgba))
        (matted,) = SourceMatting(MattingSettings(), whole=False).push(frame)
        kept.append(keeper.keep(matted))
    return kept


def cut(
    frames: list[Kept], name: str, length: int, *, early: bool, mismatch: float = 0.05
) -> Cut[Kept]:
    """The loop of `length` frames from frame 4 on: a true one only if that is the period."""
    loop = Loop(name, "loop", 4, 4 + length, 4 * STEP_S, (4 + length) * STEP_S, mismatch, 0.1)
    held = [each for each in frames if not early or loop.start <= each.index < loop.end]
    return Cut(loop, held, 0 if early else 4, early=early)


@pytest.fixture
def maker(folder: ResultFolder) -> LoopMaker:
    return LoopMaker(folder, {}, Meter(lambda: 0.0))


def test_a_loop_comes_first_and_its_master_follows(maker: LoopMaker, folder: ResultFolder) -> None:
    frames = orbit(40)
    (told,) = maker.push(cut(frames, "L1", PERIOD, early=True))
    assert isinstance(told, LoopWritten)
    assert told.record.frames == PERIOD
    assert not (folder.path / "masters" / "loop_0.mkv").exists()
    assert list(maker.push(cut(frames, "L1", PERIOD, early=False))) == []
    assert (folder.path / "masters" / "loop_0.mkv").exists()


def test_a_loop_that_jumps_leaves_neither_file_nor_master(
    maker: LoopMaker, folder: ResultFolder, caplog: pytest.LogCaptureFixture
) -> None:
    frames = orbit(40)
    (told,) = maker.push(cut(frames, "L1", PERIOD // 2, early=True))
    assert isinstance(told, LoopFailed)
    assert "the seam is" in told.problems[0]
    assert list(maker.push(cut(frames, "L1", PERIOD // 2, early=False))) == []
    assert [each for each in folder.path.rglob("*") if each.is_file()] == []
    list(maker.push(cut(frames, "L2", PERIOD, early=True)))
    list(maker.push(cut(frames, "L2", PERIOD, early=False)))
    (moved,) = folder.finish(["L2"], keep=1)
    assert (moved.new, moved.master) == ("loop_0.webm", "masters/loop_0.mkv")


def test_a_master_that_was_there_first_goes_with_its_loop(
    maker: LoopMaker, folder: ResultFolder
) -> None:
    frames = orbit(40)
    list(maker.push(cut(frames, "L1", PERIOD // 2, early=False)))
    (told,) = maker.push(cut(frames, "L1", PERIOD // 2, early=True))
    assert isinstance(told, LoopFailed)
    assert [each for each in folder.path.rglob("*") if each.is_file()] == []


def test_a_loop_that_was_found_is_mended_where_its_seam_shows(
    maker: LoopMaker, folder: ResultFolder
) -> None:
    rough, frames = PERIOD - 1, orbit(44)  # it steps twice as far over its seam as anywhere else
    told = [
        *maker.push(cut(frames, "L1", rough, early=True, mismatch=1.0)),
        *maker.push(cut(frames, "L1", rough, early=False, mismatch=1.0)),
    ]
    before, after = (each.record for each in told if isinstance(each, LoopWritten))
    assert before.mending is None and (before.seam_worst or 0) > 1.4
    assert after.mending is not None and (after.seam_worst or 9) <= INVISIBLE
    assert (after.loop.kind, after.frames, after.file) == ("loop", PERIOD, before.file)
    assert len(list(folder.path.rglob("*.*"))) == 2


@pytest.mark.parametrize("repair", ["none", "auto"])
def test_a_loop_is_left_where_nobody_wants_it_mended_or_somebody_watches(
    folder: ResultFolder, repair: Repair
) -> None:
    asked = LoopSettings(repair=repair)
    maker = LoopMaker(folder, {}, Meter(lambda: 0.0), asked, watched=repair == "auto")
    (told,) = maker.push(cut(orbit(44), "L1", PERIOD - 1, early=False, mismatch=1.0))
    assert isinstance(told, LoopWritten)
    assert told.record.mending is None


def test_a_cut_is_forgotten_as_it_is_written(maker: LoopMaker) -> None:
    early = cut(orbit(40), "L1", PERIOD, early=True)
    list(maker.push(early))
    assert early.frames == []


def test_where_the_motion_is_quick_a_larger_step_is_granted() -> None:
    assert seam_bound(0.0, 2.0) > seam_bound(0.0, 1.0) == seam_bound(0.0, 0.3)


def test_in_a_hurry_the_master_alone_is_written(folder: ResultFolder) -> None:
    maker = LoopMaker(folder, {}, Meter(lambda: 0.0))
    maker.alone(hurried=True)
    frames = orbit(40)
    assert list(maker.push(cut(frames, "L1", PERIOD, early=True))) == []
    assert list(maker.push(cut(frames, "L1", PERIOD, early=False))) == []
    assert [each.name for each in folder.path.rglob("*.*")] == ["loop_0.mkv"]
