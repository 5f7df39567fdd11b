"""What sessions tell, as server-sent events that go on where a lost connection broke off.

Numbers of entries begin anew with every start of the server, so an id carries a mark of this start:
a page that comes back with the id of an earlier one gets a snapshot and not somebody else's middle.
A comment every few seconds finds out whether the page is still there.
"""

import asyncio
import json
import secrets
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

from aiohttp import web

from server.journal import Entry, Journal
from server.keys import SESSIONS, STREAMS

__all__ = ["add"]

PULSE_S = 10.0
START = secrets.token_hex(4)
BACK_MS = 1000  # after which a page that lost the connection comes back
HEADERS = {"Content-Type": "text/event-stream", "X-Accel-Buffering": "no"}


def add(app: web.Application) -> None:
    """Add these routes."""
    app.router.add_get("/api/events", of_all)
    app.router.add_get("/api/sessions/{sid}/events", of_one)


async def of_all(request: web.Request) -> web.StreamResponse:
    """Sessions that come, change and go."""
    return await _told(request, request.app[SESSIONS].journal)


async def of_one(request: web.Request) -> web.StreamResponse:
    """Everything about one session."""
    return await _told(request, request.app[SESSIONS].journal_of(request.match_info["sid"]))


async def _told(request: web.Request, journal: Journal) -> web.StreamResponse:
    answer = web.StreamResponse(headers=HEADERS)
    task = asyncio.current_task()
    assert task is not None
    request.app[STREAMS].add(task)
    try:
        await answer.prepare(request)
        await answer.write(f"retry: {BACK_MS}\n\n".encode())
        async with aclosing(_with_pulse(journal.entries(_since(request)))) as entries:
            async for entry in entries:
                await answer.write(_as_event(entry) if entry else b": here\n\n")
    except ConnectionError:
        pass  # the page has gone
    finally:
        request.app[STREAMS].discard(task)
    return answer


async def _with_pulse(
    entries: AsyncGenerator[Entry, None],
) -> AsyncGenerator[Entry | None, None]:
    """The entries, and None whenever nothing came for a while."""
    coming = asyncio.ensure_future(anext(entries))
    try:
        while True:
            done, _ = await asyncio.wait({coming}, timeout=PULSE_S)
            if not done:
                yield None
                continue
            try:
                entry = coming.result()
            except StopAsyncIteration:
                return
            yield entry
            coming = asyncio.ensure_future(anext(entries))
    finally:
        coming.cancel()
        with suppress(asyncio.CancelledError, StopAsyncIteration):
            await coming
        await entries.aclose()


def _since(request: web.Request) -> int | None:
    """The number of the last entry that the page has seen of this start."""
    start, _, number = request.headers.get("Last-Event-ID", "").partition(".")
    return int(number) if start == START and number.isdecimal() and len(number) < 16 else None


def _as_event(entry: Entry) -> bytes:
    id = f"id: {START}.{entry.number}\n" if entry.number is not None else ""
    data = json.dumps(entry.data, separators=(",", ":"), allow_nan=False)
    return f"{id}event: {entry.kind}\ndata: {data}\n\n".encode()
