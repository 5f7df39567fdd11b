"""Loops made for other places by a process of its own: real files, and an end at any time."""

import io
import os
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from PIL import Image

from server.errors import RequestError
from server.exported import ExportFacts
from server.sessions import Sessions
from tests.server.lives import only, run, until
from tests.server.servers import Site, saved, written


def made(sessions: Sessions, sid: str, lid: str, target: str) -> ExportFacts:
    loop = sessions.facts(sid).loop(lid)
    assert loop
    export = loop.export(target)
    assert export
    return export


async def settled(sessions: Sessions, sid: str, lid: str, target: str) -> ExportFacts:
    await until(sessions, sid, lambda facts: made(sessions, sid, lid, target).settled)
    return made(sessions, sid, lid, target)


def children() -> list[psutil.Process]:
    own = psutil.Process().children(recursive=True)
    return [each for each in own if "streaming.exporter" in each.cmdline()]


def test_a_loop_is_made_for_two_places_and_is_there_after_a_new_start(root: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        sessions.exports.make(sid, loop.id, "discord-emoji", {"stroke_px": 2})
        sessions.exports.make(sid, loop.id, "png-sequence", {})
        assert made(sessions, sid, loop.id, "png-sequence").state == "waiting"
        emoji = await settled(sessions, sid, loop.id, "discord-emoji")
        assert (emoji.state, emoji.width, emoji.height) == ("ready", 128, 128), emoji
        _, path = sessions.exports.path(sid, loop.id, "discord-emoji")
        with Image.open(path) as picture:
            assert (picture.format, picture.size) == ("WEBP", (128, 128))
            assert 2 < picture.n_frames <= emoji.frames  # type: ignore[attr-defined]
        assert path.stat().st_size == emoji.bytes <= 256 * 1024
        pictures = await settled(sessions, sid, loop.id, "png-sequence")
        assert pictures.state == "ready", pictures
        with zipfile.ZipFile(sessions.exports.path(sid, loop.id, "png-sequence")[1]) as archive:
            assert sum(name.endswith(".png") for name in archive.namelist()) == loop.frames

    async def again(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        assert {each.target for each in loop.exports} == {"discord-emoji", "png-sequence"}
        _, path = sessions.exports.path(sid, loop.id, "discord-emoji")
        await sessions.exports.drop(sid, loop.id, "discord-emoji")
        assert not path.exists()
        with pytest.raises(RequestError, match="was not made"):
            sessions.exports.path(sid, loop.id, "discord-emoji")

    run(root, check)
    run(root, again)


def test_what_is_given_up_or_dies_costs_nothing_else(root: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        sessions.exports.make(sid, loop.id, "editing", {})
        await until(sessions, sid, lambda facts: bool(children()))
        os.kill(children()[0].pid, signal.SIGKILL)
        killed = await settled(sessions, sid, loop.id, "editing")
        assert killed.state == "failed"
        assert "unexpectedly" in killed.problems[0]
        sessions.exports.make(sid, loop.id, "web", {})
        await until(sessions, sid, lambda facts: bool(children()))
        await sessions.exports.drop(sid, loop.id, "web")
        assert not children()
        assert sessions.facts(sid).loop(loop.id).export("web") is None  # type: ignore[union-attr]
        sessions.exports.make(sid, loop.id, "web", {})

    async def again(sessions: Sessions) -> None:
        _, loop = only(sessions)
        assert [each.target for each in loop.exports] == ["editing"]

    run(root, check)  # ends while one is under way
    assert not children()
    run(root, again)


def test_what_cannot_be_made_is_refused_in_words(root: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        with pytest.raises(RequestError, match="telegram-sticker") as unknown:
            sessions.exports.make(sid, loop.id, "../../etc", {})
        assert unknown.value.status == 404
        with pytest.raises(RequestError, match="give 0 to 64") as wide:
            sessions.exports.make(sid, loop.id, "web", {"stroke_px": 999})
        assert wide.value.status == 422

    run(root, check)


def test_over_http_the_table_is_told_and_a_loop_without_a_master_is_not_made(
    alive: Callable[..., None], library: Path
) -> None:
    saved(library, "s1", written(library))
    path = "/api/sessions/s1/loops/L1/exports"

    async def check(site: Site) -> None:
        table = (await site.as_program("GET", "/api/targets")).json["targets"]
        assert {"telegram-sticker", "whatsapp-sticker", "web"} <= {each["name"] for each in table}
        answer = await site.as_program("POST", path, json={"target": "web"})
        assert (answer.status, "no master" in answer.error) == (409, True)
        answer = await site.as_program("POST", path, json={"target": "web", "frames": 3})
        assert answer.status == 400
        assert (await site.as_program("GET", f"{path}/web")).status == 404
        assert (await site.as_program("DELETE", f"{path}/none")).status == 404

    alive(check)


def test_a_made_file_is_saved_under_the_loops_title(
    alive: Callable[..., None], library: Path
) -> None:
    picture = io.BytesIO()
    Image.new("RGBA", (4, 4)).save(picture, "GIF")
    export = ExportFacts("slack-emoji", "ready", file="exports/L1/slack-emoji/loop.gif")
    saved(library, "s1", written(library, title="A wave", exports=(export,)))
    path = library / "sessions" / "s1" / "result" / export.file
    path.parent.mkdir(parents=True)
    path.write_bytes(picture.getvalue())

    async def check(site: Site) -> None:
        answer = await site.as_program("GET", "/api/sessions/s1/loops/L1/exports/slack-emoji")
        assert (answer.status, answer.body) == (200, picture.getvalue())
        assert answer.headers["Content-Type"] == "image/gif"
        assert 'filename="A wave slack-emoji.gif"' in answer.headers["Content-Disposition"]

    alive(check)
