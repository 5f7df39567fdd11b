"""WHIP: video comes in (RFC 9725), from the page's camera, OBS, FFmpeg or anything that speaks it.

Beyond the standard, the query may say what the sender knows and SDP does not: `name`, and `width`,
`height` and `rate` of the camera, so that loops get the camera's size even where a browser starts
with a smaller picture.
"""

from fractions import Fraction

from aiohttp import web

from server.errors import RequestError
from server.keys import SESSIONS
from server.sdp import SDP, offer_of, options
from streaming.live import Size, display_name

__all__ = ["add"]

NAME = "Camera"
LARGEST_PX, FASTEST = 7680, 240


def add(app: web.Application) -> None:
    """Add the routes."""
    app.router.add_post("/whip", _begin)
    app.router.add_options("/whip", options)
    app.router.add_delete("/whip/{sid}", _end)
    app.router.add_patch("/whip/{sid}", _trickle)
    app.router.add_options("/whip/{sid}", options)


async def _begin(request: web.Request) -> web.Response:
    offer = await offer_of(request)
    facts, answer = await request.app[SESSIONS].meetings.publish(
        display_name(request.query.get("name", NAME))[:200] or NAME,
        offer,
        size=_size(request),
        rate=_rate(request),
    )
    headers = {"Location": f"/whip/{facts.id}", "ETag": f'"{facts.id}"'}
    return web.Response(status=201, text=answer, content_type=SDP, headers=headers)


async def _end(request: web.Request) -> web.Response:
    await request.app[SESSIONS].meetings.unpublish(request.match_info["sid"])
    return web.Response()


async def _trickle(request: web.Request) -> web.Response:
    """Candidates that come late are not needed: the peer reaches us, we need not reach it."""
    request.app[SESSIONS].session(request.match_info["sid"])
    return web.Response(status=204)


def _size(request: web.Request) -> Size | None:
    if "width" not in request.query or "height" not in request.query:
        return None
    sides = [_number(request, name, LARGEST_PX) for name in ("width", "height")]
    return Size(*(side - side % 2 for side in sides))


def _rate(request: web.Request) -> Fraction | None:
    return Fraction(_number(request, "rate", FASTEST)) if "rate" in request.query else None


def _number(request: web.Request, name: str, most: int) -> int:
    text = request.query[name]
    if not text.isascii() or not text.isdigit() or not 2 <= int(text) <= most:
        raise RequestError(422, f"{name}={text}: give a whole number from 2 to {most}")
    return int(text)
