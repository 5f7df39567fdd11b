"""Whoever watches a run sees all of it, and what it wishes happens.

The clip carries its own alpha, so no network is needed: a disc that goes round in 24 frames.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from streaming.events import Done, Event, LoopFound, LoopWritten
from streaming.face import Mark, Wish
from streaming.frames import Frame, Size
from streaming.loops.model import Loop, Moment
from streaming.matting.stream import Matted
from streaming.media.alpha import probe_webm
from streaming.media.master import read_master
from streaming.pipeline import run
from streaming.settings import LoopSettings, OutputSettings, RunSettings
from tests.media.figures import orbit
from tests.runs import NOW, OWN, clip_of

PERIOD, FRAMES, FPS = 24, 60, 30
SMALL = Size(64, 64)
USUAL = LoopSettings(loops=1, max_duration_s=Fraction(3, 2))
TOO_SHORT = LoopSettings(loops=1, max_duration_s=Fraction(3, 5))
FLAWLESS = LoopSettings(loops=1, max_duration_s=Fraction(3, 2), seam=1e-6)


@dataclass
class Watcher:
    """Sees everything, and wishes something after so many frames."""

    wishes: Mapping[int, Wish] = field(default_factory=dict)
    every: int = 1
    matted_frames: list[int] = field(default_factory=list)
    judged_frames: list[int] = field(default_factory=list)
    refusals: list[tuple[str, str]] = field(default_factory=list)
    keeps: frozenset[str] = frozenset()
    remains: list[str] = field(default_factory=list)
    tries: list[str] = field(default_factory=list)
    asked: int = 0

    def paced(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        return (frame for frame in frames if frame.index % self.every == 0)

    def matted(self, item: Matted) -> None:
        assert item.look[..., 3].max() == 255
        self.matted_frames.append(item.frame.index)

    def judged(self, moment: Moment) -> None:
        self.judged_frames.append(moment.index)

    def wish(self) -> Wish:
        self.asked += 1
        return self.wishes.get(self.asked, Wish())

    def refused(self, mark: Mark, why: str) -> None:
        self.refusals.append((mark.id, why))

    def kept(self) -> frozenset[str]:
        return self.keeps

    def live(self) -> bool:
        return True

    def left(self, loops: tuple[Loop, ...]) -> None:
        self.remains.extend(each.id for each in loops)

    def tried(self, loop: Loop) -> None:
        self.tries.append(loop.id)

    def enough(self) -> bool:
        return False


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    round_once = orbit(SMALL, PERIOD, np.array([200, 60, 40], np.uint8))
    pictures = (round_once[index % PERIOD] for index in range(FRAMES))
    return clip_of(tmp_path_factory.mktemp("clip") / "disc.webm", pictures, fps=FPS)


def watched(
    clip: Path, folder: Path, watcher: Watcher, loops: LoopSettings = USUAL
) -> tuple[list[Event], Done]:
    output = OutputSettings(output=folder, video=False, copy=False)
    settings = RunSettings(str(clip), folder, matting=OWN, loops=loops, output=output)
    settings = replace(settings, ceiling_s=Fraction(3))
    events = list(run(settings, face=watcher, now=lambda: NOW))
    last = events[-1]
    assert isinstance(last, Done)
    assert not list(folder.rglob("*.part*"))
    return events, last


def test_every_matte_and_every_moment_is_seen_in_order(clip: Path, tmp_path: Path) -> None:
    watcher = Watcher()
    _, done = watched(clip, tmp_path / "out", watcher)
    assert watcher.matted_frames == list(range(FRAMES))
    assert watcher.judged_frames == list(range(FRAMES))
    assert watcher.asked >= FRAMES
    assert not done.interrupted
    assert done.record.on("loops")


def test_other_limits_find_what_was_passed_over(clip: Path, tmp_path: Path) -> None:
    watcher = Watcher({55: Wish(limits=replace(USUAL, loops=2))})
    events, _ = watched(clip, tmp_path / "out", watcher, TOO_SHORT)
    found = [each.loop for each in events if isinstance(each, LoopFound)]
    assert found
    assert {each.frames for each in found} == {PERIOD}
    assert found[0].end < 50  # its frames had long gone by
    written = [each for each in events if isinstance(each, LoopWritten)]
    assert probe_webm(tmp_path / "out" / "loop_0.webm").frames == PERIOD
    assert {each.record.loop.id for each in written} >= {"L1"}


def test_a_wish_to_stop_ends_the_run_with_what_was_found(clip: Path, tmp_path: Path) -> None:
    watcher = Watcher({45: Wish(stop=True)})
    _, done = watched(clip, tmp_path / "out", watcher)
    assert done.interrupted
    assert done.record.input.frames == 45
    (loop,) = done.record.on("loops")
    assert probe_webm(tmp_path / "out" / loop.file).frames == loop.loop.frames == PERIOD
    assert loop.master is not None
    assert read_master(tmp_path / "out" / loop.master).end == loop.loop.end


@pytest.mark.parametrize("hurry", [False, True])
def test_only_whoever_is_in_no_hurry_gets_near_loops(
    hurry: bool, clip: Path, tmp_path: Path
) -> None:
    watcher = Watcher({50: Wish(stop=True, hurry=hurry)})
    events, done = watched(clip, tmp_path / "out", watcher, FLAWLESS)
    assert not any(isinstance(each, LoopFound) for each in events)
    given = [each for each in done.record.loops if each.loop.kind == "near"]  # mended or not
    assert bool(given) is not hurry
    assert any((tmp_path / "out").rglob("*.webm")) is not hurry
    assert bool(watcher.remains) is not hurry
    assert sorted(watcher.tries) == sorted(watcher.remains)  # those of which nothing comes, too


def test_the_face_decides_which_frames_are_taken(clip: Path, tmp_path: Path) -> None:
    watcher = Watcher(every=2)
    _, done = watched(clip, tmp_path / "out", watcher)
    assert watcher.matted_frames == list(range(0, FRAMES, 2))
    assert done.record.input.frames == FRAMES // 2


def test_a_marked_span_is_cut_though_it_closes_badly(clip: Path, tmp_path: Path) -> None:
    mark = Mark("H1", Fraction(10, FPS), Fraction(27, FPS))
    events, done = watched(clip, tmp_path / "out", Watcher({40: Wish(marks=(mark,))}))
    (written,) = [
        each.record
        for each in events
        if isinstance(each, LoopWritten) and each.record.loop.id == "H1"
    ]
    assert (written.loop.start, written.loop.end, written.frames) == (10, 27, 17)
    assert written.loop.mismatch > 1
    (kept,) = [each for each in done.record.loops if each.loop.id == "H1"]
    shown = probe_webm(tmp_path / "out" / kept.file)
    assert (shown.frames, shown.has_alpha) == (17, True)


def test_a_span_that_is_not_held_is_refused_with_the_reason(clip: Path, tmp_path: Path) -> None:
    mark = Mark("H1", Fraction(1000), Fraction(1001))
    watcher = Watcher({40: Wish(marks=(mark,))})
    watched(clip, tmp_path / "out", watcher)
    ((id, why),) = watcher.refusals
    assert id == "H1"
    assert "its frames are not held" in why
