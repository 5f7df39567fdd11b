"""One encoded stream for everyone who watches a session; event loop only.

aiortc encodes once per viewer unless a track hands out packets that are encoded already, which its
senders only cut up and send. So all viewers of a session share one encoder, on the session's own
thread. A packet means nothing without those before it: a viewer begins with a key frame, and one
that falls behind skips to the next.
"""

import asyncio
from collections.abc import Callable
from typing import Any

from aiortc import MediaStreamTrack
from aiortc.mediastreams import MediaStreamError

__all__ = ["Broadcast", "PacketTrack"]

WAITING = 8  # packets; a viewer that is farther behind would see the past
Packet = Any  # av.Packet, handed on without a look


class PacketTrack(MediaStreamTrack):
    """A video track of packets that are encoded already.

    Args:
        want_key: Asks the encoder for a key frame.
    """

    kind = "video"

    def __init__(self, want_key: Callable[[], object]) -> None:
        super().__init__()
        self.want_key = want_key
        self._packets: asyncio.Queue[Packet | None] = asyncio.Queue()
        self._begun = False

    def put(self, packet: Packet) -> None:
        """Send a packet, unless it cannot be understood without ones that were not sent."""
        if self._packets.qsize() >= WAITING:
            self._begun = False
            while not self._packets.empty():
                self._packets.get_nowait()
        if not self._begun:
            if not packet.is_keyframe:
                self.want_key()
                return
            self._begun = True
        self._packets.put_nowait(packet)

    async def recv(self) -> Packet:
        """The next packet.

        Raises:
            MediaStreamError: The stream is over.
        """
        packet = await self._packets.get()
        if packet is None or self.readyState != "live":
            raise MediaStreamError
        return packet

    def stop(self) -> None:
        """End the track, also for whoever waits for its next packet."""
        super().stop()
        self._packets.put_nowait(None)


class Broadcast:
    """Hands the packets and pictures of one session to those who watch it.

    Args:
        want_key: Asks the encoder for a key frame.
    """

    def __init__(self, want_key: Callable[[], object]) -> None:
        self._want_key = want_key
        self._tracks: set[PacketTrack] = set()
        self._pictures: set[asyncio.Queue[bytes | None]] = set()

    @property
    def watched(self) -> bool:
        """Whether anybody wants packets."""
        return bool(self._tracks)

    @property
    def pictured(self) -> bool:
        """Whether anybody wants single pictures."""
        return bool(self._pictures)

    @property
    def viewers(self) -> int:
        """How many watch."""
        return len(self._tracks) + len(self._pictures)

    def join(self) -> PacketTrack:
        """A track for a new viewer."""
        track = PacketTrack(self._want_key)
        self._tracks.add(track)
        self._want_key()
        return track

    def leave(self, track: PacketTrack) -> None:
        """A viewer has gone."""
        self._tracks.discard(track)
        track.stop()

    def packet(self, packet: Packet) -> None:
        """Send a packet to every track."""
        for track in self._tracks:
            track.put(packet)

    def subscribe(self) -> "asyncio.Queue[bytes | None]":
        """A queue that holds the newest JPEG, None at the end."""
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(1)
        self._pictures.add(queue)
        return queue

    def unsubscribe(self, queue: "asyncio.Queue[bytes | None]") -> None:
        """Its reader has gone."""
        self._pictures.discard(queue)

    def picture(self, jpeg: bytes | None) -> None:
        """Put a JPEG in the place of an older one that nobody fetched."""
        for queue in self._pictures:
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(jpeg)

    def close(self) -> None:
        """The stream is over for everyone."""
        for track in list(self._tracks):
            self.leave(track)
        self.picture(None)
