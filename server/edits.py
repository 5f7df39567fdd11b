"""Loops that are painted on: taken apart once, given to the page, written anew with what it sends.

A loop's project lies beside the session's results, in `edits/<loop>`. A saved edit is a version of
the loop like any other, with a master of its own in which the edit stands, so that everything that
can be made of a loop can be made of it. What was painted on it is kept as pictures: whoever edits
the version goes on where it was left, in the project of the loop that it was made from.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from server.chronicle import Chronicle
from server.editfacts import EditFacts, EditQuality, EditShow
from server.editversions import names_of, pictures_of, require_sent, written
from server.errors import RequestError
from server.library import Library, confined
from server.loopfacts import LoopFacts
from server.paints import PaintKind, receive
from server.shelves import Shelves
from server.wants import RESULT
from server.workshop import Workshop

__all__ = ["Edits"]

FOLDER = "edits"
PROJECT, EDITED, BUNDLE = "project", "edited", "bundle.bin"
SENT, PAINT = "sent", "paint"
TOLD_SHARE = 0.02  # of the whole: by less than this progress is no news


class Edits:
    """The edits of all loops.

    Args:
        library: Where they lie.
        told: Gives a session's chronicle by its id.
        loops: Gives loops, and names for versions of them.
        cache: Folder for weights and converted networks.
    """

    def __init__(
        self,
        library: Library,
        *,
        told: Callable[[str], Chronicle],
        loops: Shelves,
        cache: Path,
    ) -> None:
        self._library = library
        self._told = told
        self._loops = loops
        self._cache = cache
        self._shop = Workshop()
        self._coming: dict[tuple[str, str], LoopFacts] = {}  # versions that are being written

    def begin(self, sid: str, lid: str, quality: EditQuality) -> None:
        """Begin to take a loop apart, or go on with that.

        Raises:
            RequestError: It has no master, or is in work.
        """
        loop = self._loops.loop(sid, lid)
        if loop.state != "written" or not loop.master or loop.told is None:
            raise RequestError(
                409, f"loop {lid} has no master yet, or none was kept: it cannot be painted on"
            )
        if self._shop.busy(sid, lid):
            raise RequestError(409, f"loop {lid} is in work; wait for its event, or give it up")
        master = confined(self._result(sid), loop.master)
        order = {
            "do": "fit",
            "master": str(master),
            "told": dict(loop.told),
            "folder": str(self._place(sid, lid) / PROJECT),
            "bundle": str(self._place(sid, lid) / BUNDLE),
            "quality": quality,
            "cache": str(self._cache),
        }
        self._say(sid, lid, EditFacts(quality=quality))
        self._shop.begin(sid, lid, order, partial(self._fitted, sid, lid))

    def bundle(self, sid: str, lid: str) -> Path:
        """Where what the page needs lies.

        Raises:
            RequestError: The loop is not taken apart.
        """
        return confined(self._home(sid, lid, self._usable(sid, lid)), BUNDLE)

    def painted(self, sid: str, lid: str, layer: str, kind: PaintKind) -> Path:
        """Where what was painted on a layer of a version lies.

        Raises:
            RequestError: Nothing was.
        """
        self._usable(sid, lid)
        return confined(self._place(sid, lid) / PAINT, f"{layer}-{kind}.png")

    async def receive(
        self, sid: str, lid: str, layer: str, kind: PaintKind, chunks: AsyncIterator[bytes]
    ) -> None:
        """Take what was painted on one layer, for the next version.

        Raises:
            RequestError: The loop is not taken apart or is being written; it is no picture.
        """
        self._idle(sid, lid)
        await receive(self._place(sid, lid) / SENT, f"{layer}-{kind}.png", chunks)

    def save(
        self,
        sid: str,
        lid: str,
        paints: Sequence[str],
        changes: Sequence[str],
        *,
        show: EditShow = "subject",
    ) -> str:
        """Write the loop with what was painted; gives the id that the version will have.

        Args:
            sid: The session.
            lid: The loop.
            paints: Layers whose paint was sent.
            changes: Layers whose difference was sent.
            show: What it shows: the subject cut out, the whole picture, or what is behind alone.

        Raises:
            RequestError: The loop is not taken apart or is being written; nothing was sent, and
                the subject stays.
        """
        edit = self._idle(sid, lid)
        names = names_of(paints, changes, show)
        require_sent(self._place(sid, lid) / SENT, names)
        fresh = self._fresh(sid, self._loops.loop(sid, lid))
        place = self._place(sid, fresh.id)
        shutil.rmtree(place, ignore_errors=True)  # of a save that failed, or a server that ended
        place.mkdir(parents=True)
        if names:
            (self._place(sid, lid) / SENT).rename(place / PAINT)
        order = {
            "do": "save",
            "folder": str(self._home(sid, lid, edit) / PROJECT),
            "edits": pictures_of(place / PAINT, names),
            "show": show,
            "to": str(place / EDITED),
        }
        painted = EditFacts("ready", edit.quality, 1.0, of=edit.of or lid, painted=names, show=show)
        self._coming[sid, lid] = replace(fresh, edit=painted)
        self._say(sid, lid, replace(edit, state="saving", share=0.0, step="", problems=()))
        self._shop.begin(sid, lid, order, partial(self._saved, sid, lid))
        return fresh.id

    async def drop(self, sid: str, lid: str) -> None:
        """Give up what is under way; else forget how the loop was taken apart."""
        edit = self._loops.loop(sid, lid).edit
        await self._shop.give_up(sid, lid)
        if edit is not None and edit.state == "saving":
            self._say(sid, lid, edit.at_start())
            await self._remove(self._place(sid, self._coming.pop((sid, lid)).id))
            return
        self._say(sid, lid, None)
        if edit is None or not edit.of:
            await self._forget(sid, lid)

    async def leave(self, sid: str, lid: str = "") -> None:
        """A session goes, or one of its loops: so does what was painted on it."""
        await self._shop.give_up(sid, lid)
        if lid:
            await self._forget(sid, lid)

    async def close(self) -> None:
        """End what is under way."""
        await self._shop.close()

    def _fitted(self, sid: str, lid: str, said: dict[str, Any]) -> None:
        """What the process says that takes a loop apart."""
        edit = self._edit(sid, lid)
        match said:
            case {"step": str(step), "share": float() | int() as share}:
                self._progress(sid, lid, replace(edit, state="fitting"), step, share)
            case {"done": _}:
                self._say(sid, lid, replace(edit, state="ready", share=1.0, step=""))
            case {"error": words}:
                failed = replace(edit, state="failed", step="", problems=(str(words),))
                self._say(sid, lid, failed)

    def _saved(self, sid: str, lid: str, said: dict[str, Any]) -> None:
        """What the process says that writes a loop with what was painted."""
        edit = self._edit(sid, lid)
        match said:
            case {"step": str(step), "share": float() | int() as share}:
                self._progress(sid, lid, edit, step, share)
            case {"done": dict(done)}:
                fresh = self._coming.pop((sid, lid))
                place = f"{FOLDER}/{fresh.id}/{EDITED}"
                self._told(sid).add(written(fresh, done, place))
                self._say(sid, lid, replace(edit, state="ready", share=1.0, step=""))
            case {"error": words}:
                self._coming.pop((sid, lid))
                ready = replace(edit, state="ready", share=1.0, step="", problems=(str(words),))
                self._say(sid, lid, ready)

    def _progress(self, sid: str, lid: str, edit: EditFacts, step: str, share: float) -> None:
        now = self._edit(sid, lid)
        if (edit.state, step) != (now.state, now.step) or abs(share - now.share) >= TOLD_SHARE:
            self._say(sid, lid, replace(edit, step=step, share=min(1.0, float(share))))

    def _fresh(self, sid: str, loop: LoopFacts) -> LoopFacts:
        """A version that is to be, with a name that no other has or will have."""
        files, others = self._loops.files(sid), self._told(sid).facts.loops
        fresh = files.version(loop, others, loop.start, loop.end, loop.repair)
        original, _, number = fresh.id.rpartition(".")
        taken = {each.id for each in others} | {
            each.id for key, each in self._coming.items() if key[0] == sid
        }
        while fresh.id in taken:
            number = str(int(number) + 1)
            fresh = replace(fresh, id=f"{original}.{number}")
        return fresh

    def _usable(self, sid: str, lid: str) -> EditFacts:
        edit = self._loops.loop(sid, lid).edit
        if edit is None or not edit.usable:
            raise RequestError(409, f"loop {lid} is not taken apart; wait for its event")
        return edit

    def _idle(self, sid: str, lid: str) -> EditFacts:
        edit = self._usable(sid, lid)
        if edit.state == "saving" or self._shop.busy(sid, lid):
            raise RequestError(409, f"loop {lid} is being written; wait for its event")
        return edit

    def _edit(self, sid: str, lid: str) -> EditFacts:
        return self._loops.loop(sid, lid).edit or EditFacts()

    def _say(self, sid: str, lid: str, edit: EditFacts | None) -> None:
        told = self._told(sid)
        loop = told.facts.loop(lid)
        if loop is not None:
            told.amend(replace(loop, edit=edit))

    def _result(self, sid: str) -> Path:
        return self._library.folder(sid) / RESULT

    def _place(self, sid: str, lid: str) -> Path:
        return self._result(sid) / FOLDER / lid

    def _home(self, sid: str, lid: str, edit: EditFacts) -> Path:
        """Where the project lies that a loop is painted on in."""
        return self._place(sid, edit.of or lid)

    async def _forget(self, sid: str, lid: str) -> None:
        """Remove a loop's project, with which nobody can go on then."""
        for each in self._told(sid).facts.loops:
            if each.edit is not None and each.edit.of == lid:
                self._say(sid, each.id, None)
        await self._remove(self._place(sid, lid))

    async def _remove(self, folder: Path) -> None:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
