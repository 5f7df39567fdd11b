"""Proof of who may come in: the token of the printed link, and the cookie it is exchanged for.

The token is made anew at every start, so a link that leaked is worth nothing tomorrow. The cookie
is signed with a key that stays in the library: a page left open goes on working when the server is
started again. It is named by the port and the port is signed with it, because browsers send cookies
to every port of a host: another server on this machine gets to see a cookie, but one that was made
for port 8080 opens nothing at port 8081.

Nothing here knows the web: text in, text or a verdict out, and the clock is passed in.
"""

import hashlib
import hmac
import secrets
from pathlib import Path

from streaming.live import SettingsError

__all__ = ["COOKIE_DAYS", "Cookies", "make_token", "read_token", "same"]

COOKIE_DAYS = 30
SHORTEST = 16  # characters of a token that a user chose
DAY_S = 86400


def make_token() -> str:
    """A new token: 256 random bits, safe in a URL."""
    return secrets.token_urlsafe(32)


def read_token(path: Path) -> str:
    """The token that a file holds.

    Raises:
        SettingsError: It cannot be read, or what it holds can be guessed.
    """
    try:
        token = path.read_text("ascii").strip()
    except (OSError, ValueError) as error:
        raise SettingsError(f"--token-file {path}: {error}; give a text file") from error
    if len(token) < SHORTEST or not token.isprintable() or " " in token:
        raise SettingsError(
            f"--token-file {path}: a token of {len(token)} characters; give at least {SHORTEST} "
            "without spaces, for example from: openssl rand -hex 24"
        )
    return token


def same(given: str, wanted: str) -> bool:
    """Whether two secrets are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(_digest(given), _digest(wanted))


class Cookies:
    """Makes and checks the cookie that says: this browser has shown the token.

    Args:
        key: The library's secret key.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    @staticmethod
    def name(port: int) -> str:
        """What the cookie of the server on this port is called."""
        return f"loopmatte-{port}"

    def issue(self, port: int, now_s: float) -> str:
        """A new cookie's value.

        Args:
            port: The port it is for.
            now_s: Seconds since 1970.
        """
        words = f"1.{int(now_s)}.{secrets.token_hex(8)}"
        return f"{words}.{self._signed(words, port)}"

    def accept(self, value: str, port: int, now_s: float) -> bool:
        """Whether this server issued the value for this port and it has not expired."""
        words, _, signature = value.rpartition(".")
        if not same(signature, self._signed(words, port)):
            return False
        issued_s = int(words.split(".")[1])  # signed, so it is what we wrote
        return issued_s <= now_s + DAY_S and now_s - issued_s < COOKIE_DAYS * DAY_S

    def _signed(self, words: str, port: int) -> str:
        text = f"cookie {port} {words}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
