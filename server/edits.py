"""Loops that are painted on: taken apart once, given to the page, written anew with what it sends.

A loop's project lies beside the session's results, in `edits/<loop>`; what the page painted last
stands in it as pictures. A saved edit is a version of the loop like any other, with a master of its
own in which the edit stands, so that everything that can be made of a loop can be made of it.
"""

import asyncio
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from server.chronicle import Chronicle
from server.editfacts import EditFacts, EditQuality
from server.errors import RequestError
from server.library import Library, confined
from server.loopfacts import LoopFacts
from server.paints import PaintKind, receive
from server.shelves import Shelves
from server.wants import RESULT
from server.workshop import Workshop

__all__ = ["Edits"]

FOLDER = "edits"
PROJECT, PAINT, EDITED, BUNDLE = "project", "paint", "edited", "bundle.bin"
TOLD_SHARE = 0.02  # of the whole: by less than this progress is no news
MEASURED = {  # facts of a loop that are known when its file is there
    "start", "end", "start_s", "end_s", "mismatch", "seam_ratio", "seam", "width", "height",
    "frames", "bytes", "length_s", "mending",
}  # fmt: skip


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
        master = confined(self._library.folder(sid) / RESULT, loop.master)
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
        self._usable(sid, lid)
        return confined(self._place(sid, lid), BUNDLE)

    async def receive(
        self, sid: str, lid: str, layer: str, kind: PaintKind, chunks: AsyncIterator[bytes]
    ) -> None:
        """Take what was painted on one layer, in place of what was before.

        Raises:
            RequestError: The loop is not taken apart or is being written; it is no picture.
        """
        self._idle(sid, lid)
        await receive(self._place(sid, lid) / PAINT, f"{layer}-{kind}.png", chunks)

    def save(
        self,
        sid: str,
        lid: str,
        paints: Sequence[str],
        changes: Sequence[str],
        *,
        whole: bool = False,
    ) -> str:
        """Write the loop with what was painted; gives the id that the version will have.

        Args:
            sid: The session.
            lid: The loop.
            paints: Layers whose paint was sent.
            changes: Layers whose difference was sent.
            whole: Whether it shows what is behind the subject, too.

        Raises:
            RequestError: The loop is not taken apart or is being written; nothing was sent.
        """
        edit = self._idle(sid, lid)
        loop, place = self._loops.loop(sid, lid), self._place(sid, lid)
        kinds = {"paint": paints, "change": changes}
        sent = {
            layer: {
                kind: str(confined(place / PAINT, f"{layer}-{kind}.png"))
                for kind, layers in kinds.items()
                if layer in layers
            }
            for layer in {*paints, *changes}
        }
        if not sent:
            raise RequestError(422, "nothing was painted")
        fresh = self._fresh(sid, loop)
        order = {
            "do": "save",
            "folder": str(place / PROJECT),
            "edits": sent,
            "whole": whole,
            "to": str(self._place(sid, fresh.id) / EDITED),
        }
        self._say(sid, lid, replace(edit, state="saving", share=0.0, step="", problems=()))
        self._coming[sid, lid] = fresh
        self._shop.begin(sid, lid, order, partial(self._saved, sid, lid))
        return fresh.id

    async def drop(self, sid: str, lid: str) -> None:
        """Give up what is under way; else forget how the loop was taken apart."""
        edit = self._loops.loop(sid, lid).edit
        await self._shop.give_up(sid, lid)
        if edit is not None and edit.state == "saving":
            self._say(sid, lid, edit.at_start())
            return
        self._say(sid, lid, None)
        await self._remove(self._place(sid, lid))

    async def leave(self, sid: str, lid: str = "") -> None:
        """A session goes, or one of its loops: so does what was painted on it."""
        await self._shop.give_up(sid, lid)
        if lid:
            await self._remove(self._place(sid, lid))

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
                self._told(sid).add(_written(self._coming.pop((sid, lid)), done))
                self._say(sid, lid, replace(edit, state="ready", share=1.0, step=""))
            case {"error": words}:
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

    async def _remove(self, folder: Path) -> None:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def _written(fresh: LoopFacts, done: dict[str, Any]) -> LoopFacts:
    """A version's facts once its file is there, as its process tells them."""
    known = {name: value for name, value in done.items() if name in MEASURED}
    place = f"{FOLDER}/{fresh.id}/{EDITED}"
    names = {each: f"{place}/{done[each]}" for each in ("file", "master")}
    told = {**done["told"], "id": fresh.id}
    plain = {**fresh.as_json(saved=True), **known, **names, "told": told, "state": "written"}
    return LoopFacts.from_json(plain)
