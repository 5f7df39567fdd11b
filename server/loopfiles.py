"""The files of one session's loops: what is served of them, looked into, written anew or removed.

A master takes seconds to read, and whoever inspects a seam asks for many of its frames, so the last
few are kept as small pictures.
"""

import io
import threading
from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from PIL import Image

from server.errors import RequestError
from server.library import confined
from server.loopfacts import LoopFacts
from server.recorded import recorded
from streaming import LoopmatteError, RunSettings
from streaming.live import (
    Mark,
    OpenedMaster,
    Place,
    Repair,
    ResultFolder,
    cut_marked,
    first_frame,
    offers,
    open_master,
    recut,
)

__all__ = ["LoopFiles"]

CUT, VERSIONS, POSTERS = "cut", "versions", "posters"
OPENED = 3
SHORTEST = 3  # frames


class _Shelf:
    """The masters that were looked into last; safe to use from several threads."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._opened: OrderedDict[tuple[Path, int], OpenedMaster] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, path: Path) -> OpenedMaster:
        with self._lock:  # held while it is read: two who ask for the same wait for one reading
            key = (path, path.stat().st_ino)  # at its end a session gives names to other files
            if key not in self._opened:
                self._opened[key] = open_master(path)
            self._opened.move_to_end(key)
            while len(self._opened) > self._most:
                self._opened.popitem(last=False)
            return self._opened[key]


_shelf = _Shelf(OPENED)


class LoopFiles:
    """Files below one result folder; all but `path` may take long and belong on a thread.

    Args:
        folder: The result folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, loop: LoopFacts) -> Path:
        """The loop's WEBM.

        Raises:
            RequestError: It is not written, or gone.
        """
        if loop.state != "written":
            raise RequestError(409, f"loop {loop.id} is not written yet; wait for its event")
        return confined(self._folder, loop.file)

    def poster(self, loop: LoopFacts) -> bytes:
        """Its first frame as WebP with alpha."""
        path = self._poster(loop)
        if path.is_file():
            return path.read_bytes()
        into = io.BytesIO()
        try:
            Image.fromarray(first_frame(self.path(loop))).save(into, "WEBP", quality=85)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(into.getvalue())
        except LoopmatteError as error:
            raise RequestError(410, str(error)) from error
        except OSError:  # a full disk: it is made again next time
            path.unlink(missing_ok=True)
        return into.getvalue()

    def _poster(self, loop: LoopFacts) -> Path:
        """Where its first frame is kept; another file of that loop has another one."""
        return self._folder / POSTERS / f"{loop.id}-{loop.bytes}.webp"

    def seam(self, loop: LoopFacts) -> dict[str, Any]:
        """How well other ends would close, as the API says it."""
        opened = self._opened(loop)
        table, master = opened.table, opened.master
        return {
            "first": master.indices[0],
            "count": len(master.indices),
            "start": loop.start,
            "end": loop.end,
            "fps": opened.fps,
            "times_s": [float(each) for each in master.times_s],
            "starts": list(table.starts),
            "ends": list(table.ends),
            "mismatch": [list(row) for row in table.mismatch],
        }

    def mends(self, loop: LoopFacts, start: int, end: int) -> list[dict[str, Any]]:
        """How a span of its master could be made to close, as the API says it; takes seconds.

        Raises:
            RequestError: It has no master, or that has not these frames.
        """
        opened = self._opened(loop)
        try:
            found = offers(opened, start=start, end=end)
        except LoopmatteError as error:
            raise RequestError(422, str(error)) from error
        return [
            {
                "method": each.method,
                "words": each.words,
                "before": each.before,
                "after": each.after,
                "start": each.start,
                "end": each.end,
                "duration_s": float(each.duration_s),
            }
            for each in found
        ]

    def frame(self, loop: LoopFacts, number: int) -> bytes:
        """A frame of its master as WebP with alpha.

        Raises:
            RequestError: It has no such frame.
        """
        opened = self._opened(loop)
        if number not in opened.master.indices:
            first, last = opened.master.indices[0], opened.master.indices[-1]
            raise RequestError(404, f"frame {number}: the master holds {first} to {last}")
        return opened.shown(number)

    def version(
        self, loop: LoopFacts, others: tuple[LoopFacts, ...], start: int, end: int, repair: str
    ) -> LoopFacts:
        """What a version with other ends, or mended, will be called, before it is written.

        Raises:
            RequestError: It has no master, or the ends make no loop.
        """
        if not loop.master:
            raise RequestError(409, f"loop {loop.id} has no master to cut from")
        if end - start < SHORTEST:
            raise RequestError(422, f"frames {start} to {end}: a loop has at least {SHORTEST}")
        original = loop.version_of or loop.id
        number = 2 + sum(each.version_of == original for each in others)
        return replace(
            loop,
            id=f"{original}.{number}",
            kind="hand",
            state="found",
            title="",
            kept=False,
            start=start,
            end=end,
            version_of=original,
            replaces=None,
            file="",
            length_s=None,
            repair=repair,
            mending=None,
            told=None,
            exports=(),
            edit=None,
        )

    def write_version(self, loop: LoopFacts) -> LoopFacts:
        """Write a version; gives what became of it."""
        name = f"{VERSIONS}/{loop.id}.webm"
        try:
            (self._folder / VERSIONS).mkdir(exist_ok=True)
            (self._folder / name).unlink(missing_ok=True)  # of a server that was killed meanwhile
            record = recut(
                confined(self._folder, loop.master),
                self._folder / name,
                start=loop.start,
                end=loop.end,
                id=loop.id,
                repair=cast(Repair, loop.repair),
            )
        except (LoopmatteError, OSError, RequestError) as error:
            return replace(loop, state="failed", problems=(str(error),))
        return recorded(loop, record, file=name, master=loop.master)

    def cut(
        self, loop: LoopFacts, mark: Mark, settings: RunSettings, *, stop: Callable[[], bool]
    ) -> LoopFacts:
        """Cut a span from its source, read again; gives what became of it.

        Args:
            loop: As it was told of.
            mark: The span.
            settings: Of its session, for the engine.
            stop: Whether to give up.
        """
        place = Place(loop.id, "loop", f"{CUT}/{loop.id}.webm", f"masters/{loop.id}.mkv")
        try:
            for name in (place.file, place.master):
                (self._folder / name).parent.mkdir(parents=True, exist_ok=True)
                (self._folder / name).unlink(missing_ok=True)  # of a server that was killed
            folder = ResultFolder(self._folder)
            record = cut_marked(settings, mark, folder, place, stop=stop)
        except (LoopmatteError, OSError) as error:
            return replace(loop, state="failed", problems=(str(error),))
        return recorded(loop, record, file=place.file, master=place.master)

    def remove(self, loop: LoopFacts, others: tuple[LoopFacts, ...]) -> None:
        """Delete its file, and its master where no other loop was cut from it."""
        names = [loop.file]
        if not any(each.master == loop.master and each.id != loop.id for each in others):
            names.append(loop.master)
        self._poster(loop).unlink(missing_ok=True)
        for name in names:
            if name:
                with suppress(RequestError):  # gone already, or a master that is yet to be written
                    confined(self._folder, name).unlink(missing_ok=True)

    def _opened(self, loop: LoopFacts) -> OpenedMaster:
        if not loop.master:
            raise RequestError(409, f"loop {loop.id} has no master yet, or none was kept")
        try:
            return _shelf.get(confined(self._folder, loop.master))
        except LoopmatteError as error:
            raise RequestError(410, str(error)) from error
