"""What the page asks first (what the server offers, allows and holds), and what it uploads."""

import asyncio
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version
from urllib.parse import unquote

from aiohttp import web

from server.bodies import usual_limits
from server.errors import RequestError
from server.keys import LIBRARY, SETTINGS, UPLOADS
from server.settings import ServerSettings
from server.sources import cameras, offered
from server.uploads import plain_name

__all__ = ["add"]

HERE = ("localhost", "127.0.0.1", "[::1]")
CHUNK = 1 << 18
INSECURE = (
    "This page came over plain http from another machine, and browsers give their camera only to "
    "https: start the server with --tls-cert and --tls-key."
)


def add(app: web.Application) -> None:
    """Add these routes."""
    app.router.add_get("/api/server", server)
    app.router.add_post("/api/uploads", upload)


async def server(request: web.Request) -> web.Response:
    """What this server offers, allows and holds."""
    settings = request.app[SETTINGS]
    secure = request.secure or request.host.rpartition(":")[0] in HERE
    disk = await asyncio.to_thread(request.app[LIBRARY].disk)
    media = await asyncio.to_thread(offered, settings.media)
    return web.json_response(
        {
            "version": _version(),
            "demo": True,
            "media": [asdict(each) for each in media],
            "cameras": [asdict(each) for each in await asyncio.to_thread(cameras)],
            "limits": _limits(settings),
            "ice_servers": [{"urls": each} for each in settings.ice_server],
            "secure": secure,
            "insecure_hint": None if secure else INSECURE,
            "disk": asdict(disk),
            "defaults": asdict(usual_limits(settings)),
        }
    )


async def upload(request: web.Request) -> web.Response:
    """Take a video in."""
    name = plain_name(unquote(request.headers.get("X-File-Name", "video")))
    if request.content_type.startswith("multipart/"):
        raise RequestError(415, "send the file itself as the body, not a form")
    made = await request.app[UPLOADS].receive(
        request.content.iter_chunked(CHUNK), name=name, declared=request.content_length
    )
    return web.json_response(made.as_json(), status=201)


def _limits(settings: ServerSettings) -> dict[str, float]:
    return {
        "upload_bytes": settings.upload_bytes,
        "sessions": settings.max_sessions,
        "viewers": settings.max_viewers,
        "ceiling_s": settings.ceiling_s,
        "expire_days": settings.expire_days,
    }


def _version() -> str:
    try:
        return version("loopmatte")
    except PackageNotFoundError:
        return "0"
