"""A painted atlas against the one that was handed out: nothing, a difference, or paint."""

import cv2
import numpy as np
import pytest

from streaming.atlas.edits import Edit, Place, split
from streaming.frames import U8, Size
from tests.atlas.scene import eighted, texture

SIZE = Size(90, 70)


@pytest.fixture
def atlas() -> U8:
    """An atlas with a soft edge and nothing on the left."""
    picture = texture(SIZE, 3, np.array([0.5, 0.45, 0.4], np.float32))
    alpha = np.clip((np.arange(SIZE.width) - 8) / 6, 0, 1) * np.ones((SIZE.height, 1))
    return eighted(np.dstack((picture, alpha)))


def whole(edit: Edit | None) -> tuple[np.ndarray, np.ndarray]:
    """An edit's pictures over the whole atlas."""
    paint, change = np.zeros((70, 90, 4), np.float32), np.zeros((70, 90, 3), np.float32)
    if edit is not None:
        x, y = round(edit.place.left + 0.5), round(edit.place.top + 0.5)
        part = slice(y, y + edit.size.height), slice(x, x + edit.size.width)
        paint[part] = 0 if edit.paint is None else edit.paint
        change[part] = 0 if edit.change is None else edit.change
    return paint, change


def test_a_recoloured_part_is_a_difference(atlas: U8) -> None:
    given = atlas.copy()
    given[10:40, 30:60, 0] += 20
    paint, change = whole(split(given, atlas, Place()))
    assert not paint.any()
    assert np.allclose(change[10:40, 30:60, 0], 20 / 255) and change.sum() == pytest.approx(
        900 * 20 / 255, rel=1e-4
    )


def test_something_else_is_paint_and_shows_as_painted(atlas: U8) -> None:
    given = atlas.copy()
    given[10:40, 30:60] = (255, 0, 255, 255)
    paint, _ = whole(split(given, atlas, Place()))
    assert np.allclose(paint[12:38, 32:58], (1, 0, 1, 1))
    paint[10:40, 30:60] = 0
    assert not paint.any()


def test_between_the_two_what_shows_is_what_was_painted(atlas: U8) -> None:
    given = atlas.copy()
    slope = np.linspace(-150, 150, 60)[None, :, None]
    given[5:60, 25:85, :3] = np.clip(given[5:60, 25:85, :3] + slope, 0, 255)
    paint, change = whole(split(given, atlas, Place()))
    own = atlas[..., :3] / 255 + change
    shown = paint[..., :3] + own * (1 - paint[..., 3:])
    assert np.abs(shown - given[..., :3] / 255)[:, 25:].max() < 4 / 255
    assert 0 < paint[30, 40, 3] < 1 or 0 < paint[30, 70, 3] < 1


def test_paint_beside_the_atlas_is_paint_and_what_was_erased_is_not(atlas: U8) -> None:
    given = atlas.copy()
    given[20:30, 0:6] = (0, 200, 0, 128)
    given[40:60, 50:80] = 0
    paint, change = whole(split(given, atlas, Place()))
    assert np.allclose(paint[22, 2], np.array([0, 200, 0, 255]) / 255 * 128 / 255, atol=1e-3)
    assert not change.any() and not paint[40:60, 50:80].any()


def test_a_layer_of_its_own_is_all_paint(atlas: U8) -> None:
    given = np.zeros_like(atlas)
    given[30:40, 40:60] = atlas[30:40, 40:60] // 4 * 4 | 1
    given[30:40, 40:60, 3] = 200
    paint, change = whole(split(given, atlas, Place()))
    assert not change.any() and np.allclose(paint[30:40, 40:60, 3], 200 / 255)


@pytest.mark.parametrize("way", [cv2.INTER_CUBIC, cv2.INTER_LINEAR, cv2.INTER_LANCZOS4])
@pytest.mark.parametrize("by", [0.5, 1.7, 3])
def test_an_atlas_that_was_only_scaled_does_nothing(atlas: U8, way: int, by: float) -> None:
    atlas[20:50, 30:70, :3] = np.where(np.random.default_rng(1).random((30, 40, 1)) > 0.5, 200, 90)
    wanted = round(90 * by), round(70 * by)
    way = cv2.INTER_AREA if by < 1 else way
    multiplied = atlas.astype(np.float32)
    multiplied[..., :3] *= multiplied[..., 3:] / 255
    given = cv2.resize(multiplied, wanted, interpolation=way)
    given[..., :3] /= np.maximum(given[..., 3:] / 255, 1e-2)
    as_bytes = np.clip(np.round(given), 0, 255).astype(np.uint8)
    assert split(as_bytes, atlas, Place.over(SIZE, Size(*wanted))) is None


def test_paint_on_a_larger_copy_keeps_its_detail(atlas: U8) -> None:
    given = cv2.resize(atlas, (270, 210), interpolation=cv2.INTER_CUBIC)
    given[60:120:2, 120:200] = (255, 255, 255, 255)
    given[61:120:2, 120:200] = (0, 0, 0, 255)
    edit = split(given, atlas, Place.over(SIZE, Size(270, 210)))
    assert edit is not None and edit.paint is not None
    corner = edit.place.of(np.array([[[40, 20]]], np.float32))[0, 0]
    left, top = np.round(corner).astype(int) - 1
    lines = edit.paint[top : top + 60, left + 20, 0]
    assert np.abs(np.diff(lines[2:-2])).min() > 0.9


def test_a_codec_is_not_taken_for_a_painter(atlas: U8) -> None:
    noise = np.random.default_rng(5).integers(-4, 5, atlas.shape)
    coded = np.clip(atlas.astype(int) + noise, 0, 255).astype(np.uint8)
    coded[..., 3] = atlas[..., 3]
    assert split(coded, atlas, Place(), lossy=True) is None
    coded[20:50, 40:70, :3] = (10, 250, 10)
    paint, _ = whole(split(coded, atlas, Place(), lossy=True))
    assert paint[25:45, 45:65, 3].min() > 0.99 and not paint[:, 75:].any()
