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
from pathlib import Path
from typing import Any, Literal

from server.chronicle import Chronicle
from server.errors import RequestError
from server.journal import Journal
from server.library import Library
from server.loopfiles import LoopFiles
from server.model import Limits, LoopFacts, Pace, SessionFacts, Totals, Wanted
from server.peers import Publisher, Viewer
from server.session import Session
from server.settings import ServerSettings
from server.wants import RESULT, checked
from streaming.live import Feed, Mark, Size, write_demo_clip

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
    """

    def __init__(self, library: Library, settings: ServerSettings) -> None:
        self.journal = Journal()
        self._library = library
        self._settings = settings
        self._running: dict[str, Session] = {}
        self._saved: dict[str, Chronicle] = {}
        self._peers: dict[str, Publisher] = {}
        self._viewers: dict[str, dict[str, Viewer]] = {}
        self._before = Totals()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._marks = 0
        for facts in library.load():
            self._saved[facts.id] = self._chronicle(_settled(facts))

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
        if sid not in self._running:
            raise RequestError(409, "this session is over; start a new one")
        return self._running[sid]

    async def create(self, source: Wanted, *, limits: Limits) -> SessionFacts:
        """Begin a session with a source that the engine opens itself.

        Raises:
            RequestError: Too many run, or the limits make no sense.
        """
        if source.kind == "demo":
            source = replace(source, address=str(await asyncio.to_thread(self._demo_clip)))
        live = source.kind == "camera" or source.address.startswith("rtsp:")
        return self._begin(source, limits, live=live).facts

    async def publish(
        self, name: str, offer: str, *, size: Size | None = None, rate: Fraction | None = None
    ) -> tuple[SessionFacts, str]:
        """Begin a session with frames that a peer sends.

        Args:
            name: What to call it.
            offer: The peer's SDP.
            size: The size of its pictures, where it says so.
            rate: Its frames per second, where it says so.

        Returns:
            The session, and the SDP answer.

        Raises:
            RequestError: Too many run, or the offer cannot be answered.
        """
        self._require_room()
        feed = Feed(name, size=size, rate=rate or CAMERA_RATE)
        publisher = Publisher(feed, self._settings.ice_server, lambda: None)
        answer = await publisher.answer(offer)
        wanted = Wanted("whip", name, "", matte="network")
        session = self._begin(wanted, Limits(), live=True, feed=feed)
        self._peers[session.facts.id] = publisher
        return session.facts, answer

    async def unpublish(self, sid: str) -> None:
        """A peer takes its leave; the session ends with what was found."""
        session = self.session(sid)
        session.stop()
        publisher = self._peers.pop(sid, None)
        if publisher is not None:
            await publisher.close()

    async def watch(self, sid: str, offer: str) -> tuple[str, str]:
        """Let a peer watch a session that runs.

        Returns:
            The viewer's id, and the SDP answer.

        Raises:
            RequestError: Too many watch, it does not run, or the offer cannot be answered.
        """
        session = self.session(sid)
        there = self._viewers.setdefault(sid, {})
        if session.broadcast.viewers >= self._settings.max_viewers:
            raise RequestError(
                503, f"{len(there)} watch this session already; close one of the other pages"
            )
        vid = secrets.token_urlsafe(9)
        viewer = Viewer(session.broadcast, self._settings.ice_server, lambda: there.pop(vid, None))
        there[vid] = viewer
        return vid, await viewer.answer(offer)

    async def unwatch(self, sid: str, vid: str) -> None:
        """A viewer takes its leave; one that is gone already is no error."""
        viewer = self._viewers.get(sid, {}).get(vid)
        if viewer is not None:
            await viewer.close()

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
            await self._stop(sid)
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
            session = self._running[sid]
            await self._stop(sid)
            await session.ended()
            await self._retire(session)
        self._saved.pop(sid).journal.close()
        await asyncio.to_thread(self._library.delete, sid)
        self.journal.tell("session-gone", {"id": sid})

    async def mark(self, sid: str, start_s: float, end_s: float) -> str:
        """Cut a span by hand; gives the id that its loop will have.

        Raises:
            RequestError: The session is over or the span makes no sense.
        """
        session = self.session(sid)
        if not 0 <= start_s < end_s or end_s - start_s > self._settings.ceiling_s:
            raise RequestError(
                422,
                f"{start_s:g} s to {end_s:g} s: a span lasts up to {self._settings.ceiling_s:g} s",
            )
        number = sum(each.kind == "hand" for each in session.facts.loops) + self._marks + 1
        self._marks += 1
        id = f"H{number}"
        session.mark(Mark(id, _exact(start_s), _exact(end_s)))
        return id

    def loop(self, sid: str, lid: str) -> LoopFacts:
        """One loop.

        Raises:
            RequestError: There is none of that id.
        """
        loop = self.facts(sid).loop(lid)
        if loop is None:
            raise RequestError(404, f"no loop {lid} in this session; it was discarded or bettered")
        return loop

    def change_loop(
        self, sid: str, lid: str, *, title: str | None = None, kept: bool | None = None
    ) -> LoopFacts:
        """Take what the user says of a loop."""
        loop = self.loop(sid, lid)
        if title is not None:
            loop = replace(loop, title=title[:200])
        if kept is not None:
            loop = replace(loop, kept=kept)
        self._told(sid).amend(loop)
        return loop

    def discard_loop(self, sid: str, lid: str) -> None:
        """Remove a loop's files.

        Raises:
            RequestError: It is kept.
        """
        loop = self.loop(sid, lid)
        if loop.kept:
            raise RequestError(409, "this loop is kept; let it go first")
        self.files(sid).remove(loop, self.facts(sid).loops)
        self._told(sid).drop(lid)

    def files(self, sid: str) -> LoopFiles:
        """The files of a session's loops."""
        self._told(sid)
        return LoopFiles(self._library.folder(sid) / RESULT)

    def loop_path(self, sid: str, lid: str) -> Path:
        """Where a loop's WEBM lies.

        Raises:
            RequestError: It is not written.
        """
        return self.files(sid).path(self.loop(sid, lid))

    async def poster(self, sid: str, lid: str) -> bytes:
        """A loop's first frame as WebP with alpha."""
        return await asyncio.to_thread(self.files(sid).poster, self.loop(sid, lid))

    async def seam(self, sid: str, lid: str) -> dict[str, Any]:
        """How well other ends of a loop would close."""
        return await asyncio.to_thread(self.files(sid).seam, self.loop(sid, lid))

    async def frame(self, sid: str, lid: str, number: int) -> bytes:
        """A frame of a loop's master as WebP with alpha."""
        return await asyncio.to_thread(self.files(sid).frame, self.loop(sid, lid), number)

    async def version(self, sid: str, lid: str, start: int, end: int) -> str:
        """Write a loop anew with other ends; gives the id that the version will have.

        Raises:
            RequestError: It has no master, or the ends are outside it.
        """
        loop, told, files = self.loop(sid, lid), self._told(sid), self.files(sid)
        fresh = files.version(loop, told.facts.loops, start, end)
        told.put(fresh)

        async def write() -> None:
            told.put(await asyncio.to_thread(files.write_version, fresh))

        self._background(write())
        return fresh.id

    def totals(self) -> Totals:
        """What all sessions have done since the start."""
        totals = self._before
        for session in self._running.values():
            totals = _plus(totals, session)
        return replace(
            totals,
            running=len(self._running),
            peers=len(self._peers) + sum(len(each) for each in self._viewers.values()),
        )

    async def close(self) -> None:
        """Stop everything, quickly: whole files only."""
        running = list(self._running.values())
        for session in running:
            session.stop(hurry=True)
        for publisher in list(self._peers.values()):
            await publisher.close()
        for viewers in self._viewers.values():
            for viewer in list(viewers.values()):
                await viewer.close()
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_S):
                for session in running:
                    await session.ended()
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
        )
        folder = self._library.new_folder(facts.id)
        session = Session(
            facts,
            wanted,
            folder=folder,
            cache=self._settings.cache,
            preview_px=self._settings.preview_px,
            saved=self._changed,
            feed=feed,
        )
        self._running[facts.id] = session
        self._changed(facts)
        session.begin()
        self._background(self._attend(session))
        return session

    async def _attend(self, session: Session) -> None:
        """Wait for a session's end and put it among those of old."""
        await session.ended()
        await self._retire(session)

    async def _retire(self, session: Session) -> None:
        facts = session.facts
        if self._running.pop(facts.id, None) is None:
            return
        self._before = _plus(self._before, session)
        self._saved[facts.id] = session.chronicle
        publisher = self._peers.pop(facts.id, None)
        if publisher is not None:
            await publisher.close()
        for viewer in list(self._viewers.pop(facts.id, {}).values()):
            await viewer.close()
        size = await asyncio.to_thread(self._library.bytes_of, facts.id)
        session.chronicle.change(bytes=size)

    async def _stop(self, sid: str) -> None:
        if sid in self._peers:
            await self.unpublish(sid)
        elif sid in self._running:
            self._running[sid].stop()

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

    def _demo_clip(self) -> Path:
        path = self._library.root / "demo.mp4"
        if not path.exists():
            write_demo_clip(path)
        return path

    def _background(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _settled(facts: SessionFacts) -> SessionFacts:
    """A session as it is found at a start: whatever it did then, it does no more."""
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


def _exact(seconds: float) -> Fraction:
    return Fraction(round(seconds * 1_000_000), 1_000_000)
