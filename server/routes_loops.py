"""Loops over HTTP: played, downloaded, judged by eye, kept, renamed, cut anew, discarded."""

import re
from typing import get_args
from urllib.parse import quote

from aiohttp import web

from server.bodies import body_of
from server.errors import RequestError
from server.keys import SESSIONS
from server.model import SessionFacts
from server.routes_page import sent_file
from streaming.live import Repair, display_name

__all__ = ["add", "attachment", "titled"]

LOOP = "/api/sessions/{sid}/loops/{lid}"
UNFIT = re.compile(r"[\\/:*?\"<>|%\N{REPLACEMENT CHARACTER}]+")
LONGEST_NAME = 80
REPAIRS: tuple[Repair, ...] = get_args(Repair)


def add(app: web.Application) -> None:
    """Add these routes."""
    app.router.add_post("/api/sessions/{sid}/loops", marked)
    app.router.add_patch(LOOP, changed)
    app.router.add_delete(LOOP, discarded)
    app.router.add_get(f"{LOOP}/file", played)
    app.router.add_get(f"{LOOP}/poster.webp", poster)
    app.router.add_get(f"{LOOP}/seam", seam)
    app.router.add_get(rf"{LOOP}/frames/{{number:\d{{1,7}}}}.webp", frame)
    app.router.add_get(f"{LOOP}/mends", mends)
    app.router.add_post(f"{LOOP}/versions", version)


async def marked(request: web.Request) -> web.Response:
    """Cut a span that was marked by hand."""
    body = await body_of(request)
    start_s = body.needed("start_s", body.number("start_s"))
    end_s = body.needed("end_s", body.number("end_s"))
    body.end()
    id = await request.app[SESSIONS].loops.mark(request.match_info["sid"], start_s, end_s)
    return web.json_response({"id": id}, status=202)


async def changed(request: web.Request) -> web.Response:
    """Keep a loop, let it go, rename it."""
    body = await body_of(request)
    title, kept = body.text("title", least=0), body.flag("kept")
    body.end()
    loop = request.app[SESSIONS].loops.change(*_ids(request), title=title, kept=kept)
    return web.json_response(loop.as_json())


async def discarded(request: web.Request) -> web.Response:
    """Discard a loop that is not kept."""
    sessions = request.app[SESSIONS]
    sessions.loops.discard(*_ids(request))
    await sessions.exports.leave(*_ids(request))
    await sessions.edits.leave(*_ids(request))
    return web.Response(status=204)


async def played(request: web.Request) -> web.StreamResponse:
    """The loop itself, whole or in ranges; `?download=1` gives it a name."""
    sid, lid = _ids(request)
    sessions = request.app[SESSIONS]
    answer = sent_file(await sessions.loops.path(sid, lid))
    if request.query.get("download"):
        facts = sessions.facts(sid)
        answer.headers["Content-Disposition"] = attachment(titled(facts, lid))
    return answer


async def poster(request: web.Request) -> web.Response:
    """The first frame of a loop."""
    return _webp(await request.app[SESSIONS].loops.poster(*_ids(request)))


async def seam(request: web.Request) -> web.Response:
    """How well other ends of a loop would close."""
    return web.json_response(await request.app[SESSIONS].loops.seam(*_ids(request)))


async def frame(request: web.Request) -> web.Response:
    """A frame of a loop's master."""
    number = int(request.match_info["number"])
    return _webp(await request.app[SESSIONS].loops.frame(*_ids(request), number))


async def mends(request: web.Request) -> web.Response:
    """How a loop, or other ends of it, could be made to close."""
    try:
        start, end = (int(request.query[name]) for name in ("start", "end"))
    except (KeyError, ValueError) as error:
        raise RequestError(400, "give ?start=FRAME&end=FRAME") from error
    found = await request.app[SESSIONS].loops.mends(*_ids(request), start, end)
    return web.json_response({"mends": found})


async def version(request: web.Request) -> web.Response:
    """Cut a loop anew with other ends, or mended."""
    body = await body_of(request)
    start = body.needed("start", body.whole("start"))
    end = body.needed("end", body.whole("end"))
    repair = body.choice("repair", REPAIRS) or "none"
    body.end()
    if start >= end:
        raise RequestError(400, f"start {start} and end {end}: the end must come after the start")
    id = await request.app[SESSIONS].loops.version(*_ids(request), start, end, repair)
    return web.json_response({"id": id}, status=202)


def attachment(title: str, suffix: str = ".webm") -> str:
    """A `Content-Disposition` that saves a file under a title, whatever the title holds.

    Args:
        title: Any text.
        suffix: Of the file.

    Source:
        RFC 6266 with RFC 8187: a plain name for old clients, the real one in UTF-8 beside it.
    """
    shown = UNFIT.sub("_", display_name(title)).strip(" ._")[:LONGEST_NAME] or "loop"
    plain = shown.encode("ascii", "replace").decode().replace("?", "_")
    real = quote(shown, safe="")
    return f"attachment; filename=\"{plain}{suffix}\"; filename*=UTF-8''{real}{suffix}"


def titled(facts: SessionFacts, lid: str) -> str:
    """What to call a loop's file: its title, or its session's name and its id."""
    loop = facts.loop(lid)
    if loop is not None and loop.title:
        return loop.title
    return f"{facts.name.rpartition('.')[0] or facts.name} {lid}"


def _ids(request: web.Request) -> tuple[str, str]:
    return request.match_info["sid"], request.match_info["lid"]


def _webp(picture: bytes) -> web.Response:
    # A picture of that address never changes: a loop that is cut anew has another one.
    keep = {"Cache-Control": "private, max-age=3600"}
    return web.Response(body=picture, content_type="image/webp", headers=keep)
