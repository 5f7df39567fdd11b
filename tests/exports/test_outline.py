import numpy as np

from streaming.exports.outline import outlined
from streaming.frames import Size
from tests.exports.cycles import disc

WHITE = (255, 255, 255)


def test_an_outline_is_as_wide_as_asked_all_around() -> None:
    rgba = disc(Size(101, 101), 50.5, 50.5, 20)
    made = outlined(rgba, 8, WHITE)
    for line, length in ((made[50], 1.0), (made[:, 50], 1.0), (np.diagonal(made).T, 2**0.5)):
        there = int((line[:, 3] >= 128).sum()) * length
        assert abs(there - 2 * 28) <= 3
    assert (made[50, 50 - 26, :3] == 255).all() and made[50, 50 - 26, 3] == 255
    assert (made[50, 50, :3] == rgba[50, 50, :3]).all()


def test_faint_haze_gets_no_outline() -> None:
    rgba = np.zeros((40, 40, 4), np.uint8)
    rgba[18:22, 18:22, 3] = 40
    assert outlined(rgba, 6, WHITE)[..., 3].max() == 40


def test_without_a_stroke_nothing_changes() -> None:
    rgba = disc(Size(20, 20), 10, 10, 5)
    assert outlined(rgba, 0, WHITE) is rgba
