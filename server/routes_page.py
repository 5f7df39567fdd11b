"""The page and its parts: `/`, `/static/`, and what programs ask for first.

A file is sent only if its suffix is in a short table, under the type that stands there: what a
system's own tables say differs between machines, and a script under a wrong type is refused by the
browser. `static/` holds no secret and is open; the page itself is not, so that whoever comes
without the link is told where to find it.
"""

import json
from importlib.resources import files
from pathlib import Path

from aiohttp import web

from server.errors import RequestError
from server.keys import SESSIONS
from server.library import confined
from server.metrics import metrics_text
from streaming.live import asset

__all__ = ["add", "sent_file"]

TYPES = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".json": "application/json",
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".webm": "video/webm",
    ".woff2": "font/woff2",
    ".avif": "image/avif",
    ".gif": "image/gif",
    ".mov": "video/quicktime",
    ".mp4": "video/mp4",
    ".zip": "application/zip",
}
TEXT = frozenset({".html", ".css", ".js", ".svg"})


def add(app: web.Application) -> None:
    """Add these routes."""
    app.router.add_get("/", page)
    app.router.add_get("/static/{path:.+}", part)
    app.router.add_get("/healthz", healthy)
    app.router.add_get("/openapi.json", description)
    app.router.add_get("/metrics", metrics)


async def page(_: web.Request) -> web.StreamResponse:
    """The page itself."""
    return sent_file(confined(_static(), "app.html"))


async def part(request: web.Request) -> web.StreamResponse:
    """A part of the page."""
    return sent_file(confined(_static(), request.match_info["path"]))


async def healthy(_: web.Request) -> web.Response:
    """Say that the server answers."""
    return web.json_response({"ok": True})


async def description(_: web.Request) -> web.Response:
    """What can be asked, for programs."""
    text = files("server").joinpath("openapi.json").read_text("utf-8")
    return web.json_response(json.loads(text))


async def metrics(request: web.Request) -> web.Response:
    """The numbers for monitoring."""
    text = metrics_text(request.app[SESSIONS].totals())
    return web.Response(body=text.encode(), headers={"Content-Type": "text/plain; version=0.0.4"})


def sent_file(path: Path) -> web.FileResponse:
    """A file of ours as an answer, with its type by our table.

    Raises:
        RequestError: 404: files of that kind are not sent.
    """
    kind = TYPES.get(path.suffix)
    if kind is None:
        raise RequestError(404, f"{path.name}: there is no such file here")
    charset = "; charset=utf-8" if path.suffix in TEXT else ""
    headers = {"Content-Type": kind + charset, "Cache-Control": "no-cache"}
    return web.FileResponse(path, headers=headers)


def _static() -> Path:
    return Path(str(asset("locked.html"))).parent
