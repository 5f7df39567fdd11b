"""Films for the tests of what is exported: small, odd, empty, alone, fast, uneven."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from streaming.frames import U8, Size
from streaming.media.film import Film
from streaming.media.played import Played
from tests.media.figures import END, UNEVEN, orbit

ODD = Size(97, 61)
RED = np.array([200, 30, 40], np.uint8)
GREEN = np.array([0, 255, 0], np.uint8)


def orbit_film(count: int = 6, *, size: Size = ODD, rate: int = 30) -> Film:
    """A red disc with a soft edge on invisible green, going around once."""
    times = [Fraction(n, rate) for n in range(count)]
    frames = orbit(size, count, RED)
    for each in frames:
        each[..., :3][each[..., 3] == 0] = GREEN  # right beside the edge
    return Film.of(frames, times, Fraction(count, rate))


def uneven_film() -> Film:
    return Film.of(orbit(ODD, len(UNEVEN), RED), UNEVEN, END)


def gappy_film(empty: Sequence[int] = (0, 2, 5)) -> Film:
    """Frames of which these are wholly transparent."""
    film = orbit_film()
    frames = [np.zeros_like(f) if n in empty else f for n, f in enumerate(film.frames)]
    return Film.of(frames, film.times_s, film.duration_s)


def pictures(seen: Played) -> list[U8]:
    return [each.rgba for each in seen.shown()]


def matte_off(seen: Played, film: Film) -> float:
    """Mean error of alpha over the subject, of 255."""
    wanted = np.stack([each[..., 3] for each in film.frames]).astype(int)
    found = np.stack([each[..., 3] for each in pictures(seen)]).astype(int)
    there = (wanted > 0) | (found > 0)
    return float(np.abs(wanted - found)[there].mean())


def over(rgba: U8, behind: int) -> U8:
    alpha = rgba[..., 3:].astype(np.float64) / 255
    made: U8 = (rgba[..., :3] * alpha + behind * (1 - alpha)).round().astype(np.uint8)
    return made


def fringe(seen: Played, film: Film, behind: int) -> float:
    """Mean error of the soft edge's colours over this grey."""
    errors = []
    for shown, frame in zip(pictures(seen), film.frames, strict=True):
        edge = (frame[..., 3] > 12) & (frame[..., 3] < 243)
        errors.append(np.abs(over(shown, behind).astype(int) - over(frame, behind))[edge].mean())
    return float(np.mean(errors))
