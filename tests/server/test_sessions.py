"""Whole sessions, from a source to loops on the disk, steered while they run.

The clip carries its own alpha, so no network is needed: a disc that goes round in 18 frames.
"""

import asyncio
import contextlib
import io
import json
import shutil
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from server.errors import RequestError
from server.library import Library
from server.model import Limits, LoopFacts, SessionFacts, Wanted
from server.sessions import Sessions
from server.settings import ServerSettings
from streaming.frames import Size
from streaming.media.alpha import probe_webm
from tests.media.figures import orbit
from tests.runs import clip_of

PERIOD, FRAMES, FPS = 18, 54, 30
ONE = Limits(max_duration_s=0.7, loops=1)
TOO_SHORT = Limits(max_duration_s=0.55, loops=1)
SOON_S = 30.0

Check = Callable[[Sessions], Awaitable[None]]


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    round_once = orbit(Size(64, 64), PERIOD, np.array([200, 60, 40], np.uint8))
    pictures = (round_once[index % PERIOD] for index in range(FRAMES))
    return clip_of(tmp_path_factory.mktemp("clip") / "disc.webm", pictures, fps=FPS)


@pytest.fixture(scope="module")
def finished(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library with one session that is over."""
    root = tmp_path_factory.mktemp("finished") / "library"

    async def check(sessions: Sessions) -> None:
        sid = (await sessions.create(wanted(clip), limits=ONE)).id
        await retired(sessions, sid)

    run(root, check)
    return root


@pytest.fixture
def root(finished: Path, tmp_path: Path) -> Path:
    """A library of one's own with that session in it."""
    return Path(shutil.copytree(finished, tmp_path / "library"))


def run(root: Path, check: Check, *, kind: type[Library] = Library, **settings: int) -> None:
    """Run a check on the sessions of a library, and end them."""

    async def within() -> None:
        async with asyncio.timeout(2 * SOON_S):
            async with opened(kind(root), **settings) as sessions:
                await check(sessions)

    asyncio.run(within())


@asynccontextmanager
async def opened(library: Library, **settings: int) -> AsyncIterator[Sessions]:
    root = library.root
    given = ServerSettings(library=root, cache=root / "cache", **settings)  # type: ignore[arg-type]
    sessions = Sessions(library, given)
    try:
        yield sessions
    finally:
        await sessions.close()


def wanted(clip: Path, **changes: object) -> Wanted:
    source = Wanted("media", clip.name, str(clip), clip, matte="source", pace="fast")
    return replace(source, **changes)  # type: ignore[arg-type]


async def until(sessions: Sessions, sid: str, so: Callable[[SessionFacts], bool]) -> SessionFacts:
    """Wait until the facts of a session are so, looking whenever it tells something."""
    entries = sessions.journal_of(sid).entries(None)
    async with asyncio.timeout(SOON_S), contextlib.aclosing(entries):
        async for _ in entries:
            if so(sessions.facts(sid)):
                return sessions.facts(sid)
    raise AssertionError(f"it ended before that: {sessions.facts(sid)}")


async def retired(sessions: Sessions, sid: str) -> SessionFacts:
    """Wait for its end, and for its place among those of old."""
    return await until(sessions, sid, lambda facts: facts.over and facts.bytes > 0)


def only(sessions: Sessions) -> tuple[str, LoopFacts]:
    """The id of the only session and its only loop."""
    (facts,) = sessions.all()
    (loop,) = facts.loops
    return facts.id, loop


def all_whole(root: Path) -> None:
    assert not [each for each in root.rglob("*") if ".part" in each.name]
    for path in root.rglob("*.webm"):
        assert probe_webm(path).frames > 2, path
    for path in root.rglob("*.json"):
        json.loads(path.read_text("utf-8"))


def test_a_session_runs_to_its_end_and_its_loops_are_there(clip: Path, tmp_path: Path) -> None:
    root = tmp_path / "library"

    async def check(sessions: Sessions) -> None:
        begun = await sessions.create(wanted(clip), limits=ONE)
        assert (begun.state, begun.name, begun.live) == ("starting", "disc.webm", False)
        facts = await retired(sessions, begun.id)
        assert (facts.state, facts.error, facts.size) == ("ended", None, (64, 64))
        assert facts.runtime == "the source's own alpha"
        assert (facts.numbers.frames, facts.numbers.dropped) == (FRAMES, 0)
        _, loop = only(sessions)
        assert (loop.id, loop.kind, loop.state) == ("L1", "loop", "written")
        assert (loop.frames, loop.end - loop.start) == (PERIOD, PERIOD)
        shown = probe_webm(sessions.loops.path(facts.id, "L1"))
        assert (shown.frames, shown.bytes, shown.has_alpha) == (PERIOD, loop.bytes, True)
        with pytest.raises(RequestError) as over:
            sessions.session(facts.id)
        assert over.value.status == 409
        totals = sessions.totals()
        assert (totals.running, totals.processed, totals.loops) == (0, FRAMES, 1)
        saved = json.loads((root / "sessions" / facts.id / "session.json").read_text("utf-8"))
        assert SessionFacts.from_json(saved) == replace(facts, expires=None)

    run(root, check)


def test_a_session_is_paused_steered_and_let_go(clip: Path, tmp_path: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid = (await sessions.create(wanted(clip, pace="real"), limits=TOO_SHORT)).id
        assert (await sessions.change(sid, state="paused")).state == "paused"
        numbers = await numbers_of(sessions, sid, 3)
        assert numbers[-1] == numbers[-2] < 10
        with pytest.raises(RequestError, match=r"this server holds 6 s") as refused:
            await sessions.change(sid, limits=Limits(max_duration_s=7))
        assert refused.value.status == 422
        with pytest.raises(RequestError, match=r"1 sessions run already.*stop one") as full:
            await sessions.create(wanted(clip), limits=ONE)
        assert full.value.status == 503
        changed = await sessions.change(sid, limits=ONE, pace="fast", name="Mine")
        assert (changed.limits, changed.pace, changed.name) == (ONE, "fast", "Mine")
        assert (await sessions.change(sid, state="running")).state == "running"
        facts = await retired(sessions, sid)
        assert (facts.state, facts.numbers.frames) == ("ended", FRAMES)
        assert [each.end - each.start for each in facts.loops if each.kind == "loop"] == [PERIOD]
        await sessions.create(wanted(clip), limits=ONE)  # there is room again

    run(tmp_path / "library", check, max_sessions=1)


async def numbers_of(sessions: Sessions, sid: str, count: int) -> list[int]:
    """How many frames there were, each time that it is told next."""
    entries = sessions.journal_of(sid).entries(None)
    async with contextlib.aclosing(entries):
        told = (entry.data["frames"] async for entry in entries if entry.kind == "numbers")
        return [await anext(told) for _ in range(count)]


def test_a_session_that_is_stopped_keeps_what_it_found(clip: Path, tmp_path: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid = (await sessions.create(wanted(clip, pace="real"), limits=ONE)).id
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
    clip: Path, tmp_path: Path
) -> None:
    async def check(sessions: Sessions) -> None:
        sid = (await sessions.create(wanted(clip), limits=ONE)).id
        await sessions.change(sid, state="stopped")  # nothing else has run meanwhile
        facts = await retired(sessions, sid)
        assert (facts.state, facts.error) == ("ended", None)

    run(tmp_path / "library", check)


def test_a_span_marked_by_hand_becomes_a_loop(clip: Path, tmp_path: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid = (await sessions.create(wanted(clip, pace="real"), limits=TOO_SHORT)).id
        await until(sessions, sid, lambda facts: facts.time_s > 0.6)
        with pytest.raises(RequestError) as refused:
            await sessions.loops.mark(sid, 0.5, 0.2)
        assert refused.value.status == 422
        ids = [await sessions.loops.mark(sid, 0.1, at) for at in (0.4, 0.5)]
        await until(sessions, sid, lambda facts: state_of(facts, "H2") == "written")
        sessions.loops.discard(sid, "H2")  # its name is not given again: the file may linger
        ids.append(await sessions.loops.mark(sid, 0.1, 0.5))
        assert ids == ["H1", "H2", "H3"]
        await sessions.change(sid, pace="fast")
        facts = await retired(sessions, sid)
        hand = {each.id: each for each in facts.loops if each.kind == "hand"}
        assert {id: (each.start, each.end) for id, each in hand.items()} == {
            "H1": (3, 12),
            "H3": (3, 15),
        }
        assert all(each.state == "written" for each in hand.values())

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


def test_a_session_with_kept_loops_goes_only_if_that_is_said(root: Path) -> None:
    async def check(sessions: Sessions) -> None:
        sid, loop = only(sessions)
        sessions.loops.change(sid, loop.id, kept=True)
        for refused in (sessions.delete(sid, with_kept=False), discarded(sessions, sid, loop)):
            with pytest.raises(RequestError, match="kept") as error:
                await refused
            assert error.value.status == 409
        assert sessions.loops.path(sid, loop.id).is_file()
        await sessions.delete(sid, with_kept=True)
        assert sessions.all() == []
        assert list((root / "sessions").iterdir()) == []
        with pytest.raises(RequestError) as gone:
            sessions.facts(sid)
        assert gone.value.status == 404

    run(root, check)


async def discarded(sessions: Sessions, sid: str, loop: LoopFacts) -> None:
    sessions.loops.discard(sid, loop.id)


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
    clip: Path, tmp_path: Path
) -> None:
    root = tmp_path / "library"
    lost: list[object] = []

    async def check(sessions: Sessions) -> None:
        asyncio.get_running_loop().set_exception_handler(lambda loop, what: lost.append(what))
        sid = (await sessions.create(wanted(clip, pace="real"), limits=ONE)).id
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


async def quiet() -> None:
    """Wait until this is the only task."""
    while others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others)


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
        assert probe_webm(sessions.loops.path(sid, id)).frames == PERIOD + 1 == version.frames
        again = await sessions.loops.version(sid, id, 0, 999)
        assert again == "L1.3"  # of the original, however often it was cut
        await until(sessions, sid, lambda facts: state_of(facts, again) == "failed")
        assert "frames 0 to 999" in sessions.loops.loop(sid, again).problems[0]
        sessions.loops.discard(sid, "L1")
        assert await sessions.loops.seam(sid, id)  # the master is still there for it

    run(root, check)


def state_of(facts: SessionFacts, id: str) -> str:
    loop = facts.loop(id)
    return loop.state if loop else "unknown"


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


def test_closing_takes_seconds_and_leaves_whole_files(clip: Path, tmp_path: Path) -> None:
    root = tmp_path / "library"
    took: list[float] = []

    async def check(sessions: Sessions) -> None:
        running = (await sessions.create(wanted(clip, pace="real"), limits=ONE)).id
        paused = (await sessions.create(wanted(clip, pace="real"), limits=ONE)).id
        await sessions.change(paused, state="paused")
        await until(sessions, running, lambda facts: bool(facts.loops))
        loop = asyncio.get_running_loop()
        start = loop.time()
        await sessions.close()
        took.append(loop.time() - start)
        assert {each.state for each in sessions.all()} == {"ended"}

    run(root, check, max_sessions=2)
    assert took[0] < 8
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


def test_ten_sessions_leave_no_thread_task_or_file_open(clip: Path, tmp_path: Path) -> None:
    async def check(sessions: Sessions) -> None:
        async def one() -> tuple[int, int, int]:
            quick = wanted(clip)
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
