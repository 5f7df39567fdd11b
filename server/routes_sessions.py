"""Sessions over HTTP: listed, begun, steered, deleted."""

from typing import Literal

from aiohttp import web

from server.bodies import body_of, limits_from, usual_limits
from server.keys import SESSIONS, SETTINGS
from server.sources import PACES, wanted_from

__all__ = ["add"]

STATES: tuple[Literal["running", "paused", "stopped"], ...] = ("running", "paused", "stopped")


def add(app: web.Application) -> None:
    """Add these routes."""
    app.router.add_get("/api/sessions", listed)
    app.router.add_post("/api/sessions", begun)
    app.router.add_get("/api/sessions/{sid}", shown)
    app.router.add_patch("/api/sessions/{sid}", changed)
    app.router.add_delete("/api/sessions/{sid}", deleted)


async def listed(request: web.Request) -> web.Response:
    """All sessions, newest first."""
    every = request.app[SESSIONS].all()
    return web.json_response({"sessions": [each.as_json() for each in every]})


async def begun(request: web.Request) -> web.Response:
    """Begin a session."""
    body = await body_of(request)
    limits = limits_from(body.part("limits"), usual_limits(request.app[SETTINGS]))
    wanted = await wanted_from(body, request.app)
    facts = await request.app[SESSIONS].create(wanted, limits=limits)
    place = {"Location": f"/api/sessions/{facts.id}"}
    return web.json_response(facts.as_json(), status=201, headers=place)


async def shown(request: web.Request) -> web.Response:
    """One session."""
    return web.json_response(request.app[SESSIONS].facts(_sid(request)).as_json())


async def changed(request: web.Request) -> web.Response:
    """Pause, resume, stop, rename a session, or change what counts as a loop in it."""
    sessions, sid = request.app[SESSIONS], _sid(request)
    now = sessions.facts(sid)
    body = await body_of(request)
    state = body.choice("state", STATES)
    part = body.part("limits")
    limits = None if part is None else limits_from(part, now.limits)
    pace = body.choice("pace", PACES)
    name = body.text("name")
    body.end()
    facts = await sessions.change(sid, state=state, limits=limits, pace=pace, name=name)
    return web.json_response(facts.as_json())


async def deleted(request: web.Request) -> web.Response:
    """Delete a session; with kept loops only if that is said."""
    with_kept = request.query.get("kept") == "too"
    await request.app[SESSIONS].delete(_sid(request), with_kept=with_kept)
    return web.Response(status=204)


def _sid(request: web.Request) -> str:
    return request.match_info["sid"]
