"""Files that are not what they should be, opened for their proof."""

from fractions import Fraction
from pathlib import Path

import av
import pytest

from streaming.errors import InputError
from streaming.frames import Size
from streaming.media.played import played
from streaming.media.recipes import ApngRecipe, ProResRecipe, SheetRecipe, StackedRecipe
from streaming.media.stacked import Stack, stack_of
from streaming.media.written import write
from tests.media.films_out import orbit_film


@pytest.mark.parametrize("name", ["a.webm", "a.mp4", "a.mov", "a.png", "a.gif"])
def test_what_cannot_be_read_is_told(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match="no such file"):
        played(tmp_path / name)
    (tmp_path / name).write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(InputError, match=name):
        played(tmp_path / name)


def test_a_damaged_animation_is_told(tmp_path: Path) -> None:
    write(tmp_path / "a.png", orbit_film(4), ApngRecipe())
    whole = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"a\.png"):
        played(tmp_path / "a.png")


def test_a_folder_without_its_times_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"timing\.json"):
        played(tmp_path)


@pytest.mark.parametrize("told", ["{}", '{"frames": []}', '{"frames": [{"x": 1}]}', "no"])
def test_a_sheet_whose_json_is_another_is_told(tmp_path: Path, told: str) -> None:
    write(tmp_path / "s.png", orbit_film(2), SheetRecipe())
    (tmp_path / "s.json").write_text(told)
    with pytest.raises(InputError, match=r"s\.json"):
        played(tmp_path / "s.png")


def test_exact_times_of_an_odd_rate_come_back(tmp_path: Path) -> None:
    film = orbit_film(4, rate=23)
    write(tmp_path / "a.png", film, ApngRecipe())
    assert played(tmp_path / "a.png").durations_s == (Fraction(1, 23),) * 4


def test_prores_says_what_it_is(tmp_path: Path) -> None:
    write(tmp_path / "a.mov", orbit_film(2), ProResRecipe())
    with av.open(str(tmp_path / "a.mov")) as source:
        context = source.streams.video[0].codec_context
        assert context.codec_tag == "ap4h"  # 4444
        assert (context.colorspace, context.color_primaries, context.color_range) == (1, 1, 1)


def test_a_stacked_file_says_where_its_matte_is_and_begins_with_its_index(tmp_path: Path) -> None:
    write(tmp_path / "a.mp4", orbit_film(2), StackedRecipe())
    raw = (tmp_path / "a.mp4").read_bytes()
    assert raw.index(b"moov") < raw.index(b"mdat")
    with av.open(str(tmp_path / "a.mp4")) as source:
        context = source.streams.video[0].codec_context
        whole = Size(context.width, context.height)
        stack = stack_of(source.metadata["comment"], whole)
    assert (stack, stack.whole) == (Stack(Size(97, 61), 70), Size(98, 140))
    assert stack_of("", whole) == Stack(Size(98, 70), 70)
    page = (tmp_path / "a.html").read_text("utf-8")
    assert 'width="97" height="61"' in page and "%" + "FILM%" not in page
