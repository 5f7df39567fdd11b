"""What a film holds, and its times in whole units."""

from fractions import Fraction

import numpy as np
import pytest

from streaming.frames import Size
from streaming.media.film import Film
from tests.media.films_out import orbit_film, uneven_film


def test_durations_add_up_to_the_loop() -> None:
    film = uneven_film()
    assert sum(film.durations_s) == film.duration_s
    assert film.durations_s[4:6] == (Fraction(1, 1000), Fraction(59, 1000))
    assert film.size == Size(97, 61)


def test_whole_durations_never_drift() -> None:
    assert orbit_film(6).whole_durations(Fraction(1, 100), 2) == (3, 4, 3, 3, 4, 3)
    assert sum(orbit_film(90).whole_durations(Fraction(1, 1000))) == 3000
    assert orbit_film(4, rate=60).whole_durations(Fraction(1, 100), 2) == (2, 2, 2, 2)


@pytest.mark.parametrize(
    ("times", "end", "words"),
    [
        ([0, 1], 1, "rise"),
        ([0, 0], 1, "rise"),
        ([1, 2], 3, "begin at 0"),
        ([0], 1, "2 frames at 1 times"),
    ],
)
def test_what_is_no_film(times: list[int], end: int, words: str) -> None:
    frames = [np.zeros((4, 4, 4), np.uint8)] * 2
    with pytest.raises(ValueError, match=words):
        Film.of(frames, map(Fraction, times), Fraction(end))


def test_a_film_of_pictures_that_differ_in_size_is_none() -> None:
    frames = [np.zeros((4, 4, 4), np.uint8), np.zeros((4, 5, 4), np.uint8)]
    with pytest.raises(ValueError, match="one shape"):
        Film.of(frames, [Fraction(0), Fraction(1)], Fraction(2))
