"""Thumbnails by the window: what the bank says of each pair, and that it forgets nothing."""

import numpy as np
import pytest

from streaming.loops.bank import Bank
from streaming.loops.distance import distance
from tests.loops.test_distance import FRAMING, thumb


def test_a_banks_row_is_the_distance_of_each() -> None:
    bank = Bank(FRAMING, 5)
    thumbs = [thumb(0.3 * k) for k in range(8)]
    for each in thumbs:
        bank.add(each)
    assert bank.count == 5
    kept = thumbs[::-1][:5]
    for lag in (0, 2):
        wanted = [distance(kept[lag].planes, each.planes) for each in kept]
        assert bank.row(lag) == pytest.approx(wanted, abs=2e-3)
    assert np.array_equal(bank.planes(1), kept[1].planes)


@pytest.mark.parametrize("added", [2, 3, 7])
def test_a_bank_that_grows_forgets_nothing(added: int) -> None:
    bank = Bank(FRAMING, 3)
    thumbs = [thumb(0.3 * k) for k in range(added + 1)]
    for each in thumbs[:-1]:
        bank.add(each)
    before = bank.row()
    bank.grow(6)
    assert bank.row() == pytest.approx(before)
    bank.add(thumbs[-1])
    assert np.array_equal(bank.planes(0), thumbs[-1].planes)
    assert np.array_equal(bank.planes(1), thumbs[-2].planes)
