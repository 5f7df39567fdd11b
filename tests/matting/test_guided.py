"""Refinement on the CPU is the same as in torch, and what it skips is empty."""

import numpy as np
import pytest

from streaming.frames import U8, Patch, Size
from streaming.matting.guided import Coefficients, refine, refine_matte
from streaming.media.planes import size_of


def refined(rgb: U8, coefficients: Coefficients) -> U8:
    """The whole frame's matte."""
    size = size_of(rgb)
    reach = coefficients.reach(size)
    return Patch(refine(rgb[reach.slices()], coefficients, size), reach, size).whole()


@pytest.mark.parametrize(
    ("coarse", "full"),
    [
        (Size(96, 54), Size(320, 180)),
        (Size(95, 53), Size(321, 181)),
        (Size(40, 71), Size(90, 160)),
        (Size(64, 64), Size(64, 64)),
        (Size(64, 48), Size(40, 30)),
    ],
)
def test_the_whole_frame_as_torch_has_it(coarse: Size, full: Size) -> None:
    import torch  # here and not above: it takes seconds in whichever process collects the tests

    from streaming.matting.halves import Refine

    chance = np.random.default_rng(1)
    rgb = chance.integers(0, 256, (full.height, full.width, 3), np.uint8)
    planes = (chance.random((8, coarse.height, coarse.width)) - 0.4).astype(np.float16)
    everywhere = np.full((coarse.height, coarse.width), 255, np.uint8)
    ours = refined(rgb, Coefficients.around(planes, everywhere))
    with torch.inference_mode():
        theirs = Refine()(
            torch.from_numpy(rgb)[None], torch.from_numpy(planes.astype(np.float32))[None]
        )[0].numpy()
    difference = np.abs(ours.astype(int) - theirs)
    assert difference.max() <= 1  # one grey level of rounding
    assert (difference > 0).mean() < 0.01


def test_a_window_gives_what_the_whole_gives_inside_and_nothing_outside() -> None:
    chance = np.random.default_rng(2)
    rgb = chance.integers(0, 256, (180, 320, 3), np.uint8)
    planes = (chance.random((8, 54, 96)) - 0.4).astype(np.float16)
    alpha = np.zeros((54, 96), np.uint8)
    alpha[20:30, 40:60] = 255
    window = Coefficients.around(planes, alpha)
    whole = Coefficients.around(planes, np.full_like(alpha, 255))
    inside, all_of_it = refined(rgb, window), refined(rgb, whole)
    where = (slice(68, 98), slice(135, 198))
    assert (inside[where] == all_of_it[where]).all()
    assert not inside[:55].any()
    assert not inside[:, 215:].any()
    assert window.nbytes < whole.nbytes / 10


def test_an_empty_matte_costs_nothing_and_gives_nothing() -> None:
    planes = np.ones((8, 54, 96), np.float16)
    empty = Coefficients.around(planes, np.zeros((54, 96), np.uint8))
    assert empty.nbytes == 0
    assert not refined(np.full((180, 320, 3), 200, np.uint8), empty).any()


def test_the_matte_alone_is_the_whole_ones_last_channel() -> None:
    chance = np.random.default_rng(3)
    size = Size(321, 181)
    planes = (chance.random((8, 54, 96)) - 0.4).astype(np.float16)
    alpha = np.zeros((54, 96), np.uint8)
    alpha[10:50, 30:80] = 255
    coefficients = Coefficients.around(planes, alpha)
    reach = coefficients.reach(size)
    rgb = chance.integers(0, 256, (181, 321, 3), np.uint8)[reach.slices()]
    alone = refine_matte(rgb, coefficients, size)
    wanted = refine(rgb, coefficients, size)[..., 3]
    assert 20 < wanted.mean() < 235
    assert np.abs(alone.astype(int) - wanted).max() <= 1  # float sums in another order
    nothing = Coefficients.around(planes, np.zeros_like(alpha))
    assert not refine_matte(rgb[:0, :0], nothing, size).size
