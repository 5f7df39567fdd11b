"""Several foregrounds: strokes read in any colours, and a matte split by them through time."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from streaming.atlas.scribbles import Palette, Scribble, read_scribbles, scribbles_of
from streaming.atlas.split import split
from streaming.errors import InputError
from streaming.frames import U8, Size
from tests.atlas.crossing import Crossing

ORANGE, TEAL, PLUM = (230, 140, 30), (20, 120, 130), (150, 40, 160)
SIZE = Size(80, 60)


def overlap(found: U8, wanted: np.ndarray) -> float:
    a, b = found >= 128, wanted >= 0.5
    return float((a & b).sum() / (a | b).sum())


@pytest.mark.parametrize("alike", [False, True])
def test_two_objects_that_cross_are_told_apart_by_three_scribbled_frames(alike: bool) -> None:
    grey = np.array([0.5, 0.5, 0.5], np.float32)
    scene = Crossing(means=(grey, grey)) if alike else Crossing()
    drawn = {each: scene.strokes(each, (ORANGE, TEAL)) for each in (0, 5, 11)}
    palette = Palette((ORANGE, TEAL))
    scribbles = scribbles_of(drawn, size=scene.size, layers=2, palette=palette)
    matte = scene.matte()
    made = split(scene.frames(), matte, scribbles, layers=2)
    assert np.array_equal(made.astype(int).sum(axis=0), matte)
    for thing in (0, 1):
        wanted = np.stack([scene.shares(each)[thing] for each in range(scene.count)])
        assert overlap(made[thing], wanted) >= (0.92 if alike else 0.98)


def test_what_is_well_inside_one_of_three_layers_is_no_other_s_at_all() -> None:
    frames = np.full((3, 60, 80, 3), 90, np.uint8)
    frames[..., 25:55, :] = (40, 150, 90)
    frames[..., 55:, :] = (180, 120, 60)
    labels = np.zeros((60, 80), np.uint8)
    labels[20:40, 10], labels[20:40, 40], labels[20:40, 70] = 1, 2, 3
    matte = np.full((3, 60, 80), 255, np.uint8)
    made = split(frames, matte, [Scribble(1, labels)], layers=3)
    for layer, columns in enumerate((slice(0, 20), slice(30, 50), slice(60, 80))):
        assert np.all(made[layer][..., columns] == 255)
        assert not made[[n for n in range(3) if n != layer]][..., columns].any()


def test_what_is_marked_as_background_leaves_the_matte() -> None:
    frames = np.full((2, 60, 80, 3), 60, np.uint8)
    frames[..., 40:, :] = 190
    drawn = {0: strokes({10: ORANGE, 70: TEAL})}
    found = scribbles_of(drawn, size=SIZE, layers=1, palette=Palette(background=TEAL))
    made = split(frames, np.full((2, 60, 80), 200, np.uint8), found, layers=1)
    assert np.all(made[0][..., :35] == 200)
    assert not made[0][..., 45:].any()


def test_any_colours_are_told_apart_and_mixed_ones_are_no_layer() -> None:
    first = strokes({12: PLUM, 40: ORANGE}, soft=True)
    later = strokes({60: TEAL}, soft=True)
    found = scribbles_of({7: later, 2: first}, size=SIZE, layers=3)
    assert [each.frame for each in found] == [2, 7]
    at = [int(found[0].labels[30, 12]), int(found[0].labels[30, 40]), int(found[1].labels[30, 60])]
    assert at == [1, 2, 3]  # in the order in which they first appear
    assert not found[0].labels[:, 20:35].any()


def test_the_given_order_is_front_to_back_whatever_appears_first() -> None:
    found = scribbles_of(
        {0: strokes({10: PLUM, 60: TEAL})}, size=SIZE, layers=2, palette=Palette((TEAL, PLUM))
    )
    assert found[0].labels[30, 60] == 1
    assert found[0].labels[30, 10] == 2


def test_strokes_of_another_size_are_scaled_without_new_colours(tmp_path: Path) -> None:
    large = cv2.resize(strokes({20: ORANGE, 60: TEAL}), (240, 180), interpolation=0)
    Image.fromarray(large).save(tmp_path / "00004.png")
    found = read_scribbles(tmp_path, size=SIZE, count=5, layers=2)
    assert [each.frame for each in found] == [4]
    assert set(np.unique(found[0].labels)) == {0, 1, 2}


def test_a_transparent_ground_lets_a_stroke_be_black() -> None:
    drawn = np.zeros((60, 80, 4), np.uint8)
    drawn[10:50, 20:24, 3] = 255
    drawn[10:50, 60:64] = (255, 255, 255, 255)
    found = scribbles_of({0: drawn}, size=SIZE, layers=2)
    assert (found[0].labels[30, 21], found[0].labels[30, 61]) == (1, 2)


@pytest.mark.parametrize(
    ("name", "layers", "said"),
    [
        ("00009.png", 2, "no frame 9; the clip has frames 0 to 4"),
        ("notes.png", 2, "named by its frame's number"),
        ("00001.png", 3, "have 2 colours"),
    ],
)
def test_scribbles_that_say_nothing_clear_are_refused(
    tmp_path: Path, name: str, layers: int, said: str
) -> None:
    Image.fromarray(strokes({20: ORANGE, 60: TEAL})).save(tmp_path / name)
    with pytest.raises(InputError, match=said):
        read_scribbles(tmp_path, size=SIZE, count=5, layers=layers)


def test_a_layer_that_is_marked_nowhere_on_the_matte_is_refused() -> None:
    found = scribbles_of({0: strokes({10: ORANGE, 70: TEAL})}, size=SIZE, layers=2)
    matte = np.zeros((1, 60, 80), np.uint8)
    matte[..., :40] = 255
    with pytest.raises(InputError, match="layer 2 of 2"):
        split(np.zeros((1, 60, 80, 3), np.uint8), matte, found, layers=2)


def strokes(columns: dict[int, tuple[int, int, int]], *, soft: bool = False) -> U8:
    made = np.zeros((60, 80, 3), np.uint8)
    for column, colour in columns.items():
        ends = (column, 12), (column + 2 * soft, 48)
        cv2.line(made, *ends, colour, 4, cv2.LINE_AA if soft else cv2.LINE_8)
    return made
