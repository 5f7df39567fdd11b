"""A moved picture is where it should be, to a fiftieth of a pixel, and wears no fringe."""

import numpy as np
import pytest

from streaming.frames import U8
from streaming.motion.warp import shifted


def disc(x: float, y: float, *, radius: float = 11.0, beside: int = 0) -> U8:
    """A soft red disc at (x, y) in 64x48 px, whose transparent surroundings are `beside` green."""
    rows, columns = np.indices((48, 64)).astype(np.float64)
    away = np.hypot(columns - x, rows - y)
    rgba = np.zeros((48, 64, 4), np.uint8)
    rgba[..., 3] = (np.clip((radius + 2 - away) / 4, 0, 1) * 255).round()
    rgba[..., :3] = np.where((rgba[..., 3] > 0)[..., None], (200, 40, 40), (0, beside, 0))
    return rgba


def centroid(rgba: U8) -> tuple[float, float]:
    alpha = rgba[..., 3].astype(np.float64)
    rows, columns = np.indices(alpha.shape)
    return float((columns * alpha).sum() / alpha.sum()), float((rows * alpha).sum() / alpha.sum())


MOVES = [(0.5, 0.0), (0.25, -0.75), (-3.3, 2.6), (0.1, 0.1), (7.0, -4.0), (0.0, 1 / 32)]


@pytest.mark.parametrize("move", MOVES)
def test_the_centroid_goes_where_it_was_sent(move: tuple[float, float]) -> None:
    still = disc(31.3, 23.8)
    moved = shifted(still, *move)
    before, after = centroid(still), centroid(moved)
    assert abs(after[0] - before[0] - move[0]) < 0.02
    assert abs(after[1] - before[1] - move[1]) < 0.02


def test_it_is_the_picture_that_was_drawn_there() -> None:
    moved, drawn = shifted(disc(30, 24), 1.5, -2.25), disc(31.5, 21.75)
    apart = np.abs(moved[..., 3].astype(int) - drawn[..., 3])
    assert (apart.max() <= 12, apart.mean() < 0.3) == (True, True)


@pytest.mark.parametrize("beside", [0, 255])
def test_colours_beside_the_subject_never_show_in_its_edge(beside: int) -> None:
    moved = shifted(disc(31.3, 23.8, beside=beside), 0.5, 0.4)
    seen = moved[..., 3] >= 16
    assert (moved[..., 3][seen] < 255).any()  # the edge is part of what is looked at
    assert np.abs(moved[..., :3][seen].astype(int) - (200, 40, 40)).max() <= 6


@pytest.mark.parametrize("move", [(0.0, 0.0), (0.01, -0.01)])
def test_below_the_threshold_it_is_the_very_same_picture(move: tuple[float, float]) -> None:
    still = disc(31, 24)
    assert shifted(still, *move) is still


def test_an_empty_picture_stays_as_it_is() -> None:
    empty = np.zeros((8, 8, 4), np.uint8)
    assert shifted(empty, 3.5, 0) is empty


def test_what_leaves_is_gone_and_what_comes_in_is_clear() -> None:
    still = disc(31, 24)
    assert not shifted(still, 80.0, 0)[..., 3].any()
    moved = shifted(still, -40.5, 0)
    assert not moved[:, 32:, 3].any()


def test_the_given_picture_is_not_touched() -> None:
    still = disc(31, 24)
    still.flags.writeable = False
    before = still.copy()
    shifted(still, 1.5, 1.5)
    assert np.array_equal(still, before)


def test_a_half_pixel_there_and_back_blurs_little() -> None:
    still = disc(31, 24)
    back = shifted(shifted(still, 0.5, 0.5), -0.5, -0.5)
    assert np.abs(back[..., 3].astype(int) - still[..., 3]).mean() < 0.5


@pytest.mark.parametrize("move", [0.3, -0.3, -0.5, 0.5])
def test_a_subject_that_the_edge_cuts_still_reaches_it_after_half_a_pixel(move: float) -> None:
    cut = np.full((16, 16, 4), 255, np.uint8)
    alpha = shifted(cut, move, 0)[..., 3]
    assert alpha[:, [0, -1]].min() >= 100
