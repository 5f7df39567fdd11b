"""The faults of the programs that this one follows, each by the number that it has in our notes.

B2 (three foregrounds share texture) and B10 (removal knows two layers) are shown on three layers;
B5 (a configuration that never asks for MODNet) and B13 (a command that lacks its project) at the
command; the rest on one small project.
"""

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from streaming.atlas.animation import StillEdit
from streaming.atlas.atlases import picture_of
from streaming.atlas.config import parsed
from streaming.atlas.edits import Edit, Place, overlay, split
from streaming.atlas.flows import dis
from streaming.atlas.grid_engine import fit_grid
from streaming.atlas.model import Fit, Footage, foreground
from streaming.atlas.project import open_project
from streaming.atlas.removal import Plate, foreground_alone, without_foreground
from streaming.atlas.render import edited
from streaming.atlas.scribbles import scribbles_of
from streaming.atlas_mattes import masks_wanted
from streaming.frames import Size
from tests.atlas.projects import SMALL, project_of
from tests.atlas.scene import Scene

ROOT = Path(__file__).resolve().parents[2]
WIDE = Scene(Size(96, 48), 4)


def three_layered(scene: Scene = SMALL) -> tuple[Fit, Footage]:
    """The scene's foreground as three layers side by side, each with an atlas of its own."""
    fit, footage = scene.truth(), scene.footage()
    columns = np.digitize(np.arange(scene.size.width), (42, 54))  # thirds of the figure
    parts = [footage.mattes[0] * (columns == each).astype(np.uint8) for each in range(3)]
    front, back = fit.layers
    layers = tuple(replace(front, name=foreground(each)) for each in range(3))
    return replace(fit, layers=(*layers, back)), replace(footage, mattes=np.stack(parts))


def red_over(scene: Scene) -> Edit | None:
    high, wide = scene.front.shape[:2]
    rgba = np.zeros((high, wide, 4), np.uint8)
    rgba[..., 0] = rgba[..., 3] = 255
    return overlay(rgba, Place())


def test_b1_without_a_background_every_kind_of_atlas_renders() -> None:
    fit, footage = SMALL.truth(), SMALL.footage()
    for edits in ((), (StillEdit(red_over(SMALL)).at(3), None)):
        made = foreground_alone(fit, Plate(fit), footage.shares(3), footage.frames[3], 3, edits)
        assert np.abs(made[..., 3].astype(int) - footage.mattes[0, 3]).max() <= 1


def test_b2_painting_one_of_three_foregrounds_leaves_the_others() -> None:
    fit, footage = three_layered()
    for painted in range(3):
        edits = [red_over(SMALL) if each == painted else None for each in range(4)]
        made = edited(fit, footage.shares(2), footage.frames[2], 2, edits)
        others = footage.mattes[painted, 2] == 0
        assert np.array_equal(made[others], footage.frames[2][others])
        own = footage.mattes[painted, 2] == 255
        assert own.any() and (made[own] != footage.frames[2][own]).any(axis=1).all()


def test_b3_any_colour_scribbles_and_nothing_else_does() -> None:
    drawn = np.zeros((48, 96, 3), np.uint8)
    drawn[8:12, 10:40] = (201, 117, 38)
    drawn[30:34, 10:40] = (38, 90, 160)
    (scribble,) = scribbles_of({0: drawn}, size=Size(96, 48), layers=2)
    assert set(np.unique(scribble.labels)) == {0, 1, 2}
    assert (scribble.labels[20:28] == 0).all()


def test_b4_a_scribble_that_is_scaled_mixes_no_colours() -> None:
    drawn = np.zeros((48, 96, 3), np.uint8)
    drawn[8:12], drawn[12:16] = (255, 0, 0), (0, 0, 255)
    (scribble,) = scribbles_of({0: drawn}, size=Size(131, 67), layers=2)
    assert set(np.unique(scribble.labels)) == {0, 1, 2}


def test_b5_modnet_is_taken_where_the_configuration_says_so() -> None:
    assert masks_wanted(parsed({"foreground_class": "modnet"}, "c")) == "modnet"
    assert masks_wanted(parsed({"foreground_class": "anything"}, "c")) == "maskrcnn"
    assert masks_wanted(parsed({}, "c")) == "rvm"


def test_b6_b8_an_atlas_given_back_lies_where_it_came_from() -> None:
    """A picture of any proportions is neither stretched nor moved: a dot stays on its texel."""
    scene, at = WIDE, (60, 40)
    layer = scene.truth().layers[1]
    before = picture_of(layer)
    after = before.copy()
    after[at[1] - 2 : at[1] + 3, at[0] - 2 : at[0] + 3] = (255, 0, 255, 255)
    edit = split(after, before, Place.over(Size(*before.shape[1::-1]), Size(*before.shape[1::-1])))
    footage = scene.footage()
    for number in range(scene.count):
        shares = np.stack((np.zeros((48, 96), np.float32), np.ones((48, 96), np.float32)))
        made = edited(scene.truth(), shares, footage.frames[number], number, [None, edit])
        changed = np.argwhere((made != footage.frames[number]).any(axis=2)).mean(axis=0)[::-1]
        away = np.hypot(*np.moveaxis(scene.uv_back(number) - np.array(at), -1, 0))
        wanted = np.array(np.unravel_index(away.argmin(), away.shape))[::-1]
        assert np.abs(changed - wanted).max() < 0.75


def test_b7_soft_edges_of_an_atlas_are_not_darkened() -> None:
    """Alpha is told once: colours of half covered texels are as bright as those beside them."""
    layer = SMALL.truth().layers[0]
    soft = replace(layer, cover=np.where(layer.cover > 0, np.float32(0.5), np.float32(0)))
    picture = picture_of(soft)
    off = picture[..., :3].astype(int) - np.round(layer.atlas * 255)
    assert np.abs(off[layer.cover > 0]).max() <= 1
    assert set(np.unique(picture[..., 3])) == {0, 128}


@pytest.mark.parametrize("size", [Size(97, 61), Size(61, 97)])
def test_b9_flow_fits_a_picture_of_any_size(size: Size) -> None:
    noise = np.random.default_rng(3).normal(0, 1, (size.height + 8, size.width + 8))
    smooth = sum(np.roll(noise, (a, b), (0, 1)) for a in range(5) for b in range(5))
    grey = np.clip(128 + 12 * np.asarray(smooth), 0, 255).astype(np.uint8)
    whole = np.dstack((grey, grey, grey))
    a, b = (np.ascontiguousarray(whole[4 : 4 + size.height, x : x + size.width]) for x in (4, 1))
    flow = dis()(a, b)
    inner = flow[12:-12, 12:-12]
    assert flow.shape[:2] == (size.height, size.width)
    assert np.median(np.abs(inner - [3, 0])) < 0.2


def test_b10_all_of_three_foregrounds_go() -> None:
    fit, footage = three_layered()
    one = SMALL.truth()
    whole = SMALL.footage().shares(2)
    clean = [
        without_foreground(each, Plate(each), shares, footage.frames[2], 2).astype(int)
        for each, shares in ((fit, footage.shares(2)), (one, whole))
    ]
    assert np.abs(clean[0] - clean[1]).max() <= 1


def test_b11_nothing_here_needs_torch(tmp_path: Path) -> None:
    """Networks may be anywhere, or nowhere: a fit and a render ask for none of them."""
    folder = project_of(tmp_path / "p", WIDE, fitted=False)
    made = tmp_path / "o.mp4"
    program = f"""
import sys
sys.modules['torch'] = None
from streaming.cli import main
main(['atlas', 'train', '-p', {str(folder)!r}, '--quality', 'draft'])
sys.exit(main(['atlas', 'render', '-p', {str(folder)!r}, '-o', {str(made)!r}]))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, cwd=ROOT)
    assert (done.returncode, made.is_file()) == (0, True), done.stderr


def test_b12_frames_without_any_motion_to_be_found_give_numbers() -> None:
    grey = np.full((2, 48, 64, 3), 128, np.uint8)
    matte = np.zeros((1, 2, 48, 64), np.uint8)
    matte[:, :, 10:30, 20:40] = 255
    fit = fit_grid(Footage(grey, matte), quality="draft")
    for layer in fit.layers:
        for values in (layer.uv, layer.atlas, layer.light, layer.trust):
            assert np.isfinite(values).all()


def test_b12_removal_fills_what_was_never_seen() -> None:
    fit, footage = SMALL.truth(), SMALL.footage()
    back = fit.layers[1]
    cover = back.cover.copy()
    middle = slice(40, 72), slice(56, 88)
    cover[middle] = 0
    holed = replace(fit, layers=(fit.layers[0], replace(back, cover=cover)))
    made = without_foreground(holed, Plate(holed), footage.shares(0), footage.frames[0], 0)
    front = footage.mattes[0, 0] == 255
    assert (made[front] != footage.frames[0][front]).any(axis=1).mean() > 0.9


def test_b13_times_are_those_of_the_source_unless_told_otherwise(tmp_path: Path) -> None:
    folder = project_of(tmp_path / "p", fitted=False)
    assert open_project(folder).origin.rate == Fraction(10)


def test_b14_frames_are_held_as_bytes(tmp_path: Path) -> None:
    project = open_project(project_of(tmp_path / "p", fitted=False))
    footage = project.footage()
    assert footage.frames.nbytes + footage.mattes.nbytes == SMALL.count * 96 * 64 * 4
