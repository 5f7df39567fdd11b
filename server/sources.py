"""What a session is to be made of: a request's words turned into something the engine may open.

Nothing that came from outside reaches the engine as it came. An upload is named by its id, a file
of an offered folder by its name in the list, a camera by its place in the list; an address is
fetched by our own client or, for a stream, judged first.
"""

import asyncio
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from aiohttp import web

from server.bodies import Body
from server.errors import RequestError
from server.fetching import fetch, judged_stream, parts_of
from server.keys import SETTINGS, UPLOADS
from server.library import confined
from server.model import Kind, Pace, Wanted
from server.uploads import plain_name
from streaming.live import display_name

Matte = Literal["auto", "network", "source", "none"]
Quality = Literal["auto", "fast", "balanced", "best"]

__all__ = ["Camera", "Offered", "cameras", "offered", "wanted_from"]

KINDS: tuple[Kind, ...] = ("demo", "upload", "media", "url", "camera")  # WHIP has its own door
FIELD: dict[Kind, str] = {"upload": "upload", "media": "name", "url": "url", "camera": "id"}
MATTES: tuple[Matte, ...] = ("auto", "network", "source", "none")
QUALITIES: tuple[Quality, ...] = ("auto", "fast", "balanced", "best")
PACES: tuple[Pace, ...] = ("real", "fast")
# fmt: off
VIDEOS = frozenset({
    ".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".mpg", ".mpeg", ".ts", ".mts", ".m2ts",
    ".flv", ".ogv", ".wmv", ".3gp", ".mxf", ".y4m", ".gif", ".webp", ".apng", ".avif",
})
# fmt: on
MOST_OFFERED = 1000
SYSTEM_CAMERAS = Path("/sys/class/video4linux")
CAMERA = re.compile(r"camera:\d{1,3}")


@dataclass(frozen=True, slots=True)
class Offered:
    """A video in a folder that the server offers.

    Attributes:
        name: Its file name.
        bytes: Its size.
    """

    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Camera:
    """A camera of the server's own machine.

    Attributes:
        id: As the engine knows it, `camera:0`.
        name: As the system calls it.
    """

    id: str
    name: str


def offered(folders: Iterable[Path]) -> list[Offered]:
    """The videos in these folders by name; of several with one name the first. May take long."""
    found: dict[str, Offered] = {}
    for folder in folders:
        for path in sorted(folder.iterdir()) if folder.is_dir() else ():
            try:
                size = _in_folder(folder, path.name).stat().st_size
            except (RequestError, OSError):  # no video, or a link that leads out
                continue
            found.setdefault(path.name, Offered(path.name, size))
    return sorted(found.values(), key=lambda each: each.name.lower())[:MOST_OFFERED]


def cameras(system: Path = SYSTEM_CAMERAS) -> list[Camera]:
    """The cameras of this machine, as far as its system lists them.

    Args:
        system: Where Linux lists them; each camera has a node for pictures first, others after it.
    """
    found = []
    for node in sorted(system.glob("video*")):
        try:
            first = (node / "index").read_text().strip() == "0"
            name = (node / "name").read_text(errors="replace").strip()
        except OSError:
            continue
        if first:
            found.append(Camera(f"camera:{node.name.removeprefix('video')}", plain_name(name)))
    return found


async def wanted_from(body: Body, app: web.Application) -> Wanted:
    """What a request asks to be opened, checked.

    Args:
        body: The whole request; its limits are taken before.
        app: Its settings and uploads.

    Raises:
        RequestError: It is not there, or not allowed.
    """
    source = body.needed("source", body.part("source"))
    kind: Kind = source.needed("kind", source.choice("kind", KINDS))
    matte = body.choice("matte", MATTES) or "auto"
    quality = body.choice("quality", QUALITIES) or "auto"
    pace = body.choice("pace", PACES) or "real"
    field = FIELD.get(kind)
    given = source.needed(field, source.text(field, longest=2000)) if field else ""
    source.end()
    body.end()
    name, address, path = await _found(kind, given, app)
    return Wanted(kind, name, address, path, matte=matte, quality=quality, pace=pace)


async def _found(kind: str, given: str, app: web.Application) -> tuple[str, str, Path | None]:
    """What to call a source, its address for the engine, and its file where it is one."""
    settings = app[SETTINGS]
    if kind == "demo":
        return "Built-in clip", "", None
    if kind == "camera":
        return await asyncio.to_thread(_camera, given), given, None
    if kind == "media":
        path = await asyncio.to_thread(_media, given, settings.media)
        return given, str(path), path
    if kind == "url" and parts_of(given).scheme in ("rtsp", "rtsps"):
        address = await judged_stream(given, allow_private=settings.allow_private)
        return plain_name(parts_of(given).hostname or ""), address, None
    if kind == "url":
        made = await fetch(given, app[UPLOADS], allow_private=settings.allow_private)
        given = made.upload
    upload, path = app[UPLOADS].find(given)
    return upload.name, str(path), path


def _camera(id: str) -> str:
    """The name of a camera that is there."""
    known = {each.id: each.name for each in cameras()}
    if id in known or (sys.platform != "linux" and CAMERA.fullmatch(id)):
        return known.get(id, id)
    there = ", ".join(known) or "none"
    raise RequestError(404, f"{id}: there is no such camera; there is {there}")


def _media(name: str, folders: Iterable[Path]) -> Path:
    for folder in folders:
        try:
            return _in_folder(folder, name)
        except RequestError:
            continue
    raise RequestError(404, f"{name}: there is no such video in the offered folders")


def _in_folder(folder: Path, name: str) -> Path:
    """A video that lies directly in a folder; its name must be one that can be shown."""
    plain = Path(name).name == name and display_name(name).strip() == name
    if not plain or name.startswith(".") or Path(name).suffix.lower() not in VIDEOS:
        raise RequestError(404, f"{display_name(name)}: there is no such video here")
    return confined(folder, name)
