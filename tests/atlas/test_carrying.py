"""Paint taken from one fit of a clip to another."""

from dataclasses import replace

import cv2
import numpy as np

from streaming.atlas.carrying import moved
from streaming.atlas.edits import Edit, Place
from streaming.atlas.model import F32, Fit, Layer
from streaming.atlas.render import edited
from streaming.frames import U8, Size
from tests.atlas.scene import Scene

SCENE = Scene()
FOOTAGE, NEW = SCENE.footage(), SCENE.truth()
ATLAS = Size(150, 120)  # of the draft
NOTHING = (128, 128, 128, 255)


def bent(uv: F32) -> F32:
    """Where the draft has a texel: smaller, turned, and not even straight."""
    x, y = uv[..., 0], uv[..., 1]
    wave = 3 * np.sin(y / 30)
    return np.asarray(
        np.stack((0.7 * x + 0.05 * y + wave, 0.72 * y - 0.05 * x + 6), -1), np.float32
    )


def draft(layer: Layer) -> Layer:
    picture = np.zeros((ATLAS.height, ATLAS.width, 3), np.float32)
    return replace(layer, uv=bent(layer.uv), atlas=picture, cover=picture[..., 0])


def patch() -> U8:
    """A soft disc in the middle of the draft's subject, two pixels to a texel."""
    made = np.zeros((2 * ATLAS.height, 2 * ATLAS.width, 4), np.uint8)
    x, y = bent(np.array([SCENE.atlas_size.width / 2, SCENE.atlas_size.height / 2], np.float32))
    cv2.circle(made, (round(2 * float(x)), round(2 * float(y))), 24, (250, 200, 30, 255), -1)
    return np.asarray(cv2.GaussianBlur(made, (0, 0), 2), np.uint8)


def shown(fit: Fit, index: int, paint: U8, atlas: Size) -> U8:
    values = paint.astype(np.float32) / np.float32(255)
    values[..., :3] *= values[..., 3:]
    place = Place.over(atlas, Size(paint.shape[1], paint.shape[0]))
    edits: list[Edit | None] = [None, None]
    edits[index] = Edit.of(values, np.zeros_like(values[..., :3]), place)
    return edited(fit, FOOTAGE.shares(3), FOOTAGE.frames[3], 3, edits)


def test_each_texel_finds_the_one_that_it_was() -> None:
    for index, layer in enumerate(NEW.layers):
        at = moved(draft(layer), layer, FOOTAGE, index, 0).at
        rows, columns = np.nonzero(layer.cover > 0.9)
        inner = (columns > 40) & (columns < 160) & (rows > 40) & (rows < 120)
        texels = np.stack((columns, rows), -1)[inner].astype(np.float32)
        off = np.linalg.norm(at[rows[inner], columns[inner]] - bent(texels), axis=1)
        assert off.mean() < 0.1 and off.max() < 0.5


def test_paint_stands_where_it_stood() -> None:
    layer = NEW.layers[0]
    old = draft(layer)
    move = moved(old, layer, FOOTAGE, 0, 0)
    paint = move.picture(patch())
    assert paint.shape == (2 * layer.atlas.shape[0], 2 * layer.atlas.shape[1], 4)
    before = shown(replace(NEW, layers=(old, NEW.layers[1])), 0, patch(), ATLAS)
    after = shown(NEW, 0, paint, SCENE.atlas_size)
    assert np.abs(before.astype(int) - FOOTAGE.frames[3]).max() > 80
    assert np.abs(before.astype(int) - after).max() <= 6


def test_where_two_fits_disagree_paint_stays_in_the_frame_that_is_named() -> None:
    layer = NEW.layers[0]
    old = draft(layer)
    slips = np.array([[3 * np.sin(each), 3 * np.cos(each)] for each in range(FOOTAGE.count)])
    old = replace(old, uv=old.uv + slips[:, None, None].astype(np.float32))
    before = shown(replace(NEW, layers=(old, NEW.layers[1])), 0, patch(), ATLAS).astype(int)
    off = [
        np.abs(before - shown(NEW, 0, move.picture(patch()), SCENE.atlas_size)).max()
        for move in (moved(old, layer, FOOTAGE, 0, frame) for frame in (3, 8))
    ]
    assert off[0] <= 8 < 80 < off[1]


def test_a_difference_stays_none_where_nothing_was_changed() -> None:
    layer = NEW.layers[0]
    change = np.full((ATLAS.height, ATLAS.width, 4), NOTHING, np.uint8)
    change[50:60, 60:80, :3] = 190
    made = moved(draft(layer), layer, FOOTAGE, 0, 0).picture(change, nothing=NOTHING)
    far = (made[..., :3] == 128).all(axis=2)
    assert 0.9 < far.mean() < 1 and made[..., :3].max() == 190
    assert (made[..., 3] == 255).all()
