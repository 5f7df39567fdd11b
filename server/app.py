"""The whole web face put together: routes, the layers around them, and what lives beside them."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from aiohttp import web

from server import (
    routes_edits,
    routes_events,
    routes_exports,
    routes_loops,
    routes_page,
    routes_preview,
    routes_server,
    routes_sessions,
    routes_whep,
    routes_whip,
)
from server.entry import errors_in_words, guarding
from server.guard import Guard, Names
from server.headers import adding_headers
from server.keys import LIBRARY, SESSIONS, SETTINGS, STREAMS, UPLOADS
from server.library import Library, expired
from server.sessions import Sessions
from server.settings import ServerSettings
from server.tokens import Cookies
from server.uploads import Bounds, Uploads

__all__ = ["SESSIONS", "build", "in_url", "sweep"]

LONGEST_JSON = 64 * 1024
DAY_S = 86400
PLACES = (
    routes_page,
    routes_server,
    routes_sessions,
    routes_loops,
    routes_exports,
    routes_edits,
    routes_events,
    routes_preview,
    routes_whip,
    routes_whep,
)


def build(settings: ServerSettings, token: str) -> web.Application:
    """The application, ready to be run.

    Args:
        settings: Where it keeps things, whom it lets in, how much it may use.
        token: What the printed link carries.

    Raises:
        SettingsError: The library cannot be used.
    """
    library = Library(settings.library)
    cookies = Cookies(library.key)
    guard = Guard(
        Names(in_url(settings.host), settings.allow_host),
        token=token,
        cookies=cookies,
        origins=settings.allow_origin,
    )
    app = web.Application(
        middlewares=[errors_in_words, guarding(guard, cookies)], client_max_size=LONGEST_JSON
    )
    app[SETTINGS], app[LIBRARY], app[STREAMS] = settings, library, set()
    bounds = Bounds(settings.upload_bytes, settings.upload_timeout_s, settings.stall_timeout_s)
    app[UPLOADS] = Uploads(library.uploads, bounds)
    app.on_response_prepare.append(adding_headers(guard))
    app.cleanup_ctx.append(_living)
    app.on_shutdown.append(_stop)
    for place in PLACES:
        place.add(app)
    return app


async def _living(app: web.Application) -> AsyncIterator[None]:
    """The sessions and the daily sweep, for as long as the application lives."""
    settings, library = app[SETTINGS], app[LIBRARY]
    with library.held():
        await asyncio.to_thread(library.expire, datetime.now(UTC), settings.expire_days)
        app[SESSIONS] = Sessions(library, settings)
        daily = asyncio.create_task(_sweep_daily(app), name="sweep")
        yield
        daily.cancel()


async def _sweep_daily(app: web.Application) -> None:
    while True:
        await sweep(app, datetime.now(UTC))
        await asyncio.sleep(DAY_S)


async def sweep(app: web.Application, now: datetime) -> None:
    """Delete what has expired while the server runs.

    Args:
        app: A running application.
        now: With time zone.
    """
    days, sessions = app[SETTINGS].expire_days, app[SESSIONS]
    for facts in sessions.all():
        if facts.over and expired(facts, now, days):
            await sessions.delete(facts.id, with_kept=False)
    await asyncio.to_thread(app[UPLOADS].expire, now, days)


async def _stop(app: web.Application) -> None:
    """Streams without an end first: whoever watches learns that this is the end."""
    for stream in app[STREAMS]:
        stream.cancel()
    await app[SESSIONS].close()


def in_url(host: str) -> str:
    """An address as a URL has it."""
    return f"[{host}]" if ":" in host else host
