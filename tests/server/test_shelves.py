"""What users do with the loops of real sessions: mark, keep, look into, cut anew, discard."""

import asyncio
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from server.errors import RequestError
from server.loopfacts import LoopFacts
from server.sessions import Sessions
from streaming.media.alpha import probe_webm
from tests.server.lives import (
    PERIOD,
    TOO_SHORT,
    all_whole,
    only,
    retired,
    run,
    state_of,
    until,
    wanted,
)


def test_a_span_marked_by_hand_becomes_a_loop(disc: Path, tmp_path: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid = (await sessions.create(wanted(disc, pace="real"), limits=TOO_SHORT)).id
        await until(sessions, sid, lambda facts: facts.time_s > 0.5)
        await sessions.change(sid, state="paused")
        with pytest.raises(RequestError) as refused:
            await sessions.loops.mark(sid, 0.5, 0.2)
        assert refused.value.status == 422
        assert await sessions.loops.mark(sid, 0.1, 0.4) == "H1"
        assert await sessions.loops.mark(sid, 0.1, 0.5) == "H2"
        assert await sessions.loops.mark(sid, 0.7, 0.9) == "H3"  # that is still to come
        await sessions.change(sid, state="running", pace="fast")
        await retired(sessions, sid)
        facts = await until(sessions, sid, lambda facts: state_of(facts, "H3") == "written")
        hand = {each.id: (each.start, each.end) for each in facts.loops if each.kind == "hand"}
        assert hand == {"H1": (3, 12), "H2": (3, 15), "H3": (21, 27)}

    run(tmp_path / "library", check)


def test_a_span_of_a_file_is_cut_when_all_is_over_and_after_a_new_start(
    root: Path, disc: Path
) -> None:
    async def check(sessions: Sessions) -> None:
        sid, found = only(sessions)
        id = await sessions.loops.mark(sid, 0.4, 0.8)
        facts = await until(sessions, sid, lambda facts: state_of(facts, id) != "found")
        loop = facts.loop(id)
        assert loop
        assert (loop.kind, loop.state, loop.start, loop.end) == ("hand", "written", 12, 24)
        assert (await sessions.loops.path(sid, id)).is_file()
        table = await sessions.loops.seam(sid, id)
        assert (table["start"], table["first"]) == (12, 0)
        assert facts.loop(found.id) == found

    async def again(sessions: Sessions) -> None:
        (facts,) = sessions.all()
        assert await sessions.loops.mark(facts.id, 0.1, 0.5) == "H2"
        assert await sessions.loops.mark(facts.id, 0.1, 0.11) == "H3"
        told = await until(sessions, facts.id, lambda facts: state_of(facts, "H3") == "failed")
        assert state_of(told, "H2") == "written"
        assert "at least 3" in told.loops[-1].problems[0]

    run(root, check)
    run(root, again)
    all_whole(root)


@pytest.mark.parametrize("again", [True, False])
def test_what_cannot_be_read_again_is_said(again: bool, root: Path, disc: Path) -> None:
    (facts,) = (root / "sessions").glob("*/session.json")
    facts.write_text(json.dumps(json.loads(facts.read_text("utf-8")) | {"again": again}))
    source = facts.with_name("source.json")
    moved = json.loads(source.read_text("utf-8")) | {"address": str(disc.with_name("gone.webm"))}
    source.write_text(json.dumps(moved))

    async def check(sessions: Sessions) -> None:
        sid, _ = only(sessions)
        if not again:  # a camera's
            with pytest.raises(RequestError, match="cannot be read again"):
                await sessions.loops.mark(sid, 0.4, 0.8)
            return
        id = await sessions.loops.mark(sid, 0.4, 0.8)
        told = await until(sessions, sid, lambda facts: state_of(facts, id) == "failed")
        assert "gone.webm" in told.loops[-1].problems[0]

    run(root, check)


def test_no_name_is_given_twice_whatever_became_of_its_loop(disc: Path, tmp_path: Path) -> None:
    """The engine would write the second one over the first."""

    async def check(sessions: Sessions) -> None:
        sid = (await sessions.create(wanted(disc, pace="real"), limits=TOO_SHORT)).id
        await sessions.change(sid, state="paused")
        told = sessions.session(sid).chronicle
        for name in ("H1", "H2", "H3"):
            assert await sessions.loops.mark(sid, 0.0, 0.5) == name
            told.put(LoopFacts(name, "hand", "found", 0, 15, 0.0, 0.5, 2.0))
            if name == "H2":
                told.drop("H1")
                told.drop("H2")

    run(tmp_path / "library", check)


def test_a_loop_is_discarded_though_its_master_is_not_there(root: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        folder = root / "sessions" / sid / "result"
        (folder / loop.master).unlink()
        sessions.loops.discard(sid, loop.id)
        assert sessions.facts(sid).loops == ()
        assert not (folder / loop.file).exists()

    run(root, check)


def test_a_session_with_kept_loops_goes_only_if_that_is_said(root: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        sessions.loops.change(sid, loop.id, kept=True)
        for refused in (sessions.delete(sid, with_kept=False), discarded(sessions, sid, loop)):
            with pytest.raises(RequestError, match="kept") as error:
                await refused
            assert error.value.status == 409
        assert (await sessions.loops.path(sid, loop.id)).is_file()
        await sessions.delete(sid, with_kept=True)
        assert sessions.all() == []
        assert list((root / "sessions").iterdir()) == []
        with pytest.raises(RequestError) as gone:
            sessions.facts(sid)
        assert gone.value.status == 404

    run(root, check)


async def discarded(sessions: Sessions, sid: str, loop: LoopFacts) -> None:
    sessions.loops.discard(sid, loop.id)


def test_files_that_are_given_other_names_are_found_under_those(root: Path) -> None:
    """As happens when a session ends, while its loops are looked at."""

    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        told = sessions._told(sid)
        folder = root / "sessions" / sid / "result"
        for look in (sessions.loops.path, sessions.loops.poster, sessions.loops.seam):
            named = replace(loop, file=f"{look.__name__}.webm", master=f"{look.__name__}.mkv")
            (folder / loop.file).rename(folder / named.file)
            (folder / loop.master).rename(folder / named.master)
            looking = asyncio.ensure_future(look(sid, loop.id))
            await asyncio.sleep(0)  # it has begun, with the names of before
            told.put(named)
            assert await looking
            loop = named
        with pytest.raises(RequestError, match="no such file"):
            (folder / loop.file).unlink()
            await sessions.loops.path(sid, loop.id)

    run(root, check)


def test_another_master_of_the_same_name_is_read_anew(root: Path) -> None:
    """At its end a session names its files by rank: what was the first may become the second."""

    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        master = root / "sessions" / sid / "result" / loop.master
        assert (await sessions.loops.seam(sid, loop.id))["count"] > PERIOD
        other = master.with_name("other.mkv")
        other.write_bytes(b"no master at all")
        other.replace(master)
        with pytest.raises(RequestError) as refused:
            await sessions.loops.seam(sid, loop.id)
        assert refused.value.status == 410

    run(root, check)


def test_a_version_with_other_ends_is_written(root: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        seam = await sessions.loops.seam(sid, "L1")
        assert (seam["start"], seam["end"]) == (loop.start, loop.end)
        row = seam["mismatch"][seam["starts"].index(loop.start)]
        assert row[seam["ends"].index(loop.end)] == pytest.approx(loop.mismatch, abs=0.05)
        picture = await sessions.loops.frame(sid, "L1", loop.start)
        poster = await sessions.loops.poster(sid, "L1")
        for each in (picture, poster):
            with Image.open(io.BytesIO(each)) as shown:
                assert (shown.format, shown.mode, shown.size) == ("WEBP", "RGBA", (64, 64))
        id = await sessions.loops.version(sid, "L1", loop.start + 1, loop.end + 2)
        assert id == "L1.2"
        await until(sessions, sid, lambda facts: state_of(facts, id) == "written")
        version = sessions.loops.loop(sid, id)
        assert (version.state, version.kind, version.version_of) == ("written", "hand", "L1")
        assert probe_webm(await sessions.loops.path(sid, id)).frames == PERIOD + 1 == version.frames
        again = await sessions.loops.version(sid, id, 0, 999)
        assert again == "L1.3"  # of the original, however often it was cut
        await until(sessions, sid, lambda facts: state_of(facts, again) == "failed")
        assert "frames 0 to 999" in sessions.loops.loop(sid, again).problems[0]
        sessions.loops.discard(sid, "L1")
        assert await sessions.loops.seam(sid, id)  # the master is still there for it

    run(root, check)


def test_a_span_that_does_not_close_is_offered_ways_and_written_mended(root: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        ends = loop.start, loop.end + 5
        offered = await sessions.loops.mends(sid, loop.id, *ends)
        assert offered
        assert all(each["after"] <= 1.2 for each in offered), offered
        id = await sessions.loops.version(sid, loop.id, *ends, "auto")
        facts = await until(sessions, sid, lambda facts: state_of(facts, id) != "found")
        made = facts.loop(id)
        assert made
        assert (made.kind, made.state) == ("hand", "written"), made
        assert made.mending
        (same,) = (each for each in offered if each["method"] == made.mending["method"])
        assert made.mending["before"] > 1.5 > 1.2 > made.mending["after"]
        assert made.as_json()["duration_s"] == pytest.approx(same["duration_s"])
        with pytest.raises(RequestError) as beyond:
            await sessions.loops.mends(sid, loop.id, 0, 9999)
        assert beyond.value.status == 422

    run(root, check)
    all_whole(root)


def test_a_span_that_closes_is_mended_only_in_a_way_that_is_named(root: Path) -> None:
    """Led back to its start the disc is off by less than it moves anyway, and no way betters that.

    So the least that is needed is nothing; whoever wants a fade all the same sees its figures.
    """

    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        ends = loop.start, loop.end + 3
        ways = {each["method"]: each for each in await sessions.loops.mends(sid, loop.id, *ends)}
        assert ways["morph"]["before"] < ways["morph"]["after"] <= 1.2
        ids = [await sessions.loops.version(sid, loop.id, *ends, way) for way in ("auto", "morph")]
        facts = await until(
            sessions, sid, lambda facts: all(state_of(facts, id) != "found" for id in ids)
        )
        plain, named = (facts.loop(id) for id in ids)
        assert plain and named
        assert (plain.state, plain.mending, plain.frames) == ("written", None, PERIOD + 3)
        assert (named.state, named.mending and named.mending["method"]) == ("written", "morph")

    run(root, check)
    all_whole(root)


def test_a_version_that_is_being_written_at_the_end_is_not_lost(root: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        await sessions.loops.version(sid, "L1", loop.start + 1, loop.end + 1)

    async def again(sessions: Sessions) -> None:
        await sessions.loops.close()
        (facts,) = sessions.all()
        assert {each.id: each.state for each in facts.loops} == {
            "L1": "written",
            "L1.2": "written",
        }

    run(root, check)
    run(root, again)
    all_whole(root)


def test_what_a_killed_server_left_half_done_is_done_by_the_next(root: Path) -> None:
    """One version was on the disk and not yet told of, one loop found and owed, one without all."""
    (place,) = (root / "sessions").glob("*/session.json")
    folder = place.parent / "result"
    saved = json.loads(place.read_text("utf-8"))
    (loop,) = saved["loops"]
    (folder / loop["file"]).unlink()
    (folder / "versions").mkdir()
    (folder / "versions" / "L1.2.webm").write_bytes(b"an earlier one")
    owed = {**loop, "state": "found", "file": ""}
    version = {**owed, "id": "L1.2", "kind": "hand", "version_of": "L1", "start": loop["start"] + 1}
    saved["loops"] = [owed, version, {**owed, "id": "L2", "master": ""}]
    place.write_text(json.dumps({**saved, "state": "running"}), "utf-8")

    async def check(sessions: Sessions) -> None:
        (facts,) = sessions.all()
        assert facts.state == "ended"
        await sessions.loops.close()
        (facts,) = sessions.all()
        assert {each.id: each.state for each in facts.loops} == {"L1": "written", "L1.2": "written"}
        assert probe_webm(await sessions.loops.path(facts.id, "L1")).frames == PERIOD
        assert probe_webm(await sessions.loops.path(facts.id, "L1.2")).frames == PERIOD - 1

    run(root, check)
    all_whole(root)
