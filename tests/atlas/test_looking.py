"""Masks are looked at before a fit is spent on them."""

import numpy as np

from streaming.atlas.masks.looking import too_little, without_specks


def test_a_speck_far_away_goes_and_a_small_piece_stays() -> None:
    matte = np.zeros((120, 200), np.uint8)
    matte[10:110, 20:100] = 255
    matte[60:62, 190:193] = 80  # in a mirror
    matte[20:24, 110:114] = 200  # a ball
    cleaned = without_specks(matte)
    assert not cleaned[:, 180:].any()
    matte[60:62, 190:193] = 0
    assert np.array_equal(cleaned, matte)
    assert not without_specks(np.zeros_like(matte)).any()


def test_masks_that_show_next_to_nothing_are_told() -> None:
    said = too_little([0.0, 0.0, 0.0004])
    assert said is not None and "2 of 3 frames" in said
    assert too_little([0.0, 0.01, 0.02]) is None
