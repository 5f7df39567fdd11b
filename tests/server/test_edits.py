"""Loops painted on by way of the server: taken apart, written anew, given up, found again."""

import io
import json
import os
import signal
import struct
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import psutil
import pytest
from PIL import Image

from server.editfacts import EditFacts
from server.errors import RequestError
from server.model import SessionFacts
from server.sessions import Sessions
from tests.server.lives import only, run, until
from tests.server.servers import Site, saved, written


def children() -> list[psutil.Process]:
    own = psutil.Process().children(recursive=True)
    return [each for each in own if "streaming.editing" in each.cmdline()]


def edit(sessions: Sessions) -> EditFacts | None:
    return sessions.loops.loop(sessions.all()[0].id, "L1").edit


async def settled(sessions: Sessions, sid: str, *states: str) -> EditFacts:
    def so(_: SessionFacts) -> bool:
        found = edit(sessions)
        return found is not None and found.state in states

    await until(sessions, sid, so)
    found = edit(sessions)
    assert found
    return found


def png(*, size: tuple[int, int] = (8, 8), mode: str = "RGBA", colour: object = None) -> bytes:
    into = io.BytesIO()
    Image.new(mode, size, colour or (255, 0, 0, 255)[: len(mode)]).save(into, "PNG")  # type: ignore[arg-type]
    return into.getvalue()


async def sent(data: bytes) -> AsyncIterator[bytes]:
    yield data


def middle_of(webp: bytes) -> tuple[int, ...]:
    """The colour of the subject, of a loop's first frame."""
    with Image.open(io.BytesIO(webp)) as picture:
        alpha = np.asarray(picture.convert("RGBA"))
    return tuple(int(each) for each in np.median(alpha[alpha[..., 3] > 250], axis=0))


def exported(sessions: Sessions, sid: str, lid: str) -> bool:
    made = sessions.loops.loop(sid, lid).export("png-sequence")
    assert made is None or made.state != "failed", made
    return made is not None and made.state == "ready"


def head_of(path: Path) -> dict:  # type: ignore[type-arg]
    data = path.read_bytes()
    (length,) = struct.unpack("<I", data[8:12])
    return dict(json.loads(data[12 : 12 + length]))


def test_a_loop_is_taken_apart_and_is_there_after_a_new_start(root: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        with pytest.raises(RequestError, match="not taken apart"):
            sessions.edits.bundle(sid, loop.id)
        sessions.edits.begin(sid, loop.id, "draft")
        with pytest.raises(RequestError, match="in work"):
            sessions.edits.begin(sid, loop.id, "draft")
        ready = await settled(sessions, sid, "ready", "failed")
        assert ready.state == "ready", ready
        head = head_of(sessions.edits.bundle(sid, loop.id))
        assert (head["size"], head["count"]) == ([64, 64], loop.frames)
        assert [each["name"] for each in head["layers"]] == ["foreground_0", "background"]
        blue = png(size=tuple(head["layers"][0]["atlas"]), colour=(20, 40, 220, 255))
        await sessions.edits.receive(sid, loop.id, "foreground_0", "paint", sent(blue))
        version = sessions.edits.save(sid, loop.id, ["foreground_0"], [])
        with pytest.raises(RequestError, match="being written"):
            sessions.edits.save(sid, loop.id, ["foreground_0"], [])
        ready = await settled(sessions, sid, "ready")
        assert not ready.problems, ready
        made = sessions.loops.loop(sid, version)
        assert (made.state, made.frames, made.version_of) == ("written", loop.frames, loop.id)
        assert made.edit == EditFacts(
            "ready", "draft", 1.0, of="L1", painted=("foreground_0/paint",)
        )
        assert sessions.edits.painted(sid, version, "foreground_0", "paint").read_bytes() == blue
        assert sessions.edits.bundle(sid, version) == sessions.edits.bundle(sid, loop.id)
        before, after = (middle_of(sessions.loops.files(sid).poster(each)) for each in (loop, made))
        assert before[0] > 150 > before[2]
        assert after[2] > 150 > after[0]
        await without_the_subject(sessions, sid)
        sessions.exports.make(sid, version, "png-sequence", {})  # from its own master
        await until(sessions, sid, lambda facts: exported(sessions, sid, version))

    async def again(sessions: Sessions) -> None:
        sid = sessions.all()[0].id
        loop = sessions.loops.loop(sid, "L1")
        assert sessions.edits.bundle(sid, loop.id).is_file()
        await sessions.edits.drop(sid, loop.id)
        assert [each.edit for each in sessions.facts(sid).loops] == [None, None, None]
        assert not (root / "sessions" / sid / "result" / "edits" / loop.id).exists()

    run(root, check)
    run(root, again)


async def without_the_subject(sessions: Sessions, sid: str) -> None:
    behind = sessions.edits.save(sid, "L1", [], [], show="behind")
    ready = await settled(sessions, sid, "ready")
    assert not ready.problems, ready
    alone = sessions.loops.loop(sid, behind)
    assert alone.edit == EditFacts("ready", "draft", 1.0, of="L1", show="behind")
    with Image.open(io.BytesIO(sessions.loops.files(sid).poster(alone))) as picture:
        assert (np.asarray(picture.convert("RGBA"))[..., 3] > 250).all()


RED, BLUE = (220, 30, 20, 255), (20, 40, 220, 255)
VERSION = "L1.2"
GOING = EditFacts("ready", "draft", 1.0, going=("foreground_0/paint",))


def test_a_draft_is_made_exact_with_all_that_was_painted_on_it(root: Path) -> None:
    run(root, painted_on)  # ends while it is made exact
    assert not children()
    run(root, made_exact)


async def painted_on(sessions: Sessions) -> None:
    sid, loop = only(sessions)
    edits = sessions.edits
    edits.begin(sid, loop.id, "draft")
    await settled(sessions, sid, "ready")
    with pytest.raises(RequestError, match="refine it"):
        edits.begin(sid, loop.id, "final")
    before = edits.bundle(sid, loop.id).read_bytes()
    layer = head_of(edits.bundle(sid, loop.id))["layers"][0]
    for colour in (BLUE, RED):
        whole = png(size=tuple(2 * each for each in layer["atlas"]), colour=colour)
        await edits.receive(sid, loop.id, "foreground_0", "paint", sent(whole))
        if colour == BLUE:
            made = edits.save(sid, loop.id, ["foreground_0"], [], quality="draft")
            assert made == VERSION
            await settled(sessions, sid, "ready")
    edits.refine(sid, loop.id, ["foreground_0"], [], quality="draft")
    with pytest.raises(RequestError, match="being made exact"):
        edits.save(sid, VERSION, [], [], show="behind")
    await until(sessions, sid, lambda facts: bool(children()))
    await edits.drop(sid, loop.id)  # for now
    assert edit(sessions) == GOING
    assert edits.bundle(sid, loop.id).read_bytes() == before
    edits.refine(sid, VERSION, [], [])
    await until(sessions, sid, lambda facts: bool(children()))


async def made_exact(sessions: Sessions) -> None:
    sid, loop = sessions.all()[0].id, sessions.loops.loop(sessions.all()[0].id, "L1")
    edits = sessions.edits
    assert edit(sessions) == GOING
    before = edits.bundle(sid, loop.id).read_bytes()
    edits.refine(sid, VERSION, [], [], frame=3)
    await until(sessions, sid, lambda facts: all_exact(sessions, sid))
    with pytest.raises(RequestError, match="nothing to do"):
        edits.refine(sid, loop.id, [], [])
    with pytest.raises(RequestError, match="open it anew"):
        edits.save(sid, loop.id, [], [], show="behind", quality="draft")
    assert edits.bundle(sid, VERSION).read_bytes() != before
    atlas = head_of(edits.bundle(sid, VERSION))["layers"][0]["atlas"]
    for lid, colour in ((loop.id, RED), (VERSION, BLUE)):
        with Image.open(edits.painted(sid, lid, "foreground_0", "paint")) as picture:
            assert picture.size == tuple(2 * each for each in atlas)
            assert picture.getpixel((picture.width // 2, picture.height // 2)) == colour
    left = edits.bundle(sid, loop.id).parents[1].rglob("*.*")
    assert not [each for each in left if each.suffix in (".new", ".old")]
    await edits.receive(sid, loop.id, "foreground_0", "paint", sent(png(colour=RED)))
    again = edits.save(sid, loop.id, ["foreground_0"], [], quality="final")
    assert (await settled(sessions, sid, "ready")).going == ()
    made = sessions.loops.loop(sid, again)
    assert made.edit == replace(
        EditFacts("ready", "final", 1.0, of="L1"), painted=("foreground_0/paint",)
    )


def all_exact(sessions: Sessions, sid: str) -> bool:
    edits = [each.edit for each in sessions.facts(sid).loops]
    assert not any(each and each.problems for each in edits), edits
    return all(each and (each.state, each.quality) == ("ready", "final") for each in edits)


def test_what_is_given_up_or_dies_costs_nothing_else(root: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        sessions.edits.begin(sid, loop.id, "draft")
        await until(sessions, sid, lambda facts: bool(children()))
        os.kill(children()[0].pid, signal.SIGKILL)
        failed = await settled(sessions, sid, "failed")
        assert "unexpectedly" in failed.problems[0]
        sessions.edits.begin(sid, loop.id, "draft")
        await until(sessions, sid, lambda facts: bool(children()))
        await sessions.edits.drop(sid, loop.id)
        assert not children()
        assert edit(sessions) is None
        sessions.edits.begin(sid, loop.id, "draft")

    async def again(sessions: Sessions) -> None:
        assert edit(sessions) is None

    run(root, check)  # ends while it is being taken apart
    assert not children()
    run(root, again)


def test_over_http_only_pictures_of_known_layers_are_taken(
    alive: Callable[..., None], library: Path
) -> None:
    loop = written(library, edit=EditFacts("ready"))
    saved(library, "s1", loop, replace(loop, id="L2", edit=None))
    path = "/api/sessions/s1/loops/L1/edit"

    async def check(site: Site) -> None:
        async def send(name: str, data: bytes, kind: str = "image/png") -> int:
            answer = await site.as_program(
                "POST", f"{path}/layers/{name}", data=data, headers={"Content-Type": kind}
            )
            return answer.status

        assert await send("foreground_0/paint.png", png()) == 204
        assert await send("background/change.png", png()) == 204
        assert await send("foreground_0/paint.png", png(), "image/jpeg") == 415
        assert await send("foreground_0/paint.png", png()[:46]) == 422
        assert await send("foreground_0/paint.png", png(mode="RGB")) == 422
        assert await send("..%2Fevil/paint.png", png()) == 404
        assert await send("foreground_0/other.png", png()) == 404
        folder = library / "sessions" / "s1" / "result" / "edits" / "L1" / "sent"
        assert {each.name for each in folder.iterdir()} == {
            "foreground_0-paint.png",
            "background-change.png",
        }
        assert (await site.ask("POST", path, json={})).status == 401
        assert (await site.as_program("POST", path, json={"quality": "best"})).status == 400
        assert (await site.as_program("POST", path, json={})).status == 409  # no master
        assert (await site.as_program("GET", f"{path}/bundle")).status == 404
        assert (await site.as_program("POST", f"{path}/versions", json={})).status == 422
        odd = {"paint": ["../../key"]}
        assert (await site.as_program("POST", f"{path}/versions", json=odd)).status == 404
        other = path.replace("L1", "L2")
        assert (await site.as_program("POST", f"{other}/versions", json={})).status == 409

    alive(check)
