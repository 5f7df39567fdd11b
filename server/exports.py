"""What users have made of loops for other places: asked for, watched, downloaded, let go."""

import asyncio
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from server.chronicle import Chronicle
from server.errors import RequestError
from server.exported import ExportFacts
from server.library import Library, confined
from server.loopfacts import LoopFacts
from server.press import Order, Press
from streaming.live import ExportSettings, SettingsError, Target, target_called

__all__ = ["Exports"]

FOLDER = "exports"


class Exports:
    """The exports of all loops.

    Args:
        library: Where they lie.
        told: Gives a session's chronicle by its id.
        loop: Gives a loop by its session's id and its own.
    """

    def __init__(
        self,
        library: Library,
        *,
        told: Callable[[str], Chronicle],
        loop: Callable[[str, str], LoopFacts],
    ) -> None:
        self._library = library
        self._told = told
        self._loop = loop
        self._press = Press(told)

    def make(self, sid: str, lid: str, target: str, settings: Mapping[str, Any]) -> None:
        """Begin to make an export in place of an earlier one for the same target.

        Args:
            sid: The session.
            lid: The loop.
            target: The destination's name.
            settings: Fields of the engine's `ExportSettings`.

        Raises:
            RequestError: There is no such target, or the loop is not there yet.
        """
        loop = self._loop(sid, lid)
        name = _known(target).name
        try:
            ExportSettings(**settings)
        except SettingsError as error:
            raise RequestError(422, str(error).replace("--", "")) from error
        if loop.state != "written" or not loop.master:
            raise RequestError(
                409, f"loop {lid} has no master yet, or none was kept: nothing can be made of it"
            )
        if loop.told is None:
            raise RequestError(
                409, f"loop {lid} was written by an older program: write a new version of it first"
            )
        result = self._library.result(sid)
        plain = {
            "master": str(confined(result, loop.master)),
            "told": dict(loop.told),
            "target": name,
            "folder": str(result / FOLDER / lid / name),
            "settings": dict(settings),
        }
        self._press.begin(Order(sid, lid, name, f"{FOLDER}/{lid}", plain))

    def path(self, sid: str, lid: str, target: str) -> tuple[ExportFacts, Path]:
        """A finished export and where it lies.

        Raises:
            RequestError: It was not made, is not ready, or is gone.
        """
        export = self._loop(sid, lid).export(target)
        if export is None:
            raise RequestError(404, f"loop {lid} was not made for {_known(target).place}")
        if export.state != "ready":
            raise RequestError(409, f"the file for {target} is not ready; wait for its event")
        return export, confined(self._library.result(sid), export.file)

    async def drop(self, sid: str, lid: str, target: str) -> None:
        """Give an export up, or remove it."""
        name = _known(target).name
        await self._press.give_up(sid, lid, name)
        loop = self._loop(sid, lid)
        self._told(sid).amend(loop.without_export(name))
        await self._remove(sid, lid, name)

    async def leave(self, sid: str, lid: str = "") -> None:
        """A session goes, or one of its loops: so does what was made of it."""
        await self._press.give_up(sid, lid)
        if lid:
            await self._remove(sid, lid)

    async def close(self) -> None:
        """End what is under way."""
        await self._press.close()

    async def _remove(self, sid: str, *names: str) -> None:
        folder = self._library.result(sid).joinpath(FOLDER, *names)
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _known(target: str) -> Target:
    try:
        return target_called(target)
    except SettingsError as error:
        raise RequestError(404, str(error)) from error
