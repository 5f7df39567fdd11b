"""Maps that fold are made one to one, and nothing far from a fold is touched."""

import numpy as np

from streaming.atlas.grids import turned
from streaming.atlas.unfolding import unfolded
from streaming.frames import Size
from tests.atlas.scene import node_places


def test_a_fold_is_smoothed_away_and_the_rest_stays() -> None:
    plain = node_places(Size(200, 160), 8)
    folded = plain.copy()
    folded[8, 10] += (25, 18)
    assert turned(folded).min() < 0
    (made,) = unfolded(folded[None])
    assert turned(made).min() > 0
    assert np.array_equal(made[14:], folded[14:]) and np.array_equal(made[:, 18:], folded[:, 18:])


def test_a_fold_at_the_edge_goes_too() -> None:
    folded = node_places(Size(200, 160), 8)
    folded[0, :3, 0] = folded[0, 2::-1, 0]
    (made,) = unfolded(folded[None])
    assert turned(made).min() > 0


def test_a_map_without_a_fold_is_the_same() -> None:
    plain = node_places(Size(64, 64), 8)[None] * np.float32(1.3)
    assert np.array_equal(unfolded(plain), plain)
