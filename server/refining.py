"""Drafts that are made exact, with everything that was painted on them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from server.editfacts import EditFacts
from server.editshelf import BUNDLE, GOING, PAINT, PROJECT, SENT, EditShelf
from server.editversions import names_of, pictures_of, require_sent, taken_in
from server.errors import RequestError
from server.refinement import Painted, Refinement
from server.workshop import Workshop

__all__ = ["Refining"]


class Refining:
    """Makes drafts exact.

    Args:
        shelf: The facts and folders of edits.
        shop: Carries orders out.
        cache: Folder for weights and converted networks.
    """

    def __init__(self, shelf: EditShelf, shop: Workshop, cache: Path) -> None:
        self._shelf = shelf
        self._shop = shop
        self._cache = cache

    def begin(
        self,
        sid: str,
        lid: str,
        told: Mapping[str, Any],
        paints: Sequence[str],
        changes: Sequence[str],
        frame: int | None,
    ) -> None:
        """Begin; until it is done everything stays as it is.

        Args:
            sid: The session.
            lid: The loop, or a version of it that was painted; neither is in work.
            told: What the run's record says of the loop.
            paints: Layers whose paint was sent, and is to be gone on with.
            changes: Layers whose difference was sent.
            frame: The frame of the loop in which that stays where it is; None for any.

        Raises:
            RequestError: It is exact already, a version of it is being written, or something of
                what was sent is not there.
        """
        edit = self._shelf.usable(sid, lid)
        home = edit.of or lid
        if edit.quality != "draft":
            raise RequestError(409, f"loop {lid} was taken apart exactly: there is nothing to do")
        if any(each.state == "saving" for _, each in self._shelf.family(sid, home)):
            raise RequestError(409, f"a version of {home} is being written; wait for its event")
        names, place = names_of(paints, changes), self._shelf.place(sid, lid)
        require_sent(place / SENT, names)
        taken_in(place / SENT, names, place / GOING)
        waiting = replace(edit.ready(), state="waiting", share=0.0, going=names, refines=True)
        self._shelf.say(sid, lid, waiting)
        work = self._work(sid, home, frame)
        order = work.order(told, self._cache)
        self._shop.begin(sid, lid, order, partial(self._heard, sid, lid, work))

    def leave(self, sid: str, lid: str, edit: EditFacts) -> None:
        """What was under way was given up: the draft is what there is."""
        self._work(sid, edit.of or lid).forget()
        self._shelf.say(sid, lid, edit.ready())

    def _heard(self, sid: str, lid: str, work: Refinement, said: dict[str, Any]) -> None:
        shelf = self._shelf
        edit = shelf.edit(sid, lid)
        match said:
            case {"step": str(step), "share": float() | int() as share}:
                shelf.progress(sid, lid, replace(edit, state="fitting"), step, share)
            case {"done": _}:
                work.take_place()
                for each, own in shelf.family(sid, edit.of or lid):
                    shelf.say(sid, each, replace(own, quality="final"))
                shelf.say(sid, lid, shelf.edit(sid, lid).ready())
            case {"error": words}:
                work.forget()
                shelf.say(sid, lid, edit.ready(str(words)))

    def _work(self, sid: str, home: str, frame: int | None = None) -> Refinement:
        place = self._shelf.place(sid, home)
        folders = [
            (self._shelf.place(sid, lid) / folder, names, frame if edit.refines else None)
            for lid, edit in self._shelf.family(sid, home)
            for folder, names in ((PAINT, edit.painted), (GOING, edit.going))
        ]
        painted = tuple(
            Painted(each, pictures_of(each, names), at) for each, names, at in folders if names
        )
        return Refinement(place / PROJECT, place / BUNDLE, painted)
