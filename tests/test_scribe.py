"""Loops written by another process: the same files, and a death that costs one loop."""

import io
import os
import pickle
import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest

from streaming.desk import Nudge, Order, serve
from streaming.errors import OutputError
from streaming.events import LoopFailed, LoopWritten
from streaming.face import Silent
from streaming.frames import Size
from streaming.keeping import Kept
from streaming.loops.emitter import Cut
from streaming.loops.model import Loop
from streaming.matting.guided import Coefficients, refine
from streaming.media.picture import AvPicture
from streaming.meter import Meter
from streaming.priority import NICE
from streaming.results import ResultFolder
from streaming.scribe import Scribe
from streaming.settings import LoopSettings
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
    assert list(scribe.flush()) == []
    assert [each.name for each in folder.path.rglob("*.*")] == ["loop_0.mkv"]


class Watcher(Silent):
    """Notes what is done, and has enough once it has been told so."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.sated = False
        self.looks = False

    def live(self) -> bool:
        return self.looks

    def tried(self, loop: Loop) -> None:
        self.done.append(loop.id)

    def enough(self) -> bool:
        return self.sated


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a whole process gives way")
@pytest.mark.parametrize("gentle", [False, True])
def test_it_gives_way_to_a_live_picture(folder: ResultFolder, gentle: bool) -> None:
    made = cut(orbit(40), "L1", PERIOD, early=True)
    place = folder.place("L1", "loop")
    frames, empty = list(made.taken()), replace(made, frames=[])
    order = Order(1, place, empty, len(frames), gentle, hurried=False)
    told = ((folder.path, {}, LoopSettings()), order, *frames)
    orders, answers = io.BytesIO(b"".join(map(pickle.dumps, told))), io.BytesIO()
    nice: set[int] = set()

    def clock() -> float:
        nice.add(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))
        return 0.0

    serve(orders, answers, clock)
    assert written(pickle.loads(answers.getvalue()).events[0]).path.exists()
    ours = os.getpriority(os.PRIO_PROCESS, 0)
    assert nice == {min(ours + NICE, 19) if gentle else ours}


def test_once_the_source_is_over_two_are_written_at_a_time(
    folder: ResultFolder, meter: Meter
) -> None:
    watcher = Watcher()
    with Scribe(folder, {}, meter, face=watcher) as scribe:
        scribe.alone(hurried=False)
        names = ["L1", "L2", "L3", "L4"]
        cuts = [cut(orbit(40), name, PERIOD, early=False) for name in names]
        told = [list(scribe.push(each)) for each in cuts]
        assert [len(each) for each in told] == [0, 0, 1, 1]
        every = [each for some in (*told, list(scribe.flush())) for each in some]
    assert sorted(each.record.loop.id for each in map(written, every)) == names
    assert sorted(watcher.done) == names
    assert sorted(each.name for each in folder.path.rglob("*.mkv"))[-1] == "loop_3.mkv"


def test_what_was_begun_gently_holds_nothing_up(folder: ResultFolder) -> None:
    goes_on = threading.Event()

    def clock() -> float:
        if threading.current_thread().name == "gentle":  # a machine that others keep busy
            goes_on.wait(60)
        return 0.0

    told: list[object] = [(folder.path, {}, LoopSettings())]
    for number, gentle in ((1, True), (2, False)):
        made = cut(orbit(40), f"L{number}", PERIOD, early=True)
        place = folder.place(made.loop.id, "loop")
        frames = list(made.taken())
        empty = replace(made, frames=[])
        told += [Order(number, place, empty, len(frames), gentle, hurried=False), *frames, Nudge()]
    orders = io.BytesIO(b"".join(map(pickle.dumps, told)))
    there, here = (os.fdopen(end, mode) for end, mode in zip(os.pipe(), ("rb", "wb"), strict=True))
    with there, here, ThreadPoolExecutor(1) as other:
        served = other.submit(serve, orders, here, clock)
        first = sorted(pickle.load(there).number for _ in range(3))
        goes_on.set()
        assert first == [0, 0, 2]
        assert pickle.load(there).number == 1
        served.result(60)


def test_the_source_may_be_over_while_a_loop_is_written(folder: ResultFolder, meter: Meter) -> None:
    watcher = Watcher()
    watcher.looks = True
    with Scribe(folder, {}, meter, face=watcher) as scribe, ThreadPoolExecutor(1) as other:
        writing = other.submit(list, scribe.push(cut(orbit(40), "L1", PERIOD, early=False)))
        while not scribe._gentle and not writing.done():
            pass
        scribe.alone(hurried=False)
        every = writing.result(60)  # with what was written, or without
        for name in ("L2", "L3", "L4"):
            every += scribe.push(cut(orbit(40), name, PERIOD, early=False))
        every += scribe.flush()
    assert sorted(each.record.loop.id for each in map(written, every)) == ["L1", "L2", "L3", "L4"]


def test_whoever_has_enough_gets_no_near_loop_any_more(folder: ResultFolder, meter: Meter) -> None:
    watcher = Watcher()
    with Scribe(folder, {}, meter, LoopSettings(repair="none"), watcher) as scribe:
        near = [_near(cut(orbit(40), f"N{number}", PERIOD, early=False)) for number in (1, 2)]
        scribe.alone(hurried=False)
        told = list(scribe.push(near[0]))
        watcher.sated = True
        told += [*scribe.push(near[1]), *scribe.push(cut(orbit(40), "L1", PERIOD, early=False))]
        told += scribe.flush()
    assert sorted(each.record.loop.id for each in map(written, told)) == ["L1", "N1"]
    assert sorted(watcher.done) == ["L1", "N1", "N2"]


def test_a_process_that_dies_over_two_loops_costs_both(scribe: Scribe) -> None:
    scribe.alone(hurried=False)
    assert list(scribe.push(cut(orbit(40), "L1", PERIOD, early=False))) == []
    os.kill(scribe._process.pid, signal.SIGKILL)
    scribe._process.wait()
    told = [*scribe.push(cut(orbit(40), "L2", PERIOD, early=False)), *scribe.flush()]
    assert [type(each) for each in told] == [LoopFailed, LoopFailed]
    assert {each.loop.id for each in told if isinstance(each, LoopFailed)} == {"L1", "L2"}


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


def written(event: LoopWritten | LoopFailed) -> LoopWritten:
    assert isinstance(event, LoopWritten), event
    return event


def _near(made: Cut[Kept]) -> Cut[Kept]:
    return replace(made, loop=replace(made.loop, kind="near"))


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
