"""VP9 whose matte has a quality of its own."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from streaming.media.played import played
from streaming.media.recipes import WebmRecipe
from streaming.media.vp9 import ALPHA_CRF_MOST, WebmPress, write_webm
from tests.media.films_out import matte_off, orbit_film


def test_the_container_says_what_is_in_it(tmp_path: Path) -> None:
    film = orbit_film(30)
    write_webm(tmp_path / "a.webm", film, WebmRecipe())
    with av.open(str(tmp_path / "a.webm")) as source:
        stream = source.streams.video[0]
        context = stream.codec_context
        assert source.duration == 1_000_000
        assert stream.metadata["alpha_mode"] == "1"
        assert stream.average_rate == stream.base_rate == 30
        tags = (context.colorspace, context.color_primaries, context.color_trc)
        assert (*tags, context.color_range) == (1, 1, 1, 1)
        packets = [each for each in source.demux(stream) if each.size]
        assert [each.is_keyframe for each in packets] == [True] + [False] * 29
        assert not source.streams.audio


def test_a_press_writes_what_a_single_writing_does_whatever_came_before(tmp_path: Path) -> None:
    film = orbit_film(5)
    press = WebmPress(film)
    for name, recipe in (("a", WebmRecipe(50, 30)), ("b", WebmRecipe(20, 30))):
        press.write(tmp_path / f"{name}.webm", recipe)
    write_webm(tmp_path / "c.webm", film, WebmRecipe(20, 30))
    assert (tmp_path / "b.webm").read_bytes() == (tmp_path / "c.webm").read_bytes()
    assert (tmp_path / "a.webm").stat().st_size < (tmp_path / "b.webm").stat().st_size


@pytest.mark.parametrize("effort", ["fast", "good"])
def test_the_matte_is_kept_up_to_the_worst_quality_that_is_offered(
    tmp_path: Path, effort: str
) -> None:
    film = orbit_film(12)
    offs = []
    for crf in (8, ALPHA_CRF_MOST):
        recipe = WebmRecipe(50, crf, "fast" if effort == "fast" else "good")
        write_webm(tmp_path / f"{crf}.webm", film, recipe)
        offs.append(matte_off(played(tmp_path / f"{crf}.webm"), film))
    assert offs[0] < offs[1] <= 4  # this disc is all edge; a person is not


def test_frames_closer_than_a_millisecond_all_stay(tmp_path: Path) -> None:
    write_webm(tmp_path / "a.webm", orbit_film(4, rate=5000), WebmRecipe())
    assert played(tmp_path / "a.webm").durations_s == (Fraction(1, 1000),) * 4
