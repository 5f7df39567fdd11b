"""The whole engine on drawn figures that carry their own alpha: known periods, and none at all."""

import math
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from streaming.errors import InputError, LoopmatteError, SettingsError
from streaming.frames import U8, Size
from streaming.media.alpha import probe_webm
from streaming.media.webm import LoopWriter
from streaming.settings import LoopSettings, OutputSettings
from tests.loops.figures import Limb, Swing, draw
from tests.runs import LOOPS_ONLY, OWN, WHOLE, clip_of, play

SIZE = (160, 90)
SWING = Swing(30, frames=90, size=SIZE)


def swinging(path: Path, swing: Swing = SWING) -> Path:
    return clip_of(path, (swing.picture(index) for index in range(swing.frames)))


def off_period(frames: int, period: int) -> int:
    return min(frames % period, period - frames % period)


def test_a_swinging_figure_is_found_at_its_period(tmp_path: Path) -> None:
    played = play(swinging(tmp_path / "swing.webm"), tmp_path / "out", matting=OWN)
    loops = played.json["loops"]
    assert len(loops) == 2
    assert all(off_period(each["period_frames"], 30) <= 1 for each in loops)
    assert played.started.runtime == "the source's own alpha"
    assert min(played.at.values()) < SWING.frames


def spinning(period: int, frames: int, walk: float) -> Iterator[U8]:
    """Someone who turns two arms evenly, so that all steps are alike, and walks to the right."""
    for index in range(frames):
        turn = 2 * math.pi * index / period
        arms = [
            Limb(0, -12, 30 * math.cos(turn + off), -12 + 30 * math.sin(turn + off), 5, colour)
            for off, colour in ((0.0, (220, 60, 40)), (2.0, (40, 90, 220)))
        ]
        trunk = Limb(0, -20, 0, 40, 13, (240, 200, 60))
        yield draw([*arms, trunk], 60 + walk * index, 72, (256, 144))


def centre_x(rgba: U8) -> float:
    alpha = rgba[..., 3].astype(np.float64)
    return float((alpha.sum(axis=0) * np.arange(alpha.shape[1])).sum() / alpha.sum())


def test_a_figure_that_walks_across_ends_where_it_began(tmp_path: Path) -> None:
    path = clip_of(tmp_path / "walk.webm", spinning(24, 100, 0.6))
    played = play(path, tmp_path / "out", matting=OWN)
    in_place = list(spinning(24, 24, 0.0))
    assert played.json["loops"]
    for each in played.json["loops"]:
        assert off_period(each["period_frames"], 24) <= 1
        assert each["anchored"]
        assert each["shift_x_px"] == pytest.approx(0.6 * each["period_frames"], abs=0.3)
        frames = played.frames(each["file"])
        places = [
            centre_x(rgba) - centre_x(in_place[(each["start_frame"] + number) % 24])
            for number, rgba in enumerate(frames)
        ]
        assert max(places) - min(places) < 0.3
        assert each["seam_ratio"] <= 1.1


def test_with_anchor_off_the_walking_figure_stays_where_it_is(tmp_path: Path) -> None:
    path = clip_of(tmp_path / "walk.webm", spinning(24, 60, 0.6))
    off = LoopSettings(loops=1, anchor="off")
    played = play(path, tmp_path / "out", matting=OWN, loops=off)
    assert all(not each["anchored"] for each in played.json["loops"])


def test_a_still_is_no_loop_and_the_reason_is_said(tmp_path: Path) -> None:
    path = clip_of(tmp_path / "still.webm", [SWING.picture(0)] * 40)
    played = play(path, tmp_path / "out", matting=OWN)
    assert played.json["loops"] == played.json["near"] == []
    assert played.json["diagnosis"]["reason"] == "no motion"
    assert played.files() == {"still.webm", "index.html", "loops.json"}


def sea(index: int) -> U8:
    """Waves that go by: motion, and nobody in it; (180, 320, 3)."""
    y, x = np.indices((180, 320)).astype(np.float64)
    red = 120 + 60 * np.sin(x / 25 + index / 4) + 20 * np.sin(y / 9)
    blue = 140 + 30 * np.sin((x + y) / 40 + index / 3)
    return np.stack([red, 130 + 40 * np.cos(y / 17 - index / 5), blue], axis=2).astype(np.uint8)


def test_where_nobody_is_to_be_seen_the_whole_picture_is_suggested(
    weights: Path, tmp_path: Path
) -> None:
    played = play(clip_of(tmp_path / "sea.mp4", map(sea, range(20))), tmp_path / "out")
    assert played.json["loops"] == []
    assert played.json["diagnosis"]["reason"] == "no subject"
    assert "--matte none" in played.json["diagnosis"]["text"]


def test_a_black_clip_is_told_to_be_dark_and_not_to_lack_people(tmp_path: Path) -> None:
    path = clip_of(tmp_path / "black.mp4", [np.zeros((48, 64, 3), np.uint8)] * 20)
    told = play(path, tmp_path / "out", matting=WHOLE).json["diagnosis"]
    assert told["reason"] == "too dark"
    assert "too dark" in told["text"]
    assert "--matte none" not in told["text"]


def test_near_loops_fill_up_what_is_missing_and_are_labelled(tmp_path: Path) -> None:
    strict = LoopSettings(loops=2, seam=0.05, repair="none")
    swing = replace(SWING, frames=75, period=28.5, noise=3.0)
    played = play(
        swinging(tmp_path / "near.webm", swing), tmp_path / "out", matting=OWN, loops=strict
    )
    read = played.json
    assert len(read["loops"]) + len(read["near"]) == 2
    assert read["near"]
    for number, each in enumerate(read["near"]):
        assert (each["kind"], each["file"]) == ("near", f"near/near_{number}.webm")
        assert each["mismatch"] > 0.05
        assert probe_webm(played.folder / each["file"]).frames == each["written_frames"]
        assert (played.folder / each["master"]).is_file()


def test_no_background_makes_a_transparent_clip(tmp_path: Path) -> None:
    path = swinging(tmp_path / "swing.webm", replace(SWING, frames=24))
    clear = OutputSettings(background="none")
    played = play(path, tmp_path / "out", matting=OWN, output=clear)
    facts = probe_webm(played.folder / "no_background.webm")
    assert (facts.frames, facts.has_alpha, facts.alpha_min, facts.alpha_max) == (24, True, 0, 255)
    assert facts.duration_s == Fraction(24, 30)
    drawn, shown = SWING.picture(7), played.frames("no_background.webm")[7]
    assert np.abs(shown[..., 3].astype(int) - drawn[..., 3]).mean() < 2


@pytest.mark.parametrize(
    ("background", "corner"), [("#2040c0", (32, 64, 192)), ("picture", (200, 40, 60))]
)
def test_a_colour_or_a_picture_can_stand_behind(
    background: str, corner: tuple[int, int, int], tmp_path: Path
) -> None:
    if background == "picture":
        background = str(tmp_path / "behind.png")
        Image.new("RGB", (64, 64), corner).save(background)
    path = swinging(tmp_path / "swing.webm", replace(SWING, frames=6))
    output = OutputSettings(background=background, alpha=True)
    played = play(path, tmp_path / "out", matting=OWN, output=output)
    with av.open(str(played.folder / "no_background.mp4")) as file:
        shown = [each.to_ndarray(format="rgb24") for each in file.decode(video=0)]
    assert len(shown) == 6
    assert np.abs(shown[3][:8, :8].reshape(-1, 3).mean(axis=0) - corner).max() < 6


def test_without_a_matte_the_whole_picture_loops(tmp_path: Path) -> None:
    flat = (
        np.ascontiguousarray(np.where(rgba[..., 3:] > 127, rgba[..., :3], 90).astype(np.uint8))
        for rgba in map(SWING.picture, range(80))
    )
    played = play(clip_of(tmp_path / "flat.mp4", flat), tmp_path / "out", matting=WHOLE)
    best = played.json["loops"][0]
    assert off_period(best["period_frames"], 30) <= 1
    assert min(rgba[..., 3].min() for rgba in played.frames(best["file"])) >= 250


def test_irregular_times_are_kept_to_the_millisecond(tmp_path: Path) -> None:
    times = [Fraction(index, 25) + Fraction(index % 3, 200) for index in range(90)]
    path = tmp_path / "uneven.webm"
    swing = replace(SWING, period=24)
    with LoopWriter(path, size=Size(*SIZE)) as writer:
        for index, time_s in enumerate(times):
            writer.write(swing.picture(index), time_s)
        writer.close(Fraction(90, 25))
    played = play(path, tmp_path / "out", matting=OWN)
    for each in played.json["loops"]:
        wanted_s = times[each["end_frame"]] - times[each["start_frame"]]
        assert abs(Fraction(each["period_exact"]) - wanted_s) <= Fraction(1, 1000)
        facts = probe_webm(played.folder / each["file"])
        assert abs(facts.duration_s - wanted_s) <= Fraction(1, 1000)
    assert played.json["loops"]


def test_an_error_after_the_start_leaves_no_empty_folder(tmp_path: Path) -> None:
    path = swinging(tmp_path / "swing.webm", replace(SWING, frames=6))
    wrong = OutputSettings(background="no such colour")
    with pytest.raises(SettingsError, match="no such colour"):
        play(path, tmp_path / "out", matting=OWN, output=wrong)
    assert not (tmp_path / "out").exists()


def test_asking_for_an_alpha_that_is_not_there_says_what_to_do(tmp_path: Path) -> None:
    path = clip_of(tmp_path / "plain.mp4", [np.full((48, 64, 3), 90, np.uint8)] * 3)
    with pytest.raises(SettingsError, match="--matte none"):
        play(path, tmp_path / "out", matting=OWN, output=LOOPS_ONLY)


def test_a_missing_input_is_an_input_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        play(tmp_path / "nothing.mp4", tmp_path / "out")
    assert issubclass(InputError, LoopmatteError)
