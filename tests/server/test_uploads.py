"""Uploads: on disk only when they are whole, small and quick enough, and can be opened."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import pytest

from server import uploads
from server.errors import RequestError
from server.uploads import Bounds, Uploads, plain_name
from tests.server.servers import TOKEN, Site, small_clip

Alive = Callable[..., None]
BOUNDS = Bounds(bytes=5_000_000, total_s=20, stall_s=20)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return small_clip(tmp_path_factory.mktemp("clip") / "clip.webm").read_bytes()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "uploads"
    made.mkdir()
    return made


async def parts(data: bytes, *, size: int = 1000) -> AsyncIterator[bytes]:
    for start in range(0, len(data), size):
        yield data[start : start + size]


@asynccontextmanager
async def begun(site: Site, *, length: int, sent: bytes) -> AsyncIterator[asyncio.StreamReader]:
    """An upload of which only so much is sent; gives what the server answers."""
    reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
    writer.write(
        f"POST /api/uploads HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n"
        f"Authorization: Bearer {TOKEN}\r\nContent-Length: {length}\r\n\r\n".encode()
    )
    writer.write(sent)
    await writer.drain()
    yield reader
    writer.close()
    await writer.wait_closed()


def left_in(library: Path) -> list[str]:
    return sorted(each.name for each in (library / "uploads").iterdir())


def test_a_video_comes_in_under_a_name_of_ours(alive: Alive, clip: bytes, library: Path) -> None:
    async def check(site: Site) -> None:
        for name in ("Ein Täst.webm", "../../etc/passwd", "C:\\Users\\me\\clip.mp4", "a\x00b\n<b>"):
            answer = await site.as_program(
                "POST", "/api/uploads", data=clip, headers={"X-File-Name": quote(name)}
            )
            assert answer.status == 201, answer.body
            made = answer.json
            assert made["bytes"] == len(clip)
            assert made["size"] == [64, 64]
            assert (library / "uploads" / made["upload"]).read_bytes() == clip
            assert "/" not in made["name"]
            assert "\\" not in made["name"]
            assert made["name"].isprintable()
        everything = {each.relative_to(library).parts[0] for each in library.rglob("*")}
        assert everything <= {"key", "lock", "uploads", "sessions"}

    alive(check)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a.mp4", "a.mp4"),
        ("", "video"),
        ("/", "video"),
        ("x/../../y.mp4", "y.mp4"),
        ("<script>.mp4", "<script>.mp4"),
        ("a\u202eb", "a\N{REPLACEMENT CHARACTER}b"),
        ("n" * 500, "n" * 120),
    ],
)
def test_a_name_is_one_line_of_text(name: str, shown: str) -> None:
    assert plain_name(name) == shown


NASTY = {
    "text": (b"This is no video at all.\n" * 40, "FFmpeg cannot open it"),
    "empty": (b"", "empty"),
    "playlist": (b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://SECRET\n", "playlist"),
    "concat": (b"ffconcat version 1.0\nfile 'SECRET'\n", "concat list"),
    "sdp": (b"v=0\nc=IN IP4 127.0.0.1\nm=video 5004 RTP/AVP 96\n", "SDP"),
    "dash": (b"<?xml version='1.0'?><MPD></MPD>", "XML"),
    "cut": (b"\x1a\x45\xdf\xa3" + b"\x00" * 64, "FFmpeg cannot open it"),
}


@pytest.mark.parametrize("kind", NASTY)
def test_what_is_no_video_is_refused_with_its_reason(
    kind: str, alive: Alive, clip: bytes, library: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.webm"
    secret.write_bytes(clip)
    data, reason = NASTY[kind]

    async def check(site: Site) -> None:
        answer = await site.as_program(
            "POST",
            "/api/uploads",
            data=data.replace(b"SECRET", str(secret).encode()),
            headers={"X-File-Name": "holiday.mp4"},
        )
        assert answer.status == 422
        assert reason in answer.error
        assert "holiday.mp4" in answer.error
        assert str(library) not in answer.error
        assert left_in(library) == []

    alive(check)


def test_what_is_too_large_is_refused_before_it_comes_and_while_it_comes(
    alive: Alive, library: Path
) -> None:
    async def check(site: Site) -> None:
        announced = await site.as_program("POST", "/api/uploads", data=b"x" * 1_000_001)
        unannounced = await site.as_program("POST", "/api/uploads", data=parts(b"x" * 1_200_000))
        for answer in (announced, unannounced):
            assert answer.status == 413
            assert "--max-upload-mb" in answer.error
        assert left_in(library) == []

    alive(check, max_upload_mb=1)


def test_what_is_announced_too_large_need_not_be_sent(alive: Alive, library: Path) -> None:
    async def check(site: Site) -> None:
        async with begun(site, length=1_000_001, sent=b"") as reader:
            assert b"413" in await asyncio.wait_for(reader.readline(), 10)
        assert left_in(library) == []

    alive(check, max_upload_mb=1)


@pytest.mark.parametrize("sent", [b"", b"half"])
@pytest.mark.parametrize("slow", [{"stall_timeout_s": 0.2}, {"upload_timeout_s": 0.2}])
def test_what_comes_too_slowly_is_given_up(
    slow: dict[str, float], sent: bytes, alive: Alive, library: Path
) -> None:
    async def check(site: Site) -> None:
        async with begun(site, length=1000, sent=sent) as reader:
            assert b"408" in await asyncio.wait_for(reader.readline(), 10)
        assert left_in(library) == []

    alive(check, **slow)


def test_what_breaks_off_leaves_nothing(alive: Alive, library: Path) -> None:
    async def check(site: Site) -> None:
        async with begun(site, length=1000, sent=b"half"):
            while not left_in(library):
                await asyncio.sleep(0)
        while left_in(library):
            await asyncio.sleep(0)

    alive(check)


def test_a_form_is_not_taken_for_a_video(alive: Alive) -> None:
    async def check(site: Site) -> None:
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        answer = await site.as_program("POST", "/api/uploads", data=b"--x--", headers=headers)
        assert (answer.status, "not a form" in answer.error) == (415, True)

    alive(check)


def test_a_full_disk_is_told(folder: Path, clip: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage(folder)._replace(free=1000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(RequestError, match="nearly full") as caught:
        asyncio.run(Uploads(folder, BOUNDS).receive(parts(clip), name="a"))
    assert caught.value.status == 507


def test_only_so_many_come_at_once(folder: Path, clip: bytes) -> None:
    async def check() -> None:
        room = Uploads(folder, BOUNDS)
        go = asyncio.Event()

        async def waiting() -> AsyncIterator[bytes]:
            await go.wait()
            yield clip

        tasks = [
            asyncio.create_task(room.receive(waiting(), name=str(number)))
            for number in range(uploads.AT_ONCE)
        ]
        await asyncio.sleep(0)
        with pytest.raises(RequestError, match="under way"):
            await room.receive(parts(clip), name="one more")
        go.set()
        made = await asyncio.gather(*tasks)
        assert len({each.upload for each in made}) == uploads.AT_ONCE
        await room.receive(parts(clip), name="later")

    asyncio.run(check())


@pytest.mark.parametrize("upload", ["", "..", "u", "../key", "u" + "0" * 32, "u" + "g" * 32])
def test_only_an_id_of_ours_finds_a_file(upload: str, folder: Path) -> None:
    note = {"upload": "key", "name": "key", "bytes": 32, "size": [1, 1], "duration_s": None}
    (folder.parent / "key").write_bytes(b"k" * 32)
    (folder.parent / "key.json").write_text(json.dumps(note))
    with pytest.raises(RequestError) as caught:
        Uploads(folder, BOUNDS).find(upload)
    assert caught.value.status == 404


def test_what_nobody_used_for_days_goes_and_what_was_used_stays(folder: Path, clip: bytes) -> None:
    room = Uploads(folder, BOUNDS)
    made = asyncio.run(room.receive(parts(clip), name="a.webm"))
    half = folder / ".half.part"
    half.write_bytes(b"x")
    now = datetime.now(UTC)
    assert room.expire(now, 14) == 0
    assert room.expire(now + timedelta(hours=1), 14) == 1
    assert not half.exists()
    assert room.expire(now + timedelta(days=999), 0) == 0, "0 is never"
    assert room.find(made.upload)[0] == made
    assert room.expire(now + timedelta(days=15), 14) == 2
    assert list(folder.iterdir()) == []
