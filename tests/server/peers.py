"""WebRTC peers for tests and benchmarks: a camera of a moving person, and somebody who watches.

The camera writes each frame's number into its pixels, as large cells that survive any codec; the
viewer reads it from the source's tile. So the delay from glass to glass is measured in the picture
itself, and no clock but ours is involved.
"""

import asyncio
import time
from fractions import Fraction
from functools import lru_cache
from types import TracebackType
from typing import cast

import aiohttp
import av
import numpy as np
from aiortc import MediaStreamTrack, RTCConfiguration, RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.rtp import RtpPacket
from PIL import Image

from server.prompt import make_prompt
from streaming.demo import PERIOD, demo_frame
from streaming.frames import Size
from streaming.media.tiles import GUARD_PX, read_stamp

CELL_PX, BITS = 16, 16
NO_SERVERS = RTCConfiguration(iceServers=[])


@lru_cache(maxsize=4)
def pictures(width: int, height: int) -> tuple[np.ndarray, ...]:
    """One period of a swaying person, cropped and scaled to the camera's size, as 4:2:0 planes."""
    made = []
    for index in range(PERIOD):
        picture = Image.fromarray(demo_frame(index))
        side = picture.height * width / height
        left = (picture.width - min(side, picture.width)) / 2
        box = (left, 0, picture.width - left, picture.height)
        scaled = picture.resize((width, height), Image.Resampling.BILINEAR, box=box)
        made.append(av.VideoFrame.from_image(scaled).reformat(format="yuv420p").to_ndarray())
    return tuple(made)


class Camera(MediaStreamTrack):
    """A camera that shows a person, with the frame's number in the picture's top left corner."""

    kind = "video"

    def __init__(self, size: Size, fps: int) -> None:
        super().__init__()
        self.sent: dict[int, float] = {}
        self._size, self._fps = size, fps
        self._pictures = pictures(size.width, size.height)
        self._began: float | None = None
        self._next = 0

    async def recv(self) -> av.VideoFrame:
        now = time.monotonic()
        self._began = self._began or now
        due = self._began + self._next / self._fps
        if due < now - 1 / self._fps:  # a camera does not catch up
            self._next = int((now - self._began) * self._fps)
        await asyncio.sleep(max(0.0, due - now))
        number, self._next = self._next, self._next + 1
        planes = self._pictures[number % PERIOD].copy()
        write_number(planes, number)
        frame = av.VideoFrame.from_ndarray(planes, "yuv420p")
        frame.pts, frame.time_base = number * 90_000 // self._fps, Fraction(1, 90_000)
        self.sent[number % (1 << BITS)] = time.monotonic()
        return frame


def write_number(luma: np.ndarray, number: int) -> None:
    """Write a number into the top left of a picture, black and white cells of 16 px."""
    for place in range(BITS):
        bit = number >> (BITS - 1 - place) & 1
        luma[:CELL_PX, place * CELL_PX : (place + 1) * CELL_PX] = 235 if bit else 16


def read_number(luma: np.ndarray, cell_px: int) -> int:
    """Read it back from a picture whose cells are `cell_px` wide."""
    cells = luma[:cell_px, : BITS * cell_px].reshape(cell_px, BITS, cell_px)
    middle = cells[cell_px // 4 : -cell_px // 4 or None, :, cell_px // 4 : -cell_px // 4 or None]
    return int("".join("1" if mean > 128 else "0" for mean in middle.mean(axis=(0, 2))), 2)


class Watching:
    """A viewer that decodes what it sees and notes when.

    Args:
        width: Of the camera's pictures; the source's tile may show them smaller.
    """

    def __init__(self, width: int | None = None) -> None:
        self._width = width
        self.seen: list[tuple[int, float]] = []
        self.frame: av.VideoFrame | None = None
        self.decoded = 0
        self.came = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def watch(self, track: MediaStreamTrack) -> None:
        self._task = asyncio.ensure_future(self._watch(track))

    async def _watch(self, track: MediaStreamTrack) -> None:
        while True:
            try:
                frame = cast(av.VideoFrame, await track.recv())
            except MediaStreamError:
                return
            self.frame = frame
            self.decoded += 1
            luma = frame.to_ndarray()[: frame.height]
            height = round((frame.height - 2 * GUARD_PX) / 2.5)
            source = luma[2 * height + 2 * GUARD_PX :]
            self._width = self._width or frame.width  # a busy server sends smaller ones later
            cell_px = CELL_PX * (frame.width // 2) // self._width
            self.seen.append((read_number(source, cell_px), time.monotonic()))
            self.came.set()

    async def frames(self, count: int) -> list[int]:
        """Wait until so many more frames were seen; gives their numbers."""
        wanted = len(self.seen) + count
        while len(self.seen) < wanted:
            self.came.clear()
            await self.came.wait()
        return [number for number, _ in self.seen[-count:]]

    def stamp_ms(self) -> int | None:
        """When the newest frame came in, by the server's clock."""
        assert self.frame is not None
        luma = self.frame.to_ndarray()[: self.frame.height]
        height = round((self.frame.height - 2 * GUARD_PX) / 2.5)
        stamp = read_stamp(luma, Size(self.frame.width, height))
        return stamp.time_ms if stamp else None


class Counting:
    """A viewer that counts frames without decoding them: packets that end one."""

    def __init__(self, connection: RTCPeerConnection) -> None:
        self.frames = 0
        receiver = connection.getTransceivers()[0].receiver
        setattr(receiver, "_handle_rtp_packet", self._count)  # noqa: B010 - its own would decode

    async def _count(self, packet: RtpPacket, arrival_time_ms: int) -> None:
        self.frames += packet.marker


class Peer:
    """One connection to a WHIP or WHEP door; a context manager."""

    def __init__(self, http: aiohttp.ClientSession, door: str) -> None:
        self.connection = RTCPeerConnection(NO_SERVERS)
        self.place: str | None = None
        self._http, self._door = http, door
        self._up = asyncio.Event()
        self.connection.on("connectionstatechange", self._changed)

    async def __aenter__(self) -> "Peer":
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.place is not None:
            async with self._http.delete(self.place):
                pass
        await self.connection.close()

    async def send(self, track: MediaStreamTrack) -> str:
        """Send a track by WHIP; gives the session's id once it is connected."""
        self.connection.addTrack(track)
        return await self._open()

    async def watch(self, watching: Watching) -> None:
        """Watch by WHEP as a browser does, which waits for no next picture to show this one.

        Returns once it is connected.
        """
        transceiver = self.connection.addTransceiver("video", direction="recvonly")
        make_prompt(transceiver.receiver)
        self.connection.on("track", watching.watch)
        await self._open()

    async def count(self) -> Counting:
        """Watch by WHEP, counting frames without decoding them."""
        self.connection.addTransceiver("video", direction="recvonly")
        counting = Counting(self.connection)
        await self._open()
        return counting

    async def close(self) -> None:
        """Leave, saying so."""
        await self.__aexit__(None, None, None)

    async def _open(self) -> str:
        await self.connection.setLocalDescription(await self.connection.createOffer())
        offer = self.connection.localDescription.sdp
        headers = {"Content-Type": "application/sdp"}
        async with self._http.post(self._door, data=offer, headers=headers) as response:
            answer = await response.text()
            assert response.status == 201, f"{response.status}: {answer}"
            self.place = response.headers["Location"]
        await self.connection.setRemoteDescription(RTCSessionDescription(answer, "answer"))
        async with asyncio.timeout(10):
            await self._up.wait()
        return self.place.rsplit("/", 1)[-1]

    async def _changed(self) -> None:
        if self.connection.connectionState == "connected":
            self._up.set()
