"""Flags, defaults and help come from the settings' fields, every one of them."""

import argparse
import re
from dataclasses import dataclass, fields
from fractions import Fraction
from pathlib import Path
from typing import Literal

import pytest

from streaming.cli import main
from streaming.errors import SettingsError
from streaming.options import add_options, chosen, parse_time
from streaming.settings import (
    LoopSettings,
    MattingSettings,
    OutputSettings,
    SourceSettings,
    option,
)

GROUPS = (SourceSettings, MattingSettings, LoopSettings, OutputSettings)


def parser_for(*groups: type) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="made", exit_on_error=False, allow_abbrev=False)
    for group in groups:
        add_options(parser, group, group.__name__)
    return parser


@dataclass(frozen=True, slots=True)
class Sorts:
    """One field of every sort."""

    how_many: int = option(3, "a whole number, 100 % of it")
    share: float = option(0.5, "a number")
    name: str = option("a", "a word")
    time_s: Fraction = option(Fraction(3, 2), "a time", flag="--time")  # noqa: RUF009 - only makes a field
    later_s: Fraction | None = option(None, "perhaps a time", flag="--later")  # noqa: RUF009 - only makes a field
    where: Path | None = option(None, "perhaps a path", metavar="DIR")  # noqa: RUF009 - only makes a field
    which: Literal["one", "two"] = option("one", "one of two")
    on: bool = option(True, "on unless --no-on")
    off: bool = option(False, "off unless given")
    places: tuple[Path, ...] = option((), "any number", metavar="DIR")


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("12.5", Fraction(25, 2)),
        ("0", Fraction(0)),
        ("0.1", Fraction(1, 10)),
        ("1:02", Fraction(62)),
        ("01:02.25", Fraction(249, 4)),
        ("1:02:03.5", Fraction(7447, 2)),
        (" 7 ", Fraction(7)),
    ],
)
def test_times_are_read_exactly(text: str, seconds: Fraction) -> None:
    assert parse_time(text) == seconds


@pytest.mark.parametrize("text", ["", "-1", "1:2:3:4", "soon", "1e3", "1:", ":5", "inf", "1,5"])
def test_what_is_no_time_is_refused_with_what_was_wanted(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="wanted seconds, m:ss or h:mm:ss"):
        parse_time(text)


def test_nothing_given_is_the_class_itself() -> None:
    given = parser_for(*GROUPS).parse_args([])
    for group in GROUPS:
        assert chosen(group, given) == group()
    assert chosen(Sorts, parser_for(Sorts).parse_args([])) == Sorts()


def test_every_sort_of_field_is_read_from_its_flag() -> None:
    words = "--how-many 4 --share 0.25 --name b --time 1:00 --later 2 --where /x --which two"
    twice = ["--places", "/a", "--places", "/b"]
    given = parser_for(Sorts).parse_args([*words.split(), "--no-on", "--off", *twice])
    assert chosen(Sorts, given) == Sorts(
        4,
        0.25,
        "b",
        Fraction(60),
        Fraction(2),
        Path("/x"),
        "two",
        False,
        True,
        (Path("/a"), Path("/b")),
    )


@pytest.mark.parametrize(
    "words", ["--how-many 1.5", "--share a", "--time x", "--which three", "--how-many"]
)
def test_a_value_of_the_wrong_sort_is_an_error(words: str) -> None:
    with pytest.raises((argparse.ArgumentError, SystemExit)):
        parser_for(Sorts).parse_args(words.split())


@pytest.mark.parametrize("number", ["nan", "inf", "-inf"])
def test_a_number_must_be_finite(number: str) -> None:
    with pytest.raises((SettingsError, argparse.ArgumentError), match="finite"):
        parser_for(Sorts).parse_args([f"--share={number}"])


def test_what_is_out_of_range_is_said_when_the_settings_are_made() -> None:
    with pytest.raises(SettingsError, match="--loops 0"):
        chosen(LoopSettings, parser_for(LoopSettings).parse_args(["--loops", "0"]))


def test_help_holds_every_flag_with_its_text_and_default(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "500")
    with pytest.raises(SystemExit) as caught:
        main(["run", "--help"])
    assert caught.value.code == 0
    shown = " ".join(capsys.readouterr().out.split())
    for group in GROUPS:
        for each in fields(group):
            flag: str = each.metadata["flag"] or "--" + each.name.replace("_", "-")
            default, text = each.default, each.metadata["help"]
            if default not in (None, True, False):
                as_text = f"{float(default):g}" if isinstance(default, Fraction) else str(default)
                text += f" (default: {as_text})"
            assert re.search(f" {flag}[ ,][^(]*?{re.escape(text)}", shown), flag


def test_a_percent_sign_in_a_help_text_is_shown_as_it_is() -> None:
    assert "100 % of it" in parser_for(Sorts).format_help()


@pytest.mark.parametrize("command", [[], ["run"], ["serve"], ["weights"], ["demo-clip"]])
def test_every_command_has_help(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*command, "--help"])
    assert caught.value.code == 0
    assert "usage: loopmatte" in capsys.readouterr().out
