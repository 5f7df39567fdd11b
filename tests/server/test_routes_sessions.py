"""Sessions over HTTP: begun from every kind of source, steered, deleted; wrong words are named."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from server import sources
from server.app import SESSIONS, sweep
from server.errors import RequestError
from server.loopfacts import LoopFacts
from server.sources import Camera, cameras, offered
from tests.server.servers import Answer, Site, saved, serving, small_clip

Alive = Callable[..., None]
LONG_AGO = "2020-01-01T00:00:00+00:00"
LOOP = LoopFacts("L1", "loop", "written", 0, 12, 0.0, 0.4, 0.2)


async def uploaded(site: Site, tmp_path: Path) -> str:
    data = small_clip(tmp_path / "clip.webm").read_bytes()
    answer = await site.as_program(
        "POST", "/api/uploads", data=data, headers={"X-File-Name": "disc.webm"}
    )
    return str(answer.json["upload"])


async def begun(site: Site, **wanted: Any) -> Answer:
    return await site.as_program("POST", "/api/sessions", json=wanted)


async def ended(site: Site, sid: str) -> Any:
    while True:
        facts = (await site.as_program("GET", f"/api/sessions/{sid}")).json
        if facts["state"] in ("ended", "failed"):
            return facts
        await asyncio.sleep(0.02)


def test_an_upload_becomes_a_session_that_ends_and_is_listed(alive: Alive, tmp_path: Path) -> None:
    async def check(site: Site) -> None:
        source = {"kind": "upload", "upload": await uploaded(site, tmp_path)}
        answer = await begun(
            site, source=source, matte="source", pace="fast", limits={"loops": 3, "seam": 2}
        )
        assert answer.status == 201, answer.body
        facts = answer.json
        assert answer.headers["Location"] == f"/api/sessions/{facts['id']}"
        assert (facts["name"], facts["kind"], facts["pace"]) == ("disc.webm", "upload", "fast")
        assert (facts["limits"]["loops"], facts["limits"]["seam"]) == (3, 2)
        over = await ended(site, facts["id"])
        assert (over["state"], over["size"]) == ("ended", [64, 64])
        listed = (await site.as_program("GET", "/api/sessions")).json["sessions"]
        assert [each["id"] for each in listed] == [facts["id"]]
        text = (await site.as_program("GET", "/metrics")).body.decode()
        assert "loopmatte_frames_in_total 12\n" in text

    alive(check)


def test_only_so_many_sessions_run_at_once(alive: Alive, tmp_path: Path) -> None:
    async def check(site: Site) -> None:
        wanted = {
            "source": {"kind": "upload", "upload": await uploaded(site, tmp_path)},
            "matte": "source",
        }
        first = await begun(site, **wanted)
        await site.as_program(
            "PATCH", f"/api/sessions/{first.json['id']}", json={"state": "paused"}
        )
        second = await begun(site, **wanted)
        assert (second.status, second.headers["Retry-After"]) == (503, "5")
        assert "--max-sessions" in second.error

    alive(check, max_sessions=1)


WRONG = [
    ({}, "source is missing"),
    ({"source": {}}, "source.kind is missing"),
    ({"source": "demo"}, "source is \"demo\"; wanted an object"),
    ({"source": {"kind": "whip"}}, "source.kind is \"whip\"; wanted one of demo, upload"),
    ({"source": {"kind": "upload"}}, "source.upload is missing"),
    ({"source": {"kind": "upload", "upload": 3}}, "source.upload is 3; wanted a text"),
    ({"source": {"kind": "demo", "extra": 1}}, "source.extra: no such field"),
    ({"source": {"kind": "demo"}, "speed": 2, "size": 1}, "speed, size: no such field"),
    ({"source": {"kind": "demo"}, "matte": "magic"}, "matte is \"magic\"; wanted one of auto"),
    ({"source": {"kind": "demo"}, "limits": {"loops": 1.5}}, "limits.loops is 1.5; wanted a whole"),
    ({"source": {"kind": "demo"}, "limits": {"seam": True}}, "limits.seam is true; wanted"),
    ({"source": {"kind": "demo"}, "limits": {"seam": "1"}}, "limits.seam is \"1\"; wanted"),
    ({"source": {"kind": "demo"}, "limits": {"seam": 1e400}}, "limits.seam is Infinity"),
    ({"source": {"kind": "demo"}, "limits": {"most": 1}}, "limits.most: no such field"),
    ({"source": {"kind": "demo"}, "limits": []}, "limits is []; wanted an object"),
]  # fmt: skip


@pytest.mark.parametrize(("wanted", "words"), WRONG, ids=[words for _, words in WRONG])
def test_what_is_asked_wrongly_is_named(wanted: dict[str, Any], words: str, alive: Alive) -> None:
    async def check(site: Site) -> None:
        answer = await begun(site, **wanted)
        assert answer.status == 400
        assert words in answer.error

    alive(check)


@pytest.mark.parametrize(
    ("data", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"{}", "application/json; charset=none-such", 400),
        (b"[" * 60_000, "application/json", 400),
        (b'{"a":"' + b"x" * 70_000 + b'"}', "application/json", 413),
        (b'{"source":{"kind":"demo"}}', "text/plain", 415),
        (b"source=demo", "application/x-www-form-urlencoded", 415),
    ],
    ids=str,
)
def test_a_body_must_be_a_small_json_object(
    data: bytes, kind: str, status: int, alive: Alive
) -> None:
    async def check(site: Site) -> None:
        answer = await site.as_program(
            "POST", "/api/sessions", data=data, headers={"Content-Type": kind}
        )
        assert (answer.status, bool(answer.error)) == (status, True)

    alive(check)


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ({"kind": "upload", "upload": "../key"}, 404),
        ({"kind": "upload", "upload": "u" + "0" * 32}, 404),
        ({"kind": "media", "name": "none.mp4"}, 404),
        ({"kind": "media", "name": "../secret.mp4"}, 404),
        ({"kind": "media", "name": "away.mp4"}, 404),
        ({"kind": "media", "name": "/etc/passwd"}, 404),
        ({"kind": "media", "name": "notes.txt"}, 404),
        ({"kind": "media", "name": ".hidden.mp4"}, 404),
        ({"kind": "camera", "id": "camera:77"}, 404),
        ({"kind": "camera", "id": "/dev/video0"}, 404),
        ({"kind": "url", "url": "file:///etc/passwd"}, 422),
        ({"kind": "url", "url": "http://127.0.0.1:1/"}, 403),
    ],
    ids=str,
)
def test_what_is_not_offered_cannot_be_opened(
    source: dict[str, str], status: int, alive: Alive, tmp_path: Path
) -> None:
    media = tmp_path / "media"
    media.mkdir()
    small_clip(tmp_path / "secret.webm").rename(tmp_path / "secret.mp4")
    (media / "away.mp4").symlink_to(tmp_path / "secret.mp4")
    (media / "notes.txt").write_text("x")
    (media / ".hidden.mp4").touch()

    async def check(site: Site) -> None:
        answer = await begun(site, source=source)
        assert (answer.status, bool(answer.error)) == (status, True)
        assert str(tmp_path) not in answer.error
        assert (await site.as_program("GET", "/api/sessions")).json["sessions"] == []

    alive(check, media=(media,))


def test_an_offered_folder_is_listed_and_opened(alive: Alive, tmp_path: Path) -> None:
    media, more = tmp_path / "media", tmp_path / "more"
    media.mkdir()
    more.mkdir()
    clip = small_clip(media / "B clip.webm")
    (media / "deep.mp4").mkdir()
    (media / "a\n.mp4").touch()
    (more / "B clip.webm").touch()
    (more / "a.mp4").write_bytes(b"x")

    async def check(site: Site) -> None:
        server = (await site.as_program("GET", "/api/server")).json
        assert server["media"] == [
            {"name": "a.mp4", "bytes": 1},
            {"name": "B clip.webm", "bytes": clip.stat().st_size},
        ]
        source = {"kind": "media", "name": "B clip.webm"}
        answer = await begun(site, source=source, matte="source", pace="fast")
        assert (answer.status, answer.json["kind"]) == (201, "media")
        assert (await ended(site, answer.json["id"]))["state"] == "ended"

    alive(check, media=(media, more, tmp_path / "none"))


def test_cameras_are_those_that_give_pictures(tmp_path: Path) -> None:
    for node, index, name in (
        ("video0", "0", "Front"),
        ("video1", "1", "Front"),
        ("video2", "0", "B\n"),
    ):
        (tmp_path / node).mkdir()
        (tmp_path / node / "index").write_text(index + "\n")
        (tmp_path / node / "name").write_text(name + "\n")
    (tmp_path / "video3").mkdir()
    assert cameras(tmp_path) == [Camera("camera:0", "Front"), Camera("camera:2", "B")]
    assert cameras(tmp_path / "none") == []
    assert offered([tmp_path / "none"]) == []


def test_a_camera_that_is_there_may_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "cameras", lambda: [Camera("camera:0", "Front")])
    assert sources._camera("camera:0") == "Front"
    with pytest.raises(RequestError, match="there is camera:0"):
        sources._camera("camera:1")


def test_a_session_of_old_is_renamed_and_its_loops_decide_whether_it_goes(
    alive: Alive, library: Path
) -> None:
    saved(library, "s1", LOOP)

    async def check(site: Site) -> None:
        named = await site.as_program(
            "PATCH", "/api/sessions/s1", json={"name": "<img src=x onerror=alert(1)>\u202e"}
        )
        assert named.json["name"] == "<img src=x onerror=alert(1)>\N{REPLACEMENT CHARACTER}"
        for wrong in ({"name": ""}, {"name": "n" * 201}, {"state": "gone"}, {"nam": "x"}):
            refused = await site.as_program("PATCH", "/api/sessions/s1", json=wrong)
            assert (refused.status, bool(refused.error)) == (400, True)
        path = "/api/sessions/s1/loops/L1"
        assert (await site.as_program("PATCH", path, json={"kept": True})).json["kept"] is True
        assert (await site.as_program("DELETE", path)).status == 409
        assert (await site.as_program("DELETE", "/api/sessions/s1")).status == 409
        assert (await site.as_program("DELETE", "/api/sessions/s1?kept=too")).status == 204
        assert (await site.as_program("GET", "/api/sessions/s1")).status == 404
        assert not (library / "sessions" / "s1").exists()

    alive(check)


def test_sessions_survive_a_new_start(library: Path) -> None:
    saved(library, "s1", replace(LOOP, kept=True, title="mine"))

    async def check() -> None:
        for _ in range(2):
            async with serving(library) as site:
                (only,) = (await site.as_program("GET", "/api/sessions")).json["sessions"]
                assert only["loops"][0]["title"] == "mine"

    asyncio.run(check())


def test_what_expired_goes_at_the_start_and_every_day(library: Path) -> None:
    saved(library, "old", LOOP, created=LONG_AGO)
    saved(library, "kept", replace(LOOP, kept=True), created=LONG_AGO)
    saved(library, "young", LOOP)
    (library / "sessions" / ".half.gone").mkdir()

    async def check() -> None:
        async with serving(library, expire_days=14) as site:
            assert not (library / "sessions" / ".half.gone").exists()
            assert not (library / "sessions" / "old").exists(), "before anything is loaded"
            listed = (await site.as_program("GET", "/api/sessions")).json["sessions"]
            assert {each["id"] for each in listed} == {"kept", "young"}
            told = site.app[SESSIONS].journal.last
            await sweep(site.app, datetime(2100, 1, 1, tzinfo=UTC))
            listed = (await site.as_program("GET", "/api/sessions")).json["sessions"]
            assert {each["id"] for each in listed} == {"kept"}
            assert site.app[SESSIONS].journal.last > told, "open pages are told"
        assert [each.name for each in (library / "sessions").iterdir()] == ["kept"]

    asyncio.run(check())


def test_nothing_expires_where_that_is_switched_off(alive: Alive, library: Path) -> None:
    saved(library, "old", LOOP, created=LONG_AGO)

    async def check(site: Site) -> None:
        await sweep(site.app, datetime(2100, 1, 1, tzinfo=UTC))
        (only,) = (await site.as_program("GET", "/api/sessions")).json["sessions"]
        assert (only["id"], only["expires"]) == ("old", None)

    alive(check, expire_days=0)
