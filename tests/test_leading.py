"""A subject that is led back keeps its edge's colours and never wears a fringe."""

import numpy as np
import pytest

from streaming.frames import U8, Patch, Rect, Size
from streaming.leading import led
from streaming.media.inlay import Inlay, inlay_of
from streaming.media.picture import AvPicture
from tests.media.figures import soft_disc
from tests.media.test_inlay import shown

SIZE = Size(161, 121)
WHOLE = Rect.whole(SIZE)
RED = np.array([200, 40, 40], np.uint8)


def disc(x: float, y: float) -> Inlay:
    """A red disc on pure green: the hardest fringe."""
    made = inlay_of(Patch.of(soft_disc(SIZE, (x, y), 20, RED)))
    assert made is not None
    return made


def alpha_of(inlay: Inlay) -> U8:
    made = np.zeros((SIZE.height, SIZE.width), np.uint8)
    made[inlay.rect.slices()] = inlay.planes[3]
    return made


def centre(alpha: U8) -> tuple[float, float]:
    rows, columns = np.indices(alpha.shape)
    mass = alpha.astype(np.float64)
    return float((columns * mass).sum() / mass.sum()), float((rows * mass).sum() / mass.sum())


@pytest.mark.parametrize("move", [(0.5, 0.25), (-7.3, 4.6), (44.5, -33.0)])
def test_it_goes_where_it_was_sent_with_its_colours(move: tuple[float, float]) -> None:
    still = disc(70, 60)
    moved = led(still, *move, WHOLE)
    before, after = centre(alpha_of(still)), centre(alpha_of(moved))
    assert after[0] - before[0] == pytest.approx(move[0], abs=0.05)
    assert after[1] - before[1] == pytest.approx(move[1], abs=0.05)
    seen = alpha_of(moved) > 0
    rgb = AvPicture(shown(moved, SIZE)).rgb(SIZE)
    assert np.abs(rgb[seen].astype(int) - RED).max() <= 6


def test_what_need_not_move_is_the_very_same() -> None:
    still = disc(70, 60)
    assert led(still, 0.01, -0.01, WHOLE) is still


@pytest.mark.parametrize("move", [(-60.5, 0.0), (100.0, 70.0), (300.0, 0.0)])
def test_what_leaves_the_picture_is_gone(move: tuple[float, float]) -> None:
    still = disc(70, 60)
    moved = led(still, *move, WHOLE)
    assert moved.rect.within(WHOLE) == moved.rect
    assert alpha_of(moved).sum() < alpha_of(still).sum()
