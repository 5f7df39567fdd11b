"""What every answer carries, whatever it is: the page's rights, written down for the browser.

They are added when an answer is about to be sent, the one place that errors, files and streams pass
alike. The content security policy allows what lies on this server and nothing else: a name that
slipped into the page as markup could neither run nor load nor send anything. `style-src 'self'`
forbids `style="..."` in markup too; scripts set styles through the object model, which is allowed.
`Referrer-Policy: same-origin` rather than `no-referrer`: under the latter browsers send
`Origin: null` with some requests of our own page, and the guard needs the real one.

Pages of an allowed foreign origin get their CORS headers here too, on errors as well: without them
a script could not even read why it was refused.
"""

from collections.abc import Awaitable, Callable

from aiohttp import web

from server.asking import ask_of
from server.guard import Guard

__all__ = ["adding_headers", "preflight"]

POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "media-src 'self' blob:",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
FOR_ALL = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=()",
    "Server": "loopmatte",
}
METHODS = "GET, HEAD, POST, PATCH, DELETE, OPTIONS"
MAY_SEND = "Authorization, Content-Type, X-File-Name, If-Match, If-None-Match, Last-Event-ID, Range"
MAY_READ = "Location, ETag, Link, Accept-Patch, Retry-After, Content-Disposition"

Signal = Callable[[web.Request, web.StreamResponse], Awaitable[None]]


def adding_headers(guard: Guard) -> Signal:
    """What to call before an answer is sent.

    Args:
        guard: Knows the foreign origins that were allowed.
    """

    async def add(request: web.Request, response: web.StreamResponse) -> None:
        response.headers.update(FOR_ALL)
        response.headers.setdefault("Cache-Control", "no-store")
        ask = ask_of(request)
        if ask.origin is not None and guard.is_foreign(ask):
            response.headers.add("Vary", "Origin")
            if guard.is_allowed(ask.origin):
                response.headers["Access-Control-Allow-Origin"] = ask.origin
                response.headers["Access-Control-Expose-Headers"] = MAY_READ

    return add


def preflight(request: web.Request) -> web.Response:
    """The answer to a browser that asks whether an allowed page may send what it is about to send.

    It goes without cookie or token, as browsers send neither with this question, and says nothing
    that is not in the documentation.
    """
    headers = {
        "Access-Control-Allow-Methods": METHODS,
        "Access-Control-Allow-Headers": MAY_SEND,
        "Access-Control-Max-Age": "600",
    }
    if request.headers.get("Access-Control-Request-Private-Network") == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
    return web.Response(status=204, headers=headers)
