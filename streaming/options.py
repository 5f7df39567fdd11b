"""Command-line flags made from settings classes, so that flag, default and help cannot drift.

A field of a settings class becomes a flag: its name with dashes (or the one in its metadata), its
type and choices from its annotation, its help from its metadata, its default from the class. A
field that holds a tuple becomes a flag that may be given several times.
"""

import argparse
import re
from collections.abc import Callable
from dataclasses import MISSING, Field, fields
from fractions import Fraction
from pathlib import Path
from types import UnionType
from typing import Any, Literal, TypeVar, get_args, get_origin, get_type_hints

from streaming.errors import SettingsError

__all__ = ["add_options", "chosen", "parse_time"]

Settings = TypeVar("Settings")
CLOCK = re.compile(r"(?:(?:(\d+):)?(\d{1,2}):)?(\d+(?:\.\d+)?)")


def parse_time(text: str) -> Fraction:
    """Seconds from `12.5`, `1:02` or `1:02:03.5`, exactly.

    Raises:
        argparse.ArgumentTypeError: It is none of these.
    """
    match = CLOCK.fullmatch(text.strip())
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; wanted seconds, m:ss or h:mm:ss")
    hours, minutes, seconds = match.groups(default="0")
    return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)


def add_options(parser: argparse.ArgumentParser, settings: type, title: str) -> None:
    """Add a flag for every field of a settings class, as a group of the help."""
    hints = get_type_hints(settings)
    group = parser.add_argument_group(title, settings.__doc__)
    for each in fields(settings):
        _add(group, each, hints[each.name])


def chosen(settings: type[Settings], given: argparse.Namespace) -> Settings:
    """The settings that were given on the command line.

    Raises:
        SettingsError: One of them is out of range.
    """
    names = [each.name for each in fields(settings)]  # type: ignore[arg-type]
    values = {name: getattr(given, name) for name in names}
    several = {name: tuple(value) for name, value in values.items() if isinstance(value, list)}
    return settings(**values | several)


def _add(group: argparse._ArgumentGroup, each: "Field[Any]", hint: Any) -> None:
    flag = each.metadata.get("flag") or "--" + each.name.replace("_", "-")
    default = each.default if each.default is not MISSING else None
    text = each.metadata["help"].replace("%", "%%")
    if hint is bool:
        action = argparse.BooleanOptionalAction if default else "store_true"
        group.add_argument(flag, dest=each.name, action=action, default=default, help=text)
        return
    several = get_origin(hint) is tuple
    shown = "" if several else _shown(default)
    group.add_argument(
        flag,
        dest=each.name,
        action="append" if several else "store",
        type=_converter(get_args(hint)[0] if several else hint),
        choices=get_args(hint) if get_origin(hint) is Literal else None,
        default=list(default or ()) if several else default,
        metavar=each.metadata.get("metavar"),
        help=f"{text} (default: {shown})" if shown else text,
    )


def _shown(default: object) -> str:
    if default is None:
        return ""
    return f"{float(default):g}" if isinstance(default, Fraction) else str(default)


def _converter(hint: Any) -> Callable[[str], object]:
    kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
    for kind, converter in ((Fraction, parse_time), (int, _whole), (float, _number), (Path, Path)):
        if kind in kinds:
            return converter
    return str


def _whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number") from None


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no number") from None
    if number != number or abs(number) == float("inf"):
        raise SettingsError(f"{text}: wanted a finite number")
    return number
