"""What is known of the edits of loops, and where they lie.

A loop's project lies beside the session's results, in `edits/<loop>`, with what pages open and what
was sent and painted. A version that was painted has a folder, too, but no project: that is the one
of the loop that it was made from, its home.
"""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from server.chronicle import Chronicle
from server.editfacts import EditFacts
from server.errors import RequestError
from server.library import Library
from server.loopfacts import LoopFacts

__all__ = ["BUNDLE", "EDITED", "FOLDER", "GOING", "PAINT", "PROJECT", "SENT", "EditShelf"]

FOLDER = "edits"
PROJECT, EDITED, BUNDLE = "project", "edited", "bundle.bin"
SENT, PAINT, GOING = "sent", "paint", "going"
TOLD_SHARE = 0.02  # of the whole: by less than this progress is no news


class EditShelf:
    """The facts and folders of all edits.

    Args:
        library: Where they lie.
        told: Gives a session's chronicle by its id.
        loop: Gives a loop by its session's id and its own.
    """

    def __init__(
        self,
        library: Library,
        told: Callable[[str], Chronicle],
        loop: Callable[[str, str], LoopFacts],
    ) -> None:
        self._library = library
        self._told = told
        self._loop = loop

    def edit(self, sid: str, lid: str) -> EditFacts:
        """What is known of a loop's edit; of none, what is known when one begins."""
        return self._loop(sid, lid).edit or EditFacts()

    def usable(self, sid: str, lid: str) -> EditFacts:
        """The same of a loop that can be painted on.

        Raises:
            RequestError: It is not taken apart.
        """
        edit = self._loop(sid, lid).edit
        if edit is None or not edit.usable:
            raise RequestError(409, f"loop {lid} is not taken apart; wait for its event")
        return edit

    def family(self, sid: str, home: str) -> list[tuple[str, EditFacts]]:
        """The loop that was taken apart, and the versions that were painted on it."""
        known = ((each.id, each.edit) for each in self._told(sid).facts.loops)
        return [(lid, edit) for lid, edit in known if edit and home in (lid, edit.of)]

    def say(self, sid: str, lid: str, edit: EditFacts | None) -> None:
        """Tell everybody what is known of a loop's edit now."""
        told = self._told(sid)
        loop = told.facts.loop(lid)
        if loop is not None:
            told.amend(replace(loop, edit=edit))

    def progress(self, sid: str, lid: str, edit: EditFacts, step: str, share: float) -> None:
        """Tell how far it is, where that is news."""
        now = self.edit(sid, lid)
        if (edit.state, step) != (now.state, now.step) or abs(share - now.share) >= TOLD_SHARE:
            self.say(sid, lid, replace(edit, step=step, share=min(1.0, float(share))))

    def result(self, sid: str) -> Path:
        """The folder of a session's results."""
        return self._library.result(sid)

    def place(self, sid: str, lid: str) -> Path:
        """The folder of a loop's edit."""
        return self.result(sid) / FOLDER / lid

    def home(self, sid: str, lid: str, edit: EditFacts) -> Path:
        """The folder with the project that a loop is painted on in."""
        return self.place(sid, edit.of or lid)
