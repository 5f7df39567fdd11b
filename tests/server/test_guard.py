"""The guard's verdicts, one by one, on plain values."""

from dataclasses import replace

import pytest

from server.asking import Ask
from server.errors import RequestError
from server.guard import Guard, Names
from server.tokens import Cookies

NOW = 1_800_000_000.0
COOKIES = Cookies(b"k" * 32)
TOKEN = "the token"
GUARD = Guard(
    Names("127.0.0.1"),
    token=TOKEN,
    cookies=COOKIES,
    origins=("https://friend.example",),
    clock=lambda: NOW,
)
ASK = Ask("GET", "/api/server", "http", "127.0.0.1:8080", "127.0.0.1", 8080)
OWN = "http://127.0.0.1:8080"
PAGE = replace(ASK, cookie=COOKIES.issue(8080, NOW), site="same-origin")
PROGRAM = replace(ASK, authorization=f"Bearer {TOKEN}")


@pytest.mark.parametrize(
    "ask",
    [
        PAGE,
        replace(PAGE, site="none"),
        replace(PAGE, site=None),
        replace(PAGE, origin=OWN),
        replace(PAGE, origin=OWN.upper()),
        replace(PAGE, method="POST", origin=OWN),
        replace(PAGE, method="DELETE", origin=OWN, site=None),
        PROGRAM,
        replace(PROGRAM, method="POST"),
        replace(PROGRAM, authorization=f"bearer  {TOKEN} "),
        replace(PROGRAM, origin=OWN, method="POST"),
        replace(PROGRAM, origin="https://friend.example", site="cross-site", method="POST"),
        replace(ASK, path="/healthz"),
        replace(ASK, path="/static/app/main.js", origin="http://evil.example", site="cross-site"),
    ],
)
def test_let_in(ask: Ask) -> None:
    GUARD.check(ask)


@pytest.mark.parametrize(
    ("ask", "status", "words"),
    [
        (ASK, 401, "no cookie and no token"),
        (replace(ASK, path="/healthz/"), 401, "no cookie"),
        (replace(ASK, path="/"), 401, "no cookie"),
        (replace(ASK, path="/metrics"), 401, "no cookie"),
        (replace(PROGRAM, authorization="Bearer no"), 401, "not this start's"),
        (replace(PROGRAM, authorization=f"Basic {TOKEN}"), 401, "not this start's"),
        (replace(PROGRAM, authorization=""), 401, "not this start's"),
        (replace(PAGE, authorization="Bearer no"), 401, "not this start's"),
        (replace(PROGRAM, origin="http://evil.example"), 403, "--allow-origin"),
        (replace(PROGRAM, origin="null"), 403, "--allow-origin"),
        (replace(PROGRAM, origin="http://127.0.0.1:3000"), 403, "--allow-origin"),
        (replace(PAGE, site="same-site"), 403, "another page"),
        (replace(PAGE, site="cross-site"), 403, "another page"),
        (replace(PAGE, site="Same-Origin "), 403, "another page"),
        (replace(PAGE, origin="http://localhost:8080"), 403, "only the server's own page"),
        (replace(PAGE, origin="http://127.0.0.1:3000", site=None), 403, "only the server's own"),
        (replace(PAGE, origin="https://127.0.0.1:8080", site=None), 403, "only the server's own"),
        (replace(PAGE, origin="null", site=None), 403, "only the server's own page"),
        (replace(PAGE, origin="https://friend.example"), 403, "only the server's own page"),
        (replace(PAGE, method="POST"), 403, "without an Origin"),
        (replace(PAGE, method="DELETE", site=None), 403, "without an Origin"),
        (replace(PAGE, method="OPTIONS"), 403, "without an Origin"),
        (replace(PAGE, cookie="1.2.3"), 401, "not one of this server"),
        (replace(PAGE, cookie=COOKIES.issue(8081, NOW)), 401, "not one of this server"),
        (replace(PAGE, cookie=COOKIES.issue(8080, NOW - 31 * 86400)), 401, "too old"),
    ],
)
def test_refused(ask: Ask, status: int, words: str) -> None:
    with pytest.raises(RequestError, match=words) as caught:
        GUARD.check(ask)
    assert caught.value.status == status


HOSTS = [
    (ASK, True),
    (replace(ASK, host="localhost:8080"), True),
    (replace(ASK, host="[::1]:8080"), True),
    (replace(ASK, host="127.0.0.1:8081"), False),
    (replace(ASK, host="127.0.0.1"), False),
    (replace(ASK, host="127.0.0.1", port=80), True),
    (replace(ASK, host="127.0.0.1", port=443), False),
    (replace(ASK, host="127.0.0.1", port=443, scheme="https"), True),
    (replace(ASK, host="evil.example:8080"), False),
    (replace(ASK, host="127.0.0.1.evil.example:8080"), False),
    (replace(ASK, host="localhost:8080@evil.example"), False),
    (replace(ASK, host=""), False),
    (replace(ASK, host="0.0.0.0:8080"), False),
    (replace(ASK, host="192.168.1.5:8080"), False),
    (replace(ASK, host="192.168.1.5:8080", address="192.168.1.5"), True),
    (replace(ASK, host="laptop.local:8080"), False),
]


@pytest.mark.parametrize(("ask", "good"), HOSTS)
def test_only_our_own_names_are_answered(ask: Ask, good: bool) -> None:
    assert Names("127.0.0.1").hold(ask) is good


def test_names_can_be_added_and_a_wildcard_is_none() -> None:
    anywhere = Names("0.0.0.0", ("Laptop.local", "tunnel.example:9000"))
    for host in ("laptop.local:8080", "laptop.local", "tunnel.example:9000"):
        assert anywhere.hold(replace(ASK, host=host)), host
    for host in ("0.0.0.0:8080", "tunnel.example", "[::]:8080"):
        assert not anywhere.hold(replace(ASK, host=host)), host


def test_a_page_behind_a_tls_proxy_may_use_its_cookie_if_it_was_allowed_by_name() -> None:
    names = Names("127.0.0.1", ("cam.example",))
    ask = replace(PAGE, host="cam.example", origin="https://cam.example", method="POST")
    allowed = Guard(
        names, token="t", cookies=COOKIES, origins=("https://cam.example",), clock=lambda: NOW
    )
    allowed.check(ask)
    with pytest.raises(RequestError, match="only the server's own"):
        Guard(names, token="t", cookies=COOKIES, clock=lambda: NOW).check(ask)
    with pytest.raises(RequestError, match="only the server's own"):
        allowed.check(replace(ask, host="127.0.0.1:8080"))
