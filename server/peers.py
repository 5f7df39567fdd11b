"""WebRTC peers: those who send a session its frames, and those who watch one; event loop only.

A description is answered once its candidates are gathered, because WHIP and WHEP clients need not
trickle. No STUN server is asked unless one was named: aiortc's default asks a public one, which
tells a stranger that this program runs, and stalls where there is no network.
"""

import asyncio
import contextlib
import logging
import re
from collections.abc import Callable
from fractions import Fraction
from typing import cast

from aiortc import RTCConfiguration, RTCIceServer, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError, MediaStreamTrack
from av import VideoFrame

from server.broadcast import Broadcast
from server.errors import RequestError
from server.prompt import make_prompt
from streaming.live import Feed

__all__ = ["Publisher", "Viewer"]

log = logging.getLogger(__name__)

CONNECT_S = 20.0  # a peer that has not connected by then never will
UPLINK = "x-google-start-bitrate=3000;x-google-min-bitrate=1000;x-google-max-bitrate=4000"


class Viewer:
    """One peer that watches.

    Args:
        broadcast: What it watches.
        ice_servers: URLs of STUN or TURN servers.
        gone: Called once when it has left, for whatever reason.
    """

    def __init__(
        self, broadcast: Broadcast, ice_servers: tuple[str, ...], gone: Callable[[], object]
    ) -> None:
        self._broadcast = broadcast
        self._peer = _Peer(ice_servers, self._left)
        self._gone = gone
        self._track = broadcast.join()

    async def answer(self, offer: str) -> str:
        """Answer an SDP offer.

        Raises:
            RequestError: It is no offer to receive video that can be answered.
        """
        sender = self._peer.connection.addTrack(self._track)
        # a viewer that lost a packet asks for a key frame; aiortc would ask an encoder of its own
        setattr(sender, "_send_keyframe", self._track.want_key)  # noqa: B010 - it is a method
        return await self._peer.answer(offer)

    async def close(self) -> None:
        """Let it go."""
        await self._peer.close()

    def _left(self) -> None:
        self._broadcast.leave(self._track)
        self._gone()


class Publisher:
    """One peer that sends frames.

    Args:
        feed: Where they go.
        ice_servers: URLs of STUN or TURN servers.
        gone: Called once when it has left.
    """

    def __init__(
        self, feed: Feed, ice_servers: tuple[str, ...], gone: Callable[[], object]
    ) -> None:
        self._feed = feed
        self._gone = gone
        self._peer = _Peer(ice_servers, self._left)
        self._reading: asyncio.Task[None] | None = None
        self._peer.connection.on("track", self._begin)

    async def answer(self, offer: str) -> str:
        """Answer an SDP offer; the sender is told to start at full quality at once.

        Raises:
            RequestError: It is no offer to send video that can be answered.
        """
        return _hurried(await self._peer.answer(offer))

    async def close(self) -> None:
        """Let it go; its session ends with what was found."""
        await self._peer.close()

    def _begin(self, track: MediaStreamTrack) -> None:
        if track.kind == "video" and self._reading is None:
            for receiver in self._peer.connection.getReceivers():
                if receiver.track is track:
                    make_prompt(receiver)
            self._reading = asyncio.ensure_future(self._read(track))

    async def _read(self, track: MediaStreamTrack) -> None:
        with contextlib.suppress(MediaStreamError):
            while True:
                frame = cast(VideoFrame, await track.recv())
                if frame.pts is not None and frame.time_base is not None:
                    self._feed.put(frame, frame.pts * Fraction(frame.time_base))
        await self.close()

    def _left(self) -> None:
        self._feed.close()
        # the reader closes the peer itself when its track ends, and must live to do so
        if self._reading is not None and self._reading is not asyncio.current_task():
            self._reading.cancel()
        self._gone()


class _Peer:
    """A connection that ends once, however it ends."""

    def __init__(self, ice_servers: tuple[str, ...], gone: Callable[[], object]) -> None:
        servers = [RTCIceServer(urls=url) for url in ice_servers]
        self.connection = RTCPeerConnection(RTCConfiguration(iceServers=servers))
        self._gone: Callable[[], object] | None = gone
        self._deadline: asyncio.TimerHandle | None = None
        self.connection.on("connectionstatechange", self._changed)

    async def answer(self, offer: str) -> str:
        if "m=video" not in offer:
            await self.close()
            raise RequestError(422, "the offer holds no video; offer to send or to receive some")
        try:
            await self.connection.setRemoteDescription(RTCSessionDescription(offer, "offer"))
            await self.connection.setLocalDescription(await self.connection.createAnswer())
        except Exception as error:  # aiortc raises whatever its parser stumbles over
            await self.close()
            raise RequestError(
                422, f"this SDP cannot be answered: {error or 'no words'}"
            ) from error
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(CONNECT_S, self._give_up)
        return str(self.connection.localDescription.sdp)

    async def close(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        gone, self._gone = self._gone, None
        if gone is not None:
            gone()
            await self.connection.close()

    async def _changed(self) -> None:
        state = self.connection.connectionState
        log.debug("peer %s", state)
        if state == "connected" and self._deadline is not None:
            self._deadline.cancel()
        if state in ("failed", "closed"):
            await self.close()

    def _give_up(self) -> None:
        log.info("a peer did not connect within %g s", CONNECT_S)
        self._closing = asyncio.ensure_future(self.close())


def _hurried(answer: str) -> str:
    """The answer with the word to Chrome not to ramp its rate up for half a minute."""
    found = re.search(r"^a=rtpmap:(\d+) VP8/90000\r?$", answer, re.MULTILINE)
    if found is None:
        return answer
    at = found.end()
    return f"{answer[:at]}\na=fmtp:{found[1]} {UPLINK}\r{answer[at:]}"
