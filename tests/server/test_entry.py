"""The doors as a stranger meets them: over a socket, on every path, with every sort of page."""

import asyncio
import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.server.servers import TOKEN, Site, serving

Alive = Callable[..., None]
ROUTES = ["/", "/api/server", "/api/sessions", "/api/events", "/metrics", "/openapi.json", "/none"]
OWN_PAGE = {"Sec-Fetch-Site": "same-origin"}


def test_the_link_becomes_a_cookie_and_a_clean_address(alive: Alive) -> None:
    async def check(site: Site) -> None:
        answer = await site.ask("GET", f"/?token={TOKEN}")
        assert (answer.status, answer.headers["Location"], answer.body) == (303, "/", b"")
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith(f"loopmatte-{site.port}=")
        assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
        assert TOKEN not in cookie
        assert "Secure" not in cookie
        page = await site.ask("GET", "/", headers={"Cookie": cookie.partition(";")[0]} | OWN_PAGE)
        assert page.status == 200
        assert b"<!doctype html>" in page.body

    alive(check)


@pytest.mark.parametrize("token", ["", "wrong", TOKEN[:-1], TOKEN + "x", TOKEN.upper()])
def test_a_wrong_link_opens_nothing(token: str, alive: Alive) -> None:
    async def check(site: Site) -> None:
        answer = await site.ask("GET", "/", params={"token": token})
        assert answer.status == 401
        assert "Set-Cookie" not in answer.headers
        assert "was printed last" in answer.error
        for method in ("HEAD", "POST"):
            refused = await site.ask(method, f"/?token={TOKEN}")
            assert refused.status == 401, "only a GET exchanges the token"

    alive(check)


def test_without_proof_every_path_is_closed_but_two(alive: Alive) -> None:
    async def check(site: Site) -> None:
        for path in ROUTES:
            answer = await site.ask("GET", path)
            assert answer.status == 401, path
            assert "printed when it started" in answer.error
            assert answer.headers["WWW-Authenticate"] == "Bearer"
        for path in ("/healthz", "/static/report.css"):
            assert (await site.ask("GET", path)).status == 200

    alive(check)


def test_a_person_without_the_link_is_told_in_a_page_where_it_is(alive: Alive) -> None:
    async def check(site: Site) -> None:
        answer = await site.ask("GET", "/", headers={"Accept": "text/html,*/*"})
        assert answer.status == 401
        assert answer.headers["Content-Type"].startswith("text/html")
        assert b"Open the link that loopmatte printed" in answer.body
        assert "Refresh" not in answer.headers
        for site_of, again in (("cross-site", True), ("same-origin", False), ("none", False)):
            headers = {"Accept": "text/html", "Sec-Fetch-Site": site_of}
            answer = await site.ask("GET", "/", headers=headers)
            assert ("Refresh" in answer.headers) is again, "once, and never in a circle"

    alive(check)


def test_a_program_shows_the_token_itself(alive: Alive) -> None:
    async def check(site: Site) -> None:
        assert (await site.as_program("GET", "/api/server")).status == 200
        for wrong in ("Bearer wrong", f"Basic {TOKEN}", TOKEN, "Bearer"):
            answer = await site.ask("GET", "/api/server", headers={"Authorization": wrong})
            assert answer.status == 401, wrong

    alive(check)


@pytest.mark.parametrize("path", ["/healthz", "/", "/static/report.css", "/api/server", "/whip"])
def test_a_name_that_is_not_ours_is_refused_everywhere(path: str, alive: Alive) -> None:
    async def check(site: Site) -> None:
        for host in ("evil.example", f"evil.example:{site.port}", "127.0.0.1:1", "127.0.0.1"):
            answer = await site.as_program("GET", path, headers={"Host": host})
            assert answer.status == 403, host
            assert "not a name of this server" in answer.error
        answer = await site.as_program(
            "GET", "/healthz", headers={"Host": f"localhost:{site.port}"}
        )
        assert answer.status == 200

    alive(check)


def test_two_hosts_or_none_are_no_host(alive: Alive) -> None:
    async def check(site: Site) -> None:
        for lines in ("", f"Host: 127.0.0.1:{site.port}\r\nHost: evil.example\r\n"):
            reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
            writer.write(f"GET /healthz HTTP/1.1\r\n{lines}Connection: close\r\n\r\n".encode())
            status = (await reader.readline()).split()[1]
            assert status in (b"400", b"403")
            writer.close()
            await writer.wait_closed()

    alive(check)


@pytest.mark.parametrize(
    "page",
    [
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:3000"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
    ],
    ids=lambda page: " ".join(page.values()),
)
def test_another_page_cannot_use_this_browsers_cookie(page: dict[str, str], alive: Alive) -> None:
    async def check(site: Site) -> None:
        cookie = {"Cookie": await site.cookie()}
        for method, path in (("GET", "/api/sessions"), ("GET", "/"), ("DELETE", "/api/sessions/x")):
            answer = await site.ask(method, path, headers=cookie | page)
            assert answer.status == 403, path
            assert "Access-Control-Allow-Origin" not in answer.headers
        assert (await site.ask("GET", "/api/sessions", headers=cookie | OWN_PAGE)).status == 200

    alive(check)


def test_with_a_cookie_a_change_needs_an_origin(alive: Alive) -> None:
    async def check(site: Site) -> None:
        cookie = {"Cookie": await site.cookie()}
        for page in (OWN_PAGE, {}, {"Sec-Fetch-Site": "none"}):
            answer = await site.ask("DELETE", "/api/sessions/none", headers=cookie | page)
            assert answer.status == 403
            assert "without an Origin" in answer.error
            own = cookie | page | {"Origin": site.origin}
            assert (await site.ask("DELETE", "/api/sessions/none", headers=own)).status == 404

    alive(check)


def test_the_cookie_of_another_port_opens_nothing(alive: Alive) -> None:
    async def check(site: Site) -> None:
        name, _, value = (await site.cookie()).partition("=")
        async with serving(site.library.with_name("second")) as second:
            (second.library / "key").write_bytes((site.library / "key").read_bytes())
        async with serving(second.library) as again:
            for header in (f"{name}={value}", f"loopmatte-{again.port}={value}"):
                answer = await again.ask("GET", "/api/server", headers={"Cookie": header})
                assert answer.status == 401, "the port is signed too"

    alive(check)


def test_an_open_page_survives_a_new_start_with_a_new_token(library: Path) -> None:
    async def check() -> None:
        async with serving(library) as site:
            cookie = {"Cookie": await site.cookie()} | OWN_PAGE
        async with serving(library, at=site.port, token="another token") as again:
            assert (await again.ask("GET", "/api/server", headers=cookie)).status == 200
            assert (await again.as_program("GET", "/api/server")).status == 401

    asyncio.run(check())


def test_a_foreign_page_comes_in_by_name_and_token_only(alive: Alive) -> None:
    friend = {"Origin": "https://friend.example", "Sec-Fetch-Site": "cross-site"}

    async def check(site: Site) -> None:
        answer = await site.as_program("GET", "/api/server", headers=friend)
        assert answer.status == 200
        assert answer.headers["Access-Control-Allow-Origin"] == friend["Origin"]
        assert "Location" in answer.headers["Access-Control-Expose-Headers"]
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
        refused = await site.ask("GET", "/api/server", headers=friend)
        assert refused.status == 401, "without the token"
        assert refused.headers["Access-Control-Allow-Origin"] == friend["Origin"]
        stranger = await site.as_program(
            "GET", "/api/server", headers={"Origin": "https://other.example"}
        )
        assert stranger.status == 403
        assert "Access-Control-Allow-Origin" not in stranger.headers

    alive(check, allow_origin=("https://friend.example",))


def test_a_browser_may_ask_beforehand_for_a_page_that_was_allowed(alive: Alive) -> None:
    asking = {"Access-Control-Request-Method": "POST"}

    async def check(site: Site) -> None:
        for path in ("/whip", "/whep/x", "/whep/x/y", "/api/sessions", "/anything"):
            friend = {"Origin": "https://friend.example"} | asking
            answer = await site.ask("OPTIONS", path, headers=friend)
            assert answer.status == 204, path
            assert answer.headers["Access-Control-Allow-Origin"] == "https://friend.example"
            assert "Authorization" in answer.headers["Access-Control-Allow-Headers"]
            assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]
            stranger = {"Origin": "https://other.example"} | asking
            refused = await site.ask("OPTIONS", path, headers=stranger)
            assert refused.status == 403
            assert "Access-Control-Allow-Origin" not in refused.headers
            rebound = await site.ask("OPTIONS", path, headers=friend | {"Host": "evil.example"})
            assert rebound.status == 403

    alive(check, allow_origin=("https://friend.example",))


def test_every_answer_carries_the_pages_rights(alive: Alive) -> None:
    async def check(site: Site) -> None:
        answers = [
            await site.ask("GET", "/healthz"),
            await site.ask("GET", "/static/report.js"),
            await site.ask("GET", "/static/none.js"),
            await site.ask("GET", "/api/server"),
            await site.ask("GET", "/", headers={"Accept": "text/html"}),
            await site.as_program("GET", "/"),
            await site.as_program("GET", "/api/none"),
            await site.as_program("POST", "/api/sessions", data=b"x" * 100_000),
            await site.ask("GET", f"/?token={TOKEN}"),
        ]
        for answer in answers:
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "frame-ancestors 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Referrer-Policy"] == "same-origin"
            assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
            assert "Python" not in answer.headers["Server"]

    alive(check)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../pyproject.toml",
        "/static/%2e%2e/pyproject.toml",
        "/static/..%2fpyproject.toml",
        "/static/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd",
        "/static//etc/passwd",
        "/static/app/../../server/app.py",
        "/static/..%5cpyproject.toml",
        "/static/%00",
        "/static/",
        "/static/app",
        "/static/SOURCES.md",
    ],
)
def test_nothing_but_the_pages_parts_is_sent(path: str, alive: Alive) -> None:
    async def check(site: Site) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        lines = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{site.port}\r\n"
        writer.write(f"{lines}Authorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n".encode())
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        assert head.split()[1] == b"404", head
        assert list(json.loads(body)) == ["error"]

    alive(check)


def test_parts_of_the_page_have_the_types_that_browsers_ask_for(alive: Alive) -> None:
    async def check(site: Site) -> None:
        for path, kind in (("report.js", "text/javascript"), ("report.css", "text/css")):
            answer = await site.ask("GET", f"/static/{path}")
            assert answer.headers["Content-Type"] == f"{kind}; charset=utf-8"
            again = await site.ask(
                "GET", f"/static/{path}", headers={"If-None-Match": answer.headers["ETag"]}
            )
            assert (again.status, again.body) == (304, b"")

    alive(check)


def test_the_log_knows_paths_and_no_secret(alive: Alive, caplog: pytest.LogCaptureFixture) -> None:
    async def check(site: Site) -> None:
        cookie = await site.cookie()
        await site.ask("GET", "/?token=almost-the-token")
        await site.as_program("GET", f"/api/server?token={TOKEN}")
        await site.ask("GET", "/api/a%0ab", headers={"Cookie": cookie})
        reader, writer = await asyncio.open_connection("127.0.0.1", site.port)
        writer.write(f"GET /?token={TOKEN} HTTP/9.9.9\r\n\r\n".encode())
        assert b"400" in await reader.readline()
        writer.close()
        await writer.wait_closed()

    with caplog.at_level(logging.DEBUG):
        alive(check)
    lines = [each.getMessage() for each in caplog.records if each.name == "server.http"]
    assert any("GET /api/server 200" in line for line in lines)
    whole = "\n".join(lines) + caplog.text
    assert "token" not in "".join(lines)
    assert TOKEN not in whole
    assert "almost" not in whole
    assert "a\nb" not in whole


def test_what_is_not_there_and_what_cannot_be_done_is_said_in_json(alive: Alive) -> None:
    async def check(site: Site) -> None:
        none = await site.as_program("GET", "/api/none")
        assert (none.status, "/openapi.json" in none.error) == (404, True)
        wrong = await site.as_program("PUT", "/api/sessions")
        assert (wrong.status, wrong.headers["Allow"]) == (405, "GET,HEAD,POST")
        assert "GET,HEAD,POST" in wrong.error

    alive(check)
