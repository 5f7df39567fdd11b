import numpy as np
import pytest

from streaming.exports.light import Box, scaled
from streaming.frames import Size
from tests.exports.cycles import RED, disc


def test_what_is_not_scaled_stays_as_it_is() -> None:
    rgba = disc(Size(31, 17), 15, 8, 5)
    assert scaled(rgba, Box(0, 0, 31, 17), Size(31, 17)) is rgba


@pytest.mark.parametrize("size", [Size(50, 40), Size(77, 61), Size(320, 256)])
def test_an_edge_keeps_the_subjects_own_colour(size: Size) -> None:
    made = scaled(disc(Size(160, 128), 80, 64, 40), Box(0, 0, 160, 128), size)
    edge = (made[..., 3] > 12) & (made[..., 3] < 243)
    assert edge.sum() > 20
    off = np.abs(made[edge][:, :3].astype(int) - RED)
    assert off.max() <= 12, "neither the green behind it nor black gets into the edge"


def test_light_is_averaged_not_numbers() -> None:
    stripes = np.zeros((64, 64, 4), np.uint8)
    stripes[..., 3] = 255
    stripes[::2, :, :3] = 255
    made = scaled(stripes, Box(0, 0, 64, 64), Size(16, 16))
    assert abs(int(made[8, 8, 0]) - 188) <= 2  # half the light of white in sRGB; 128 would be dark


def test_a_window_may_begin_between_pixels() -> None:
    rgba = disc(Size(64, 64), 32, 32, 16)
    for shift in (0.0, 0.25, 0.5, 0.75):
        made = scaled(rgba, Box(8 + shift, 8, 56 + shift, 56), Size(24, 24))
        alpha = made[..., 3].astype(float)
        middle = (alpha.sum(axis=0) @ (np.arange(24) + 0.5)) / alpha.sum()
        assert middle == pytest.approx((32 - 8 - shift) / 2, abs=0.01)


def test_beyond_the_picture_nothing_is_there_and_a_cut_stays_sharp() -> None:
    solid = np.full((40, 40, 4), 255, np.uint8)
    made = scaled(solid, Box(-20, 0, 20, 40), Size(20, 20))
    assert not made[:, :9, 3].any() and (made[:, 11:, 3] == 255).all()
    assert (made[0, 11:, 3] == 255).all() and (made[-1, 11:, 3] == 255).all()
