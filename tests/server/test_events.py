"""Events: whoever comes first gets everything, whoever comes back what was missed, once."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server import routes_events
from server.app import SESSIONS
from server.keys import STREAMS
from server.loopfacts import LoopFacts
from tests.server.servers import TOKEN, Site, saved, serving

Alive = Callable[..., None]
LOOP = LoopFacts("L1", "loop", "written", 0, 12, 0.0, 0.4, 0.2)
ONE, ALL = "/api/sessions/s1/events", "/api/events"


@dataclass(frozen=True, slots=True)
class Told:
    """One event as it came."""

    id: str | None
    kind: str
    data: Any


class Listener:
    """Reads events, as EventSource does."""

    def __init__(self, answer: aiohttp.ClientResponse) -> None:
        self.answer = answer

    async def next(self) -> Told | None:
        """The next event, None at the end; comments and `retry` are passed over."""
        fields: dict[str, str] = {}
        while line := await asyncio.wait_for(self.answer.content.readline(), 20):
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "event" in fields:
                return Told(fields.get("id"), fields["event"], json.loads(fields["data"]))
        return None


@asynccontextmanager
async def listening(site: Site, path: str, since: str | None = None) -> AsyncIterator[Listener]:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    if since is not None:
        headers["Last-Event-ID"] = since
    async with site.client.get(site.origin + path, headers=headers) as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert answer.headers["Cache-Control"] == "no-store"
        yield Listener(answer)


def name(site: Site, name: str) -> Any:
    return site.as_program("PATCH", "/api/sessions/s1", json={"name": name})


def test_the_first_event_is_everything_and_changes_follow(alive: Alive, library: Path) -> None:
    saved(library, "s1", LOOP)

    async def check(site: Site) -> None:
        async with listening(site, ONE) as listener:
            first = await listener.next()
            assert first is not None
            assert (first.kind, first.data["session"]["id"]) == ("snapshot", "s1")
            assert first.data["session"]["loops"][0]["id"] == "L1"
            await name(site, "line\nbreak and \u2028 <b>")
            second = await listener.next()
            assert second is not None
            assert second.kind == "session"
            assert second.data["name"].startswith("line")
            assert "loops" not in second.data

    alive(check)


def test_who_comes_back_gets_what_was_missed_once(alive: Alive, library: Path) -> None:
    saved(library, "s1", LOOP)

    async def check(site: Site) -> None:
        async with listening(site, ONE) as listener:
            first = await listener.next()
        assert first is not None
        for each in "abc":
            await name(site, each)
        async with listening(site, ONE, first.id) as listener:
            told = [await listener.next() for _ in range(3)]
        assert [each.data["name"] for each in told if each] == ["a", "b", "c"]
        assert told[1] is not None
        async with listening(site, ONE, told[1].id) as listener:
            last = await listener.next()
            assert last == told[2]

    alive(check)


@pytest.mark.parametrize("since", ["", "1", "00000000.1", "nonsense", "START.99", "START.-1"])
def test_an_id_of_another_start_or_of_none_brings_everything(
    since: str, alive: Alive, library: Path
) -> None:
    saved(library, "s1", LOOP)

    async def check(site: Site) -> None:
        await name(site, "changed")
        async with listening(site, ONE, since.replace("START", routes_events.START)) as listener:
            first = await listener.next()
        assert first is not None
        assert first.kind == "snapshot"
        assert first.data["session"]["name"] == "changed"

    alive(check)


def test_the_list_hears_of_changes_and_of_what_is_gone(alive: Alive, library: Path) -> None:
    saved(library, "s1", LOOP)

    async def check(site: Site) -> None:
        async with listening(site, ALL) as listener:
            await name(site, "new")
            first = await listener.next()
            assert first is not None
            assert (first.kind, first.data["name"]) == ("session", "new")
            async with listening(site, ONE) as of_one:
                await of_one.next()
                await site.as_program("DELETE", "/api/sessions/s1")
                assert await of_one.next() is None, "a deleted session's events end"
            second = await listener.next()
            assert second is not None
            assert (second.kind, second.data) == ("session-gone", {"id": "s1"})

    alive(check)


def test_a_silent_stream_shows_that_it_lives(
    alive: Alive, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(library, "s1", LOOP)
    monkeypatch.setattr(routes_events, "PULSE_S", 0.01)

    async def check(site: Site) -> None:
        async with listening(site, ALL) as listener:
            lines = [await listener.answer.content.readline() for _ in range(6)]
            assert lines.count(b": here\n") == 2
            await name(site, "still told")
            told = await listener.next()
            assert told is not None
            assert told.data["name"] == "still told"

    alive(check)


def test_who_has_gone_is_forgotten(
    alive: Alive, library: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes_events, "PULSE_S", 0.01)

    async def check(site: Site) -> None:
        for _ in range(3):
            async with listening(site, ALL) as listener:
                await listener.answer.content.readline()
                assert site.app[STREAMS]
        while site.app[STREAMS]:
            await asyncio.sleep(0)
        assert not site.app[SESSIONS].journal._listeners

    alive(check)


def test_streams_end_when_the_server_does(library: Path) -> None:
    saved(library, "s1", LOOP)

    async def check() -> None:
        async with aiohttp.ClientSession() as outside:
            async with serving(library) as site:
                headers = {"Authorization": f"Bearer {TOKEN}"}
                answer = await outside.get(site.origin + ONE, headers=headers)
                assert await Listener(answer).next() is not None
            with pytest.raises(aiohttp.ClientPayloadError):
                await answer.read()

    asyncio.run(check())
