"""`loopmatte atlas`: the commands of NeuralAtlases on a tiny project, and what a shell sees."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageSequence

from streaming.atlas.atlases import write_atlases
from streaming.atlas.project import open_project
from streaming.frames import Size
from streaming.media.alpha import read_rgba
from tests.atlas.projects import SMALL, project_of
from tests.atlas.scene import Scene
from tests.runs import clip_of
from tests.test_cli import Said, Say, say

__all__ = ["say"]  # a fixture

COUNT, NAME = SMALL.count, "hello_world"
FRONT, BACK = "foreground_atlas_0.png", "background_atlas.png"


@pytest.fixture(scope="module")
def fitted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a fitted project in `projects`, painted atlases and a configuration."""
    place = tmp_path_factory.mktemp("place")
    folder = project_of(place / "projects" / NAME)
    project = open_project(folder)
    write_atlases(SMALL.truth(), project.atlases, clip=project.mark)
    for name, colour in ((FRONT, "cyan"), (BACK, "blue")):
        image = Image.open(project.atlases / name)
        box = (62, 46, 82, 66) if name == FRONT else (30, 30, 44, 44)
        ImageDraw.Draw(image).rectangle(box, fill=colour)
        image.save(place / name)
    painted = Image.open(folder / "frames" / "00002.png")
    ImageDraw.Draw(painted).rectangle((44, 28, 52, 36), fill=(0, 255, 0))
    painted.save(place / "00002.png")
    (place / "single_layer.json").write_text(json.dumps({"batch_size": 10000, "log_every": 0}))
    return place


@pytest.fixture
def place(fitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that, from which commands are run."""
    shutil.copytree(fitted, tmp_path, dirs_exist_ok=True)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def film(path: Path) -> list[np.ndarray]:
    if path.suffix == ".webm":
        return [each.rgba for each in read_rgba(path)]
    with av.open(str(path)) as file:
        return [each.to_ndarray(format="rgb24") for each in file.decode(video=0)]


def cyans(pictures: list[np.ndarray]) -> list[int]:
    """How many plainly cyan pixels each picture has."""
    return [
        int(((each[..., 0] < 60) & (each[..., 1] > 170) & (each[..., 2] > 170)).sum())
        for each in pictures
    ]


@pytest.mark.parametrize(
    "line",
    [
        f"train -p {NAME} -s 300000 -d cpu",
        f"train -p {NAME} -s 300000 -ps 100 -bs 10000 -rs 5000 -c ./single_layer.json",
        f"train --project {NAME} --steps 300000 --pretrain_steps 100 --device cpu",
        f"evaluate -p {NAME}",
        f"generate -p {NAME} -cf 00002.png",
        f"generate -p {NAME} -a -f -s there",
        f"generate -p {NAME} -cf 00002.png -a",
        f"render -p {NAME} -f {FRONT} -b {BACK} -o output.mp4",
        f"render -p {NAME} --fg_atlas {FRONT} --bg_atlas {BACK} --frame_rate 12 --output o.mp4",
        f"render -p {NAME} -f none -b {BACK} -fps 10 -o output.mp4",
        f"render -p {NAME} -r foreground -o output.mp4",
        f"render -p {NAME} -r background -o output.mp4",
        f"render -p {NAME}",
    ],
)
def test_the_commands_of_neural_atlases_run(say: Say, place: Path, line: str) -> None:
    said = say("atlas", *line.split())
    assert said.code == 0, said.err
    assert said.out
    assert all(Path(each).exists() for each in said.out)


def test_animated_and_still_atlases_mix(say: Say, place: Path) -> None:
    assert say("atlas", "generate", "-p", NAME, "-a").code == 0
    animated = place / "projects" / NAME / "results" / "animated_atlases" / "foreground_atlas_0"
    assert len(list(animated.glob("*.png"))) == COUNT
    shutil.copy(place / FRONT, animated / "00003.png")
    said = say("atlas", "render", "-p", NAME, "-f", animated, "-b", BACK, "-o", "mixed.mp4")
    assert said.code == 0, said.err
    cyan = cyans(film(place / "mixed.mp4"))
    assert cyan[3] > 60
    assert max(cyan[:3] + cyan[4:]) == 0


def test_an_edit_stands_in_every_frame_at_the_rate_that_was_asked_for(
    say: Say, place: Path
) -> None:
    assert say("atlas", "render", "-p", NAME, "-f", FRONT, "-o", "new/deep/o.mp4").code == 0
    assert min(cyans(film(place / "new/deep/o.mp4"))) > 60
    assert say("atlas", "render", "-p", NAME, "-fps", "25", "-o", "fast.mp4").code == 0
    for name, rate in (("new/deep/o.mp4", 10), ("fast.mp4", 25)):
        with av.open(str(place / name)) as file:
            assert file.streams.video[0].average_rate == rate


def test_a_painted_frame_is_carried_to_the_others(say: Say, place: Path) -> None:
    said = say("atlas", "generate", "-p", NAME, "-cf", "00002.png", "--layer", "foreground")
    (atlas,) = said.out
    assert Path(atlas).name == "foreground_atlas_0_0002.png"
    assert say("atlas", "render", "-p", NAME, "-f", atlas, "-o", "o.mp4").code == 0
    shown = film(place / "o.mp4")
    green = [int(((e[..., 1] > 150) & (e[..., 0] < 90) & (e[..., 2] < 90)).sum()) for e in shown]
    assert min(green) > 40


def test_paint_of_a_frame_is_painted_on_frame_by_frame(say: Say, place: Path) -> None:
    said = say("atlas", "generate", "-p", NAME, "-cf", "00002.png", "-a", "--layer", "foreground")
    (folder,) = map(Path, said.out)
    assert folder.parts[-2:] == ("animated_atlases", "foreground_atlas_0_0002")
    assert len(list(folder.glob("*.png"))) == COUNT
    with Image.open(folder / "00004.png") as image:
        size = image.size
    Image.new("RGBA", size).save(folder / "00004.png")
    assert say("atlas", "render", "-p", NAME, "-f", folder, "-o", "o.gif").code == 0
    with Image.open(place / "o.gif") as gif:
        shown = [np.asarray(each.convert("RGB")) for each in ImageSequence.Iterator(gif)]
    green = [int(((e[..., 1] > 150) & (e[..., 0] < 90) & (e[..., 2] < 90)).sum()) for e in shown]
    assert green[4] == 0
    assert min(green[:4] + green[5:]) > 40


@pytest.mark.parametrize("to", ["projects/hello_world/frames", FRONT, f"projects/{NAME}"])
def test_nothing_is_rendered_over_what_it_is_made_of(say: Say, place: Path, to: str) -> None:
    said = say("atlas", "render", "-p", NAME, "-f", FRONT, "-o", to, "--force")
    assert said.code == 1
    assert "rendered from" in said.line
    assert len(list((place / "projects" / NAME / "frames").iterdir())) == COUNT


def test_without_its_background_a_clip_is_really_transparent(say: Say, place: Path) -> None:
    said = say("atlas", "render", "-p", NAME, "-r", "background")
    assert said.code == 0
    assert said.out == [f"projects/{NAME}/results/edited_video.webm"]
    shown = film(Path(said.out[0]))
    off = np.abs(np.stack(shown)[..., 3].astype(int) - SMALL.footage().mattes[0])
    assert off.mean() < 0.5


def test_nothing_is_replaced_but_what_the_program_wrote(say: Say, place: Path) -> None:
    usual = place / "projects" / NAME / "results" / "edited_video.mp4"
    for _ in range(2):
        assert say("atlas", "render", "-p", NAME).code == 0
    usual.write_bytes(b"mine")
    said = say("atlas", "render", "-p", NAME)
    assert (said.code, usual.read_bytes()) == (1, b"mine")
    assert "--force" in said.line
    (place / "own.mp4").write_bytes(b"mine")
    assert say("atlas", "render", "-p", NAME, "-o", "own.mp4").code == 1
    assert (place / "own.mp4").read_bytes() == b"mine"
    assert say("atlas", "render", "-p", NAME, "-o", "own.mp4", "--force").code == 0


def _no_project(place: Path) -> tuple[str, ...]:
    return ("train", "-p", "nobody")


def _too_many(place: Path) -> tuple[str, ...]:
    return ("render", "-p", NAME, "-f", FRONT, FRONT)


def _gone(place: Path) -> tuple[str, ...]:
    return ("render", "-p", NAME, "-f", "gone.png")


def _no_number(place: Path) -> tuple[str, ...]:
    shutil.copy(place / "00002.png", place / "mine.png")
    return ("generate", "-p", NAME, "-cf", "mine.png")


def _no_such_frame(place: Path) -> tuple[str, ...]:
    shutil.copy(place / "00002.png", place / "00077.png")
    return ("generate", "-p", NAME, "-cf", "00077.png")


def _one_frame(place: Path) -> tuple[str, ...]:
    for each in sorted((place / "projects" / NAME / "frames").iterdir())[1:]:
        each.unlink()
    return ("train", "-p", NAME)


def _empty_masks(place: Path) -> tuple[str, ...]:
    for each in (place / "projects" / NAME / "masks").iterdir():
        Image.new("L", (96, 64)).save(each)
    return ("train", "-p", NAME)


def _no_masks(place: Path) -> tuple[str, ...]:
    shutil.rmtree(place / "projects" / NAME / "masks")
    return ("render", "-p", NAME, "-b", BACK)


def _no_weights(place: Path) -> tuple[str, ...]:
    return ("train", "-p", NAME, "--mask-from", "maskrcnn", "--weights", "gone.pth")


def _stray_scribble(place: Path) -> tuple[str, ...]:
    folder = place / "projects" / NAME / "scribbles"
    folder.mkdir()
    Image.new("RGB", (96, 64), "red").save(folder / "00099.png")
    (place / "two.json").write_text('{"foreground_layers": 2}')
    return ("train", "-p", NAME, "-c", "two.json")


def _another_clips_atlas(place: Path) -> tuple[str, ...]:
    told = json.loads(
        (place / f"projects/{NAME}/results/atlases/background_atlas.json").read_text()
    )
    (place / "background_atlas.json").write_text(json.dumps({**told, "clip": "another"}))
    return ("render", "-p", NAME, "-b", BACK)


def _in_the_way(place: Path) -> tuple[str, ...]:
    (place / "projects" / NAME / "results" / "evaluation.json").mkdir()
    return ("evaluate", "-p", NAME)


@pytest.mark.parametrize(
    ("harm", "wanted"),
    [
        (_no_project, "atlas new"),
        (_too_many, "2 foreground atlases for 1 foreground"),
        (_gone, "gone.png is not there"),
        (_no_number, "called by its number"),
        (_no_such_frame, "00000 to 00005"),
        (_one_frame, "one picture"),
        (_empty_masks, "the masks are empty"),
        (_no_masks, "no masks yet"),
        (_no_weights, "no such weights file"),
        (_stray_scribble, "no frame 99"),
        (_another_clips_atlas, "another clip"),
        (_in_the_way, "evaluation.json: [errno 21] is a directory"),
    ],
)
def test_what_is_wrong_is_one_line(say: Say, place: Path, harm: object, wanted: str) -> None:
    assert callable(harm)
    said = say("atlas", *harm(place))
    assert said.code == 1
    lines = [each for each in said.err if not each.startswith("note: ")]
    assert wanted in Said(1, "", "\n".join(lines)).line


def test_a_program_hears_every_step_and_how_it_ended(say: Say, place: Path) -> None:
    said = say("atlas", "render", "-p", NAME, "-b", BACK, "--json")
    told = [json.loads(line) for line in said.out]
    assert all(0 <= each["share"] <= 1 for each in told[:-1])
    assert told[-1]["done"]["frames"] == COUNT
    failed = say("atlas", "render", "-p", "nobody", "--json")
    assert failed.code == 1
    assert "no such project" in json.loads(failed.out[-1])["error"]


def test_a_draft_goes_on_and_a_final_fit_stays(say: Say, tmp_path: Path) -> None:
    folder = project_of(tmp_path / "p", Scene(Size(64, 48), 4), fitted=False)
    engines = []
    for flags in (("--quality", "draft"), (), (), ("--quality", "draft")):
        said = say("atlas", "train", "-p", folder, "--json", *flags)
        assert said.code == 0, said.err
        done = json.loads(said.out[-1])["done"]
        engines.append((done["quality"], done["anew"]))
    assert engines == [("draft", True), ("final", True), ("final", False), ("final", False)]
    assert {each.name for each in (folder / "results" / "atlases").glob("*.png")} == {FRONT, BACK}
    assert not (folder / "config.json").exists()


def test_what_was_measured_of_an_earlier_fit_is_kept_and_told(say: Say, tmp_path: Path) -> None:
    folder = project_of(tmp_path / "p", Scene(Size(64, 48), 4), fitted=False)
    train, evaluate = ("atlas", "train", "-p", folder), ("atlas", "evaluate", "-p", folder)
    warning = "of an earlier fit: report.html and evaluation.json"

    def told(*command: object) -> str:
        said = say(*command)
        assert said.code == 0, said.err
        return " ".join(" ".join(said.err).split())

    assert warning not in told(*train, "--quality", "draft")
    told(*evaluate)
    page = folder / "results" / "report.html"
    draft = page.read_text()
    for _ in range(2):  # told again where the fit is there already
        words = told(*train)
        assert warning in words
    assert page.read_text() == draft
    fit = words.rpartition("fit ")[2]
    assert fit not in draft
    told(*evaluate)
    assert fit in page.read_text()
    assert warning not in told(*train)


def test_a_clip_becomes_a_project_with_its_times_and_mattes(say: Say, tmp_path: Path) -> None:
    truth = SMALL.footage()
    pictures = [np.dstack((a, b)) for a, b in zip(truth.frames, truth.mattes[0], strict=True)]
    clip = clip_of(tmp_path / "clip.webm", pictures, fps=24)
    folder = tmp_path / "p"
    said = say("atlas", "new", "-p", folder, "--from", clip, "--max-frames", "5")
    assert (said.code, said.out) == (0, [str(folder)])
    project = open_project(folder)
    mattes = project.mattes()
    assert mattes is not None and mattes.shape[:2] == (1, 5)
    assert np.abs(mattes[0].astype(int) - truth.mattes[0][:5]).mean() < 2
    assert float(project.origin.times_s[1]) == pytest.approx(1 / 24, abs=1e-3)
    again = say("atlas", "new", "-p", folder, "--from", clip)
    assert again.code == 1
    assert "is there already" in again.line
    assert [each.name for each in tmp_path.glob(".*")] == []


@pytest.fixture(autouse=True)
def _quiet(recwarn: pytest.WarningsRecorder) -> Iterator[None]:
    yield
    assert [str(each.message) for each in recwarn] == []


def test_masks_and_lines_that_do_not_meet_the_object_are_told(say: Say, place: Path) -> None:
    folder = place / "projects" / NAME
    for each in (folder / "masks").iterdir():
        image = Image.new("L", (96, 64))
        image.putpixel((48, 32), 255)
        image.save(each)
    (folder / "scribbles").mkdir()
    image = Image.new("RGB", (96, 64))
    ImageDraw.Draw(image).line((10, 10, 48, 32), fill="red", width=4)
    ImageDraw.Draw(image).point((48, 32), fill="blue")
    image.save(folder / "scribbles" / "00000.png")
    colours = {"foreground_layers": 2, "scribble_colours": ["#ff0000", "#0000ff"]}
    (folder / "config.json").write_text(json.dumps(colours))
    said = " ".join(" ".join(say("atlas", "train", "-p", NAME).err).split())
    assert "show very little, 0.02 % of the picture" in said
    assert "% of the lines for foreground_0 lie where the masks show nothing" in said


def test_several_foregrounds_are_told_apart_by_lines_of_any_colour(
    say: Say, tmp_path: Path
) -> None:
    folder = project_of(tmp_path / "p", fitted=False)
    (folder / "scribbles").mkdir()
    (folder / "config.json").write_text('{"foreground_layers": 2}')
    fronts = []
    for places in ((38, 58), (58, 38)):
        image = Image.new("RGB", (96, 64))
        for x, colour in zip(places, ("#ff8000", "#2040ff"), strict=True):
            ImageDraw.Draw(image).line((x, 24, x, 40), fill=colour, width=5)
        image.save(folder / "scribbles" / "00000.png")
        told = {"foreground_layers": 2, "scribble_colours": ["#2040ff", "#ff8000"]}
        (folder / "config.json").write_text(json.dumps(told))
        said = say("atlas", "train", "-p", folder, "--quality", "draft")
        assert said.code == 0, said.err
        mattes = open_project(folder).mattes()
        assert mattes is not None
        fronts.append(mattes[0, 0].astype(int))
    assert (fronts[0][24:40, 55:61] > 200).all()
    assert (fronts[1][24:40, 35:41] > 200).all()
    assert (fronts[0][24:40, 35:41] < 50).all()
    assert say("atlas", "render", "-p", folder, "-f", "none", "none").code == 0
