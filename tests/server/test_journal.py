"""What a listener hears: everything once and in order, or the whole state."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable

from server.journal import Entry, Journal

Listening = AsyncGenerator[Entry, None]


def run(check: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(10):
            await check()

    asyncio.run(within())


async def take(listening: Listening, count: int) -> list[tuple[int | None, str]]:
    return [((entry := await anext(listening)).number, entry.kind) for _ in range(count)]


async def rest(listening: Listening) -> list[tuple[int | None, str]]:
    return [(entry.number, entry.kind) async for entry in listening]


async def begun(journal: Journal, since: int | None) -> Listening:
    """A listener that is there already: what is told from now on reaches it."""
    listening = journal.entries(since)
    first = asyncio.ensure_future(anext(listening))
    await asyncio.sleep(0)

    async def whole() -> Listening:
        yield await first
        async for entry in listening:
            yield entry

    return whole()


def test_whoever_comes_first_gets_a_snapshot_and_then_what_comes() -> None:
    async def check() -> None:
        state = ["nothing"]
        journal = Journal(lambda: list(state))
        journal.tell("loop", 1)
        state.append("a loop")
        listening = journal.entries(None)
        first = await anext(listening)
        assert (first.number, first.kind, first.data) == (1, "snapshot", ["nothing", "a loop"])
        journal.tell("loop", 2)
        journal.tell("numbers", 3, passing=True)
        journal.tell("gone", 4)
        assert await take(listening, 3) == [(2, "loop"), (None, "numbers"), (3, "gone")]
        await listening.aclose()

    run(check)


def test_whoever_comes_back_hears_what_was_missed_but_nothing_that_passed() -> None:
    async def check() -> None:
        journal = Journal(dict)
        for kind in ("a", "b", "c"):
            journal.tell(kind, None)
            journal.tell("numbers", None, passing=True)
        journal.close()
        assert await rest(journal.entries(1)) == [(2, "b"), (3, "c")]
        assert await rest(journal.entries(3)) == []
        assert await rest(journal.entries(0)) == [(1, "a"), (2, "b"), (3, "c")]

    run(check)


def test_whoever_was_away_too_long_or_counts_otherwise_starts_anew() -> None:
    async def check() -> None:
        journal = Journal(dict, kept=3)
        for _ in range(10):
            journal.tell("loop", None)
        journal.close()
        assert await rest(journal.entries(7)) == [(8, "loop"), (9, "loop"), (10, "loop")]
        assert await rest(journal.entries(6)) == [(10, "snapshot")]
        assert await rest(journal.entries(11)) == [(10, "snapshot")]  # of a server before this one
        assert await rest(journal.entries(-1)) == [(10, "snapshot")]

    run(check)


def test_without_a_snapshot_what_is_kept_is_told() -> None:
    async def check() -> None:
        journal = Journal(kept=2)
        for _ in range(3):
            journal.tell("session", None)
        journal.close()
        assert await rest(journal.entries(None)) == [(2, "session"), (3, "session")]

    run(check)


def test_a_slow_listener_gets_the_state_instead_of_a_heap() -> None:
    async def check() -> None:
        told = 0
        journal = Journal(lambda: told, waiting=5)
        slow, quick = await begun(journal, 0), await begun(journal, 0)
        heard = []
        for told in range(1, 9):
            journal.tell("loop", told)
            heard += await take(quick, 1)
        assert heard == [(number, "loop") for number in range(1, 9)]
        journal.close()
        entries = [entry async for entry in slow]
        kinds = [entry.kind for entry in entries]
        assert kinds.count("snapshot") == 1
        at = kinds.index("snapshot")
        assert entries[at].data == entries[at].number
        numbers = [entry.number for entry in entries[at:]]
        assert numbers == list(range(numbers[0] or 0, 9))  # nothing after it is missing

    run(check)


def test_closing_ends_everyone_after_what_waits_for_them() -> None:
    async def check() -> None:
        journal = Journal(dict, waiting=2)
        waiting, full = await begun(journal, 0), await begun(journal, 0)
        ends = asyncio.ensure_future(rest(waiting))
        await asyncio.sleep(0)
        journal.tell("a", None)
        journal.tell("b", None)
        await asyncio.sleep(0)
        journal.close()
        assert (await ends)[-1] == (2, "b")
        assert (await rest(full))[0] == (1, "a")
        assert await rest(journal.entries(2)) == []

    run(check)


def test_a_listener_that_leaves_is_forgotten() -> None:
    async def check() -> None:
        journal = Journal(dict)
        listening = journal.entries(None)
        await anext(listening)
        assert journal._listeners
        await listening.aclose()
        assert not journal._listeners

    run(check)
