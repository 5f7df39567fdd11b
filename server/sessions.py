"""All sessions: those that run and those of old, one door for every request about them.

Requests come on the event loop and are answered at once from facts; what takes time (opening a
source, writing a loop) happens on the session's own threads or in a worker thread.
"""

import asyncio
import logging
import secrets
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Literal

from server.chronicle import Chronicle
from server.edits import Edits
from server.errors import RequestError
from server.exports import Exports
from server.journal import Journal
from server.library import RESULT, Library
from server.meetings import Meetings
from server.model import Limits, Pace, SessionFacts, Totals, Wanted
from server.session import Session
from server.settings import ServerSettings
from server.shelves import Shelves
from server.wants import checked
from streaming.live import Feed, demo_clip, give_back

__all__ = ["Sessions"]

log = logging.getLogger(__name__)

STOP_S = 8.0
CAMERA_RATE = Fraction(30)  # of a sender that does not say


class Sessions:
    """Every session of a library.

    Args:
        library: Where they are kept.
        settings: Limits.

    Attributes:
        journal: Tells of sessions that came, changed or went, for the list of them.
        loops: What users do with loops.
        exports: What they have made of them for other places.
        edits: What they have painted on them.
        meetings: Who sends and who watches.
    """

    def __init__(self, library: Library, settings: ServerSettings) -> None:
        self.journal = Journal()
        self._library = library
        self._settings = settings
        self._running: dict[str, Session] = {}
        self._saved: dict[str, Chronicle] = {}
        self.loops = Shelves(
            library,
            told=self._told,
            session=self.session,
            cache=settings.cache,
            ceiling_s=settings.ceiling_s,
        )
        self.exports = Exports(library, told=self._told, loop=self.loops.loop)
        self.edits = Edits(library, told=self._told, loops=self.loops, cache=settings.cache)
        self.meetings = Meetings(
            settings, session=self.session, room=self._require_room, begin=self._begin_fed
        )
        self._before = Totals()
        self._ending: dict[str, asyncio.Task[None]] = {}
        for facts in library.load():
            self._saved[facts.id] = self._chronicle(_settled(facts))
            self.loops.settle(facts.id)

    def all(self) -> list[SessionFacts]:
        """Every session, newest first."""
        every = [each.facts for each in self._running.values()]
        every += [each.facts for each in self._saved.values()]
        return sorted((self._dated(each) for each in every), key=lambda each: each.created)[::-1]

    def facts(self, sid: str) -> SessionFacts:
        """What is known of one.

        Raises:
            RequestError: There is none of that id.
        """
        return self._dated(self._told(sid).facts)

    def journal_of(self, sid: str) -> Journal:
        """What one tells."""
        return self._told(sid).journal

    def session(self, sid: str) -> Session:
        """One that runs.

        Raises:
            RequestError: It does not run, or there is none.
        """
        self._told(sid)
        session = self._running.get(sid)
        if session is None or session.facts.over:
            raise RequestError(409, "this session is over; start a new one")
        return session

    async def create(self, source: Wanted, *, limits: Limits) -> SessionFacts:
        """Begin a session with a source that the engine opens itself.

        Raises:
            RequestError: Too many run, or the limits make no sense.
        """
        if source.kind == "demo":
            path = await asyncio.to_thread(demo_clip, self._settings.cache)
            source = replace(source, address=str(path), path=path)
        live = source.kind == "camera" or source.address.startswith(("rtsp:", "rtsps:"))
        return self._begin(source, limits, live=live).facts

    async def change(
        self,
        sid: str,
        *,
        state: Literal["running", "paused", "stopped"] | None = None,
        limits: Limits | None = None,
        pace: Pace | None = None,
        name: str | None = None,
    ) -> SessionFacts:
        """Do with a session what is asked.

        Raises:
            RequestError: It is over, or what is asked makes no sense.
        """
        told = self._told(sid)
        if name is not None:
            told.change(name=name[:200])
        if limits is not None:
            self.session(sid).limit(checked(limits, self._settings.ceiling_s))
        if pace is not None:
            self.session(sid).hurry(pace)
        if state == "stopped":
            self.session(sid).stop()
        elif state is not None:
            self.session(sid).pause(state == "paused")
        return self.facts(sid)

    async def delete(self, sid: str, *, with_kept: bool) -> None:
        """Remove a session and its files.

        Raises:
            RequestError: It holds kept loops and that was not said to be meant.
        """
        kept = [each for each in self.facts(sid).loops if each.kept]
        if kept and not with_kept:
            raise RequestError(409, f"{len(kept)} of its loops are kept; say that they go too")
        if sid in self._running:
            self._running[sid].stop(hurry=True)  # what it would write goes too
        if sid in self._ending:  # its last words are written into the folder that goes
            await asyncio.shield(self._ending[sid])
        await self.exports.leave(sid)
        await self.edits.leave(sid)
        told = self._saved.pop(sid, None)
        if told is None:  # somebody else deleted it meanwhile
            return
        told.journal.close()
        await asyncio.to_thread(self._library.delete, sid)
        self.journal.tell("session-gone", {"id": sid})

    def totals(self) -> Totals:
        """What all sessions have done since the start."""
        totals = self._before
        for session in self._running.values():
            totals = _plus(totals, session)
        return replace(
            totals,
            running=len(self._running),
            peers=self.meetings.peers,
        )

    async def close(self) -> None:
        """Stop everything, quickly: whole files only."""
        running = list(self._running.values())
        for session in running:
            session.stop(hurry=True)
        await self.exports.close()
        await self.edits.close()
        await self.meetings.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                for session in running:
                    await session.ended()
                await asyncio.gather(*self._ending.values(), self.loops.close())
        for session in running:
            session.chronicle.journal.close()
            self._library.save(session.facts)
        for chronicle in self._saved.values():
            chronicle.journal.close()
        self.journal.close()

    def _begin(
        self, wanted: Wanted, limits: Limits, *, live: bool, feed: Feed | None = None
    ) -> Session:
        self._require_room()
        facts = SessionFacts(
            id=secrets.token_urlsafe(9),
            name=wanted.name,
            kind=wanted.kind,
            created=datetime.now(UTC).isoformat(timespec="milliseconds"),
            live=live,
            limits=checked(limits, self._settings.ceiling_s),
            ceiling_s=self._settings.ceiling_s,
            pace=wanted.pace,
            result=RESULT,
            again=wanted.again and not live,
        )
        folder = self._library.new_folder(facts.id)
        self._library.save_source(facts.id, wanted)
        session = Session(
            facts,
            wanted,
            folder=folder,
            cache=self._settings.cache,
            preview_px=self._settings.preview_px,
            saved=self._changed,
            missed=self.loops.missed,
            feed=feed,
        )
        self._running[facts.id] = session
        self._changed(facts)
        session.begin()
        ending = asyncio.create_task(self._attend(session))
        self._ending[facts.id] = ending
        ending.add_done_callback(lambda over: self._ending.pop(facts.id))
        return session

    async def _attend(self, session: Session) -> None:
        """Wait for a session's end and put it among those of old."""
        await session.ended()
        await self._retire(session)
        del session  # what it held can go only then
        await asyncio.to_thread(give_back)

    async def _retire(self, session: Session) -> None:
        facts = session.facts
        del self._running[facts.id]
        self._before = _plus(self._before, session)
        self._saved[facts.id] = session.chronicle
        await self.meetings.part(facts.id)
        size = await asyncio.to_thread(self._library.bytes_of, facts.id)
        session.chronicle.change(bytes=size)

    def _begin_fed(self, wanted: Wanted, limits: Limits, feed: Feed) -> Session:
        return self._begin(wanted, limits, live=True, feed=feed)

    def _require_room(self) -> None:
        if len(self._running) >= self._settings.max_sessions:
            raise RequestError(
                503,
                f"{len(self._running)} sessions run already, and this server takes no more: "
                "stop one (or start it with a larger --max-sessions)",
            )

    def _told(self, sid: str) -> Chronicle:
        if sid in self._running:
            return self._running[sid].chronicle
        if sid in self._saved:
            return self._saved[sid]
        raise RequestError(404, "no such session; it was deleted or has expired")

    def _chronicle(self, facts: SessionFacts) -> Chronicle:
        return Chronicle(facts, self._changed)

    def _changed(self, facts: SessionFacts) -> None:
        self._library.save(facts)
        self.journal.tell("session", self._dated(facts).as_json(loops=False))

    def _dated(self, facts: SessionFacts) -> SessionFacts:
        """With the day on which it goes, unless something of it is kept or it runs."""
        days = self._settings.expire_days
        if not days or not facts.over or any(each.kept for each in facts.loops):
            return replace(facts, expires=None)
        expires = datetime.fromisoformat(facts.created) + timedelta(days=days)
        return replace(facts, expires=expires.isoformat())


def _settled(facts: SessionFacts) -> SessionFacts:
    """A session as it is found at a start: whatever it did then, it does no more."""
    loops = tuple(
        replace(
            each,
            exports=tuple(made for made in each.exports if made.settled),
            edit=each.edit and each.edit.at_start(),
        )
        for each in facts.loops
    )
    facts = replace(facts, loops=loops)
    if facts.over:
        return facts
    return replace(facts, state="ended", error=None)


def _plus(totals: Totals, session: Session) -> Totals:
    came, processed, dropped = session.totals
    written = sum(each.state == "written" for each in session.facts.loops)
    return replace(
        totals,
        frames_in=totals.frames_in + came,
        processed=totals.processed + processed,
        dropped=totals.dropped + dropped,
        loops=totals.loops + written,
    )
