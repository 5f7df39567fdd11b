"""The whole engine on a person before a moving background, with sound: everything that it writes.

The person is the demo's astronaut, at half its size and every second frame, so that she repeats
every 24 frames. One run with every output is looked at by all tests here.
"""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from streaming.demo import PERIOD, demo_frame
from streaming.events import Done, LoopFound, LoopWritten, Progress, Started
from streaming.frames import U8
from streaming.loops.emitter import ROLL
from streaming.media.alpha import probe_webm
from streaming.media.master import read_master
from streaming.proving import seam_bound
from streaming.settings import LoopSettings, OutputSettings
from tests.runs import Played, play, sounding

FRAMES, FPS = 60, 30
RETURNS = PERIOD // 2  # frames
EVERYTHING = OutputSettings(alpha=True, foreground=True)
WANTED = LoopSettings(loops=2)


def small_frame(index: int) -> U8:
    frame = demo_frame(2 * index).astype(np.uint16)
    halved: U8 = (
        (frame[::2, ::2] + frame[1::2, ::2] + frame[::2, 1::2] + frame[1::2, 1::2] + 2) // 4
    ).astype(np.uint8)
    return halved


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures = (small_frame(index) for index in range(FRAMES))
    return sounding(tmp_path_factory.mktemp("clip") / "astronaut.mp4", pictures, fps=FPS)


@pytest.fixture(scope="module")
def played(clip: Path, weights: Path, tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("played") / "out"
    return play(clip, folder, output=EVERYTHING, loops=WANTED)


def decoded(path: Path) -> Iterator[U8]:
    with av.open(str(path)) as file:
        for frame in file.decode(file.streams.video[0]):
            yield frame.to_ndarray(format="rgb24")


def every_loop(played: Played) -> list[dict[str, Any]]:
    read = played.json
    return [*read["loops"], *read["more"], *read["near"]]


def test_the_events_come_in_order(played: Played) -> None:
    assert isinstance(played.events[0], Started)
    assert isinstance(played.events[-1], Done)
    assert sum(isinstance(each, Started | Done) for each in played.events) == 2
    order = [
        (type(each).__name__, each.loop.id if isinstance(each, LoopFound) else each.record.loop.id)
        for each in played.events
        if isinstance(each, LoopFound | LoopWritten)
    ]
    for number, (kind, name) in enumerate(order):
        if kind == "LoopWritten" and name.startswith("L"):
            assert ("LoopFound", name) in order[:number]
    shown = [each.frames for each in played.events if isinstance(each, Progress)]
    assert shown == sorted(shown)
    assert all(each.of == FRAMES for each in played.events if isinstance(each, Progress))


def test_loops_are_found_at_the_true_period(played: Played) -> None:
    loops = played.json["loops"]
    assert len(loops) == 2
    for each in loops:
        off = each["period_frames"] % RETURNS
        assert min(off, RETURNS - off) <= 1, each


def test_the_first_loop_is_found_as_soon_as_it_can_be_known(played: Played) -> None:
    found = [each.loop for each in played.events if isinstance(each, LoopFound)]
    first = found[0]
    assert played.at[first.id] < FRAMES
    assert played.at[first.id] <= first.end + 12


def test_every_loop_lay_whole_under_its_name_when_it_was_announced(played: Played) -> None:
    written = [each for each in played.events if isinstance(each, LoopWritten)]
    assert [each.record.loop.id for each in written] == list(played.whole)
    assert len(played.whole) >= 2


def test_written_loops_come_back_as_they_were_recorded(played: Played) -> None:
    for each in every_loop(played):
        facts = probe_webm(played.folder / each["file"])
        assert facts.has_alpha
        assert not facts.has_audio
        assert facts.frames == each["written_frames"] == each["end_frame"] - each["start_frame"]
        assert abs(facts.duration_s - Fraction(each["period_exact"])) <= Fraction(1, 1000)
        assert (facts.bytes, facts.alpha_min, facts.alpha_max) == (
            each["bytes"],
            each["alpha_min"],
            each["alpha_max"],
        )
        pace = 1.5  # the sway is quickest where it passes the middle
        assert each["seam_ratio"] <= seam_bound(each["mismatch"], pace)
        assert each["passed"]


def test_no_file_states_another_rate_than_it_has(played: Played) -> None:
    for name in (*(each["file"] for each in every_loop(played)), "no_background.mp4"):
        with av.open(str(played.folder / name)) as file:
            assert file.streams.video[0].average_rate == pytest.approx(FPS, rel=0.02)


def test_the_subject_is_opaque_and_the_corners_are_clear(played: Played) -> None:
    for rgba in played.frames("loop_0.webm"):
        assert rgba.shape == (180, 320, 4)
        assert rgba[:12, :12, 3].max() <= 2
        assert rgba[:12, -12:, 3].max() <= 2
        assert rgba[150:, 150:170, 3].min() >= 250


def test_the_loop_shows_the_person_of_its_span(played: Played) -> None:
    best = played.json["loops"][0]
    shown = played.frames(best["file"])[3]
    drawn = small_frame(best["start_frame"] + 3)
    there = shown[..., 3] > 250
    assert there.mean() > 0.15
    assert np.abs(shown[..., :3][there].astype(int) - drawn[there]).mean() < 8


def test_masters_hold_the_span_and_what_is_around_it_at_exact_times(played: Played) -> None:
    for each in every_loop(played):
        master = read_master(played.folder / each["master"])
        if each["mending"] is None:  # else its ends were moved to where no step is large
            assert (master.start, master.end) == (each["start_frame"], each["end_frame"])
        first, stop = max(0, master.start - ROLL), min(FRAMES, master.end + ROLL)
        assert master.indices == tuple(range(first, stop))
        assert master.times_s == tuple(Fraction(index, FPS) for index in range(first, stop))
        assert master.about["id"] == each["id"]


def test_a_master_decodes_to_the_source_and_the_matte(played: Played) -> None:
    master = read_master(played.folder / played.json["loops"][0]["master"])
    frames = list(master.frames())
    assert len(frames) == len(master.indices)
    middle = frames[len(frames) // 2]
    source = middle.source.rgb(master.size)
    assert np.abs(source.astype(int) - small_frame(middle.index)).mean() < 6
    assert middle.rgba[:12, :12, 3].max() <= 2
    assert middle.rgba[150:, 150:170, 3].min() >= 250


def test_the_record_says_everything(played: Played, clip: Path) -> None:
    read = played.json
    assert read["schema"] == 1
    assert (read["interrupted"], read["diagnosis"]) == (False, None)
    given = read["input"]
    assert (given["width"], given["height"], given["frames"]) == (320, 180, FRAMES)
    assert (given["rate_exact"], given["skipped"], given["file"]) == ("30/1", 0, clip.name)
    assert Fraction(given["duration_exact"]) == Fraction(FRAMES, FPS)
    assert read["settings"]["quality"] == "fast"
    assert {"av", "numpy", "openvino"} <= set(read["libraries"])
    for each in every_loop(played):
        assert Fraction(each["start_exact"]) == Fraction(each["start_frame"], FPS)
        assert Fraction(each["end_exact"]) == Fraction(each["end_frame"], FPS)
        assert (played.folder / each["file"]).is_file()
    counted = {each["name"]: each["items"] for each in read["stages"]}
    assert counted["decode"] == counted["matting"] == counted["detect"] == FRAMES


def test_the_map_of_names_leads_from_every_announced_file_to_where_it_lies(played: Played) -> None:
    moves = {each["id"]: each for each in played.json["renamed"]}
    told = {move.id: (move.old, move.new) for move in played.done.renamed}
    assert told == {each["id"]: (each["from"], each["to"]) for each in moves.values()}
    for event in played.events:
        if isinstance(event, LoopWritten):
            move = moves[event.record.loop.id]
            assert move["from"] == event.path.relative_to(played.folder).as_posix()
            assert move["to"] is None or (played.folder / move["to"]).is_file()


def test_loops_are_ranked_best_first(played: Played) -> None:
    names = [each["file"] for each in played.json["loops"]]
    assert names == [f"loop_{number}.webm" for number in range(len(names))]
    best, *others = (each["mismatch"] for each in played.json["loops"])
    assert all(best <= each + 0.25 for each in others)


def test_the_folder_holds_what_was_asked_for_and_nothing_half_written(
    played: Played, clip: Path
) -> None:
    videos = {"no_background.mp4", "alpha.mp4", "foreground.mp4"}
    keys = ("file", "master", "stand_in")
    loops = {each[key] for each in every_loop(played) for key in keys if each[key]}
    assert played.files() == videos | loops | {"index.html", "loops.json", clip.name}
    assert (played.folder / clip.name).read_bytes() == clip.read_bytes()
    page = (played.folder / "index.html").read_text("utf-8")
    assert all(each["file"] in page for each in every_loop(played))


def test_the_background_is_replaced(played: Played) -> None:
    frames = list(decoded(played.folder / "no_background.mp4"))
    assert len(frames) == FRAMES
    for number in (0, 30, FRAMES - 1):
        corner = frames[number][:12, :12].reshape(-1, 3).mean(axis=0)
        assert corner[1] > corner[0] + 80
        assert corner[1] > corner[2] + 80
        inside = frames[number][150:, 150:170].astype(int)
        assert np.abs(inside - small_frame(number)[150:, 150:170]).mean() < 10


def test_the_sound_is_kept_in_time(played: Played) -> None:
    with av.open(str(played.folder / "no_background.mp4")) as file:
        sound = file.streams.audio[0]
        parts = [each.to_ndarray()[0] for each in file.decode(sound)]
        assert sound.codec_context.name == "aac"
    samples = np.concatenate(parts).astype(np.float64)
    assert len(samples) / 48000 == pytest.approx(FRAMES / FPS, abs=0.06)
    spectrum = np.abs(np.fft.rfft(samples))
    assert np.argmax(spectrum) * 48000 / len(samples) == pytest.approx(440, abs=2)


def test_the_matte_and_the_foreground_are_written_too(played: Played) -> None:
    grey, front = (list(decoded(played.folder / f"{name}.mp4")) for name in ("alpha", "foreground"))
    assert len(grey) == len(front) == FRAMES
    assert grey[30][:12, :12].max() <= 3
    assert grey[30][150:, 150:170].min() >= 250
    there = grey[30][..., 0] > 250
    assert np.abs(front[30][there].astype(int) - small_frame(30)[there]).mean() < 10


def without_what_may_differ(path: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(path.read_text("utf-8"))
    for stage in read["stages"]:
        del stage["total_ms"], stage["ms_per_item"]
    read["stages"].sort(key=lambda stage: stage["name"])
    for key in ("output", "input"):
        del read["settings"][key]
    return read


def test_a_second_run_writes_the_same_bytes(played: Played, clip: Path, tmp_path: Path) -> None:
    again = play(clip, tmp_path / "again", output=EVERYTHING, loops=WANTED)
    assert again.files() == played.files()
    for name in sorted(played.files()):
        if name.endswith(".webm"):
            mine, other = ((each.folder / name).read_bytes() for each in (again, played))
            assert mine == other, name
    record, before = (
        without_what_may_differ(each.folder / "loops.json") for each in (again, played)
    )
    assert record == before


def test_a_stopped_run_keeps_what_was_found_and_waits_for_no_video_that_nobody_wants(
    played: Played, clip: Path, tmp_path: Path
) -> None:
    first = next(each.loop for each in played.events if isinstance(each, LoopFound))
    stopped = play(clip, tmp_path / "out", loops=WANTED, stop_after=played.at[first.id] + 3)
    assert stopped.done.interrupted
    read = stopped.json
    assert read["interrupted"]
    assert read["input"]["frames"] == played.at[first.id] + 3
    assert [each["id"] for each in read["loops"]][:1] == [first.id]
    assert (stopped.folder / "loop_0.webm").is_file()
    assert (stopped.folder / "index.html").is_file()
    stages = [{each["name"] for each in run.json["stages"]} for run in (stopped, played)]
    assert ("video" in stages[0], "video" in stages[1]) == (False, True)  # nobody wanted it
