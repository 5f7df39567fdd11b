"""What a fingerprint says of a frame."""

from fractions import Fraction

import numpy as np
import pytest

from streaming.frames import U8
from streaming.loops.distance import distance
from streaming.loops.fingerprint import Fingerprint, Fingerprinter
from streaming.loops.model import Look
from tests.loops.figures import body, draw

SIZE = (128, 72)


def print_of(rgba: U8) -> Fingerprint:
    return Fingerprinter().push(Look(0, Fraction(0), rgba))[0]


def figure(x: float = 64.0, y: float = 40.0, phase: float = 0.7) -> U8:
    return draw(body(phase, 50), x, y, SIZE)


def test_equal_colour_and_different_alpha_differ() -> None:
    whole = np.full((72, 128, 4), 255, np.uint8)
    part = whole.copy()
    part[:, :64, 3] = 0
    a, b = print_of(whole), print_of(part)
    assert a.matte_hash != b.matte_hash
    assert a.colour_hash != b.colour_hash
    assert a.place.coverage == 1.0 and b.place.coverage == pytest.approx(0.5)


def test_hashes_are_64_bits_and_near_for_near_frames() -> None:
    a, b, other = print_of(figure()), print_of(figure(phase=0.75)), print_of(figure(phase=-1.5))
    assert 0 <= a.colour_hash < 2**64 and 0 <= a.matte_hash < 2**64
    near = (a.colour_hash ^ b.colour_hash).bit_count()
    far = (a.colour_hash ^ other.colour_hash).bit_count()
    assert near < 16 <= far


def test_a_subject_that_only_moved_gives_the_same_thumbnail() -> None:
    maker = Fingerprinter()
    here = maker.push(Look(0, Fraction(0), figure(50.0)))[0]
    there = maker.push(Look(1, Fraction(1, 30), figure(73.4)))[0]
    assert there.place.x - here.place.x == pytest.approx(23.4, abs=0.02)
    assert distance(here.thumb.planes, there.thumb.planes) < 0.03
    pinned = Fingerprinter(centred=False)
    a = pinned.push(Look(0, Fraction(0), figure(50.0)))[0]
    b = pinned.push(Look(1, Fraction(1, 30), figure(73.4)))[0]
    assert distance(a.thumb.planes, b.thumb.planes) > 0.2


@pytest.mark.parametrize("size", [(64, 36), (384, 216), (216, 384), (512, 512), (31, 517), (1, 1)])
def test_any_shape_of_picture_will_do(size: tuple[int, int]) -> None:
    rng = np.random.default_rng(1)
    rgba = rng.integers(0, 256, (size[1], size[0], 4), dtype=np.uint8)
    print_ = print_of(rgba)
    assert print_.thumb.planes.shape[1] <= 48 * 48
    assert 0 <= print_.place.x <= print_.cutout.frame.width
    assert 0 < print_.luma < 1


def test_an_empty_matte_is_no_subject() -> None:
    print_ = print_of(np.zeros((72, 128, 4), np.uint8))
    assert print_.place.coverage == 0 and print_.luma == 0
    assert not print_.place.edges.any


def test_luma_is_that_of_the_subject_alone() -> None:
    rgba = np.zeros((72, 128, 4), np.uint8)
    rgba[20:50, 40:80] = (100, 100, 100, 255)
    assert print_of(rgba).luma == pytest.approx(100 / 255, abs=0.01)


def test_what_is_kept_cannot_be_written_to() -> None:
    print_ = print_of(figure())
    with pytest.raises(ValueError, match="read-only"):
        print_.cutout.pixels[0, 0, 0] = 1
