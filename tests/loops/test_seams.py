"""Rows of seams: five taps weighed, and the least of a neighbourhood."""

import numpy as np
import pytest

from streaming.loops.seams import REACH, TAPS, WEIGHTS, Held, hood, seam_row
from streaming.loops.window import Row

LENGTH = 40
STIFF = np.array([0.01, 0.0, 0.01])


def rows(lengths: list[int]) -> list[Row]:
    rng = np.random.default_rng(5)
    made = [rng.uniform(0.1, 0.5, (3, length)) for length in lengths]
    return [Row(d, x, y) for d, x, y in made]


def held(value: float = 0.0) -> Held:
    return Held(np.full(LENGTH, value), np.full(LENGTH, value))


def test_a_seam_is_the_weighted_mean_of_its_taps() -> None:
    five = [Row(row.d, 0 * row.x, 0 * row.y) for row in rows([LENGTH] * 5)]
    wanted = sum(w * row.d for w, row in zip(WEIGHTS, five, strict=True))
    assert seam_row(five, held(), STIFF).d[1:] == pytest.approx(wanted[1:])


def test_rows_that_reach_further_back_change_nothing() -> None:
    """The quick way, all taps known, and the careful one give the same."""
    longer = rows([LENGTH + 5] * 5)
    quick = seam_row(longer, held(), STIFF).d
    longer[0] = Row(longer[0].d[: LENGTH - 6], longer[0].x[: LENGTH - 6], longer[0].y[: LENGTH - 6])
    careful = seam_row(longer, held(), STIFF).d
    assert quick[: LENGTH - 6] == pytest.approx(careful[: LENGTH - 6])
    assert not np.allclose(quick[LENGTH - 6 :], careful[LENGTH - 6 :])


def test_where_the_frame_itself_is_unknown_there_is_no_seam() -> None:
    some = rows([LENGTH, LENGTH, LENGTH - 4, LENGTH, LENGTH])
    seam = seam_row(some, held(), STIFF).d
    assert np.isinf(seam[0]) and np.isinf(seam[LENGTH - 4 :]).all()
    assert np.isfinite(seam[1 : LENGTH - 4]).all()
    assert np.isinf(seam_row([*some[:TAPS], None, *some[TAPS + 1 :]], held(), STIFF).d).all()


def test_what_the_taps_have_in_common_is_free_where_nothing_is_held() -> None:
    still = [Row(np.zeros(LENGTH), np.full(LENGTH, 3.0), np.zeros(LENGTH)) for _ in range(5)]
    assert seam_row(still, held(), STIFF).d[1:] == pytest.approx(0)
    assert (seam_row(still, held(1.0), STIFF).d[1:] > 0.1).all()


def test_the_hood_is_the_least_of_all_starts_and_ends_that_near() -> None:
    seams = [(k, seam_row(rows([LENGTH] * 5), held(), STIFF)) for k in (-1, 0, 2)]
    told = hood(seams, LENGTH)
    for lag in range(LENGTH):
        around = [
            row.d[max(0, lag + later - REACH) : max(0, lag + later + REACH + 1)].min(initial=np.inf)
            for later, row in seams
            if 0 <= lag + later < LENGTH
        ]
        assert told[lag] == min(around)
