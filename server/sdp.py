"""What WHIP and WHEP share: an offer comes as SDP, and `OPTIONS` says so."""

from aiohttp import web

from server.errors import RequestError
from server.keys import SETTINGS

__all__ = ["SDP", "offer_of", "options"]

SDP = "application/sdp"


async def offer_of(request: web.Request) -> str:
    """The SDP offer that a request carries.

    Raises:
        RequestError: It carries something else.
    """
    if request.content_type != SDP:
        raise RequestError(415, f"an offer is {SDP}, this is {request.content_type}")
    text = (await request.read()).decode("utf-8", "replace")  # bounded by the application
    if not text.startswith("v=0"):
        raise RequestError(422, "this is no SDP; send an offer")
    return text


async def options(request: web.Request) -> web.Response:
    """Say how this door is used, and which ICE servers there are."""
    servers = request.app[SETTINGS].ice_server
    headers = {
        "Accept-Post": SDP,
        "Access-Control-Allow-Methods": "POST, DELETE, PATCH, OPTIONS",
        **({"Link": ", ".join(f'<{url}>; rel="ice-server"' for url in servers)} if servers else {}),
    }
    return web.Response(status=204, headers=headers)
