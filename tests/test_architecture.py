"""Who may import whom: the arrows of the house, enforced, and shown to be enforceable."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LEAVES = {"errors", "frames", "stage", "threads", "settings", "meter"}
ROOMS = {"media", "matting", "motion", "loops", "results", "mending", "exports", "atlas"}

# Room -> rooms of ours that it may import, beside the leaves and itself.
ROOM_MAY = {
    "media": set(),
    "matting": set(),
    "motion": set(),
    "loops": set(),
    "results": {"loops", "media"},  # records are about loops; files appear whole
    "mending": {"loops", "motion"},  # apart from exports: a run mends, whoever exports or not
    "exports": {"media", "loops", "motion"},
    "atlas": {"media", "motion"},  # mattes and loops are handed to it by who knows both
}
# Foreign library -> where it may be imported: rooms, or single files of `server`.
FOREIGN = {
    "av": {"media", "server.peers"},  # aiortc's frames are PyAV's
    "torch": {"matting", "motion", "atlas"},
    "torchvision": {"matting", "motion", "atlas"},
    "openvino": {"matting"},
    "onnx": {"matting"},
    "scipy": {"atlas"},
    "cv2": {"motion", "atlas"},
    "imagehash": {"loops"},
    "rich": {"cli", "telling", "atlas_telling"},
    "asyncio": {"server"},
    "aiohttp": {"server"},
    "aiortc": {"server"},
    # Locks, and the threads themselves.
    "threading": {
        "threads",
        "meter",
        "matting",
        "desk",
        "scribe",
        "preparing",
        "shelf",
        "server.session",
        "server.gate",
        "server.loopfiles",
    },
    "socket": {"server.fetching", "server.serving"},
    "urllib.request": {"matting"},
    "http": set(),
}
LOCKS_ONLY = {
    "meter",
    "matting",
    "desk",
    "scribe",
    "preparing",
    "shelf",
    "server.gate",
    "server.loopfiles",
}
FACADES = {"streaming", "streaming.live"}  # what `server` sees of the engine


def _modules() -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / "streaming").rglob("*.py")):
        relative = path.relative_to(ROOT / "streaming").with_suffix("")
        yield relative.parts[0], path
    for path in sorted((ROOT / "server").rglob("*.py")):
        yield f"server.{path.stem}", path


def _imports(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
        elif isinstance(node, ast.ImportFrom) and node.level:
            yield "relative"


def broken_arrows(room: str, source: str) -> list[str]:
    """What a file of `room` imports although it must not."""
    broken = []
    for name in _imports(source):
        top, *rest = name.split(".")
        if top == "relative":
            broken.append("a relative import: name it in full")
        elif top == "server":
            if room != "cli" and not _serves(room):
                broken.append(name)
        elif top == "streaming" and _serves(room):
            broken.extend([name] if name not in FACADES else [])
        elif top == "streaming" and rest:
            broken.extend([name] if not _allowed(room, rest[0]) else [])
        else:
            broken.extend(
                name
                for foreign, rooms in FOREIGN.items()
                if f"{name}.".startswith(f"{foreign}.")
                and not {room, room.partition(".")[0]} & rooms
            )
    return broken


def _serves(room: str) -> bool:
    return room.startswith("server.")


def _allowed(room: str, target: str) -> bool:
    if room == "errors":
        return False
    if room in LEAVES:
        return target in {"errors", "frames", "stage"}
    if target in LEAVES or target == room:
        return True
    if room in ROOMS:
        return target in ROOM_MAY[room] or target == "assets"
    return True


@pytest.mark.parametrize(("room", "path"), list(_modules()), ids=lambda value: str(value)[-40:])
def test_every_file_keeps_the_arrows(room: str, path: Path) -> None:
    assert broken_arrows(room, path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    ("room", "planted"),
    [
        ("loops", "import torch"),
        ("loops", "from streaming.media.webm import LoopWriter"),
        ("matting", "from streaming.loops.model import Loop"),
        ("media", "import cv2"),
        ("media", "from streaming.matting import stream"),
        ("errors", "from streaming.frames import Size"),
        ("pipeline", "import asyncio"),
        ("keeping", "import server"),
        ("search", "from .loops import model"),
        ("pipeline", "import aiohttp"),
        ("media", "from aiortc import MediaStreamTrack"),
        ("cli", "import asyncio"),
        ("server.app", "import torch"),
        ("server.app", "from av import VideoFrame"),
        ("server.app", "from streaming.pipeline import run"),
        ("server.session", "import streaming.media.source"),
        ("server.app", "import threading"),
        ("server.app", "import socket"),
    ],
)
def test_a_planted_import_is_found(room: str, planted: str) -> None:
    assert broken_arrows(room, planted)


def test_locks_are_the_only_threading_outside_threads() -> None:
    for room, path in _modules():
        if room in LOCKS_ONLY and "import threading" in path.read_text("utf-8"):
            assert "threading.Thread" not in path.read_text("utf-8"), path


def test_no_file_grows_beyond_reading() -> None:
    long = [
        (path.name, len(path.read_text("utf-8").splitlines()))
        for folder in ("streaming", "server", "static", "tests")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in {".py", ".js"}
    ]
    assert [each for each in long if each[1] > 400] == []
