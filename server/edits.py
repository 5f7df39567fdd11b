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
from server.editshelf import BUNDLE, EDITED, FOLDER, GOING, PAINT, PROJECT, SENT, EditShelf
from server.editversions import (
    names_of,
    pictures_of,
    require_painted,
    require_sent,
    taken_in,
    written,
)
from server.errors import RequestError
from server.library import Library, confined
from server.loopfacts import LoopFacts
from server.paints import PaintKind, receive
from server.refining import Refining
from server.shelves import Shelves
from server.workshop import Workshop

__all__ = ["Edits"]


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
        self._told = told
        self._loops = loops
        self._cache = cache
        self._shelf = EditShelf(library, told, loops.loop)
        self._shop = Workshop()
        self._refining = Refining(self._shelf, self._shop, cache)
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
        if loop.edit is not None and loop.edit.usable:
            raise RequestError(409, f"loop {lid} is taken apart; refine it, or forget that first")
        master = confined(self._shelf.result(sid), loop.master)
        order = {
            "do": "fit",
            "master": str(master),
            "told": dict(loop.told),
            "folder": str(self._shelf.place(sid, lid) / PROJECT),
            "bundle": str(self._shelf.place(sid, lid) / BUNDLE),
            "quality": quality,
            "cache": str(self._cache),
        }
        self._shelf.say(sid, lid, EditFacts(quality=quality))
        self._shop.begin(sid, lid, order, partial(self._fitted, sid, lid))

    def bundle(self, sid: str, lid: str) -> Path:
        """Where what the page needs lies.

        Raises:
            RequestError: The loop is not taken apart.
        """
        return confined(self._shelf.home(sid, lid, self._shelf.usable(sid, lid)), BUNDLE)

    def painted(self, sid: str, lid: str, layer: str, kind: PaintKind) -> Path:
        """Where what was painted on a layer of a version lies, or what is not in one yet.

        Raises:
            RequestError: Nothing was.
        """
        edit = self._shelf.usable(sid, lid)
        folder = GOING if edit.going else PAINT
        return confined(self._shelf.place(sid, lid) / folder, f"{layer}-{kind}.png")

    async def receive(
        self, sid: str, lid: str, layer: str, kind: PaintKind, chunks: AsyncIterator[bytes]
    ) -> None:
        """Take what was painted on one layer, for the next version.

        Raises:
            RequestError: The loop is not taken apart or is being written; it is no picture.
        """
        self._idle(sid, lid)
        await receive(self._shelf.place(sid, lid) / SENT, f"{layer}-{kind}.png", chunks)

    def save(
        self,
        sid: str,
        lid: str,
        paints: Sequence[str],
        changes: Sequence[str],
        *,
        show: EditShow = "subject",
        quality: EditQuality | None = None,
    ) -> str:
        """Write the loop with what was painted; gives the id that the version will have.

        Args:
            sid: The session.
            lid: The loop.
            paints: Layers whose paint was sent.
            changes: Layers whose difference was sent.
            show: What it shows: the subject cut out, the whole picture, or what is behind alone.
            quality: Of what was painted on, as far as whoever sends it knows.

        Raises:
            RequestError: The loop is not taken apart or is being written; nothing was sent, and
                the subject stays; it was painted on a draft that is exact now.
        """
        edit = self._idle(sid, lid, quality)
        names = names_of(paints, changes)
        require_painted(names, show)
        require_sent(self._shelf.place(sid, lid) / SENT, names)
        fresh = self._fresh(sid, self._loops.loop(sid, lid))
        place = self._shelf.place(sid, fresh.id)
        shutil.rmtree(place, ignore_errors=True)  # of a save that failed, or a server that ended
        taken_in(self._shelf.place(sid, lid) / SENT, names, place / PAINT)
        order = {
            "do": "save",
            "folder": str(self._shelf.home(sid, lid, edit) / PROJECT),
            "edits": pictures_of(place / PAINT, names),
            "show": show,
            "to": str(place / EDITED),
        }
        painted = EditFacts("ready", edit.quality, 1.0, of=edit.of or lid, painted=names, show=show)
        self._coming[sid, lid] = replace(fresh, edit=painted)
        self._shelf.say(sid, lid, replace(edit.ready(), state="saving", share=0.0))
        self._shop.begin(sid, lid, order, partial(self._saved, sid, lid))
        return fresh.id

    def refine(
        self,
        sid: str,
        lid: str,
        paints: Sequence[str],
        changes: Sequence[str],
        *,
        frame: int | None = None,
        quality: EditQuality | None = None,
    ) -> None:
        """Make a draft exact; what was painted on it goes along, in a version or not yet.

        Args:
            sid: The session.
            lid: The loop, or a version of it that was painted.
            paints: Layers whose paint was sent, and is to be gone on with.
            changes: Layers whose difference was sent.
            frame: The frame of the loop in which that stays where it is, should draft and exact
                fit disagree; None for any.
            quality: Of what was painted on, as far as whoever sends it knows.

        Raises:
            RequestError: The loop is not taken apart, is in work, or is exact already.
        """
        edit = self._idle(sid, lid, quality)
        told = self._loops.loop(sid, edit.of or lid).told or {}
        self._refining.begin(sid, lid, told, paints, changes, frame)

    async def drop(self, sid: str, lid: str) -> None:
        """Give up what is under way; else forget how the loop was taken apart."""
        before = self._loops.loop(sid, lid).edit
        await self._shop.give_up(sid, lid)
        edit = self._loops.loop(sid, lid).edit  # it may just have come to its end
        if before is not None and (before.refines or before.state == "saving"):
            await self._end(sid, lid, edit or before)
            return
        self._shelf.say(sid, lid, None)
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
        edit = self._shelf.edit(sid, lid)
        match said:
            case {"step": str(step), "share": float() | int() as share}:
                self._shelf.progress(sid, lid, replace(edit, state="fitting"), step, share)
            case {"done": _}:
                self._shelf.say(sid, lid, edit.ready())
            case {"error": words}:
                failed = replace(edit, state="failed", step="", problems=(str(words),))
                self._shelf.say(sid, lid, failed)

    def _saved(self, sid: str, lid: str, said: dict[str, Any]) -> None:
        """What the process says that writes a loop with what was painted."""
        edit = self._shelf.edit(sid, lid)
        match said:
            case {"step": str(step), "share": float() | int() as share}:
                self._shelf.progress(sid, lid, edit, step, share)
            case {"done": dict(done)}:
                fresh = self._coming.pop((sid, lid))
                place = f"{FOLDER}/{fresh.id}/{EDITED}"
                self._told(sid).add(written(fresh, done, place))
                shutil.rmtree(self._shelf.place(sid, lid) / GOING, ignore_errors=True)
                self._shelf.say(sid, lid, replace(edit.ready(), going=()))
            case {"error": words}:
                self._coming.pop((sid, lid))
                self._shelf.say(sid, lid, edit.ready(str(words)))

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

    def _idle(self, sid: str, lid: str, quality: EditQuality | None = None) -> EditFacts:
        """What is known of an edit with which nothing happens.

        Raises:
            RequestError: Something does, or it is not of the quality that was painted on.
        """
        edit = self._shelf.usable(sid, lid)
        if edit.state == "saving" or self._shop.busy(sid, lid):
            raise RequestError(409, f"loop {lid} is being written; wait for its event")
        if any(each.refines for _, each in self._shelf.family(sid, edit.of or lid)):
            raise RequestError(409, f"loop {lid} is being made exact; wait for its event")
        if quality not in (None, edit.quality):
            raise RequestError(409, f"loop {lid} was made exact meanwhile: open it anew to paint")
        return edit

    async def _end(self, sid: str, lid: str, edit: EditFacts) -> None:
        """What was under way was given up; what it began with is what there is."""
        if edit.refines:
            self._refining.leave(sid, lid, edit)
        elif edit.state == "saving":
            self._shelf.say(sid, lid, edit.ready())
            await self._remove(self._shelf.place(sid, self._coming.pop((sid, lid)).id))

    async def _forget(self, sid: str, lid: str) -> None:
        """Remove a loop's project, with which nobody can go on then."""
        for each, _ in self._shelf.family(sid, lid):
            if each != lid:
                await self._shop.give_up(sid, each)
                self._shelf.say(sid, each, None)
        await self._remove(self._shelf.place(sid, lid))

    async def _remove(self, folder: Path) -> None:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)
