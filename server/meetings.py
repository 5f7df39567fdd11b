"""Who is connected to which session: one who sends its frames, and those who watch it.

A peer that leaves takes nothing with it but itself: a sender's session ends with what was found, a
viewer's place is free again.
"""

import secrets
from collections.abc import Callable
from fractions import Fraction

from server.errors import RequestError
from server.model import Limits, SessionFacts, Wanted
from server.peers import Publisher, Viewer
from server.session import Session
from server.settings import ServerSettings
from streaming.live import Feed, Size

__all__ = ["Meetings"]

CAMERA_RATE = Fraction(30)  # of a sender that does not say
Begin = Callable[[Wanted, Limits, Feed], Session]


class Meetings:
    """The WebRTC peers of all sessions.

    Args:
        settings: Limits, and ICE servers.
        session: Gives a session that runs by its id.
        room: Refuses where no further session may run.
        begin: Begins a session that is fed by a peer.
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        session: Callable[[str], Session],
        room: Callable[[], object],
        begin: Begin,
    ) -> None:
        self._settings = settings
        self._session = session
        self._room = room
        self._begin = begin
        self._senders: dict[str, Publisher] = {}
        self._viewers: dict[str, dict[str, Viewer]] = {}

    @property
    def peers(self) -> int:
        """How many are connected."""
        return len(self._senders) + sum(len(each) for each in self._viewers.values())

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
        self._room()
        feed = Feed(name, size=size, rate=rate or CAMERA_RATE)
        publisher = Publisher(feed, self._settings.ice_server, lambda: None)
        answer = await publisher.answer(offer)
        wanted = Wanted("whip", name, "", matte="network")
        try:
            session = self._begin(wanted, Limits(), feed)
        except RequestError:  # the last place went while this was answered
            await publisher.close()
            raise
        self._senders[session.facts.id] = publisher
        return session.facts, answer

    async def unpublish(self, sid: str) -> None:
        """A peer takes its leave; the session ends with what was found."""
        publisher = self._senders.pop(sid, None)
        if publisher is not None:
            self._session(sid).stop()
            await publisher.close()

    async def watch(self, sid: str, offer: str) -> tuple[str, str]:
        """Let a peer watch a session that runs.

        Returns:
            The viewer's id, and the SDP answer.

        Raises:
            RequestError: Too many watch, it does not run, or the offer cannot be answered.
        """
        session = self._session(sid)
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

    async def part(self, sid: str) -> None:
        """A session is over: everybody goes."""
        sender = self._senders.pop(sid, None)
        if sender is not None:
            await sender.close()
        for viewer in list(self._viewers.pop(sid, {}).values()):
            await viewer.close()

    async def close(self) -> None:
        """Everybody goes, from every session."""
        for sid in {*self._senders, *self._viewers}:
            await self.part(sid)
