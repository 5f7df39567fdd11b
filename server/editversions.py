"""A version of a loop that is written with what was painted: what was sent, what became of it."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from server.editfacts import EditShow
from server.errors import RequestError
from server.library import confined
from server.loopfacts import LoopFacts

__all__ = ["names_of", "pictures_of", "require_painted", "require_sent", "taken_in", "written"]

MEASURED = {  # facts of a loop that are known when its file is there
    "start", "end", "start_s", "end_s", "mismatch", "seam_ratio", "seam", "width", "height",
    "frames", "bytes", "length_s", "mending",
}  # fmt: skip


def names_of(paints: Sequence[str], changes: Sequence[str]) -> tuple[str, ...]:
    """What was sent, as `layer/kind`.

    Args:
        paints: Layers whose paint was sent.
        changes: Layers whose difference was sent.
    """
    return (*(f"{each}/paint" for each in paints), *(f"{each}/change" for each in changes))


def require_painted(names: Sequence[str], show: EditShow) -> None:
    """Refuse a version that would be as the loop is.

    Args:
        names: What was painted.
        show: What the version shows.

    Raises:
        RequestError: 422, nothing was painted, and nothing is taken away either.
    """
    if not names and show != "behind":
        raise RequestError(422, "nothing was painted")


def require_sent(folder: Path, names: Sequence[str]) -> None:
    """Refuse what is not there.

    Raises:
        RequestError: 404.
    """
    for each in names:
        confined(folder, _file(each))


def taken_in(sent: Path, names: Sequence[str], to: Path) -> None:
    """Move what was sent to where it stays; what is there gives way.

    Args:
        sent: The folder that was sent to.
        names: What was sent; nothing is moved for nothing.
        to: The folder.
    """
    shutil.rmtree(to, ignore_errors=True)
    if names:
        to.parent.mkdir(parents=True, exist_ok=True)
        sent.rename(to)


def pictures_of(folder: Path, names: Sequence[str]) -> dict[str, dict[str, str]]:
    """Where what was painted lies: by layer, then by kind."""
    made: dict[str, dict[str, str]] = {}
    for each in names:
        layer, _, kind = each.partition("/")
        made.setdefault(layer, {})[kind] = str(folder / _file(each))
    return made


def written(fresh: LoopFacts, done: Mapping[str, Any], place: str) -> LoopFacts:
    """A version's facts once its file is there.

    Args:
        fresh: What was known of it before.
        done: What the process told that wrote it.
        place: The folder it wrote, relative to the session's results.
    """
    known = {name: value for name, value in done.items() if name in MEASURED}
    names = {each: f"{place}/{done[each]}" for each in ("file", "master")}
    told = {**done["told"], "id": fresh.id}
    plain = {**fresh.as_json(saved=True), **known, **names, "told": told, "state": "written"}
    return LoopFacts.from_json(plain)


def _file(name: str) -> str:
    """What `layer/kind` is called on disk."""
    return f"{name.replace('/', '-')}.png"
