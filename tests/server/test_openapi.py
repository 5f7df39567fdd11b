"""The description of the API and the routes say the same, both ways."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from server.app import build
from server.editfacts import EditFacts
from server.loopfacts import LoopFacts
from server.model import SessionFacts
from server.settings import ServerSettings
from tests.server.servers import Site

ROOT = Path(__file__).resolve().parent.parent.parent
DESCRIBED: dict[str, Any] = json.loads((ROOT / "server" / "openapi.json").read_text("utf-8"))
METHODS = {"get", "post", "patch", "delete", "options", "put"}


def routes(app: web.Application) -> set[tuple[str, str]]:
    found = set()
    for route in app.router.routes():
        place = route.resource
        assert place is not None
        if route.method != "HEAD":  # comes with every GET
            found.add((place.canonical, route.method.lower()))
    return found


def described() -> set[tuple[str, str]]:
    return {
        (path, method)
        for path, operations in DESCRIBED["paths"].items()
        for method in METHODS & set(operations)
    }


@pytest.fixture
def app(tmp_path: Path) -> web.Application:
    return build(ServerSettings(library=tmp_path / "library", cache=tmp_path), "token")


def test_every_route_is_described_and_every_description_is_a_route(app: web.Application) -> None:
    assert routes(app) == described()


def test_a_planted_route_is_found(app: web.Application) -> None:
    async def planted(_: web.Request) -> web.Response:
        return web.Response()

    app.router.add_get("/api/planted/{n:\\d{1,3}}", planted)
    assert routes(app) - described() == {("/api/planted/{n}", "get")}


def test_every_reference_leads_somewhere() -> None:
    for value in _within(DESCRIBED):
        if isinstance(value, dict) and "$ref" in value:
            found: Any = DESCRIBED
            for step in value["$ref"].removeprefix("#/").split("/"):
                found = found[step]


def test_parameters_of_a_path_are_those_in_its_braces() -> None:
    for path, operations in DESCRIBED["paths"].items():
        named = [each["name"] for each in operations.get("parameters", ())]
        assert named == re.findall(r"{(\w+)}", path), path


def test_a_session_has_the_fields_that_are_described(alive: Callable[..., None]) -> None:
    async def check(site: Site) -> None:
        loop = LoopFacts("L1", "loop", "written", 0, 30, 0.0, 1.0, 0.2)
        facts = SessionFacts("s", "n", "demo", "2026-01-01T00:00:00+00:00", loops=(loop,))
        schemas = DESCRIBED["components"]["schemas"]
        hidden = {"result", "file", "master"}
        assert set(facts.as_json()) - hidden == set(schemas["Session"]["properties"])
        assert set(loop.as_json()) - hidden == set(schemas["Loop"]["properties"])
        assert set(EditFacts().as_json()) == set(schemas["Edit"]["properties"])
        server = (await site.as_program("GET", "/api/server")).json
        assert set(server) == set(schemas["Server"]["properties"])
        for part in ("limits", "disk"):
            assert set(server[part]) == set(schemas["Server"]["properties"][part]["properties"])
        assert set(server["defaults"]) == set(schemas["Limits"]["properties"])
        assert (await site.as_program("GET", "/openapi.json")).json == DESCRIBED

    alive(check)


def _within(value: Any) -> Iterator[Any]:
    yield value
    children = (
        value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    )
    for child in children:
        yield from _within(child)
