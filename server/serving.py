"""The life of the server, from its start to an end within ten seconds.

The order of the end matters. First nothing new is taken, then streams without an end are cut (a
page that shows them says so and comes back by itself), then pipelines stop and peers close, which
`Sessions.close` does within eight seconds; whatever still hangs then is told where it hangs and
ended. Files appear whole or not at all, so nothing is lost that way.

The token is printed once, for the person who started the server, and never logged: the log knows
paths, not queries, and what is no HTTP is not quoted.
"""

import asyncio
import faulthandler
import logging
import os
import signal
import socket
import ssl
import sys
import webbrowser
from collections.abc import Callable

from aiohttp import web
from aiohttp.abc import AbstractAccessLogger
from aiohttp.http import HttpProcessingError

from server.app import build, in_url
from server.settings import ServerSettings
from server.tokens import make_token, read_token
from streaming.live import SettingsError, display_name, warm

__all__ = ["runner_of", "serve"]

http_log = logging.getLogger("server.http")

CUT_S = 0.5  # how long a request may go on once the end has begun
# For how long one thread may keep Python from the others: a picture waits for five of them.
SWITCH_S = 0.001
GRACE_S = 0.3  # for what is being loaded, if it is nearly there
END_S = 9.5  # from the signal to the end at the latest

ANYWHERE = ("0.0.0.0", "::", "")

Say = Callable[[str], object]


def serve(settings: ServerSettings, *, say: Say, link: Say) -> None:
    """Serve until Ctrl-C or SIGTERM; the process has to end after that, and is ended if it hangs.

    Args:
        settings: Everything there is to set.
        say: Told what a person should know.
        link: Told the link, which carries the token.

    Raises:
        SettingsError: The address, a certificate or the library cannot be used.
    """
    sys.setswitchinterval(SWITCH_S)
    token = read_token(settings.token_file) if settings.token_file else make_token()
    secure = _tls(settings)
    asyncio.run(_serve(settings, token, secure, say, link))


def runner_of(app: web.Application) -> web.AppRunner:
    """What runs an application, with a log that holds no secret."""
    http_log.addFilter(_is_http)
    return web.AppRunner(
        app,
        logger=http_log,
        access_log=http_log,
        access_log_class=PathLog,
        shutdown_timeout=CUT_S,
    )


async def _serve(
    settings: ServerSettings,
    token: str,
    secure: ssl.SSLContext | None,
    say: Say,
    link: Say,
) -> None:
    asked = asyncio.Event()
    _on_signal(asked.set)
    runner = runner_of(build(settings, token))
    try:
        await runner.setup()
        await _listen(runner, settings, secure)
        links = [f"{door}/?token={token}" for door in _doors(runner, settings)]
        for each in links:
            link(each)
        _tell(settings, say)
        warming = asyncio.create_task(asyncio.to_thread(warm, settings.cache))
        if settings.open:
            await asyncio.to_thread(webbrowser.open, links[0])
        await asked.wait()
        say("stopping: sessions end, what was found stays (again to give up)")
    finally:
        await runner.cleanup()
    await asyncio.wait({warming}, timeout=GRACE_S)
    if not warming.done():
        _leave()


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


def _leave() -> None:
    """End at once although the engine is still being loaded, which cannot be stopped.

    Everything of the user's is closed and whole by now, and what is being loaded is a copy.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def _is_http(record: logging.LogRecord) -> bool:
    """Leave out what is no HTTP: its text would be quoted in the log, and may hold the token."""
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


def _doors(runner: web.AppRunner, settings: ServerSettings) -> list[str]:
    """The starts of the links: for this machine first, then for others on its network."""
    port = int(runner.addresses[0][1])
    scheme = "https" if settings.tls else "http"
    hosts = [settings.host]
    if settings.host in ANYWHERE:
        hosts = ["127.0.0.1", *_own_addresses()]
    return [f"{scheme}://{in_url(host)}:{port}" for host in hosts]


def _own_addresses() -> list[str]:
    """The address under which other machines see this one, where there is a network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # an address of nobody's; connecting sends nothing
            return [str(probe.getsockname()[0])]
        except OSError:
            return []


def _tell(settings: ServerSettings, say: Say) -> None:
    say(f"library {settings.library}; Ctrl-C stops")
    if not settings.only_here and not settings.tls:
        say(
            "other machines can connect, and what they send can be read on the way; browsers give "
            "their camera only to https: see --tls-cert"
        )
