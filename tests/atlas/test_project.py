"""A project on disk: what is read of it, and one clear line for whatever is wrong."""

import json
import shutil
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from streaming.atlas.fitted import FRAMES, load_fitted, store_config
from streaming.atlas.ledger import Ledger
from streaming.atlas.model import Pair
from streaming.atlas.origin import Origin, read_origin, write_origin
from streaming.atlas.places import found_project, place_for_new
from streaming.atlas.project import open_project
from streaming.errors import InputError
from streaming.frames import Size
from tests.atlas.projects import SMALL, project_of
from tests.atlas.scene import Scene

COUNT = SMALL.count


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return project_of(tmp_path / "p")


def test_a_project_is_what_lies_in_its_folder(folder: Path) -> None:
    project = open_project(folder)
    footage, truth = project.footage(), SMALL.footage()
    assert np.array_equal(footage.frames, truth.frames)
    assert np.array_equal(footage.mattes, truth.mattes)
    assert project.bare and project.origin.rate == 10
    assert load_fitted(project).count == COUNT


def test_frames_come_in_the_order_of_a_person(tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    for number in (10, 9, 1):
        grey = np.full((16, 16, 3), number, np.uint8)
        Image.fromarray(grey).save(tmp_path / "frames" / f"shot{number}.bmp")
    assert open_project(tmp_path).frames[:, 0, 0, 0].tolist() == [1, 9, 10]


def test_a_wanted_size_scales_frames_and_masks(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"size": [48, 32], "max_frames": 4}))
    project = open_project(folder)
    assert project.frames.shape == (4, 32, 48, 3)
    mattes = project.mattes()
    assert mattes is not None and mattes.shape == (1, 4, 32, 48)
    assert abs(float(mattes[0, 0].mean()) - float(SMALL.footage().mattes[0, 0].mean())) < 2


def test_a_configuration_that_is_named_wins_over_the_stored_one(folder: Path) -> None:
    (folder / "config.json").write_text(json.dumps({"max_frames": 4}))
    other = folder / "other.json"
    other.write_text(json.dumps({"max_frames": 5, "of_mine": 1}))
    project = open_project(folder, other)
    assert len(project.files) == 5
    store_config(project)
    assert json.loads((folder / "config.json").read_text()) == {"max_frames": 5, "of_mine": 1}
    assert json.loads((folder / "config.old.json").read_text()) == {"max_frames": 4}


def test_opening_stores_no_default(folder: Path) -> None:
    open_project(folder)
    assert not (folder / "config.json").exists()


def test_projects_are_found_by_name(tmp_path: Path) -> None:
    project_of(tmp_path / "projects" / "swan", fitted=False)
    assert found_project(Path("swan"), tmp_path) == tmp_path / "projects" / "swan"
    assert found_project(Path("projects/swan"), tmp_path) == tmp_path / "projects" / "swan"
    assert found_project(Path("goose"), tmp_path) == tmp_path / "goose"
    assert place_for_new(Path("goose"), tmp_path) == tmp_path / "projects" / "goose"
    assert place_for_new(tmp_path / "goose", Path()) == tmp_path / "goose"


def test_two_valued_masks_mean_all_or_nothing(folder: Path) -> None:
    for each in (folder / "masks").iterdir():
        mask = np.asarray(Image.open(each)) > 127
        Image.fromarray(mask.astype(np.uint8)).save(each)
    mattes = open_project(folder).mattes()
    assert mattes is not None and set(np.unique(mattes)) == {0, 255}


def test_foregrounds_share_what_all_claim(folder: Path) -> None:
    shutil.move(folder / "masks", folder / "foreground_0")
    (folder / "masks").mkdir()
    shutil.copytree(folder / "foreground_0", folder / "masks" / "foreground_1")
    shutil.move(folder / "foreground_0", folder / "masks")
    (folder / "config.json").write_text(json.dumps({"foreground_layers": 2}))
    mattes = open_project(folder).mattes()
    assert mattes is not None and mattes.sum(axis=0, dtype=int).max() <= 255
    assert np.array_equal(mattes[0], SMALL.footage().mattes[0]) and mattes[1].max() <= 127


def _no_frames(folder: Path) -> None:
    shutil.rmtree(folder / "frames")
    (folder / "frames").mkdir()


def _another_size(folder: Path) -> None:
    Image.new("RGB", (64, 64)).save(folder / "frames" / "00003.png")


def _too_few_masks(folder: Path) -> None:
    (folder / "masks" / "00003.png").unlink()


def _small_mask(folder: Path) -> None:
    Image.new("L", (10, 10)).save(folder / "masks" / "00003.png")


def _another_clip(folder: Path) -> None:
    shutil.rmtree(folder / "results")
    shutil.copytree(
        project_of(folder / "q", Scene(Size(64, 64), 6)) / "results", folder / "results"
    )


def _other_frames(folder: Path) -> None:
    Ledger(folder / "results").note_fact(FRAMES, "of others")


def _half_a_fit(folder: Path) -> None:
    path = folder / "results" / "checkpoints.npz"
    path.write_bytes(path.read_bytes()[:4000])


def _no_fit(folder: Path) -> None:
    (folder / "results" / "checkpoints.npz").unlink()


def _fewer_frames_than_noted(folder: Path) -> None:
    write_origin(
        Origin.even("clip", COUNT + 1, open_project(folder).origin.rate), folder / "source.json"
    )


def _damaged_note(folder: Path) -> None:
    (folder / "source.json").write_text('{"version": 1')


@pytest.mark.parametrize(
    ("harm", "wanted"),
    [
        (_no_frames, "holds no pictures"),
        (_another_size, "00003.png is 64x64, and the first is 96x64"),
        (_too_few_masks, "holds 5 masks for 6 frames"),
        (_small_mask, "00003.png is 10x10, and its frame is 96x64"),
        (_another_clip, "of another clip: it has 6 frames of 64x64"),
        (_other_frames, "fitted to other frames"),
        (_half_a_fit, "train again"),
        (_no_fit, "atlas train"),
        (_fewer_frames_than_noted, "holds 6 pictures, and source.json tells of 7"),
        (_damaged_note, "is damaged"),
    ],
)
def test_what_is_wrong_is_said(folder: Path, harm: object, wanted: str) -> None:
    assert callable(harm)
    harm(folder)
    with pytest.raises(InputError) as error:
        project = open_project(folder)
        project.footage()
        load_fitted(project)
    assert wanted in str(error.value)
    assert "\n" not in str(error.value)


def test_no_project_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="atlas new"):
        open_project(tmp_path / "none")


def test_where_frames_come_from_is_read_as_it_was_written(tmp_path: Path) -> None:
    rate = Fraction(30000, 1001)
    origin = Origin.even("clip", 7, rate)
    told = Origin(
        origin.name, origin.times_s, origin.end_s, (Pair(6, 0),), "m.mkv", {"id": "L1"}, "RVM"
    )
    write_origin(told, tmp_path / "source.json")
    assert read_origin(tmp_path / "source.json") == told and told.rate == rate


def test_what_somebody_painted_is_not_ours(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path)
    file, pictures = tmp_path / "a.png", tmp_path / "animated"
    pictures.mkdir()
    for each in (file, pictures / "0.png"):
        each.write_bytes(b"1")
    assert not ledger.ours(file) and ledger.ours(tmp_path / "absent")
    ledger.note(file)
    ledger.note(pictures)
    assert ledger.ours(file) and ledger.ours(pictures)
    for each in (file, pictures / "0.png"):
        each.write_bytes(b"2")
    assert not ledger.ours(file) and not ledger.ours(pictures)
