"""A version of a loop that is written with what was painted: what was sent, what became of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from server.editfacts import EditShow
from server.errors import RequestError
from server.library import confined
from server.loopfacts import LoopFacts

__all__ = ["names_of", "pictures_of", "require_sent", "written"]

MEASURED = {  # facts of a loop that are known when its file is there
    "start", "end", "start_s", "end_s", "mismatch", "seam_ratio", "seam", "width", "height",
    "frames", "bytes", "length_s", "mending",
}  # fmt: skip


def names_of(paints: Sequence[str], changes: Sequence[str], show: EditShow) -> tuple[str, ...]:
    """What was sent, as `layer/kind`.

    Args:
        paints: Layers whose paint was sent.
        changes: Layers whose difference was sent.
        show: What the version shows.

    Raises:
        RequestError: Nothing was, and nothing is taken away either.
    """
    names = (*(f"{each}/paint" for each in paints), *(f"{each}/change" for each in changes))
    if not names and show != "behind":
        raise RequestError(422, "nothing was painted")
    return names


def require_sent(folder: Path, names: Sequence[str]) -> None:
    """Refuse what is not there.

    Raises:
        RequestError: 404.
    """
    for each in names:
        confined(folder, _file(each))


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
