"""Masks are looked at before a fit is spent on them."""

import numpy as np

from streaming.atlas.masks.looking import tidied, too_little


def test_a_speck_far_away_goes_and_a_small_piece_stays() -> None:
    matte = np.zeros((120, 200), np.uint8)
    matte[10:110, 20:100] = 255
    matte[60:62, 190:193] = 80  # in a mirror
    matte[20:24, 110:114] = 200  # a ball
    wanted = matte.copy()
    wanted[60:62, 190:193] = 0
    matte[matte == 0], matte[matte == 255] = 2, 252  # a codec's
    matte[60:62, 190:193] = 80
    cleaned = tidied(matte)
    assert np.array_equal(cleaned, wanted)
    assert not tidied(np.zeros_like(matte)).any()


def test_masks_that_show_next_to_nothing_are_told() -> None:
    said = too_little([0.0, 0.0, 0.0004])
    assert said is not None and "2 of 3 frames" in said
    assert too_little([0.0, 0.01, 0.02]) is None
