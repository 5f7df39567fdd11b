"""Exports over HTTP: the table of targets, a loop made for one of them, its file, its end."""

from aiohttp import web

from server.bodies import Body, body_of
from server.keys import SESSIONS
from server.routes_loops import attachment, titled
from server.routes_page import sent_file
from streaming.live import TARGETS, target_json

__all__ = ["add"]

EXPORTS = "/api/sessions/{sid}/loops/{lid}/exports"


def add(app: web.Application) -> None:
    """Add these routes."""
    app.router.add_get("/api/targets", targets)
    app.router.add_post(EXPORTS, made)
    app.router.add_get(f"{EXPORTS}/{{target}}", carried)
    app.router.add_delete(f"{EXPORTS}/{{target}}", dropped)


async def targets(request: web.Request) -> web.Response:
    """Where a loop can go, and what each place accepts."""
    return web.json_response({"targets": [target_json(each) for each in TARGETS]})


async def made(request: web.Request) -> web.Response:
    """Make a loop for a target; what becomes of it comes as events of the loop."""
    body = await body_of(request)
    target = body.needed("target", body.text("target"))
    settings = _settings(body)
    body.end()
    request.app[SESSIONS].exports.make(*_ids(request), target, settings)
    return web.json_response({"target": target}, status=202)


async def carried(request: web.Request) -> web.StreamResponse:
    """The file, to be saved under the loop's title."""
    sid, lid = _ids(request)
    sessions = request.app[SESSIONS]
    export, path = sessions.exports.path(sid, lid, request.match_info["target"])
    answer = sent_file(path)
    name = f"{titled(sessions.facts(sid), lid)} {export.target}"
    answer.headers["Content-Disposition"] = attachment(name, path.suffix)
    return answer


async def dropped(request: web.Request) -> web.Response:
    """Give an export up while it is made, or remove it."""
    await request.app[SESSIONS].exports.drop(*_ids(request), request.match_info["target"])
    return web.Response(status=204)


def _settings(body: Body) -> dict[str, object]:
    """How it is to look; the engine checks the values."""
    given = {
        "stroke_px": body.whole("stroke_px"),
        "stroke_colour": body.text("stroke_colour"),
        "margin_px": body.whole("margin_px"),
        "start_frame": body.whole("start_frame"),
        "matte_colour": body.text("matte_colour"),
    }
    return {name: value for name, value in given.items() if value is not None}


def _ids(request: web.Request) -> tuple[str, str]:
    return request.match_info["sid"], request.match_info["lid"]
