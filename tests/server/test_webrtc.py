"""Real peers over loopback, through the real doors: a camera in, its matte out."""

import asyncio
import contextlib
import io
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import aioice.ice
import numpy as np
import pytest
from aiortc import RTCPeerConnection
from PIL import Image

from server.keys import SESSIONS
from server.sessions import Sessions
from streaming.frames import Size
from streaming.media.tiles import GUARD_PX, read_stamp
from tests.server.lives import ONE, until, wanted
from tests.server.peers import NO_SERVERS, Camera, Peer, Watching
from tests.server.servers import TOKEN, Answer, Site

Alive = Callable[..., None]

SIZE, LARGER, FPS = Size(384, 216), Size(576, 324), 15  # sent, announced
TILES = Size(384, 2 * 216 + 2 * GUARD_PX + 108)
SDP = {"Content-Type": "application/sdp"}
SOON_S = 60.0


class Spy:
    """Hears whom the process writes to or looks up, while it is asked to."""

    def __init__(self) -> None:
        self.heard: set[object] | None = None
        sys.addaudithook(self._hear)

    def _hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.heard is None:
            return
        if event in ("socket.sendto", "socket.connect"):
            self.heard.add(arguments[1][0])
        if event in ("socket.getaddrinfo", "socket.gethostbyname"):
            self.heard.add(arguments[0])


SPY = Spy()  # a hook stays for as long as the process


@pytest.fixture
def strangers() -> Iterator[Callable[[], set[object]]]:
    """Whom this process has met beyond its own machine."""
    ours = {*aioice.ice.get_host_addresses(True, True), "127.0.0.1", "::1"}
    heard = SPY.heard = set()

    def met() -> set[object]:
        assert heard & ours  # it does hear
        return heard - ours

    yield met
    SPY.heard = None


@asynccontextmanager
async def program(site: Site) -> AsyncIterator[aiohttp.ClientSession]:
    """Requests with the token, as a script sends them."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with aiohttp.ClientSession(site.origin, headers=headers) as http:
        async with asyncio.timeout(SOON_S):
            yield http


async def watched_by(sessions: Sessions, sid: str, viewers: int) -> None:
    """Wait until it tells that so many watch."""
    entries = sessions.journal_of(sid).entries(None)
    async with contextlib.aclosing(entries):
        async for entry in entries:
            if entry.kind == "numbers" and entry.data["viewers"] == viewers:
                return


async def offer(kind: str, direction: str) -> str:
    """What a peer offers that never connects."""
    peer = RTCPeerConnection(NO_SERVERS)
    peer.addTransceiver(kind, direction=direction)
    await peer.setLocalDescription(await peer.createOffer())
    text = str(peer.localDescription.sdp)
    await peer.close()
    return text


async def offered(site: Site, door: str, sdp: str, **headers: str) -> Answer:
    return await site.as_program("POST", door, data=sdp, headers={**SDP, **headers})


def test_a_camera_goes_in_and_its_matte_comes_out(
    alive: Alive, weights: Path, strangers: Callable[[], set[object]]
) -> None:
    async def check(site: Site) -> None:
        sessions, camera = site.app[SESSIONS], Camera(SIZE, FPS)
        door = f"/whip?name=Desk&width={LARGER.width}&height={LARGER.height}&rate={FPS}"
        async with program(site) as http, Peer(http, door) as sender:
            sid = await sender.send(camera)
            facts = sessions.facts(sid)
            assert (facts.kind, facts.name, facts.live) == ("whip", "Desk", True)
            first, second = Watching(), Watching()
            async with Peer(http, f"/whep/{sid}") as viewer:
                await viewer.watch(first)
                await goes_on(first, camera)
                assert (sessions.facts(sid).size, sessions.facts(sid).rate) == ((576, 324), FPS)
                assert_matted(first)
                async with Peer(http, f"/whep/{sid}") as other:
                    await other.watch(second)
                    await second.frames(3)
                    both = {number for number, _ in first.seen} & {n for n, _ in second.seen}
                    assert both  # one encoder serves them
                    assert sessions.session(sid).broadcast.viewers == 2
                assert sessions.session(sid).broadcast.viewers == 1  # it said goodbye
                await first.frames(2)
            await watched_by(sessions, sid, 0)
            assert sessions.facts(sid).numbers.frames > 5
            async with http.delete(f"/whip/{sid}") as gone:
                assert gone.status == 200
            ended = await until(sessions, sid, lambda facts: facts.over)
        assert (ended.state, ended.error) == ("ended", None)
        assert not [note for note in ended.notes if "repaired" in note]  # times are the sender's
        assert strangers() == set()

    alive(check, preview_px=384)


async def goes_on(watching: Watching, camera: Camera) -> None:
    """Frames of the camera come, each newer than the one before, and none from nowhere."""
    numbers = await watching.frames(8)
    assert numbers == sorted(set(numbers))
    assert set(numbers) <= set(camera.sent)


def assert_matted(watching: Watching) -> None:
    """What was decoded last has its tiles, its stamp, and a person in its matte."""
    frame = watching.frame
    assert frame is not None
    assert (frame.width, frame.height) == (TILES.width, TILES.height)
    luma = frame.to_ndarray()[: frame.height]
    stamp = read_stamp(luma, SIZE)
    assert stamp is not None
    age_ms = round(time.monotonic() * 1000) - stamp.time_ms
    assert 0 <= age_ms < 10_000  # glass to glass is measured by the benchmark
    matte = luma[SIZE.height + GUARD_PX : 2 * SIZE.height + GUARD_PX]
    assert np.median(matte[-20:, 180:200]) > 200  # the person's middle
    assert np.median(matte[30:60, :20]) < 40


def test_a_viewer_that_is_torn_away_frees_its_place(
    disc: Path, alive: Alive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says nothing: only its answers to the server's checks stay away."""
    monkeypatch.setattr(aioice.ice, "CONSENT_INTERVAL", 0.2)
    monkeypatch.setattr(aioice.ice, "CONSENT_FAILURES", 2)

    async def check(site: Site) -> None:
        sessions = site.app[SESSIONS]
        sid = (await sessions.create(wanted(disc, pace="real"), limits=ONE)).id
        await sessions.change(sid, state="paused")
        async with program(site) as http, Peer(http, f"/whep/{sid}") as viewer:
            await viewer.watch(Watching())
            await watched_by(sessions, sid, 1)
            (receiver,) = viewer.connection.getReceivers()
            await receiver.transport.transport.stop()
            await watched_by(sessions, sid, 0)

    alive(check)


def test_a_sender_that_hangs_up_without_a_word_is_let_go_whole(alive: Alive) -> None:
    async def check(site: Site) -> None:
        sessions = site.app[SESSIONS]
        async with program(site) as http:
            peer = Peer(http, "/whip")
            sid = await peer.send(Camera(SIZE, FPS))
            theirs = sessions.meetings._senders[sid]._peer.connection
            await peer.connection.close()
            await until(sessions, sid, lambda facts: facts.over)
            async with asyncio.timeout(SOON_S / 4):
                await theirs.close()  # waits for a closing that goes on, even if it never ends
            assert theirs.iceConnectionState == "closed"

    alive(check)


def test_what_is_no_offer_of_video_is_refused_in_words(disc: Path, alive: Alive) -> None:
    async def check(site: Site) -> None:
        sessions = site.app[SESSIONS]
        sid = (await sessions.create(wanted(disc, pace="real"), limits=ONE)).id
        await sessions.change(sid, state="paused")
        audio = {"/whip": await offer("audio", "sendonly")}
        audio[f"/whep/{sid}"] = await offer("audio", "recvonly")
        for door, sdp in audio.items():
            answer = await offered(site, door, sdp)
            assert answer.status == 422, door
            assert "holds no video" in answer.error
            for junk in ("hello", "v=0\r\nm=video nonsense\r\n"):
                answer = await offered(site, door, junk)
                assert (answer.status, "SDP" in answer.error) == (422, True), (door, junk)
            answer = await site.as_program("POST", door, json={})
            assert (answer.status, "application/sdp" in answer.error) == (415, True), door
        assert sessions.session(sid).broadcast.viewers == 0
        assert [each.id for each in sessions.all()] == [sid]  # and nothing began
        answer = await offered(site, "/whip?width=two&height=2", audio["/whip"])
        assert (answer.status, answer.error.startswith("width=two")) == (422, True)

    alive(check)


def test_more_than_the_server_takes_are_refused_in_words(disc: Path, alive: Alive) -> None:
    async def check(site: Site) -> None:
        sessions = site.app[SESSIONS]
        sid = (await sessions.create(wanted(disc, pace="real"), limits=ONE)).id
        await sessions.change(sid, state="paused")
        watch, send = await offer("video", "recvonly"), await offer("video", "sendonly")
        first = await offered(site, f"/whep/{sid}", watch)
        assert (first.status, first.headers["Content-Type"].split(";")[0]) == (
            201,
            "application/sdp",
        )
        assert first.body.startswith(b"v=0")
        second = await offered(site, f"/whep/{sid}", watch)
        assert (second.status, "1 watch this session already" in second.error) == (503, True)
        assert int(second.headers["Retry-After"]) > 0
        third = await offered(site, "/whip", send)
        assert (third.status, "--max-sessions" in third.error) == (503, True)
        assert (await site.as_program("DELETE", first.headers["Location"])).status == 200
        again = await offered(site, f"/whep/{sid}", watch)
        assert again.status == 201
        assert (await offered(site, "/whep/none", watch)).status == 404
        await sessions.change(sid, state="stopped")
        await until(sessions, sid, lambda facts: facts.over)
        over = await offered(site, f"/whep/{sid}", watch)
        assert (over.status, "is over" in over.error) == (409, True)

    alive(check, max_viewers=1, max_sessions=1)


def test_who_cannot_be_reached_otherwise_gets_single_pictures(disc: Path, alive: Alive) -> None:
    async def check(site: Site) -> None:
        sessions = site.app[SESSIONS]
        sid = (await sessions.create(wanted(disc, pace="real"), limits=ONE)).id
        async with program(site) as http:
            async with http.get(f"/api/sessions/{sid}/preview.mjpeg") as answer:
                assert answer.status == 200
                kind, _, boundary = answer.headers["Content-Type"].partition("; boundary=")
                assert kind == "multipart/x-mixed-replace"
                for _ in range(2):
                    assert await answer.content.readline() == f"--{boundary}\r\n".encode()
                    assert await answer.content.readline() == b"Content-Type: image/jpeg\r\n"
                    length = int((await answer.content.readline()).split()[1])
                    assert await answer.content.readline() == b"\r\n"
                    jpeg = await answer.content.readexactly(length)
                    with Image.open(io.BytesIO(jpeg)) as picture:
                        assert picture.size == (64, 64 * 2 + 2 * GUARD_PX + 32)
                    assert await answer.content.readline() == b"\r\n"
                assert sessions.session(sid).broadcast.pictured
            await watched_by(sessions, sid, 0)

    alive(check)
