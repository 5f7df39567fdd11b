"""Who is let in: every request passes here before anything else sees it.

A server on 127.0.0.1 is not private. Every page that the user has open can send requests to it, a
name that an attacker owns can be made to point at it (DNS rebinding), and other programs on the
machine serve pages of their own whose requests carry our cookies. So, in this order:

1. **Host**: must be one of our own names with our port; a rebound name is not.
2. **Open doors**: `/healthz` and `/static/` hold no secret.
3. **Bearer**: who shows the token is a program, or a page of an origin that was allowed by name.
4. **Cookie**: is sent by the browser whoever asks, so it proves nothing about the page. The browser
   says who asks: `Sec-Fetch-Site` must be `same-origin` (our page) or `none` (the user's own hand);
   `same-site` is another port of this machine. Any `Origin` must be ours, and whatever may change
   something must carry one. Browsers leave `Sec-Fetch-Site` out on plain http to another machine,
   old ones always: then a GET passes (it changes nothing, and its answer is kept from foreign pages
   by the browser and by `Cross-Origin-Resource-Policy`), the rest is held by `Origin` alone.

The verdict is made from plain values, so it can be tested without a socket.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from server.asking import Ask
from server.errors import RequestError
from server.tokens import Cookies, same

__all__ = ["Guard", "Names"]

SAFE = frozenset({"GET", "HEAD"})
OPEN = ("/healthz",)
OPEN_BELOW = "/static/"
LOCAL = ("localhost", "127.0.0.1", "[::1]")
ANYWHERE = frozenset({"0.0.0.0", "[::]", ""})  # listened on, but no name of ours
OPEN_LINK = "open the link that loopmatte printed when it started"


@dataclass(frozen=True, slots=True)
class Names:
    """Under which names the server answers.

    Attributes:
        host: What it was told to listen on.
        extra: Names the user allowed, with or without a port.
    """

    host: str
    extra: tuple[str, ...] = ()

    def hold(self, ask: Ask) -> bool:
        """Whether a request's Host is one of ours."""
        usual = 443 if ask.scheme == "https" else 80
        ours = {name.lower() for name in (*LOCAL, self.host, ask.address, *self.extra)} - ANYWHERE
        allowed = {f"{name}:{ask.port}" for name in ours}
        if ask.port == usual:
            allowed |= ours
        return ask.host in allowed | {name.lower() for name in self.extra}


class Guard:
    """Lets a request pass or refuses it.

    Args:
        names: Under which names the server answers.
        token: What the printed link carries.
        cookies: Checks cookies.
        origins: Foreign origins that were allowed.
        clock: Seconds since 1970.
    """

    def __init__(
        self,
        names: Names,
        *,
        token: str,
        cookies: Cookies,
        origins: tuple[str, ...] = (),
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._names = names
        self._token = token
        self._cookies = cookies
        self._origins = frozenset(each.lower() for each in origins)
        self._clock = clock

    def check_host(self, ask: Ask) -> None:
        """Refuse a request that was sent to somebody else's name.

        Raises:
            RequestError: It was.
        """
        if not self._names.hold(ask):
            raise RequestError(
                403,
                f"the request is for {ask.host or 'no host'}, which is not a name of this server; "
                f"{OPEN_LINK}, or start it with --allow-host NAME",
            )

    def check(self, ask: Ask) -> None:
        """Refuse whoever shows neither the token nor a cookie of ours, sent by our own page.

        Raises:
            RequestError: 401 for who is not known, 403 for who is not trusted.
        """
        if ask.path in OPEN or ask.path.startswith(OPEN_BELOW):
            return
        if ask.authorization is not None:
            self._check_bearer(ask)
        elif ask.cookie is not None:
            self._check_cookie(ask)
        else:
            raise RequestError(
                401,
                f"no cookie and no token came with this; {OPEN_LINK}, or send "
                "`Authorization: Bearer TOKEN`",
            )

    def is_token(self, given: str) -> bool:
        """Whether this is the token of the link."""
        return same(given, self._token)

    def is_foreign(self, ask: Ask) -> bool:
        """Whether a page of another origin asks."""
        return ask.origin is not None and ask.origin.lower() != ask.own_origin

    def is_allowed(self, origin: str) -> bool:
        """Whether pages of this origin were let in by name."""
        return origin.lower() in self._origins

    def _check_bearer(self, ask: Ask) -> None:
        kind, _, given = (ask.authorization or "").partition(" ")
        if kind.lower() != "bearer" or not self.is_token(given.strip()):
            raise RequestError(
                401,
                "the token in `Authorization: Bearer` is not this start's; copy it anew from "
                "the printed link, or start with --token-file to keep one",
            )
        if self.is_foreign(ask) and not self.is_allowed(ask.origin or ""):
            raise RequestError(
                403,
                f"a page of {ask.origin} asks; to let it in, start the server with "
                f"--allow-origin {ask.origin}",
            )

    def _check_cookie(self, ask: Ask) -> None:
        if not self._cookies.accept(ask.cookie or "", ask.port, self._clock()):
            raise RequestError(401, f"the cookie is not one of this server or too old; {OPEN_LINK}")
        if ask.site not in (None, "same-origin", "none"):
            raise RequestError(
                403,
                f"another page asks ({ask.site}), which may not use this browser's cookie; "
                "type the address or use a bookmark",
            )
        if self.is_foreign(ask) and not self._is_own_behind_tls(ask):
            raise RequestError(
                403,
                f"a page of {ask.origin} asks with this browser's cookie; only the server's "
                "own page may",
            )
        if ask.origin is None and ask.method not in SAFE:
            raise RequestError(
                403,
                f"a {ask.method} with a cookie but without an Origin; browsers send one, "
                "programs use `Authorization: Bearer TOKEN`",
            )

    def _is_own_behind_tls(self, ask: Ask) -> bool:
        """Whether the origin is ours with a proxy before us that speaks https, allowed by name."""
        own = f"https://{ask.host}"
        return (ask.origin or "").lower() == own and self.is_allowed(own)
