"""The proof sees what is wrong with a file, and lets a good one pass."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from streaming.exports.proof import Proof, prove
from streaming.exports.targets import Pixels, Target
from streaming.exports.timing import Timing, timing_for
from streaming.media.film import Film
from streaming.media.recipes import ApngRecipe, GifRecipe, WebpRecipe
from streaming.media.written import write
from tests.exports.cycles import orbit

CYCLE = orbit(count=10)
FRAMES = tuple(CYCLE.read())
FILM = Film.of(FRAMES, CYCLE.times_s, CYCLE.duration_s)
TARGET = Target(
    "t",
    "Test",
    "apng",
    Pixels("exact", 96, 64),
    "here",
    most_s=Fraction(1),
    most_fps=Fraction(30),
    most_frames=20,
    most_bytes=200_000,
)
TIMING = timing_for(CYCLE, TARGET)


def proven(tmp_path: Path, film: Film = FILM, target: Target = TARGET, plays: int = 0) -> Proof:
    """Write `film` and hold it against FILM and `target`."""
    path = tmp_path / "t.png"
    write(path, film, ApngRecipe(plays=plays), replace=True)
    return prove(path, FILM, target, TIMING)


def faults(proof: Proof) -> set[str]:
    return {each.name for each in proof.checks if not each.good}


def test_a_good_file_passes(tmp_path: Path) -> None:
    proof = proven(tmp_path)
    assert proof.passed and not proof.problems
    assert proof.psnr_db == float("inf") and proof.alpha_off == 0
    assert proof.duration_s == CYCLE.duration_s and proof.frames == 10
    assert proof.seam_ratio == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize(
    ("target", "fault"),
    [
        (replace(TARGET, most_bytes=500), "size"),
        (replace(TARGET, pixels=Pixels("exact", 96, 96)), "picture"),
        (replace(TARGET, most_s=Fraction(1, 4)), "in all"),
        (replace(TARGET, most_fps=Fraction(20)), "rate"),
        (replace(TARGET, most_frames=9), "frames"),
        (replace(TARGET, least_frames=11), "frames"),
    ],
)
def test_each_limit_of_a_row_is_checked(tmp_path: Path, target: Target, fault: str) -> None:
    proof = proven(tmp_path, target=target)
    assert faults(proof) == {fault}
    assert proof.problems[0].startswith(fault) and "wanted" in proof.problems[0]


def test_a_file_that_stops_after_one_play_is_found_out(tmp_path: Path) -> None:
    assert faults(proven(tmp_path, plays=1)) == {"plays"}


def test_a_matte_that_is_gone_or_off_is_found_out(tmp_path: Path) -> None:
    solid = [np.dstack((each[..., :3], np.full((64, 96), 255, np.uint8))) for each in FRAMES]
    assert {"alpha", "matte"} <= faults(
        proven(tmp_path, Film.of(solid, FILM.times_s, FILM.duration_s))
    )


def test_times_that_drifted_are_found_out(tmp_path: Path) -> None:
    times = tuple(each * Fraction(3, 4) for each in FILM.times_s)
    drifted = Film.of(FRAMES, times, FILM.duration_s)
    assert "timeline" in faults(proven(tmp_path, drifted))
    short = Film.of(FRAMES[:8], FILM.times_s[:8], FILM.times_s[8])
    assert {"duration", "seam"} <= faults(proven(tmp_path, short))


def test_held_frames_are_no_errors(tmp_path: Path) -> None:
    held = (*FRAMES[:4], FRAMES[3], FRAMES[3], *FRAMES[6:])
    film = Film.of(held, FILM.times_s, FILM.duration_s)
    path = tmp_path / "held.png"
    write(path, film, ApngRecipe())
    proof = prove(path, film, TARGET, TIMING)
    assert proof.frames == 8 and proof.passed, proof.problems


def test_one_bit_of_alpha_is_held_against_the_threshold(tmp_path: Path) -> None:
    target = replace(TARGET, format="gif")
    path = tmp_path / "t.gif"
    write(path, FILM, GifRecipe())
    assert prove(path, FILM, target, TIMING).passed
    assert faults(prove(path, FILM, target, TIMING, threshold=20)) == {"matte"}


def test_a_loop_of_one_frame_passes_as_a_still(tmp_path: Path) -> None:
    still = Film.of(FRAMES[:1], (Fraction(0),), Fraction(1, 10))
    path = tmp_path / "t.webp"
    write(path, still, WebpRecipe())
    timing = Timing((0,), (Fraction(0),), Fraction(1, 10))
    proof = prove(path, still, replace(TARGET, format="webp"), timing)
    assert proof.passed, proof.problems


def test_transparent_frames_are_no_errors(tmp_path: Path) -> None:
    empty = np.zeros_like(FRAMES[0])
    film = Film.of((*FRAMES[:5], empty, *FRAMES[6:]), FILM.times_s, FILM.duration_s)
    path = tmp_path / "t.png"
    write(path, film, ApngRecipe())
    assert prove(path, film, TARGET, TIMING).passed
