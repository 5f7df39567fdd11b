"""Grids: spread exactly, inverted to where a pixel is, and known when they fold."""

import numpy as np
import pytest

from streaming.atlas.grids import bounds, inverse, places, present, spread, turned
from streaming.frames import Rect, Size
from tests.atlas.scene import Scene, node_places


def test_a_linear_map_is_spread_exactly() -> None:
    size = Size(37, 29)
    nodes = node_places(size, 8)
    assert np.abs(spread(nodes, 8, size) - places(size)).max() < 1e-4


def test_a_texel_is_found_where_the_frame_shows_it() -> None:
    scene = Scene()
    layer = scene.truth().layers[0]
    texels = scene.uv_front(3)[20:100, 30:130]
    found = inverse(layer.uv[3], layer.spacing_px, scene.size, texels)
    assert np.nanmax(np.abs(found - scene.pixels[20:100, 30:130])) < 0.3
    assert np.isfinite(found).mean() > 0.99


def test_a_texel_outside_the_frame_is_nowhere() -> None:
    scene = Scene()
    layer = scene.truth().layers[1]
    far = np.full((4, 4, 2), -200, np.float32)
    assert np.isnan(inverse(layer.uv[0], layer.spacing_px, scene.size, far)).all()


def test_a_fold_shows_in_the_cells_around_it() -> None:
    nodes = node_places(Size(64, 64), 8)
    assert turned(nodes).min() > 0
    nodes[4, 4, 0] += 20
    assert (turned(nodes) <= 0).sum() == 4 or (turned(nodes) <= 0).any()


@pytest.mark.parametrize("rect", [Rect(0, 0, 37, 29), Rect(5, 9, 30, 20), Rect(36, 28, 37, 29)])
def test_a_part_of_a_grid_is_spread_as_the_whole(rect: Rect) -> None:
    size = Size(37, 29)
    nodes = np.random.default_rng(1).normal(0, 5, (6, 7, 2)).astype(np.float32)
    whole = spread(nodes, 8, size)
    assert np.abs(spread(nodes, 8, size, rect) - whole[rect.slices()]).max() < 1e-4


def test_a_layer_goes_as_far_as_its_hair_and_not_as_far_as_noise() -> None:
    size = Size(96, 64)
    noise = np.random.default_rng(1).uniform(0.01, 0.03, (64, 96)).astype(np.float32)
    disc = np.hypot(*np.moveaxis(places(size) - np.array([40, 32]), -1, 0))
    share = np.maximum(noise, np.clip((12 - disc) / 4, 0, 1).astype(np.float32))
    assert bounds(present(share), 0, size) == Rect(28, 20, 53, 45)
    share[32, 50:80] = 0.2  # one hair, a pixel wide
    assert bounds(present(share), 0, size) == Rect(28, 20, 80, 45)
