"""Whole sessions, from a source to loops on the disk, steered while they run."""

import asyncio
import contextlib
import json
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from server.errors import RequestError
from server.library import Library
from server.model import Limits, SessionFacts
from server.sessions import Sessions
from streaming.frames import Size
from streaming.media.alpha import probe_webm
from tests.media.figures import orbit
from tests.runs import clip_of
from tests.server.lives import (
    FRAMES,
    ONE,
    PERIOD,
    SOON_S,
    TOO_SHORT,
    all_whole,
    only,
    quiet,
    retired,
    run,
    until,
    wanted,
)


def test_a_session_runs_to_its_end_and_its_loops_are_there(disc: Path, tmp_path: Path) -> None:
    root = tmp_path / "library"

    async def check(sessions: Sessions) -> None:
        begun = await sessions.create(wanted(disc), limits=ONE)
        assert (begun.state, begun.name, begun.live) == ("starting", "disc.webm", False)
        facts = await retired(sessions, begun.id)
        assert (facts.state, facts.error, facts.size) == ("ended", None, (64, 64))
        assert facts.runtime == "the source's own alpha"
        assert (facts.numbers.frames, facts.numbers.dropped) == (FRAMES, 0)
        _, loop = only(sessions)
        assert (loop.id, loop.kind, loop.state) == ("L1", "loop", "written")
        assert (loop.frames, loop.end - loop.start) == (PERIOD, PERIOD)
        shown = probe_webm(await sessions.loops.path(facts.id, "L1"))
        assert (shown.frames, shown.bytes, shown.has_alpha) == (PERIOD, loop.bytes, True)
        with pytest.raises(RequestError) as over:
            sessions.session(facts.id)
        assert over.value.status == 409
        totals = sessions.totals()
        assert (totals.running, totals.processed, totals.loops) == (0, FRAMES, 1)
        saved = json.loads((root / "sessions" / facts.id / "session.json").read_text("utf-8"))
        assert SessionFacts.from_json(saved) == replace(facts, expires=None)

    run(root, check)


def test_a_session_is_paused_steered_and_let_go(disc: Path, tmp_path: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid = (await sessions.create(wanted(disc, pace="real"), limits=TOO_SHORT)).id
        await until(sessions, sid, lambda facts: facts.time_s > 0.1)
        assert (await sessions.change(sid, state="paused")).state == "paused"
        assert await standstill(sessions, sid) < FRAMES
        with pytest.raises(RequestError, match=r"this server holds 6 s") as refused:
            await sessions.change(sid, limits=Limits(max_duration_s=7))
        assert refused.value.status == 422
        with pytest.raises(RequestError, match=r"1 sessions run already.*stop one") as full:
            await sessions.create(wanted(disc), limits=ONE)
        assert full.value.status == 503
        changed = await sessions.change(sid, limits=ONE, name="Mine")
        assert (changed.limits, changed.name) == (ONE, "Mine")
        assert (await sessions.change(sid, state="running")).state == "running"
        facts = await retired(sessions, sid)
        assert (facts.state, facts.numbers.frames) == ("ended", FRAMES), facts.error
        assert [each.end - each.start for each in facts.loops if each.kind == "loop"] == [PERIOD]
        await sessions.create(wanted(disc), limits=ONE)  # there is room again

    run(tmp_path / "library", check, max_sessions=1)


async def standstill(sessions: Sessions, sid: str) -> int:
    """How many frames there were when two tellings in a row told the same number."""
    before, entries = -1, sessions.journal_of(sid).entries(None)
    async with contextlib.aclosing(entries):
        async for entry in entries:
            if entry.kind == "numbers" and entry.data["frames"] == before:
                return before
            before = entry.data["frames"] if entry.kind == "numbers" else before
    raise AssertionError("it ended meanwhile")


def test_a_slow_clip_is_hurried_on_demand(tmp_path: Path) -> None:
    pictures = (np.full((32, 32, 3), 9 * index, np.uint8) for index in range(20))
    slow = clip_of(tmp_path / "slow.mp4", pictures, fps=1)

    async def check(sessions: Sessions) -> None:
        source = wanted(slow, pace="real", matte="none")
        sid = (await sessions.create(source, limits=TOO_SHORT)).id
        await until(sessions, sid, lambda facts: facts.state == "running")
        assert (await sessions.change(sid, pace="fast")).pace == "fast"
        async with asyncio.timeout(12):
            assert (await retired(sessions, sid)).numbers.frames == 20

    run(tmp_path / "library", check)


def test_a_session_that_is_stopped_keeps_what_it_found(disc: Path, tmp_path: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid = (await sessions.create(wanted(disc, pace="real"), limits=ONE)).id
        await until(sessions, sid, lambda facts: bool(facts.loops))
        assert (await sessions.change(sid, state="stopped")).state == "ending"
        facts = await retired(sessions, sid)
        assert (facts.state, facts.loops[0].state) == ("ended", "written")
        assert facts.numbers.frames < FRAMES
        with pytest.raises(RequestError) as over:
            await sessions.change(sid, state="running")
        assert over.value.status == 409

    run(tmp_path / "library", check)


def test_a_session_that_is_stopped_before_its_first_frame_has_not_failed(
    disc: Path, tmp_path: Path
) -> None:
    async def check(sessions: Sessions) -> None:
        sid = (await sessions.create(wanted(disc), limits=ONE)).id
        await sessions.change(sid, state="stopped")  # nothing else has run meanwhile
        facts = await retired(sessions, sid)
        assert (facts.state, facts.error) == ("ended", None)

    run(tmp_path / "library", check)


def test_a_source_that_cannot_be_read_fails_in_the_engines_words(tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(b"no video" * 100)

    async def check(sessions: Sessions) -> None:
        sid = (await sessions.create(wanted(broken, matte="none"), limits=ONE)).id
        facts = await until(sessions, sid, lambda facts: facts.over)
        assert facts.state == "failed"
        assert facts.error is not None
        assert facts.error.startswith("broken.mp4")
        assert str(tmp_path) not in facts.error

    run(tmp_path / "library", check)


def test_another_start_finds_everything_as_it_was(root: Path) -> None:
    before: list[SessionFacts] = []

    async def first(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        sessions.loops.change(sid, loop.id, title="The wave", kept=True)
        await sessions.change(sid, name="Mine")
        before.extend(sessions.all())

    async def second(sessions: Sessions) -> None:
        assert sessions.all() == before
        _, loop = only(sessions)
        assert (loop.title, loop.kept) == ("The wave", True)
        snapshot = await anext(sessions.journal_of(before[0].id).entries(None))
        assert snapshot.data["session"]["name"] == "Mine"

    run(root, first)
    run(root, second)
    damaged = root / "sessions" / "damaged"
    damaged.mkdir()
    (damaged / "session.json").write_text("{", "utf-8")
    run(root, second)


class Slow(Library):
    """A library whose disk takes its time to say how full it is: others may come in between."""

    deleted = threading.Event()

    def bytes_of(self, sid: str) -> int:
        self.deleted.wait(0.3)
        return super().bytes_of(sid)

    def delete(self, sid: str) -> None:
        super().delete(sid)
        self.deleted.set()


def test_a_running_session_is_deleted_and_nothing_brings_it_back(
    disc: Path, tmp_path: Path
) -> None:
    root = tmp_path / "library"
    lost: list[object] = []

    async def check(sessions: Sessions) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, what: lost.append(what))
        sid = (await sessions.create(wanted(disc, pace="real"), limits=ONE)).id
        entries = sessions.journal.entries(None)
        await asyncio.gather(*(sessions.delete(sid, with_kept=False) for _ in range(2)))
        await quiet()
        sessions.journal.close()
        told = [(each.kind, each.data["id"]) async for each in entries]
        assert told[-1] == ("session-gone", sid)
        assert [kind for kind, _ in told].count("session-gone") == 1
        assert sessions.all() == []

    run(root, check, kind=Slow)
    assert lost == []
    assert list((root / "sessions").iterdir()) == []


def test_closing_reads_and_writes_nothing_that_can_wait_and_leaves_whole_files(
    disc: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.sessions.STOP_S", SOON_S)  # a busy machine is no fault
    root = tmp_path / "library"
    flawless = replace(ONE, seam=1e-6)  # what is found are near-loops, for which nobody waits
    long = 10 * PERIOD  # frames, of which a few seconds are left when all is closed
    turn = orbit(Size(64, 64), PERIOD, np.array([200, 60, 40], np.uint8))
    clip = clip_of(tmp_path / "long.webm", (turn[index % PERIOD] for index in range(long)))

    async def check(sessions: Sessions) -> None:
        paused = (await sessions.create(wanted(clip, pace="real"), limits=flawless)).id
        running = (await sessions.create(wanted(disc, pace="real"), limits=ONE)).id
        await until(sessions, paused, lambda facts: facts.time_s > 1)
        await sessions.change(paused, state="paused")
        await until(sessions, running, lambda facts: bool(facts.loops))
        await sessions.close()
        assert {each.state for each in sessions.all()} == {"ended"}
        assert 0 < sessions.facts(paused).numbers.frames < long
        assert sessions.facts(paused).loops == ()

    run(root, check, max_sessions=2)
    all_whole(root)

    async def again(sessions: Sessions) -> None:
        await sessions.loops.close()  # what was owed is written
        states = {each.state: each.loops for each in sessions.all()}
        assert set(states) == {"ended"}
        every = [loop for each in sessions.all() for loop in each.loops if loop.kind == "loop"]
        assert every
        assert {each.state for each in every} == {"written"}

    run(root, again)
    all_whole(root)


def test_ten_sessions_leave_no_thread_task_or_file_open(disc: Path, tmp_path: Path) -> None:
    async def check(sessions: Sessions) -> None:
        async def one() -> tuple[int, int, int]:
            quick = wanted(disc)
            sid = (await sessions.create(quick, limits=TOO_SHORT)).id
            await sessions.change(sid, state="stopped")
            await retired(sessions, sid)
            await quiet()
            threads = [each.name for each in threading.enumerate()]
            ours = [name for name in threads if not name.startswith("asyncio")]
            return len(ours), len(asyncio.all_tasks()), len([*Path("/proc/self/fd").glob("*")])

        first = await one()
        for _ in range(9):
            last = await one()
        assert last == first

    run(tmp_path / "library", check)
