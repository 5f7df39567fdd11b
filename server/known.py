"""Reading values back that an older or newer version has saved."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

__all__ = ["known_fields"]


def known_fields(kind: type[Any], plain: Mapping[str, Any]) -> dict[str, Any]:
    """What of a saved value this version knows: a library outlives the version that wrote it."""
    names = {each.name for each in fields(kind)}
    return {name: value for name, value in plain.items() if name in names}
