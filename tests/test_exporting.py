"""Loops for every target, from synthetic cycles and from the master of a real run."""

import json
import re
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from streaming.cli import main
from streaming.errors import InputError, OutputError, SettingsError
from streaming.events import Done, LoopExported
from streaming.exporting import export_cycle
from streaming.exports.targets import TARGETS, Pixels, Target, target_called
from streaming.exports.timing import TooLongError
from streaming.frames import Size
from streaming.matting.weights import default_cache
from streaming.media.played import played as opened
from streaming.pipeline import run
from streaming.planning import within_targets
from streaming.sending import best_for, origin_of
from streaming.settings import ExportSettings, LoopSettings, OutputSettings, RunSettings
from tests.exports.cycles import cycle_of, disc, orbit
from tests.media.figures import orbit as disc_orbit
from tests.runs import OWN, Played, clip_of, play

PERIOD, FRAMES = 18, 60
SMALL = Size(96, 64)
ONE = LoopSettings(loops=1, max_duration_s=Fraction(7, 10))


def tiny(target: Target) -> Target:
    """The same row with pictures and bytes an eighth as large a side."""
    pixels = target.pixels
    width, height = (max(each // 8, 8) if each else 0 for each in (pixels.width, pixels.height))
    small = replace(pixels, width=width, height=height, least_px=pixels.least_px // 8)
    return replace(target, pixels=small, margin_px=1)


@pytest.mark.parametrize("target", TARGETS, ids=lambda each: each.name)
def test_every_target_gets_a_file_that_keeps_its_row(tmp_path: Path, target: Target) -> None:
    cycle = orbit(SMALL, 30, noisy=True)
    row = tiny(target)
    made = export_cycle(cycle, row, tmp_path / f"x{target.suffix}")
    assert made.proof.passed and made.path.exists()
    assert not row.pixels.fault(made.size)
    assert json.loads(json.dumps(made.as_json()))["passed"] is True
    if target.most_bytes is not None:
        assert made.bytes <= target.most_bytes
    if target.suffix in (".png", ".webp", ".gif") and target.format != "sheet":
        with Image.open(made.path) as picture:
            assert getattr(picture, "n_frames", 1) == made.proof.frames


@pytest.mark.parametrize("name", ["telegram-sticker", "whatsapp-sticker", "discord-sticker"])
def test_a_small_limit_is_filled_but_never_passed(tmp_path: Path, name: str) -> None:
    row = replace(tiny(target_called(name)), most_bytes=14_000)
    made = export_cycle(orbit(SMALL, 30, noisy=True), row, tmp_path / f"x{row.suffix}")
    assert 0.9 * 14_000 <= made.path.stat().st_size <= 14_000 or made.proof.psnr_db >= 42
    assert made.encodes <= 8


def test_what_cannot_be_small_enough_says_what_could(tmp_path: Path) -> None:
    row = replace(tiny(target_called("discord-sticker")), most_bytes=700)
    with pytest.raises(OutputError, match=r"takes 700 bytes; the smallest.*choose a loop of about"):
        export_cycle(orbit(SMALL, 30, noisy=True), row, tmp_path / "x.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("count", [1, 2])
@pytest.mark.parametrize("name", ["telegram-emoji", "discord-emoji", "slack-emoji", "editing"])
def test_loops_of_one_and_two_frames(tmp_path: Path, name: str, count: int) -> None:
    target = target_called(name)
    frames = [disc(SMALL, 40 + 10 * each, 32, 12) for each in range(count)]
    made = export_cycle(cycle_of(frames), target, tmp_path / f"x{target.suffix}")
    assert made.frames == count


def test_an_odd_size_of_sixty_frames_a_second_becomes_thirty(tmp_path: Path) -> None:
    cycle = orbit(Size(97, 61), 60, Fraction(60))
    made = export_cycle(cycle, tiny(target_called("telegram-sticker")), tmp_path / "x.webm")
    assert made.frames == 30 and made.duration_s == 1
    whole = export_cycle(cycle, target_called("web"), tmp_path / "y.webm")
    assert whole.size == Size(97, 61) and whole.frames == 60


def test_a_stroke_lies_around_the_subject_and_a_start_frame_comes_first(tmp_path: Path) -> None:
    settings = ExportSettings(stroke_px=4, stroke_colour="#0000FF", start_frame=5, margin_px=3)
    row = tiny(target_called("imessage-sticker"))
    made = export_cycle(orbit(SMALL), row, tmp_path / "x.png", settings)
    first = next(iter(opened(made.path).shown())).rgba
    blue = (first[..., 2] > 200) & (first[..., 0] < 60) & (first[..., 3] > 200)
    assert blue.sum() > 50 and made.start_frame == 5
    assert not first[:2, :, 3].any() and not first[:, :2, 3].any()
    with pytest.raises(SettingsError, match="--start-frame 30"):
        export_cycle(orbit(SMALL), row, tmp_path / "y.png", replace(settings, start_frame=30))


def test_a_name_that_is_taken_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "x.webm").write_text("mine")
    with pytest.raises(OutputError, match="there already"):
        export_cycle(orbit(SMALL), target_called("web"), tmp_path / "x.webm")
    assert (tmp_path / "x.webm").read_text() == "mine"


def test_edges_hold_neither_the_colours_behind_nor_black(tmp_path: Path) -> None:
    """The disc lies on green that nobody should see; the mean edge in a lossless file is red."""
    row = replace(tiny(target_called("sprite-sheet")), pixels=Pixels("box", 40, 40))
    made = export_cycle(orbit(SMALL, 4), row, tmp_path / "x.png")
    frame = next(iter(opened(made.path).shown())).rgba
    edge = (frame[..., 3] > 12) & (frame[..., 3] < 243)
    assert np.abs(frame[edge][:, :3].astype(int) - (200, 60, 40)).max() <= 14


# From a run


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("exporting")
    shown = disc_orbit(SMALL, PERIOD, np.array([200, 60, 40], np.uint8))
    clip = clip_of(folder / "disc.webm", (shown[index % PERIOD] for index in range(FRAMES)))
    return play(clip, folder / "out", matting=OWN, loops=ONE)


def test_an_export_starts_from_the_master_and_is_noted(
    played: Played, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = played.folder / str(played.json["loops"][0]["file"])
    assert main(["export", str(loop), "--target", "discord-emoji", "--target", "web"]) == 0
    paths = [Path(each) for each in capsys.readouterr().out.splitlines()]
    assert [each.name for each in paths] == ["loop_0-discord-emoji.webp", "loop_0-web.webm"]
    noted = json.loads((played.folder / "loops.json").read_text())["loops"][0]["exports"]
    assert [each["file"] for each in noted] == [f"exports/{each.name}" for each in paths]
    assert all(each["passed"] and each["checks"] for each in noted)
    page = (played.folder / "index.html").read_text()
    assert page.count("./exports/loop_0-web.webm") == 1
    assert main(["export", str(loop), "--target", "web"]) == 1, "no file is replaced unasked"
    assert main(["export", str(loop), "--target", "web", "--force"]) == 0
    assert (played.folder / "index.html").read_text().count("loop_0-web.webm") == 1


def test_a_master_or_a_folder_may_be_named_and_a_bare_loop_is_refused(
    played: Played, tmp_path: Path
) -> None:
    told = played.json["loops"][0]
    by_file = origin_of(played.folder / str(told["file"]))
    assert origin_of(played.folder / str(told["master"])).master == by_file.master
    assert best_for(played.folder, target_called("web")).master == by_file.master
    bare = tmp_path / "loop_0.webm"
    bare.write_bytes((played.folder / str(told["file"])).read_bytes())
    with pytest.raises(InputError, match="exports start from a loop's master"):
        origin_of(bare)
    lonely = tmp_path / "lonely.mkv"
    lonely.write_bytes(by_file.master.read_bytes())
    assert origin_of(lonely).duration_s == by_file.duration_s


def test_a_loop_that_is_too_long_offers_what_fits(played: Played) -> None:
    brief = replace(target_called("web"), most_s=Fraction(1, 10), place="Blink")
    with pytest.raises(TooLongError, match=r"Blink.*nothing of this run fits"):
        best_for(played.folder, brief)


def test_a_pack_holds_stickers_an_icon_and_its_contents(played: Played, tmp_path: Path) -> None:
    loop = str(played.folder / str(played.json["loops"][0]["file"]))
    order = [
        "export",
        *[loop] * 3,
        "--target",
        "whatsapp-sticker",
        "--pack",
        "My discs!",
        "--rate",
        "10",
    ]
    assert main([*order, "-o", str(tmp_path / "pack")]) == 0
    contents = json.loads((tmp_path / "pack" / "contents.json").read_text("utf-8"))
    (pack,) = contents["sticker_packs"]
    inside = tmp_path / "pack" / pack["identifier"]
    assert pack["name"] == "My discs!" and pack["animated_sticker_pack"]
    assert re.fullmatch(r"[\w.-]+", pack["identifier"])
    assert [each["image_file"] for each in pack["stickers"]] == ["01.webp", "02.webp", "03.webp"]
    assert all((inside / each["image_file"]).is_file() for each in pack["stickers"])
    tray = inside / pack["tray_image_file"]
    with Image.open(tray) as icon:
        assert icon.size == (96, 96) and icon.mode == "RGBA"
    assert tray.stat().st_size <= 50_000
    two = ["export", loop, loop, "--target", "whatsapp-sticker", "--pack", "x"]
    assert main([*two, "-o", str(tmp_path / "two")]) == 1
    assert [each.name for each in tmp_path.iterdir()] == ["pack"]


def test_targets_are_listed_for_people_and_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["targets"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [each.split()[0] for each in lines] == [each.name for each in TARGETS]
    assert main(["targets", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [each["name"] for each in told] == [each.name for each in TARGETS]
    assert main(["export", "x.webm", "--target", "fax"]) == 2


def test_a_run_with_targets_makes_the_best_loop_fit_each(tmp_path: Path) -> None:
    shown = disc_orbit(SMALL, PERIOD, np.array([200, 60, 40], np.uint8))
    clip = clip_of(tmp_path / "disc.webm", (shown[index % PERIOD] for index in range(FRAMES)))
    settings = RunSettings(
        str(clip),
        default_cache(),
        matting=OWN,
        loops=ONE,
        output=OutputSettings(output=tmp_path / "out", video=False, copy=False),
        exports=ExportSettings(targets=("discord-emoji", "telegram-emoji")),
    )
    *_, first, second, done = run(settings)
    assert isinstance(first, LoopExported) and isinstance(second, LoopExported)
    assert isinstance(done, Done)
    assert first.path == tmp_path / "out" / "exports" / "loop_0-discord-emoji.webp"
    told = json.loads((tmp_path / "out" / "loops.json").read_text())
    assert [each["target"] for each in told["loops"][0]["exports"]] == [
        "discord-emoji",
        "telegram-emoji",
    ]
    assert "Telegram video emoji" in (tmp_path / "out" / "index.html").read_text()


@pytest.mark.parametrize(
    ("targets", "longest_s"),
    [((), 6), (("telegram-sticker",), 3), (("telegram-sticker", "discord-sticker"), 5)],
)
def test_limits_steer_the_search_where_every_target_has_one(
    targets: tuple[str, ...], longest_s: int
) -> None:
    settings = RunSettings("x", Path(), exports=ExportSettings(targets=targets))
    assert within_targets(settings).loops.max_duration_s == longest_s
    free = ExportSettings(targets=(*targets, "web"))
    assert within_targets(replace(settings, exports=free)).loops.max_duration_s == 6
