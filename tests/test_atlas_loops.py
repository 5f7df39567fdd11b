"""The edit of a loop: a master whose pictures are edited, and a loop that closes as before."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from streaming.atlas.animation import StillEdit
from streaming.atlas.atlases import write_atlases
from streaming.atlas.edits import Place, overlay
from streaming.atlas.fitted import keep_fit, load_fitted
from streaming.atlas.model import F32, Fit, Pair
from streaming.atlas.project import open_project
from streaming.atlas_loops import LoopWork, edited_loop
from streaming.atlas_new import project_of_loop
from streaming.atlas_render import Rendering, render
from streaming.cycles import recorded_cycle
from streaming.errors import InputError, OutputError
from streaming.frames import U8, Size
from streaming.media.alpha import probe_webm, read_rgba
from streaming.media.master import MasterFrame, MasterWriter, read_master
from streaming.media.picture import AvPicture
from streaming.sending import origin_of
from tests.atlas.scene import Scene, eighted

SCENE = Scene(Size(96, 64), 12)
BEFORE, AFTER, FPS = 3, 4, 24
TOTAL = BEFORE + SCENE.count + AFTER
CYAN = (0, 255, 255)
TOLD: dict[str, object] = {
    "id": "L1",
    "kind": "loop",
    "start_frame": 10 + BEFORE,
    "end_frame": 10 + BEFORE + SCENE.count,
    "start_exact": f"{10 + BEFORE}/{FPS}",
    "end_exact": f"{10 + BEFORE + SCENE.count}/{FPS}",
    "anchored": False,
    "shift_x_px": 0.0,
    "shift_y_px": 0.0,
    "mismatch": 0.2,
    "step": 0.01,
}


def phase(number: int) -> int:
    return (number - BEFORE) % SCENE.count


def fit_of_all(first: int = 0, end: int = TOTAL) -> Fit:
    """The scene's truth for every frame of the master, or for some."""
    truth, at = SCENE.truth(), [phase(each) for each in range(first, end)]
    layers = [
        replace(each, uv=each.uv[at], light=each.light[at], trust=each.trust[at])
        for each in truth.layers
    ]
    return replace(truth, layers=tuple(layers))


@pytest.fixture(scope="module")
def master(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("masters") / "loop_0.mkv"
    start, end = 10 + BEFORE, 10 + BEFORE + SCENE.count
    with MasterWriter(path, size=SCENE.size, start=start, end=end, about={"id": "L1"}) as writer:
        for number in range(TOTAL):
            at = phase(number)
            source = AvPicture.of(eighted(SCENE.frame(at)))
            own = eighted(SCENE.seen(SCENE.front, SCENE.uv_front(at)) * SCENE.light(at))
            rgba = np.dstack((own, eighted(SCENE.matte(at))))
            writer.write(MasterFrame(10 + number, Fraction(10 + number, FPS), source, rgba))
        writer.close(Fraction(10 + TOTAL, FPS))
    return path


@pytest.fixture
def folder(master: Path, tmp_path: Path) -> Path:
    """A project of that loop, fitted."""
    folder = tmp_path / "p"
    project_of_loop(folder, master, TOLD)
    keep_fit(open_project(folder), fit_of_all())
    return folder


def spot() -> StillEdit:
    """A cyan square in the middle of the front atlas."""
    high, wide = SCENE.front.shape[:2]
    rgba = np.zeros((high, wide, 4), np.uint8)
    rgba[high // 2 - 6 : high // 2 + 6, wide // 2 - 6 : wide // 2 + 6] = (*CYAN, 255)
    return StillEdit(overlay(rgba, Place()))


def work_of(folder: Path, *, whole: bool = False) -> LoopWork:
    project = open_project(folder)
    edits = (spot(), StillEdit(None))
    return LoopWork(project, load_fitted(project), project.footage(), edits, whole)


def cyan(rgba: U8) -> np.ndarray:
    shown = (rgba[..., 0] < 90) & (rgba[..., 1] > 150) & (rgba[..., 2] > 150)
    return shown & (rgba[..., 3] > 200) if rgba.shape[2] == 4 else shown


def centre(mask: np.ndarray) -> F32:
    return np.asarray(np.argwhere(mask).mean(axis=0), np.float32)


def test_a_loop_brings_all_its_frames_and_where_they_meet(folder: Path) -> None:
    project = open_project(folder)
    assert project.origin.seams == (Pair(BEFORE + SCENE.count, BEFORE),)
    assert project.frames.shape == (TOTAL, 64, 96, 3)
    footage = project.footage()
    for number in (0, BEFORE, TOTAL - 1):
        truth = eighted(SCENE.matte(phase(number)))
        assert np.abs(footage.mattes[0, number].astype(int) - truth).mean() < 2
    assert project.origin.times_s[2] == Fraction(2, FPS)
    assert project.master == folder / "source.mkv"


def test_frames_of_another_shot_are_left_out_and_stay_as_they_are(tmp_path: Path) -> None:
    path, last = tmp_path / "loop_0.mkv", BEFORE + SCENE.count
    with MasterWriter(path, size=SCENE.size, start=12, end=last + 10, about={"id": "L1"}) as writer:
        for number in range(TOTAL):
            shown = eighted(SCENE.frame(phase(number)))
            shown = shown // 8 if number in (0, TOTAL - 1) else shown
            rgba = np.dstack((shown, eighted(SCENE.matte(phase(number)))))
            time_s = Fraction(10 + number, FPS)
            writer.write(MasterFrame(10 + number, time_s, AvPicture.of(shown), rgba))
        writer.close(Fraction(10 + TOTAL, FPS))
    project_of_loop(tmp_path / "p", path, TOLD)
    project = open_project(tmp_path / "p")
    assert (project.origin.first, len(project.files)) == (1, TOTAL - 2)
    footage = project.footage()
    for number in (0, TOTAL - 3):
        shown, matte = footage.frames[number], footage.mattes[0, number]
        at = phase(number + 1)
        off = shown.astype(int) - eighted(SCENE.frame(at))
        assert np.abs(off).mean() < 3  # colour is at half size
        assert np.abs(matte.astype(int) - eighted(SCENE.matte(at))).mean() < 2
    assert project.origin.seams == (Pair(last - 1, BEFORE - 1),)
    assert project.origin.end_s == Fraction(TOTAL - 2, FPS)
    keep_fit(project, fit_of_all(1, TOTAL - 1))
    made = edited_loop(work_of(tmp_path / "p"), tmp_path / "out")
    before, after = (list(read_master(each).frames()) for each in (path, made.master))
    painted = [cyan(each.source.rgb(SCENE.size)).sum() > 40 for each in after]
    assert painted == [False, *[True] * (TOTAL - 2), False]
    assert [each.time_s for each in before] == [each.time_s for each in after]


def test_an_edit_crosses_the_seam_as_any_other_frame(folder: Path, tmp_path: Path) -> None:
    made = edited_loop(work_of(folder), tmp_path / "out")
    assert made.record.problems == ()
    assert probe_webm(made.file).frames == SCENE.count
    spots = [centre(cyan(each.rgba)) for each in read_rgba(made.file)]
    truth = [
        centre(np.hypot(*np.moveaxis(SCENE.uv_front(at) - [71.5, 55.5], -1, 0)) < 6)
        for at in range(SCENE.count)
    ]
    assert np.abs(np.array(spots) - truth).max() < 1  # a mask of chroma at half size
    steps = [np.hypot(*(b - a)) for a, b in zip(spots, [*spots[1:], spots[0]], strict=True)]
    assert steps[-1] < max(steps[:-1]) * 1.15


def test_what_was_not_painted_stays_as_it_was(folder: Path, master: Path, tmp_path: Path) -> None:
    made = edited_loop(work_of(folder), tmp_path / "out")
    for old, new in zip(
        read_master(master).frames(), read_master(made.master).frames(), strict=True
    ):
        assert (old.index, old.time_s) == (new.index, new.time_s)
        off = np.abs(old.rgba.astype(int) - new.rgba)
        assert off[..., 3].mean() < 1
        far = ~cyan(new.rgba) & (old.rgba[..., 3] > 250)
        assert np.median(off[far][:, :3]) <= 3


def test_everything_can_be_made_of_an_edited_loop(folder: Path, tmp_path: Path) -> None:
    made = edited_loop(work_of(folder), tmp_path / "out")
    origin = origin_of(made.file)
    cycle = recorded_cycle(origin.master, origin.told)
    assert cycle.frames == SCENE.count
    assert cyan(next(iter(cycle.read()))).sum() > 80
    with pytest.raises(OutputError, match="is there already"):
        edited_loop(work_of(folder), tmp_path / "out")


def test_a_mended_loop_is_mended_as_before(folder: Path, master: Path, tmp_path: Path) -> None:
    frames = [
        {"at": f"{each}/{FPS}", "frame": 10 + BEFORE + each} for each in range(SCENE.count - 1)
    ]
    fade = {"other": 10 + BEFORE - 1, "weight": 0.5, "warped": False}
    last = {"at": f"{SCENE.count - 1}/{FPS}", "frame": 10 + BEFORE + SCENE.count - 1, **fade}
    still = {"drift_x": 0.0, "drift_y": 0.0}
    told = {**TOLD, "mending": mend_of([*frames, last], still)}
    project_of_loop(tmp_path / "m", master, told)
    project = open_project(tmp_path / "m")
    assert project.origin.seams[1] == Pair(BEFORE + SCENE.count - 1, BEFORE - 1)
    keep_fit(project, fit_of_all())
    made = edited_loop(work_of(tmp_path / "m"), tmp_path / "out")
    assert made.record.mending is not None and made.record.frames == SCENE.count
    assert min(int(cyan(each.rgba).sum()) for each in read_rgba(made.file)) > 80


def mend_of(frames: list[dict[str, object]], still: dict[str, float]) -> dict[str, object]:
    from streaming.mending.lead import Lead

    return {
        "method": "crossfade",
        "start_frame": 10 + BEFORE,
        "end_frame": 10 + BEFORE + SCENE.count,
        "seam_before": 1.0,
        "seam_after": 1.0,
        "ghost": 0.0,
        "mismatch": 0.2,
        "duration_exact": f"{SCENE.count}/{FPS}",
        "lead": Lead().as_json(),
        "frames": frames,
    }


def test_paint_on_a_background_that_is_not_shown_is_told(folder: Path, tmp_path: Path) -> None:
    notes: list[str] = []
    project = open_project(folder)
    back = write_atlases(load_fitted(project), tmp_path, clip=project.mark)[-1]
    for name in ("x.webm", "x.mp4"):
        render(folder, Rendering(background=str(back), output=tmp_path / name), say=notes.append)
    (said,) = notes
    assert "without its background" in said


def test_a_loop_is_edited_again_and_exports_of_the_former_edit_stay(folder: Path) -> None:
    notes: list[str] = []
    for _ in range(2):
        made = render(folder, Rendering(), say=notes.append)
    assert made.loop is not None and made.loop.aside is None
    (made.path / "exports").mkdir()
    (made.path / "exports" / "loop_0.gif").write_bytes(b"exported")
    again = render(folder, Rendering(), say=notes.append)
    old = folder / "results" / "edited_loop.old1"
    assert again.loop is not None and again.loop.aside == old
    assert (old / "exports" / "loop_0.gif").read_bytes() == b"exported"
    assert not (again.path / "exports").exists()
    assert str(old) in notes[-1]


@pytest.mark.parametrize(
    ("name", "check"),
    [
        ("x.webm", lambda rgba: rgba[0, 0, 3] == 0),
        ("x.mp4", lambda rgb: rgb[0, 0].max() > 30),
    ],
)
def test_a_name_with_a_suffix_asks_for_a_film(
    folder: Path, tmp_path: Path, name: str, check: Callable[[U8], bool]
) -> None:
    from tests.test_atlas_command import film

    made = render(folder, Rendering(output=tmp_path / name))
    shown = film(made.path)
    assert len(shown) == SCENE.count
    assert all(check(each) for each in shown)


def test_without_its_foreground_a_loop_shows_what_was_behind(folder: Path, tmp_path: Path) -> None:
    from tests.test_atlas_command import film

    made = render(folder, Rendering(remove="foreground", output=tmp_path / "behind.mp4"))
    off = [
        np.abs(each.astype(int) - eighted(SCENE.behind(number))).mean()
        for number, each in enumerate(film(made.path))
    ]
    assert max(off) < 6


def test_of_a_source_with_alpha_only_what_it_showed_is_taken(tmp_path: Path) -> None:
    path, grey = tmp_path / "loop_0.mkv", np.full((48, 64, 3), 200, np.uint8)
    rgba = np.dstack((grey, np.zeros((48, 64), np.uint8)))
    rgba[8:40, 8:40, 3] = 255
    about: dict[str, object] = {"id": "L1", "alpha": True}
    with MasterWriter(path, size=Size(64, 48), start=0, end=3, about=about) as writer:
        for number in range(4):
            writer.write(MasterFrame(number, Fraction(number, FPS), AvPicture.of(grey), rgba))
        writer.close(Fraction(4, FPS))
    project_of_loop(tmp_path / "p", path, {**TOLD, "start_frame": 0, "end_frame": 3})
    frames = open_project(tmp_path / "p").frames
    assert frames[:, 12:36, 12:36].min() > 190
    assert frames[:, :4].max() < 5


def test_a_folder_without_loops_gives_the_nearest_span(master: Path, tmp_path: Path) -> None:
    from streaming.atlas_masks import Cutting
    from streaming.atlas_new import Wish, new_project

    run = tmp_path / "out"
    (run / "near").mkdir(parents=True)
    (run / "near" / "near_0.webm").write_bytes(b"")
    (run / "near_0.mkv").write_bytes(master.read_bytes())
    near = {**TOLD, "kind": "near", "file": "near/near_0.webm", "master": "near_0.mkv"}
    told: dict[str, object] = {"loops": [], "more": [], "near": [near]}
    (run / "loops.json").write_text(json.dumps(told))
    said: list[str] = []
    made = new_project(tmp_path / "p", Wish(run, Cutting(tmp_path)), say=said.append)
    assert made.told is not None
    assert "no loop was found there" in said[0]
    (run / "near" / "near_0.webm").unlink()
    with pytest.raises(InputError, match="holds no loop"):
        new_project(tmp_path / "q", Wish(run, Cutting(tmp_path)))


def test_a_master_that_is_gone_is_said(folder: Path) -> None:
    (folder / "source.mkv").unlink()
    with pytest.raises(InputError, match="holds no loop's master"):
        render(folder, Rendering())


def test_a_master_elsewhere_is_taken_with_its_record(master: Path, tmp_path: Path) -> None:
    from streaming.atlas_masks import Cutting
    from streaming.atlas_new import Wish, new_project

    record = tmp_path / "told.json"
    record.write_text(json.dumps(TOLD))
    told = new_project(tmp_path / "p", Wish(master, Cutting(tmp_path), record=record))
    alone = new_project(tmp_path / "q", Wish(master, Cutting(tmp_path)))
    assert told.seams == alone.seams == (Pair(BEFORE + SCENE.count, BEFORE),)
