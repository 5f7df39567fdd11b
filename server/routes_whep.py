"""WHEP: whoever wants to watch a session, the page or any player that speaks it."""

from aiohttp import web

from server.keys import SESSIONS
from server.sdp import SDP, offer_of, options

__all__ = ["add"]


def add(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_post("/whep/{sid}", _begin)
    app.router.add_options("/whep/{sid}", options)
    app.router.add_delete("/whep/{sid}/{vid}", _end)
    app.router.add_patch("/whep/{sid}/{vid}", _trickle)
    app.router.add_options("/whep/{sid}/{vid}", options)


async def _begin(request: web.Request) -> web.Response:
    sid = request.match_info["sid"]
    vid, answer = await request.app[SESSIONS].meetings.watch(sid, await offer_of(request))
    headers = {"Location": f"/whep/{sid}/{vid}", "ETag": f'"{vid}"'}
    return web.Response(status=201, text=answer, content_type=SDP, headers=headers)


async def _end(request: web.Request) -> web.Response:
    await request.app[SESSIONS].meetings.unwatch(
        request.match_info["sid"], request.match_info["vid"]
    )
    return web.Response()


async def _trickle(request: web.Request) -> web.Response:
    request.app[SESSIONS].session(request.match_info["sid"])
    return web.Response(status=204)
