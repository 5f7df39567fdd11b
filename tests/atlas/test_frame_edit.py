"""What is painted on one frame stands in all of them."""

from pathlib import Path

import numpy as np
import pytest

from streaming.atlas.animation import given_edits
from streaming.atlas.edits import Edit, Place, overlay
from streaming.atlas.frame_edit import Onto, carried, layers_for, painted_on, write_carried
from streaming.atlas.model import F32, Fit
from streaming.atlas.render import edited
from streaming.errors import InputError
from streaming.frames import U8
from tests.atlas.scene import Scene, eighted

INDEX = 4
COLOUR = np.array([0.75, 0.15, 0.3], np.float32)


def disc(scene: Scene) -> F32:
    """A soft disc on the front picture, (168, 208, 1)."""
    y, x = np.mgrid[:168, :208]
    soft = np.clip((15 - np.hypot(x - 100, y - 84)) / 3 + 0.5, 0, 1)[..., None]
    return np.asarray(soft, np.float32)


def painting(scene: Scene) -> U8:
    """Somebody paints the disc on a frame, on a transparent canvas."""
    alpha = scene.seen(disc(scene), scene.uv_front(INDEX))
    colours = np.broadcast_to(COLOUR * scene.light(INDEX), (120, 160, 3))
    return eighted(np.dstack((colours, alpha)))


def edits_of(scene: Scene, given: U8, onto: Onto) -> list[Edit | None]:
    fit, footage = scene.truth(), scene.footage()
    paint = painted_on(given, footage.frames[INDEX], "it.png", lossy=False)
    layers = layers_for(fit, onto)
    made = carried(paint, fit, footage.shares(INDEX), INDEX, layers)
    found = {
        each.layer: overlay(each.rgba, Place(across=2, down=2), gain=each.gain) for each in made
    }
    return [found.get(each.name) for each in fit.layers]


def test_paint_on_a_frame_follows_the_layer_into_all_others() -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    edits = edits_of(scene, painting(scene), "foreground")
    scene.front = scene.front * (1 - disc(scene)) + COLOUR * disc(scene)
    for frame in range(12):
        wanted = np.clip(scene.frame(frame) * 255, 0, 255)
        made = edited(fit, footage.shares(frame), footage.frames[frame], frame, edits)
        changed = np.abs(wanted - footage.frames[frame]).max(axis=2) > 8
        differs = np.abs(made - wanted)
        assert changed.sum() > 400 and differs[changed].mean() < 1.5 and differs.max() < 20


@pytest.mark.parametrize("onto", ["background", "both"])
def test_the_frame_itself_looks_as_it_was_painted(onto: Onto) -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    frame = footage.frames[INDEX]
    given = frame.copy()
    given[45:85, 20:140] = (250, 250, 20)
    made = edited(fit, footage.shares(INDEX), frame, INDEX, edits_of(scene, given, onto))
    shares = footage.shares(INDEX)
    inside = np.zeros((120, 160), bool)
    inside[47:83, 22:138] = True
    pure = (shares[1] == 1) if onto == "background" else (shares.max(axis=0) == 1)
    differs = np.abs(made.astype(int) - given).max(axis=2)
    assert differs[inside & pure].max() <= 3
    assert onto == "background" or differs[inside].max() <= 12
    outside = np.ones((120, 160), bool)
    outside[43:87, 18:142] = False
    assert np.array_equal(made[outside], frame[outside])


def test_paint_at_the_edge_of_a_frame_reaches_it() -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    frame = footage.frames[INDEX]
    given = frame.copy()
    given[:, :9] = given[-7:] = (20, 200, 220)
    made = edited(fit, footage.shares(INDEX), frame, INDEX, edits_of(scene, given, "background"))
    changed = (given != frame).any(axis=2)
    assert np.abs(made[changed].astype(int) - given[changed]).mean() < 4


def test_fine_lines_stay_fine() -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    frame = footage.frames[INDEX]
    given = frame.copy()
    given[50:70:2, 60:100], given[51:70:2, 60:100] = 230, 20
    made = edited(fit, footage.shares(INDEX), frame, INDEX, edits_of(scene, given, "foreground"))
    inner = made[54:66, 64:96].astype(float).mean(axis=(1, 2))
    assert np.abs(np.diff(inner)).min() > 0.75 * 210


def test_written_paint_is_what_the_renderer_takes(tmp_path: Path) -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    frame, white = footage.frames[9], footage.frames[9].copy()
    white[50:70, 70:90] = 255
    paint = painted_on(white, frame, "9.png", lossy=False)
    (made,) = carried(paint, fit, footage.shares(9), 9, layers_for(fit, "foreground"))
    assert scene.light(9).max() < 1 < made.gain
    path = write_carried(made, fit, 9, tmp_path, clip="c")
    assert path.name == "foreground_atlas_0_0009.png"
    edits = given_edits(path, fit, fit.layers[0], folder=tmp_path, clip="c")
    shown = edited(fit, footage.shares(9), frame, 9, [edits.at(9), None])
    assert shown[52:68, 72:88].min() >= 253


def test_a_frame_that_nobody_painted_on_says_so() -> None:
    fit_free = Scene().footage().frames[0]
    with pytest.raises(InputError, match="nothing was painted"):
        painted_on(fit_free, fit_free, "0.png", lossy=False)
    with pytest.raises(InputError, match="64x64 and the frames are 160x120"):
        painted_on(np.zeros((64, 64, 3), np.uint8), fit_free, "0.png", lossy=False)


def test_a_choice_of_layers() -> None:
    fit: Fit = Scene().truth()
    assert [each.name for each in layers_for(fit, "both")] == ["foreground_0", "background"]
    assert [each.name for each in layers_for(fit, "background")] == ["background"]
