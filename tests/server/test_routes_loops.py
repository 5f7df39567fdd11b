"""Loops over HTTP: files in ranges, pictures, and names that are never more than names."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import pytest
from PIL import Image
from yarl import URL

from server.routes_loops import attachment
from tests.server.servers import Site, saved, written

Alive = Callable[..., None]
PATH = "/api/sessions/s1/loops/L1"


def test_a_loop_is_played_whole_in_ranges_and_not_again(alive: Alive, library: Path) -> None:
    loop = written(library)
    saved(library, "s1", loop)
    whole = (library / "sessions" / "s1" / "result" / loop.file).read_bytes()

    async def check(site: Site) -> None:
        answer = await site.as_program("GET", f"{PATH}/file?v=3")
        assert (answer.status, answer.body) == (200, whole)
        assert answer.headers["Content-Type"] == "video/webm"
        assert "Content-Disposition" not in answer.headers
        part = await site.as_program("GET", f"{PATH}/file", headers={"Range": "bytes=10-19"})
        assert (part.status, part.body) == (206, whole[10:20])
        assert part.headers["Content-Range"] == f"bytes 10-19/{len(whole)}"
        beyond = await site.as_program(
            "GET", f"{PATH}/file", headers={"Range": f"bytes={len(whole)}-"}
        )
        assert beyond.status == 416
        again = await site.as_program(
            "GET", f"{PATH}/file", headers={"If-None-Match": answer.headers["ETag"]}
        )
        assert again.status == 304
        poster = await site.as_program("GET", f"{PATH}/poster.webp")
        assert poster.headers["Content-Type"] == "image/webp"
        assert Image.open(io.BytesIO(poster.body)).mode == "RGBA"

    alive(check)


TITLES = {
    "A loop": ("A loop.webm", "A loop.webm"),
    "Schwüng 回": ("Schw_ng _.webm", "Schwüng 回.webm"),
    '"><img src=x onerror=alert(1)>': ("img src=x onerror=alert(1).webm",) * 2,
    "../../etc/passwd": ("etc_passwd.webm",) * 2,
    'a"; filename="b.exe': ("a_; filename=_b.exe.webm",) * 2,
    "a\r\nSet-Cookie: x=1": ("a_Set-Cookie_ x=1.webm",) * 2,
    "100%41 a\u202egnp": ("100_41 a_gnp.webm",) * 2,
    "...": ("loop.webm",) * 2,
    "": ("loop.webm",) * 2,
    "n" * 300: ("n" * 80 + ".webm",) * 2,
}


@pytest.mark.parametrize("title", TITLES, ids=lambda title: title[:20])
def test_a_title_becomes_a_file_name_and_nothing_else(title: str) -> None:
    header = attachment(title)
    plain, real = TITLES[title]
    first, star, encoded = header.partition("; filename*=UTF-8''")
    assert first == f'attachment; filename="{plain}"'
    assert star
    assert unquote(encoded) == real
    assert header.isascii()
    assert header.isprintable()


def test_a_loop_renamed_to_markup_stays_text(alive: Alive, library: Path) -> None:
    saved(library, "s1", written(library))
    title = "</script><img src=x onerror=alert(1)>"

    async def check(site: Site) -> None:
        answer = await site.as_program("PATCH", PATH, json={"title": title})
        assert answer.json["title"] == title
        assert answer.headers["Content-Type"].startswith("application/json")
        shown = await site.as_program("GET", "/api/sessions/s1")
        assert shown.headers["Content-Type"].startswith("application/json")
        assert shown.json["loops"][0]["title"] == title
        saved_as = await site.as_program("GET", f"{PATH}/file?download=1")
        name = saved_as.headers["Content-Disposition"]
        assert "<" not in name
        assert 'filename="script_img src=x onerror=alert(1).webm"' in name
        assert (await site.as_program("PATCH", PATH, json={"title": ""})).json["title"] == ""
        unnamed = await site.as_program("GET", f"{PATH}/file?download=1")
        assert 'filename="A session L1.webm"' in unnamed.headers["Content-Disposition"]

    alive(check)


@pytest.mark.parametrize("sid", ["..", "%2e%2e", "..%2fs1", "s1%2f..%2fs2", "none", "s1%00"])
@pytest.mark.parametrize("lid", ["L1", "..%2f..%2fkey", "%2e%2e"])
def test_ids_never_become_paths(sid: str, lid: str, alive: Alive, library: Path) -> None:
    saved(library, "s1", written(library))
    saved(library, "s2", written(library, "s2"))

    async def check(site: Site) -> None:
        for rest in ("file", "poster.webp", "seam", "frames/0.webp"):
            url = URL(f"{site.origin}/api/sessions/{sid}/loops/{lid}/{rest}", encoded=True)
            async with site.client.get(url, headers={"Authorization": "Bearer no"}) as closed:
                assert closed.status == 401
            answer = await site.as_program("GET", url.raw_path)
            assert answer.status == 404, url
            assert answer.error

    alive(check)


@pytest.mark.parametrize("file", ["../../s2/result/loop_0.webm", "/etc/passwd", "../session.json"])
def test_a_library_that_was_tampered_with_leads_nowhere(
    file: str, alive: Alive, library: Path
) -> None:
    saved(library, "s1", replace(written(library), file=file))
    saved(library, "s2", written(library, "s2"))

    async def check(site: Site) -> None:
        for rest in ("file", "poster.webp"):
            answer = await site.as_program("GET", f"{PATH}/{rest}")
            assert answer.status in (404, 409), rest

    alive(check)


def test_a_link_out_of_the_session_leads_nowhere(
    alive: Alive, library: Path, tmp_path: Path
) -> None:
    loop = written(library)
    saved(library, "s1", loop)
    path = library / "sessions" / "s1" / "result" / loop.file
    path.rename(tmp_path / "secret.webm")
    path.symlink_to(tmp_path / "secret.webm")

    async def check(site: Site) -> None:
        assert (await site.as_program("GET", f"{PATH}/file")).status in (404, 409)

    alive(check)


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PATCH", PATH, {"titel": "x"}, 400),
        ("PATCH", PATH, {"kept": "yes"}, 400),
        ("PATCH", PATH, {"title": "t" * 201}, 400),
        ("PATCH", "/api/sessions/s1/loops/L2", {"kept": True}, 404),
        ("POST", "/api/sessions/s1/loops", {"start_s": 1}, 400),
        ("POST", "/api/sessions/s1/loops", {"start_s": 1, "end_s": "2"}, 400),
        ("POST", "/api/sessions/s1/loops", {"start_s": 0, "end_s": 1}, 409),
        ("POST", f"{PATH}/versions", {"start": 3, "end": 3}, 400),
        ("POST", f"{PATH}/versions", {"start": 3.5, "end": 4}, 400),
        ("GET", f"{PATH}/frames/x.webp", None, 404),
        ("GET", f"{PATH}/frames/-1.webp", None, 404),
        ("GET", f"{PATH}/frames/99999999.webp", None, 404),
    ],
)
def test_what_is_asked_wrongly_of_a_loop_is_told(
    method: str, path: str, body: object, status: int, alive: Alive, library: Path
) -> None:
    saved(library, "s1", written(library))

    async def check(site: Site) -> None:
        more = {} if body is None else {"json": body}
        answer = await site.as_program(method, path, **more)
        assert (answer.status, bool(answer.error)) == (status, True)

    alive(check)
