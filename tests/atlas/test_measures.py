"""A perfect fit measures as perfect, and what is spoilt in it is what a measure tells."""

from dataclasses import replace

import numpy as np
import pytest

from streaming.atlas.measures import (
    closing,
    errors_at,
    folds,
    likenesses,
    seam_of,
    swims,
)
from streaming.atlas.model import F32, Fit, Footage
from streaming.atlas.transfer import transferred
from tests.atlas.scene import Motion, Scene


@pytest.fixture(scope="module")
def scene() -> Scene:
    return Scene(count=10, motion=Motion(sway_px=4, pan_px=4))


@pytest.fixture(scope="module")
def footage(scene: Scene) -> Footage:
    return scene.footage()


def with_front(fit: Fit, *, uv: F32 | None = None, atlas: F32 | None = None) -> Fit:
    own = fit.layers[0]
    own = replace(own, uv=own.uv if uv is None else uv)
    own = replace(own, atlas=own.atlas if atlas is None else atlas)
    return replace(fit, layers=(own, fit.layers[1]))


def test_the_truth_is_like_the_clip_and_light_is_what_makes_it_so(
    scene: Scene, footage: Footage
) -> None:
    all_of, front, back = likenesses(scene.truth(), footage)
    assert (all_of.name, front.name, back.name) == ("all", "foreground_0", "background")
    assert min(all_of.lit, front.lit, back.lit) > 38
    assert all_of.atlas < 30 and front.atlas < 30


def test_a_spoilt_layer_is_the_one_that_is_told(scene: Scene, footage: Footage) -> None:
    fit = scene.truth()
    worse = with_front(fit, atlas=fit.layers[0].atlas * np.float32(0.8))
    good, bad = likenesses(fit, footage), likenesses(worse, footage)
    assert bad[1].lit < good[1].lit - 12 and bad[2].lit > 45
    error = errors_at(worse, footage, 3)
    own = scene.matte(3) == 1
    assert error[own].mean() > 0.05 > 10 * error[scene.matte(3) == 0].mean()


def test_points_go_where_they_go(scene: Scene) -> None:
    fit = scene.truth()
    points = np.array([[60, 40], [85, 70], [100, 50], [77.5, 62.25]], np.float32)
    there = transferred(fit.layers[0], fit.size, 1, 4, points)
    before = scene.uv_front(1, points.astype(np.float64))
    edge = np.array([[159, 60]], np.float32)
    after = scene.uv_front(4, there.astype(np.float64))
    assert np.abs(before - after).max() < 0.15
    assert np.isnan(transferred(fit.layers[1], fit.size, 2, 6, edge)).all()


def test_an_edit_of_the_truth_hardly_swims_and_of_a_shaken_map_does(
    scene: Scene, footage: Footage
) -> None:
    fit = scene.truth()
    good = swims(fit, footage)
    assert [each.name for each in good] == ["foreground_0", "background"]
    assert max(each.median_px for each in good) < 0.3 and min(each.points for each in good) > 300
    assert good[0].rms_px < 1 and good[1].rms_px < 0.5  # flow slides along an ellipse's outline
    uv = fit.layers[0].uv.copy()
    uv[::2] += np.float32(1.0)
    bad = swims(with_front(fit, uv=uv), footage)
    assert bad[0].median_px == pytest.approx(np.sqrt(2), abs=0.25)
    assert bad[1].rms_px == good[1].rms_px
    doubted = replace(fit.layers[0], uv=uv, trust=fit.layers[0].trust.copy())
    doubted.trust[..., :11] = 0
    less = swims(replace(fit, layers=(doubted, fit.layers[1])), footage)
    assert 0 < less[0].points < 0.8 * bad[0].points


def test_a_seam_is_told_from_other_steps(scene: Scene, footage: Footage) -> None:
    fit = scene.truth()
    front, back = seam_of(fit, footage)
    assert front.ratio < 2 and back.ratio < 2 and front.step_px > 1
    drift = np.linspace(0, 2, 10, dtype=np.float32)[:, None, None, None]
    drifting = with_front(fit, uv=fit.layers[0].uv + drift)
    assert seam_of(drifting, footage)[0].off_px > 2
    assert seam_of(fit, scene.footage(looped=False)) == []


def test_points_come_home(scene: Scene, footage: Footage) -> None:
    far = closing(scene.truth(), footage)
    assert far["foreground_0"] < 0.1 and far["background"] < 0.1


def test_folds_count_where_the_layer_shows(scene: Scene, footage: Footage) -> None:
    fit = scene.truth()
    assert [each.folded for each in folds(fit, footage)] == [0, 0]
    uv = fit.layers[0].uv.copy()
    uv[2, 8, 10, 0] += 30  # in the middle of the ellipse
    front = folds(with_front(fit, uv=uv), footage)[0]
    uv[2, 1, 1, 0] += 30  # where it never is
    assert folds(with_front(fit, uv=uv), footage)[0] == front
    assert 1 <= front.folded <= 4 and front.cells > 300
