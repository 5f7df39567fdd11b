"""The preview as a stream of JPEGs, for a browser that WebRTC does not reach.

It shows the same tile picture, so the page composites it the same way. Nothing is kept for a slow
reader: it gets the newest picture each time.
"""

import asyncio
from typing import cast

from aiohttp import web

from server.keys import SESSIONS, STREAMS

__all__ = ["add"]

BOUNDARY = "loopmatte-picture"


def add(app: web.Application) -> None:
    """Add the route."""
    app.router.add_get("/api/sessions/{sid}/preview.mjpeg", _pictures)


async def _pictures(request: web.Request) -> web.StreamResponse:
    broadcast = request.app[SESSIONS].session(request.match_info["sid"]).broadcast
    response = web.StreamResponse(
        headers={"Content-Type": f"multipart/x-mixed-replace; boundary={BOUNDARY}"}
    )
    await response.prepare(request)
    queue = broadcast.subscribe()
    task = cast("asyncio.Task[object]", asyncio.current_task())
    request.app[STREAMS].add(task)
    try:
        while (jpeg := await queue.get()) is not None:
            head = (
                f"--{BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            )
            await response.write(head.encode() + jpeg + b"\r\n")
    except ConnectionError:  # the reader has gone, as readers do
        pass
    finally:
        broadcast.unsubscribe(queue)
        request.app[STREAMS].discard(task)
    return response
