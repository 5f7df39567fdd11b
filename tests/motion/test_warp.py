"""A moved plane is where it should be, to a fiftieth of a pixel."""

import numpy as np
import pytest

from streaming.frames import U8
from streaming.motion.warp import shifted


def disc(x: float, y: float, *, radius: float = 11.0) -> U8:
    """A soft white disc at (x, y) in 64x48 px."""
    rows, columns = np.indices((48, 64)).astype(np.float64)
    away = np.hypot(columns - x, rows - y)
    made: U8 = (np.clip((radius + 2 - away) / 4, 0, 1) * 255).round().astype(np.uint8)
    return made


def centroid(plane: U8) -> tuple[float, float]:
    mass = plane.astype(np.float64)
    rows, columns = np.indices(mass.shape)
    return float((columns * mass).sum() / mass.sum()), float((rows * mass).sum() / mass.sum())


MOVES = [(0.5, 0.0), (0.25, -0.75), (-3.3, 2.6), (0.1, 0.1), (7.0, -4.0), (0.0, 1 / 32)]


@pytest.mark.parametrize("move", MOVES)
def test_the_centroid_goes_where_it_was_sent(move: tuple[float, float]) -> None:
    still = disc(31.3, 23.8)
    moved = shifted(still, *move, beyond=0)
    assert moved.shape == still.shape
    before, after = centroid(still), centroid(moved)
    assert abs(after[0] - before[0] - move[0]) < 0.02
    assert abs(after[1] - before[1] - move[1]) < 0.02


def test_it_is_the_picture_that_was_drawn_there() -> None:
    moved, drawn = shifted(disc(30, 24), 1.5, -2.25, beyond=0), disc(31.5, 21.75)
    apart = np.abs(moved.astype(int) - drawn)
    assert (apart.max() <= 12, apart.mean() < 0.3) == (True, True)


@pytest.mark.parametrize("move", [(0.0, 0.0), (0.01, -0.01)])
def test_below_the_threshold_it_is_the_very_same_plane(move: tuple[float, float]) -> None:
    still = disc(31, 24)
    assert shifted(still, *move) is still


def test_what_leaves_is_gone_and_what_comes_in_is_what_was_said() -> None:
    still = disc(31, 24)
    assert not shifted(still, 80.0, 0, beyond=0).any()
    moved = shifted(still, -40.5, 0, beyond=0)
    assert not moved[:, 32:].any()
    assert (shifted(still, 80.0, 0, beyond=77)[:, :60] == 77).all()


def test_its_own_edge_comes_in_where_nothing_is_said() -> None:
    ramp = np.tile(np.arange(0, 160, 10, dtype=np.uint8), (16, 1))
    assert (shifted(ramp, 3.0, 0)[:, :4] == 0).all()
    assert (shifted(ramp, -3.0, 0.3)[:, -3:] == 150).all()


def test_the_given_plane_is_not_touched() -> None:
    still = disc(31, 24)
    still.flags.writeable = False
    before = still.copy()
    shifted(still, 1.5, 1.5)
    assert np.array_equal(still, before)


def test_a_half_pixel_there_and_back_blurs_little() -> None:
    still = disc(31, 24)
    back = shifted(shifted(still, 0.5, 0.5), -0.5, -0.5)
    assert np.abs(back.astype(int) - still).mean() < 0.5


@pytest.mark.parametrize("move", [0.3, -0.3, -0.5, 0.5])
def test_a_subject_that_the_edge_cuts_still_reaches_it_after_half_a_pixel(move: float) -> None:
    cut = np.full((16, 16), 255, np.uint8)
    assert shifted(cut, move, 0, beyond=0)[:, [0, -1]].min() >= 100
