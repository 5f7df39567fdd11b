"""Drift to a fraction of a pixel, and seams measured directly."""

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
import pytest

from streaming.frames import U8
from streaming.loops.closing import closing, refined
from streaming.loops.fingerprint import Fingerprinter
from streaming.loops.scan import Scan
from tests.loops.figures import body, draw, looks_of
from tests.loops.runs import detect

SIZE = (256, 144)  # two fifths of 640x360: 0.3 px there are 0.12 here


def walker(frames: int, *, lost_hand: bool) -> Iterator[U8]:
    """A figure that swings once in 20 frames and walks; in one period the matte loses an arm."""
    for k in range(frames):
        limbs = body(2 * math.pi * k / 20, 100)
        if lost_hand and 16 <= k <= 24:
            limbs = limbs[1:]
        yield draw(limbs, 70 + 1.37 * k, 78 + 0.21 * k, SIZE)


def test_a_walkers_drift_is_good_to_a_third_of_a_pixel_at_640x360() -> None:
    loops = detect(looks_of(walker(50, lost_hand=False))).loops
    assert loops
    for loop in loops:
        assert loop.drift_x * SIZE[0] == pytest.approx(1.37 * loop.frames, abs=0.12)
        assert loop.drift_y * SIZE[1] == pytest.approx(0.21 * loop.frames, abs=0.12)


def scanned(pictures: Iterator[U8]) -> Scan:
    scan, maker = Scan(Fraction(1, 2), Fraction(6)), Fingerprinter()
    for look in looks_of(pictures):
        for print_ in maker.push(look):
            scan.push(print_)
    return scan


def test_least_squares_stands_by_the_parts_that_agree() -> None:
    """An arm is missing around the end, so the matte's centre is off, but not the body."""
    window = scanned(walker(24, lost_hand=True)).window
    lag = window.count - 1 - 21
    moved = window.at(lag).place.x - window.at(lag + 20).place.x
    better = moved + refined(closing(window, lag, 20, free_x=True, free_y=True)).x
    assert abs(better - 20 * 1.37) < 0.75 * abs(moved - 20 * 1.37)


def test_seams_measured_directly_agree_with_the_scan() -> None:
    scan, maker = Scan(Fraction(1, 2), Fraction(6)), Fingerprinter()
    compared = 0
    for look in looks_of(walker(60, lost_hand=True)):
        for print_ in maker.push(look):
            for ending in scan.push(print_):
                for length in np.flatnonzero(np.isfinite(ending.d))[:20]:
                    exact = closing(
                        scan.window, ending.lag, int(length), free_x=True, free_y=True
                    ).distance
                    assert ending.d[length] == pytest.approx(exact, rel=0.1, abs=1e-3)
                    compared += 1
    assert compared > 100
