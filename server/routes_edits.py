"""Painting on loops over HTTP: take one apart, fetch it, send what was painted, write it anew."""

from typing import get_args

from aiohttp import web

from server.bodies import body_of
from server.editfacts import EditQuality, EditShow
from server.errors import RequestError
from server.keys import SESSIONS
from server.paints import LAYER, PaintKind
from server.routes_page import sent_file

__all__ = ["add"]

EDIT = "/api/sessions/{sid}/loops/{lid}/edit"
CHUNK = 1 << 16
QUALITIES: tuple[EditQuality, ...] = get_args(EditQuality)
SHOWS: tuple[EditShow, ...] = get_args(EditShow)
KINDS: tuple[PaintKind, ...] = get_args(PaintKind)
LAYERS = f"{EDIT}/layers/{{layer:{LAYER}}}/{{kind:{'|'.join(KINDS)}}}.png"


def add(app: web.Application) -> None:
    """Add these routes."""
    app.router.add_post(EDIT, begun)
    app.router.add_delete(EDIT, dropped)
    app.router.add_get(f"{EDIT}/bundle", bundle)
    app.router.add_post(LAYERS, painted)
    app.router.add_get(LAYERS, shown)
    app.router.add_post(f"{EDIT}/refinement", refined)
    app.router.add_post(f"{EDIT}/versions", saved)


async def begun(request: web.Request) -> web.Response:
    """Take a loop apart; what becomes of it comes as events of the loop."""
    body = await body_of(request)
    quality = body.choice("quality", QUALITIES) or "final"
    body.end()
    request.app[SESSIONS].edits.begin(*_ids(request), quality)
    return web.json_response({"quality": quality}, status=202)


async def dropped(request: web.Request) -> web.Response:
    """Give up what is under way, or forget how the loop was taken apart."""
    await request.app[SESSIONS].edits.drop(*_ids(request))
    return web.Response(status=204)


async def bundle(request: web.Request) -> web.StreamResponse:
    """What a page needs to paint on the loop: see `streaming/atlas/packed.py`."""
    path = request.app[SESSIONS].edits.bundle(*_ids(request))
    headers = {"Content-Type": "application/octet-stream", "Cache-Control": "no-cache"}
    return web.FileResponse(path, headers=headers)


async def painted(request: web.Request) -> web.Response:
    """Take what was painted on one layer."""
    if request.content_type != "image/png":
        raise RequestError(415, f"the body is {request.content_type}; send image/png")
    kind = next(each for each in KINDS if each == request.match_info["kind"])
    chunks = request.content.iter_chunked(CHUNK)
    layer = request.match_info["layer"]
    await request.app[SESSIONS].edits.receive(*_ids(request), layer, kind, chunks)
    return web.Response(status=204)


async def shown(request: web.Request) -> web.StreamResponse:
    """What was painted on one layer of a version."""
    kind = next(each for each in KINDS if each == request.match_info["kind"])
    layer = request.match_info["layer"]
    return sent_file(request.app[SESSIONS].edits.painted(*_ids(request), layer, kind))


async def refined(request: web.Request) -> web.Response:
    """Make a draft exact; what becomes of it comes as events of the loop."""
    body = await body_of(request)
    paints, changes = body.texts("paint"), body.texts("change")
    quality, frame = body.choice("quality", QUALITIES), body.whole("frame")
    body.end()
    edits = request.app[SESSIONS].edits
    edits.refine(*_ids(request), paints, changes, frame=frame, quality=quality)
    return web.json_response({"quality": "final"}, status=202)


async def saved(request: web.Request) -> web.Response:
    """Write the loop with what was painted, as a new version."""
    body = await body_of(request)
    paints, changes = body.texts("paint"), body.texts("change")
    show = body.choice("show", SHOWS) or "subject"
    quality = body.choice("quality", QUALITIES)
    body.end()
    edits = request.app[SESSIONS].edits
    id = edits.save(*_ids(request), paints, changes, show=show, quality=quality)
    return web.json_response({"id": id}, status=202)


def _ids(request: web.Request) -> tuple[str, str]:
    return request.match_info["sid"], request.match_info["lid"]
