"""Every form of export, written by its library and read back as a viewer sees it."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from streaming.errors import OutputError
from streaming.frames import Size
from streaming.media.alpha import read_rgba
from streaming.media.film import Film
from streaming.media.played import played
from streaming.media.recipes import (
    ApngRecipe,
    AvifRecipe,
    GifRecipe,
    PngsRecipe,
    ProResRecipe,
    Recipe,
    SheetRecipe,
    StackedRecipe,
    WebmRecipe,
    WebpRecipe,
)
from streaming.media.written import write
from tests.media.films_out import fringe, gappy_film, matte_off, orbit_film, pictures, uneven_film

FORMS: dict[str, Recipe] = {
    "a.webm": WebmRecipe(),
    "a.webp": WebpRecipe(),
    "l.webp": WebpRecipe(lossless=True),
    "a.png": ApngRecipe(),
    "p.png": ApngRecipe(colours=48),
    "a.gif": GifRecipe(),
    "a.avif": AvifRecipe(quality=90),
    "a.mov": ProResRecipe(),
    "a.mp4": StackedRecipe(player=False),
    "pngs": PngsRecipe(),
    "s.png": SheetRecipe(),
    "t.png": SheetRecipe(trim=True),
}
HARD = {"a.gif"}
EXACT_MATTE = {"a.webp", "l.webp", "a.png", "a.mov", "pngs", "s.png", "t.png"}
# Mean error of the soft edge's colours, of 255; half of what invisible green beside it would give.
FRINGE = {"a.webm": 2.0, "a.webp": 0.7, "p.png": 2.0, "a.avif": 1.5, "a.mp4": 2.5}
EXACT_TIMES = {"a.png", "p.png", "a.mov", "a.mp4", "pngs"}
STILLS = {"a.webp", "l.webp", "a.png", "p.png", "a.gif", "a.avif"}  # say no time of one frame
SOFT = sorted(set(FORMS) - HARD)


def unit_of(name: str) -> Fraction:
    return Fraction(1, 100 if name in HARD else 1000)


@pytest.mark.parametrize("name", FORMS)
def test_number_size_times_and_alpha_come_back(tmp_path: Path, name: str) -> None:
    film = orbit_film(5)
    write(tmp_path / name, film, FORMS[name])
    seen = played(tmp_path / name)
    assert (seen.frames, seen.size, seen.has_audio) == (5, film.size, False)
    assert (seen.alpha_min, seen.alpha_max) == (0, 255)
    if name in EXACT_TIMES:
        assert seen.durations_s == film.durations_s
    else:
        assert seen.durations_s == tuple(
            n * unit_of(name) for n in film.whole_durations(unit_of(name))
        )
    assert seen.plays == (0 if name in STILLS else 1)
    assert seen.bytes > 0


@pytest.mark.parametrize("name", SOFT)
def test_the_matte_comes_back_and_no_fringe_with_it(tmp_path: Path, name: str) -> None:
    film = orbit_film(5)
    write(tmp_path / name, film, FORMS[name])
    seen = played(tmp_path / name)
    assert matte_off(seen, film) <= (0 if name in EXACT_MATTE else 2)
    for behind in (0, 255):
        assert fringe(seen, film, behind) <= FRINGE.get(name, 0)


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("count", [1, 2])
def test_a_loop_of_one_frame_and_of_two(tmp_path: Path, name: str, count: int) -> None:
    film = orbit_film(count)
    write(tmp_path / name, film, FORMS[name])
    seen = played(tmp_path / name)
    late = unit_of(name) if count > 1 or name not in STILLS else film.duration_s
    assert seen.frames == count
    assert abs(seen.duration_s - film.duration_s) <= late


@pytest.mark.parametrize("name", FORMS)
def test_empty_frames_are_empty_and_the_others_are_not(tmp_path: Path, name: str) -> None:
    film = gappy_film()
    write(tmp_path / name, film, FORMS[name])
    highest = [int(each[..., 3].max()) for each in pictures(played(tmp_path / name))]
    assert [each > 250 for each in highest] == [False, True, False, True, True, False]
    assert max(highest[n] for n in (0, 2, 5)) <= 2


@pytest.mark.parametrize("name", FORMS)
def test_wholly_transparent_loops_can_be_written(tmp_path: Path, name: str) -> None:
    film = gappy_film(empty=range(6))
    write(tmp_path / name, film, FORMS[name])
    assert played(tmp_path / name).alpha_max <= 2


@pytest.mark.parametrize("name", FORMS)
def test_uneven_times_keep_their_places(tmp_path: Path, name: str) -> None:
    film = uneven_film()
    write(tmp_path / name, film, FORMS[name])
    seen = played(tmp_path / name)
    assert abs(seen.duration_s - film.duration_s) <= unit_of(name) / 2
    at = Fraction(0)
    for each in seen.durations_s:
        assert min(abs(at - time_s) for time_s in film.times_s) <= unit_of(name) / 2
        at += each


@pytest.mark.parametrize("name", FORMS)
def test_sixty_a_second_last_as_long_as_they_should(tmp_path: Path, name: str) -> None:
    film = orbit_film(12, size=Size(64, 48), rate=60)
    write(tmp_path / name, film, FORMS[name])
    seen = played(tmp_path / name)
    assert seen.duration_s == Fraction(1, 5)
    assert seen.frames == 12 if name not in HARD else 6 <= seen.frames <= 10


@pytest.mark.parametrize("name", FORMS)
def test_nothing_is_replaced_unasked_and_nothing_is_left_behind(tmp_path: Path, name: str) -> None:
    path, film = tmp_path / name, orbit_film(2)
    write(path, film, FORMS[name])
    before = sorted(each.name for each in tmp_path.iterdir())
    with pytest.raises(OutputError, match="exists"):
        write(path, film, FORMS[name])
    write(path, orbit_film(3), FORMS[name], replace=True)
    assert played(path).frames == 3
    assert sorted(each.name for each in tmp_path.iterdir()) == before


@pytest.mark.parametrize("name", sorted(STILLS - {"a.avif"}))
def test_frames_that_are_held_come_out_with_their_whole_time(tmp_path: Path, name: str) -> None:
    film = orbit_film(3)
    frames = [film.frames[n // 2] for n in range(6)]
    held = Film.of(frames, [Fraction(n, 10) for n in range(6)], Fraction(3, 5))
    write(tmp_path / name, held, FORMS[name])
    seen = played(tmp_path / name)
    assert sum(seen.durations_s) == Fraction(3, 5)
    assert seen.frames in (3, 6)


@pytest.mark.parametrize("plays", [0, 1, 3])
@pytest.mark.parametrize(
    ("name", "make"), [("a.webp", WebpRecipe), ("a.png", ApngRecipe), ("a.gif", GifRecipe)]
)
def test_the_number_of_plays_is_kept(
    tmp_path: Path, name: str, make: type[WebpRecipe | ApngRecipe | GifRecipe], plays: int
) -> None:
    write(tmp_path / name, orbit_film(3), make(plays=plays))
    assert played(tmp_path / name).plays == plays


def test_an_animation_with_a_palette_has_one_for_all_frames(tmp_path: Path) -> None:
    write(tmp_path / "p.png", orbit_film(5), ApngRecipe(colours=16))
    write(tmp_path / "p.gif", orbit_film(5), GifRecipe(colours=16))
    assert (tmp_path / "p.png").read_bytes().count(b"PLTE") == 1
    for name in ("p.png", "p.gif"):
        shown = np.concatenate([each.reshape(-1, 4) for each in pictures(played(tmp_path / name))])
        assert len(np.unique(shown, axis=0)) <= 16


def test_a_true_matte_comes_back_in_every_form(tmp_path: Path, clips: Path) -> None:
    dancer = read_rgba(clips / "alpha/dancer.webm", Size(320, 180))
    film = Film.of(
        [next(dancer).rgba for _ in range(3)], [Fraction(n, 30) for n in range(3)], Fraction(1, 10)
    )
    for name in SOFT:
        write(tmp_path / name, film, FORMS[name])
        assert matte_off(played(tmp_path / name), film) <= 2, name


def test_colours_in_steps_are_smaller_and_leave_the_matte_as_it_is(tmp_path: Path) -> None:
    smooth, path = orbit_film(6), tmp_path / "a.png"
    rng = np.random.default_rng(0)
    frames = [each.copy() for each in smooth.frames]
    for each in frames:
        each[..., :3] = rng.integers(90, 140, (*each.shape[:2], 3))
    film = Film.of(frames, smooth.times_s, smooth.duration_s)
    sizes = []
    for step in (1, 4, 16):
        write(path, film, ApngRecipe(step=step), replace=True)
        sizes.append(path.stat().st_size)
        for shown, wanted in zip(pictures(played(path)), film.frames, strict=True):
            assert np.array_equal(shown[..., 3], wanted[..., 3])
            seen = wanted[..., 3] > 0
            off = np.abs(shown[seen].astype(int) - wanted[seen])
            assert off.max() <= step // 2
    assert sizes == sorted(sizes, reverse=True) and sizes[2] < 0.9 * sizes[0]
