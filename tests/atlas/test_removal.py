"""Without its foreground a clip shows what was behind; without its background, the foreground."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from streaming.atlas.edits import Place, overlay
from streaming.atlas.filling import filled
from streaming.atlas.grids import inverse
from streaming.atlas.model import F32, Fit
from streaming.atlas.removal import Plate, foreground_alone, without_foreground
from tests.atlas.scene import Motion, Scene, pixel_places


def doubted(scene: Scene) -> Fit:
    """The truth as an engine knows it: the background has holes where it never shows."""
    fit = scene.truth()
    back = fit.layers[1]
    x, y = pixel_places(scene.atlas_size)
    texels = np.stack((x, y), axis=-1)
    seen = np.zeros(back.cover.shape, np.float32)
    for frame in range(scene.count):
        at = inverse(back.uv[frame], back.spacing_px, scene.size, texels)
        shows = cv2.remap(
            1 - scene.matte(frame), np.nan_to_num(at, nan=-9e3), None, cv2.INTER_LINEAR
        )
        seen = np.maximum(seen, (np.asarray(shows) > 0.99).astype(np.float32))
    atlas = np.where(seen[..., None] > 0, back.atlas, np.float32(0.9))
    return replace(fit, layers=(fit.layers[0], replace(back, cover=seen, atlas=atlas)))


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(motion=Motion(sway_px=22, pan_px=14))


@pytest.fixture(scope="module")
def fit(scene: Scene) -> Fit:
    return doubted(scene)


def ever_seen(fit: Fit, scene: Scene, frame: int) -> F32:
    cover = np.asarray(cv2.erode(fit.layers[1].cover, np.ones((9, 9), np.uint8)), np.float32)
    return np.asarray(cv2.remap(cover, scene.uv_back(frame), None, cv2.INTER_LINEAR), np.float32)


def test_what_was_behind_comes_back(scene: Scene, fit: Fit) -> None:
    footage, plate = scene.footage(), Plate(fit)
    errors, edges = [], []
    for frame in range(scene.count):
        made = without_foreground(fit, plate, footage.shares(frame), footage.frames[frame], frame)
        differs = made / 255 - scene.behind(frame)
        known = (ever_seen(fit, scene, frame) > 0.99) & (scene.matte(frame) > 0)
        errors.append(differs[known] ** 2)
        near = cv2.dilate(scene.matte(frame), np.ones((13, 13), np.uint8))
        edge = (near > 0) & (scene.matte(frame) < 0.1) & (ever_seen(fit, scene, frame) > 0.99)
        edges.append(np.abs(differs[edge]))
        away = cv2.dilate(scene.matte(frame), np.ones((21, 21), np.uint8)) == 0
        assert np.array_equal(made[away], footage.frames[frame][away])
    assert -10 * np.log10(np.concatenate(errors).mean()) >= 30
    assert np.concatenate(edges).max() < 12 / 255


def test_what_was_made_up_does_not_flicker(scene: Scene, fit: Fit) -> None:
    footage, plate, back = scene.footage(), Plate(fit), fit.layers[1]
    x, y = np.meshgrid(np.arange(64, 144, dtype=np.float32), np.arange(54, 114, dtype=np.float32))
    texels = np.stack((x, y), axis=-1)
    rows = []
    for frame in range(scene.count):
        made = without_foreground(fit, plate, footage.shares(frame), footage.frames[frame], frame)
        at = inverse(back.uv[frame], back.spacing_px, scene.size, texels)
        flat = made / 255 / scene.light(frame)
        seen = cv2.remap(flat.astype(np.float32), at, None, cv2.INTER_CUBIC)
        under = cv2.remap(scene.matte(frame), at, None, cv2.INTER_LINEAR)
        rows.append(np.where(np.asarray(under)[..., None] > 0.5, np.asarray(seen), np.nan))
    often = np.isfinite(rows).sum(axis=0) >= 4
    assert often.sum() > 3000
    assert np.nanstd(np.asarray(rows), axis=0)[often].mean() <= 1 / 255


def test_an_edit_of_the_background_is_laid_over_what_was_behind(scene: Scene, fit: Fit) -> None:
    footage, plate = scene.footage(), Plate(fit)
    mark = np.zeros((168, 208, 4), np.uint8)
    mark[60:110, 80:130] = (200, 20, 20, 255)
    edits = [None, overlay(mark, Place())]
    shares, frame = footage.shares(0), footage.frames[0]
    made = without_foreground(fit, plate, shares, frame, 0, edits)
    u, v = np.moveaxis(scene.uv_back(0), 2, 0)
    inside = (u > 82) & (u < 127) & (v > 62) & (v < 107)
    assert (scene.matte(0)[inside] == 1).any()
    light = scene.light(0)[inside, 0]
    assert np.abs(made[inside, 1] - 20 * light).max() < 8


def test_the_foreground_comes_alone_without_the_old_background(scene: Scene, fit: Fit) -> None:
    footage, plate = scene.footage(), Plate(fit)
    for frame in (0, 5):
        shares = footage.shares(frame)
        made = foreground_alone(fit, plate, shares, footage.frames[frame], frame)
        assert np.array_equal(made[..., 3], footage.mattes[0, frame])
        alpha = scene.matte(frame)
        own = scene.seen(scene.front, scene.uv_front(frame)) * scene.light(frame)
        for behind in (0.0, 1.0):
            wanted = alpha[..., None] * own + (1 - alpha[..., None]) * behind
            share = made[..., 3:] / 255
            shown = share * made[..., :3] / 255 + (1 - share) * behind
            edge = (alpha > 0.02) & (alpha < 0.98)
            assert np.abs(shown - wanted)[edge].mean() < 1.5 / 255
            assert np.abs(shown - wanted).max() < 16 / 255


def test_an_edit_of_the_foreground_comes_with_it(scene: Scene, fit: Fit) -> None:
    footage, plate = scene.footage(), Plate(fit)
    mark = np.zeros((168, 208, 4), np.uint8)
    mark[70:95, 90:115] = (20, 200, 20, 255)
    edits = [overlay(mark, Place()), None]
    made = foreground_alone(fit, plate, footage.shares(2), footage.frames[2], 2, edits)
    u, v = np.moveaxis(scene.uv_front(2), 2, 0)
    inside = (u > 92) & (u < 112) & (v > 72) & (v < 92)
    assert np.abs(made[inside, 1] - 200 * scene.light(2)[inside, 0]).max() < 4


def test_nobody_to_remove_leaves_the_frame(scene: Scene, fit: Fit) -> None:
    frame = scene.footage().frames[0]
    shares = np.stack((np.zeros((120, 160), np.float32), np.ones((120, 160), np.float32)))
    assert np.array_equal(without_foreground(fit, Plate(fit), shares, frame, 0), frame)
    assert not foreground_alone(fit, Plate(fit), shares, frame, 0)[..., 3].any()


def test_a_hole_is_filled_from_its_rim(fit: Fit) -> None:
    back = fit.layers[1]
    made = filled(back)
    hole = back.cover < 0.05
    rim = (cv2.dilate(hole.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0) & ~hole
    kept = cv2.erode(back.cover, np.ones((3, 3), np.uint8)) > 0.9
    assert np.array_equal(made[kept], back.atlas[kept])
    inner = hole & (cv2.erode(hole.astype(np.uint8), np.ones((5, 5), np.uint8)) > 0)
    assert np.abs(made[inner].mean(axis=0) - back.atlas[rim].mean(axis=0)).max() < 0.1
