"""The old background leaves the colours of a soft edge; everything else stays."""

import numpy as np

from streaming.frames import Size
from streaming.matting.edges import cleaned

SIZE = Size(640, 360)
SUBJECT, BACKGROUND = np.array([200, 120, 40]), np.array([20, 60, 220])


def soft_edged() -> tuple[np.ndarray, np.ndarray]:
    """A subject on the right, fading over 12 px, its colours mixed with what was behind it."""
    alpha = np.clip((np.arange(160) - 74) / 12, 0, 1) * np.ones((90, 1))
    mixed = SUBJECT * alpha[..., None] + BACKGROUND * (1 - alpha[..., None])
    rgba = np.dstack([mixed, 255 * alpha]).round().astype(np.uint8)
    return rgba, alpha


def test_the_background_leaves_the_edge() -> None:
    rgba, alpha = soft_edged()
    made = cleaned(rgba, SIZE)
    edge = (alpha > 0.1) & (alpha < 0.9)
    before = np.abs(rgba[..., :3] - SUBJECT.astype(float))[edge].mean()
    after = np.abs(made[..., :3] - SUBJECT.astype(float))[edge].mean()
    assert after < 0.68 * before


def test_alpha_and_what_is_opaque_stay() -> None:
    rgba, _ = soft_edged()
    made = cleaned(rgba, SIZE)
    assert np.array_equal(made[..., 3], rgba[..., 3])
    solid = rgba[..., 3] == 255
    assert np.array_equal(made[solid], rgba[solid])
    assert rgba[45, 80, 2] != made[45, 80, 2]  # the given array is not written to


def test_a_veil_that_is_nowhere_opaque_keeps_its_colours() -> None:
    veil = np.full((64, 64, 4), 50, np.uint8)
    assert np.array_equal(cleaned(veil, SIZE), veil)


def test_a_hard_matte_is_handed_through() -> None:
    hard = np.zeros((64, 64, 4), np.uint8)
    hard[20:40, 20:40] = 255
    assert cleaned(hard, SIZE) is hard


def test_the_reach_goes_with_the_picture() -> None:
    rgba, alpha = soft_edged()
    wide = rgba.repeat(3, 0).repeat(3, 1)
    made = cleaned(wide, Size(1920, 1080))
    edge = ((alpha > 0.1) & (alpha < 0.9)).repeat(3, 0).repeat(3, 1)
    before = np.abs(wide[..., :3] - SUBJECT.astype(float))[edge].mean()
    assert np.abs(made[..., :3] - SUBJECT.astype(float))[edge].mean() < 0.75 * before
