"""Addresses: only what a stranger could fetch is fetched, however the address is written."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import web

from server import fetching
from server.errors import RequestError
from server.fetching import fetch, is_public, judged_stream, parts_of
from server.uploads import Bounds, Upload, Uploads
from tests.server.servers import Site, small_clip

Alive = Callable[..., None]
Route = Callable[[web.Request], Awaitable[web.StreamResponse]]

PUBLIC = ["93.184.216.34", "8.8.8.8", "2606:2800:220:1::1", "::ffff:8.8.8.8", "64:ff9b::808:808"]
INSIDE = [
    "127.0.0.1", "127.8.9.1", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254",
    "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "198.18.0.1", "192.88.99.1",
    "224.0.0.251", "239.255.255.250", "255.255.255.255", "240.0.0.1", "::", "::1", "fe80::1%eth0",
    "fc00::1", "fd00:ec2::254", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::1", "2001:0:0:0:0:0:80ff:fffe", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_the_world_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("address", INSIDE)
def test_this_machine_and_its_networks_are_not(address: str) -> None:
    assert not is_public(address)


def at(library: Path, *, size: int = 2_000_000, wait_s: float = 5) -> Uploads:
    library.mkdir(exist_ok=True)
    return Uploads(library, Bounds(size, wait_s, wait_s))


@asynccontextmanager
async def elsewhere(route: Route, *, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Somebody else's server, which answers everything the same way; gives its address."""
    app = web.Application()
    app.router.add_get("/{path:.*}", route)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, host, 0, shutdown_timeout=0.1)
    await site.start()
    try:
        yield f"http://{host}:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def fetched(url: str, library: Path, *, allow_private: bool = False) -> Upload:
    return asyncio.run(fetch(url, at(library), allow_private=allow_private))


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:9/x.mp4",
        "http://localhost:9/x.mp4",
        "http://0x7f.1:9/x.mp4",
        "http://[::1]:9/x.mp4",
        "http://[::ffff:127.0.0.1]:9/x.mp4",
        "http://0.0.0.0:9/x.mp4",
        "http://169.254.169.254/latest/meta-data",
        "https://192.168.0.1/video.mp4",
        "http://user:secret@10.0.0.1/video.mp4",
    ],
)
def test_no_spelling_of_an_inner_address_is_fetched(url: str, library: Path) -> None:
    with pytest.raises(RequestError, match="inside this machine") as caught:
        fetched(url, library)
    assert caught.value.status == 403
    assert "secret" not in str(caught.value)
    assert list(library.iterdir()) == []


def test_a_name_is_judged_by_where_it_leads(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = socket.getaddrinfo

    def resolve(host: str, *rest: object, **more: object) -> object:
        here = host in ("video.example", "two.example")
        return real("127.0.0.1" if here else host, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    with pytest.raises(RequestError, match=r"leads to 127\.0\.0\.1"):
        fetched("http://video.example/clip.mp4", library)
    with pytest.raises(RequestError, match=r"leads to 127\.0\.0\.1"):
        asyncio.run(judged_stream("rtsp://two.example/live", allow_private=False))


def test_a_redirect_inwards_is_not_followed(library: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "is_public", lambda address: address == "127.0.0.1")
    asked: list[str] = []

    async def inner(request: web.Request) -> web.StreamResponse:
        asked.append(request.path)
        return web.Response(text="secret")

    async def check() -> None:
        async with elsewhere(inner, host="127.0.0.2") as inside:

            async def away(_: web.Request) -> web.StreamResponse:
                raise web.HTTPFound(inside + "/admin")

            async with elsewhere(away) as outside:
                with pytest.raises(RequestError, match=r"leads to 127\.0\.0\.2"):
                    await fetch(outside + "/clip.mp4", at(library), allow_private=False)

    asyncio.run(check())
    assert asked == []


@pytest.mark.parametrize(
    "place", ["file:///etc/passwd", "ftp://127.0.0.1/x", "rtsp://127.0.0.1/x", "/again"]
)
def test_a_redirect_to_another_protocol_or_for_ever_is_not_followed(
    place: str, library: Path
) -> None:
    async def check() -> None:
        async def away(_: web.Request) -> web.StreamResponse:
            return web.Response(status=302, headers={"Location": place})

        async with elsewhere(away) as outside:
            with pytest.raises(RequestError, match="no answer from it") as caught:
                await fetch(outside + "/clip.mp4", at(library), allow_private=True)
            assert caught.value.status == 502

    asyncio.run(check())


def test_a_video_is_fetched_and_looked_into_like_an_upload(library: Path, tmp_path: Path) -> None:
    clip = small_clip(tmp_path / "clip.webm")

    async def check() -> None:
        async def give(_: web.Request) -> web.StreamResponse:
            return web.FileResponse(clip)

        async with elsewhere(give) as outside:
            uploads = at(library)
            made = await fetch(outside + "/a%20b.webm?key=secret", uploads, allow_private=True)
            assert (made.name, made.size, made.bytes) == ("a b.webm", (64, 64), clip.stat().st_size)
            assert uploads.find(made.upload)[1].read_bytes() == clip.read_bytes()

    asyncio.run(check())


async def _text(_: web.Request) -> web.StreamResponse:
    return web.Response(text="#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n", content_type="video/mp4")


async def _page(_: web.Request) -> web.StreamResponse:
    return web.Response(text="<html>", content_type="text/html")


async def _missing(_: web.Request) -> web.StreamResponse:
    return web.Response(status=404)


async def _huge(_: web.Request) -> web.StreamResponse:
    return web.Response(body=b"x" * 2_000_001)


async def _endless(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    answer.enable_chunked_encoding()
    await answer.prepare(request)
    try:
        while True:
            await answer.write(b"x" * 100_000)
    except ConnectionError:
        return answer


async def _stuck(request: web.Request) -> web.StreamResponse:
    answer = web.StreamResponse()
    await answer.prepare(request)
    await asyncio.Event().wait()
    return answer


@pytest.mark.parametrize(
    ("route", "status", "words"),
    [
        (_text, 422, "HLS playlist"),
        (_page, 422, "web page"),
        (_missing, 502, "answers 404"),
        (_huge, 413, "at most 2 MB"),
        (_endless, 413, "at most 2 MB"),
        (_stuck, 408, "too slow"),
    ],
)
def test_what_is_no_video_small_and_quick_is_refused(
    route: Route, status: int, words: str, library: Path
) -> None:
    async def check() -> None:
        wait_s = 0.3 if route is _stuck else 20.0
        async with elsewhere(route) as outside:
            with pytest.raises(RequestError, match=words) as caught:
                await fetch(
                    outside + "/v.mp4?key=hidden", at(library, wait_s=wait_s), allow_private=True
                )
            assert caught.value.status == status
            assert "hidden" not in str(caught.value)

    asyncio.run(check())
    assert list(library.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    ["", "clip.mp4", "file:///etc/passwd", "ftp://a/b", "http://", "http:///x", "concat:a|b",
     "http://a:99999/", "http://a b/", "http://a/\n", "javascript:alert(1)",
     "http://" + "a" * 2000],
)  # fmt: skip
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(RequestError, match="no address of a video"):
        parts_of(url)


def test_a_stream_keeps_its_login_and_path_and_loses_its_name() -> None:
    url = "rtsp://me:pass@localhost:8554/live?x=1"
    judged = asyncio.run(judged_stream(url, allow_private=True))
    assert judged in (
        "rtsp://me:pass@127.0.0.1:8554/live?x=1",
        "rtsp://me:pass@[::1]:8554/live?x=1",
    )
    with pytest.raises(RequestError, match="inside this machine"):
        asyncio.run(judged_stream(url, allow_private=False))


def test_the_route_refuses_too(alive: Alive) -> None:
    async def check(site: Site) -> None:
        for url in (f"{site.origin}/static/loop.webp", "rtsp://localhost/x"):
            answer = await site.as_program(
                "POST", "/api/sessions", json={"source": {"kind": "url", "url": url}}
            )
            assert answer.status == 403
            assert "--allow-private" in answer.error

    alive(check)
