"""The whole web face put together, and its life from start to end.

The order of the end matters. First nothing new is taken, then streams without an end are cut (a
page that shows them says so and comes back by itself), then pipelines stop and peers close, which
`Sessions.close` does within eight seconds; whatever still hangs two seconds later is told where it
hangs and ended. Files appear whole or not at all, so nothing is lost that way.
"""

import asyncio
import faulthandler
import logging
import signal
import ssl
import webbrowser
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http import HttpProcessingError

from server import routes_page
from server.entry import errors_in_words, guarding
from server.guard import Guard, Names
from server.headers import adding_headers
from server.keys import LIBRARY, SESSIONS, SETTINGS, STREAMS, UPLOADS
from server.library import Library, expired
from server.sessions import Sessions
from server.settings import ServerSettings
from server.tokens import Cookies, make_token, read_token
from server.uploads import Bounds, Uploads
from streaming.live import SettingsError, display_name

__all__ = ["SESSIONS", "build", "serve"]

log = logging.getLogger(__name__)
http_log = logging.getLogger("server.http")

LONGEST_JSON = 64 * 1024
DAY_S = 86400
CUT_S = 1.0  # how long handlers may go on once the end has begun
END_S = 9.5  # from the signal to the end at the latest
PLACES = (routes_page,)


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
        Names(_in_url(settings.host), settings.allow_host),
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
    app.on_shutdown.append(_cut_streams)
    for place in PLACES:
        place.add(app)
    return app


def serve(
    settings: ServerSettings, *, say: Callable[[str], object], link: Callable[[str], object]
) -> None:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        settings: Everything there is to set.
        say: Told what a person should know.
        link: Told the link, which carries the token.

    Raises:
        SettingsError: The address, a certificate or the library cannot be used.
    """
    token = read_token(settings.token_file) if settings.token_file else make_token()
    secure = _tls(settings)
    http_log.addFilter(_no_nonsense)
    try:
        asyncio.run(_serve(settings, token, secure, say, link))
    finally:
        faulthandler.cancel_dump_traceback_later()


async def _serve(
    settings: ServerSettings,
    token: str,
    secure: ssl.SSLContext | None,
    say: Callable[[str], object],
    link: Callable[[str], object],
) -> None:
    asked = asyncio.Event()
    _on_signal(asked.set)
    runner = web.AppRunner(
        build(settings, token),
        logger=http_log,
        access_log=http_log,
        access_log_class=PathLog,
        shutdown_timeout=CUT_S,
    )
    try:
        await runner.setup()
        await _listen(runner, settings, secure)
        door = _door(runner, settings)
        link(f"{door}/?token={token}")
        _tell(settings, say)
        if settings.open:
            await asyncio.to_thread(webbrowser.open, f"{door}/?token={token}")
        await asked.wait()
        say("stopping: sessions end, what was found stays (again to give up)")
    finally:
        await runner.cleanup()


async def _listen(
    runner: web.AppRunner, settings: ServerSettings, secure: ssl.SSLContext | None
) -> None:
    site = web.TCPSite(runner, settings.host, settings.port, ssl_context=secure)
    try:
        await site.start()
    except OSError as error:
        raise SettingsError(
            f"--host {settings.host} --port {settings.port}: {error.strerror or error}; "
            "is another server there? give another --port (0 for any free one)"
        ) from error


def _on_signal(ask: Callable[[], object]) -> None:
    """Call `ask` at the first Ctrl-C or SIGTERM; the second one ends the process as it would."""
    loop = asyncio.get_running_loop()

    def hear() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)
        faulthandler.dump_traceback_later(END_S, exit=True)
        ask()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, hear)


async def _living(app: web.Application) -> AsyncIterator[None]:
    """The sessions and the daily sweep, for as long as the application lives."""
    settings, library = app[SETTINGS], app[LIBRARY]
    await asyncio.to_thread(library.expire, datetime.now(UTC), settings.expire_days)
    app[SESSIONS] = Sessions(library, settings)
    sweep = asyncio.create_task(_sweep_daily(app), name="sweep")
    yield
    sweep.cancel()
    await app[SESSIONS].close()


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


async def _cut_streams(app: web.Application) -> None:
    for stream in app[STREAMS]:
        stream.cancel()


class PathLog(AbstractAccessLogger):
    """Writes down who asked for what, without the query: it may hold the token."""

    def log(self, request: web.BaseRequest, response: web.StreamResponse, time: float) -> None:
        """Write down one answered request."""
        self.logger.info(
            "%s %s %s %d %.0f ms",
            request.remote,
            request.method,
            display_name(request.path),
            response.status,
            time * 1000,
        )


def _no_nonsense(record: logging.LogRecord) -> bool:
    """Leave out requests that are no HTTP: their text would be logged, which may be a secret."""
    error = record.exc_info[1] if record.exc_info else None
    return not isinstance(error, HttpProcessingError)


def _tls(settings: ServerSettings) -> ssl.SSLContext | None:
    if settings.tls_cert is None or settings.tls_key is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key)
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"--tls-cert {settings.tls_cert} --tls-key {settings.tls_key}: {error}; "
            "give a certificate and its key as PEM, the key without a password"
        ) from error
    return context


def _door(runner: web.AppRunner, settings: ServerSettings) -> str:
    """The start of the link."""
    port = int(runner.addresses[0][1])
    scheme = "https" if settings.tls else "http"
    anywhere = settings.host in ("0.0.0.0", "::", "")
    return f"{scheme}://{'127.0.0.1' if anywhere else _in_url(settings.host)}:{port}"


def _in_url(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _tell(settings: ServerSettings, say: Callable[[str], object]) -> None:
    say(f"library {settings.library}; Ctrl-C stops")
    if not settings.only_here and not settings.tls:
        say(
            "other machines can connect, and what they send can be read on the way; browsers give "
            "their camera only to https: see --tls-cert"
        )
