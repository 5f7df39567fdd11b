"""The first thing a request meets: what it says of itself is read, judged, and answered in words.

Two layers around every route. The outer one turns whatever went wrong into `{"error": words}`, for
a person who opened the page without its link into a page that says where the link is. The inner one
asks the guard, and exchanges the link's token for a cookie: the browser is sent on to the clean
address at once, so the token stays in no history, bookmark or referrer.
"""

import logging
import time
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.typedefs import Middleware

from server.asking import Ask, ask_of
from server.errors import RequestError
from server.guard import Guard
from server.headers import preflight
from server.tokens import COOKIE_DAYS, Cookies
from streaming.live import asset

__all__ = ["errors_in_words", "guarding"]

log = logging.getLogger(__name__)

Answer = web.StreamResponse
# What a client may want to know beside the words.
MORE = {401: {"WWW-Authenticate": "Bearer"}, 503: {"Retry-After": "5"}}

Route = Callable[[web.Request], Awaitable[Answer]]


@web.middleware
async def errors_in_words(request: web.Request, handler: Route) -> Answer:
    """Answer what went wrong as JSON; this is the outermost loop of a request."""
    try:
        return await handler(request)
    except RequestError as error:
        if _is_person(request) and error.status in (401, 403):
            return _locked(error.status, request.headers.get("Sec-Fetch-Site"))
        return _in_words(error.status, str(error), MORE.get(error.status))
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _in_words(error.status, _foreign_words(request, error), _allow(error))
    except (ConnectionError, web.RequestPayloadError):
        return _in_words(400, "the request broke off")  # whoever asked has gone, mostly
    except Exception:
        log.exception("a fault while answering %s %s", request.method, request.path)
        return _in_words(500, "a fault of loopmatte; its words are where it was started")


def guarding(guard: Guard, cookies: Cookies) -> Middleware:
    """The layer that lets a request through to its route, or not.

    Args:
        guard: Judges.
        cookies: Makes the cookie for who comes with the link.
    """

    @web.middleware
    async def enter(request: web.Request, handler: Route) -> Answer:
        ask = ask_of(request)
        guard.check_host(ask)
        if ask.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers:
            if guard.is_foreign(ask) and not guard.is_allowed(ask.origin or ""):
                raise RequestError(403, f"pages of {ask.origin} were not allowed in")
            return preflight(request)
        if ask.path == "/" and ask.method == "GET" and "token" in request.query:
            return _exchanged(request.query["token"], ask, guard, cookies)
        guard.check(ask)
        return await handler(request)

    return enter


def _exchanged(given: str, ask: Ask, guard: Guard, cookies: Cookies) -> web.Response:
    if not guard.is_token(given):
        raise RequestError(
            401, "the link's token is not this start's; open the link that was printed last"
        )
    answer = web.Response(status=303, headers={"Location": "/"})
    answer.set_cookie(
        cookies.name(ask.port),
        cookies.issue(ask.port, time.time()),
        max_age=COOKIE_DAYS * 86400,
        path="/",
        httponly=True,
        samesite="Strict",
        secure=ask.scheme == "https",
    )
    return answer


def _in_words(status: int, words: str, more: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"error": words}, status=status, headers=more)


def _is_person(request: web.Request) -> bool:
    return request.path == "/" and "text/html" in request.headers.get("Accept", "")


def _locked(status: int, site: str | None) -> web.Response:
    """The page for who is not let in.

    A link that was clicked on another site's page (a chat, a notebook) has just set the cookie,
    but the browser sends none along on a way that began over there. Asked anew from here, it does.
    """
    page = asset("locked.html").read_text("utf-8")
    anew = {"Refresh": "0; url=/"} if (status, site) == (401, "cross-site") else None
    return web.Response(status=status, text=page, content_type="text/html", headers=anew)


def _allow(error: web.HTTPException) -> dict[str, str]:
    return {name: error.headers[name] for name in ("Allow",) if name in error.headers}


def _foreign_words(request: web.Request, error: web.HTTPException) -> str:
    """Words for what aiohttp refused by itself."""
    where = f"{request.method} {request.path}"
    if error.status == 404:
        return f"{where}: there is nothing; /openapi.json lists what there is"
    if error.status == 405:
        return f"{where}: only {error.headers.get('Allow', 'other methods')} can be done with this"
    if error.status == 413:
        return f"{where}: the request is too long; 64 kB are enough for what can be asked"
    return f"{where}: {error.reason}"
