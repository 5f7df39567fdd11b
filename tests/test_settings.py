"""Settings keep their ranges, and say what was seen and what was wanted."""

import json
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields
from fractions import Fraction
from pathlib import Path

import pytest

from streaming.errors import SettingsError
from streaming.settings import (
    ExportSettings,
    LoopSettings,
    MattingSettings,
    OutputSettings,
    RunSettings,
    SourceSettings,
)

GROUPS = (SourceSettings, MattingSettings, LoopSettings, OutputSettings, ExportSettings)

# What is refused, and the word that the message must hold.
WRONG: list[tuple[Callable[[], object], str]] = [
    (lambda: SourceSettings(start_s=Fraction(-1)), "--start"),
    (lambda: SourceSettings(start_s=Fraction(2), end_s=Fraction(2)), "after the start"),
    (lambda: SourceSettings(end_s=Fraction(0)), "--end"),
    (lambda: SourceSettings(max_pixels=0), "--max-pixels"),
    (lambda: MattingSettings(downsample_ratio=0.0), "--downsample-ratio"),
    (lambda: MattingSettings(downsample_ratio=1.01), "up to 1"),
    (lambda: MattingSettings(threads=-1), "--threads"),
    (lambda: LoopSettings(loops=0), "--loops 0: ask for at least 1"),
    (lambda: LoopSettings(min_duration_s=Fraction(0)), "--min-duration"),
    (lambda: LoopSettings(min_duration_s=Fraction(3), max_duration_s=Fraction(2)), "swap them"),
    (lambda: LoopSettings(min_duration_s=Fraction(2), max_duration_s=Fraction(2)), "swap them"),
    (lambda: LoopSettings(max_duration_s=Fraction(61)), "at most 60"),
    (lambda: LoopSettings(seam=0.0), "--seam 0"),
    (lambda: LoopSettings(seam=4.5), "up to 4"),
    (lambda: OutputSettings(max_height=8), "--max-height"),
    (lambda: OutputSettings(ring_mb=1), "--ring-mb"),
]


@pytest.mark.parametrize(("make", "words"), WRONG, ids=[words for _, words in WRONG])
def test_what_is_out_of_range_is_refused_in_words(make: Callable[[], object], words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        make()
    assert words in str(caught.value)


@pytest.mark.parametrize(
    "make",
    [
        lambda: SourceSettings(start_s=Fraction(0), end_s=Fraction(1, 100)),
        lambda: MattingSettings(downsample_ratio=1.0),
        lambda: LoopSettings(loops=1, seam=4.0, max_duration_s=Fraction(60)),
        lambda: OutputSettings(max_height=16, ring_mb=16),
    ],
)
def test_the_ends_of_the_ranges_are_allowed(make: Callable[[], object]) -> None:
    make()


def test_what_the_issue_fixes_is_the_default() -> None:
    loops, output = LoopSettings(), OutputSettings()
    assert (loops.min_duration_s, loops.max_duration_s) == (Fraction(1, 2), Fraction(6))
    assert loops.seam == 1
    assert (output.background, output.max_height, output.video) == ("green", 720, True)
    assert SourceSettings().max_pixels == 36_000_000
    assert (MattingSettings().quality, MattingSettings().matte) == ("balanced", "auto")


@pytest.mark.parametrize("group", GROUPS)
def test_every_field_is_frozen_and_explains_itself(group: type) -> None:
    made = group()
    for each in fields(group):
        assert each.metadata["help"].strip(), each.name
        with pytest.raises(FrozenInstanceError):
            setattr(made, each.name, None)


def test_settings_become_plain_values_for_json(tmp_path: Path) -> None:
    settings = RunSettings(
        "clip.mp4",
        tmp_path,
        SourceSettings(start_s=Fraction(1, 4)),
        output=OutputSettings(output=tmp_path / "out"),
    )
    plain = json.loads(json.dumps(settings.as_dict()))
    assert plain["input"] == "clip.mp4"
    assert plain["start_s"] == 0.25
    assert plain["output"] == str(tmp_path / "out")
    assert set(plain) == {"input", *(each.name for group in GROUPS for each in fields(group))}


def test_no_two_groups_have_a_field_of_the_same_name() -> None:
    names = [each.name for group in GROUPS for each in fields(group)]
    assert len(set(names)) == len(names)
