"""An edit follows the clip, changes nothing beside itself, and leaves what is there alone."""

from dataclasses import replace

import cv2
import numpy as np

from streaming.atlas.edits import Edit, Place, overlay, split
from streaming.atlas.model import F32, Layer
from streaming.atlas.render import edited, reach
from streaming.frames import U8, Size
from tests.atlas.scene import Scene, eighted

FRAMES = (0, 3, 7, 11)


def picture(layer: Layer, *, by: int = 1) -> U8:
    """An atlas as it is handed out, `by` times as large."""
    rgba = np.dstack((layer.atlas, np.ones(layer.cover.shape, np.float32)))
    high, wide = layer.cover.shape
    return eighted(cv2.resize(rgba, (wide * by, high * by), interpolation=cv2.INTER_CUBIC))


def place(layer: Layer, *, by: int = 1) -> Place:
    high, wide = layer.cover.shape
    return Place.over(Size(wide, high), Size(wide * by, high * by))


def marked(scene: Scene, *, colour: tuple[int, int, int] = (190, 30, 60)) -> tuple[Edit, F32]:
    """A soft disc on the front picture: the edit, and the picture with it."""
    layer = scene.truth().layers[0]
    far = np.hypot(*np.moveaxis(np.mgrid[:168, :208] - np.array([84, 100])[:, None, None], 0, 0))
    alpha = np.clip((14 - far) / 4 + 0.5, 0, 1)[..., None].astype(np.float32)
    painted = layer.atlas * (1 - alpha) + np.array(colour, np.float32) / 255 * alpha
    made = overlay(np.dstack((np.full((168, 208, 3), colour), eighted(alpha))), place(layer))
    assert made is not None
    return made, painted


def test_no_edit_is_no_change() -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    as_given = [split(picture(each), picture(each), place(each)) for each in fit.layers]
    assert as_given == [None, None]
    for frame in FRAMES:
        made = edited(fit, footage.shares(frame), footage.frames[frame], frame, as_given)
        assert np.array_equal(made, footage.frames[frame])


def test_paint_stands_where_the_layer_carries_it_in_its_light() -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    edit, scene.front = marked(scene)
    for frame in FRAMES:
        wanted = scene.frame(frame) * 255
        made = edited(fit, footage.shares(frame), footage.frames[frame], frame, [edit, None])
        differs = np.abs(made - wanted)
        changed = np.abs(wanted - footage.frames[frame]).max(axis=2) > 8
        assert changed.sum() > 400
        assert differs[changed].mean() < 1.0 and differs.max() < 12


def test_paint_over_a_soft_edge_takes_the_place_of_the_layer_alone() -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    front = replace(fit.layers[0], cover=np.ones_like(fit.layers[0].cover))
    fit = replace(fit, layers=(front, fit.layers[1]))
    edit = overlay(np.full((168, 208, 4), (20, 40, 200, 255), np.uint8), place(front))
    scene.front = np.full_like(scene.front, np.array([20, 40, 200]) / 255)
    for frame in FRAMES:
        made = edited(fit, footage.shares(frame), footage.frames[frame], frame, [edit, None])
        assert np.abs(made - np.clip(scene.frame(frame) * 255, 0, 255)).max() < 24


def test_nothing_changes_beside_the_texels_that_were_edited() -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    atlas = picture(fit.layers[0])
    given = atlas.copy()
    given[70:90, 95:120, 1] ^= 0x80
    edit = split(given, atlas, place(fit.layers[0]))
    for frame in FRAMES:
        made = edited(fit, footage.shares(frame), footage.frames[frame], frame, [edit, None])
        u, v = np.moveaxis(scene.uv_front(frame), 2, 0)
        near = (u > 93.5) & (u < 120.5) & (v > 68.5) & (v < 90.5)
        changed = (made != footage.frames[frame]).any(axis=2)
        assert changed.sum() > 300 and not (changed & ~near).any()


def test_a_retouch_keeps_the_grain() -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    grain = np.random.default_rng(3).normal(0, 6, footage.frames[0].shape)
    noisy = np.clip(footage.frames[5] + grain, 0, 255).astype(np.uint8)
    atlas = picture(fit.layers[1])
    given = atlas.copy()
    given[40:130, 20:190, 2] += 20
    edit = split(given, atlas, place(fit.layers[1]))
    assert edit is not None and edit.paint is None
    made = edited(fit, footage.shares(5), noisy, 5, [None, edit])
    inside = (scene.matte(5) == 0) & (made != noisy).any(axis=2)
    step = made[inside, 2].astype(float) - noisy[inside, 2]
    wanted = 20 * scene.light(5)[inside, 0]
    assert inside.sum() > 5000 and np.abs(step - wanted)[20:-20].mean() < 0.5


def test_an_edit_fades_where_the_map_is_not_trusted() -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    edit, _ = marked(scene)
    shares, frame = footage.shares(3), footage.frames[3]
    whole = edited(fit, shares, frame, 3, [edit, None]).astype(int) - frame
    doubted = replace(fit.layers[0], trust=np.full_like(fit.layers[0].trust, 0.5))
    half = edited(replace(fit, layers=(doubted, fit.layers[1])), shares, frame, 3, [edit, None])
    assert np.abs((half.astype(int) - frame) - whole / 2).max() <= 1


def test_an_edit_that_is_out_of_sight_hands_the_frame_back() -> None:
    scene = Scene()
    fit, footage = scene.truth(), scene.footage()
    corner = np.zeros((168, 208, 4), np.uint8)
    corner[:5, :5] = 255
    edit = overlay(corner, Place())
    assert edit is not None
    frame = footage.frames[0]
    assert edited(fit, footage.shares(0), frame, 0, [None, edit]) is frame


def test_reach_holds_every_pixel_that_shows_the_edit() -> None:
    scene = Scene()
    layer = scene.truth().layers[0]
    edit, _ = marked(scene)
    for frame in FRAMES:
        at = edit.place.of(scene.uv_front(frame))
        shows = (at > -1).all(axis=2) & (at < (edit.size.width, edit.size.height)).all(axis=2)
        rect = reach(layer, frame, edit, scene.size)
        outside = np.ones_like(shows)
        outside[rect.slices()] = False
        assert shows.any() and not (shows & outside).any()
