"""loopmatte's engine: a video goes in, mattes and seamless transparent loops come out.

These are the names that a script needs. They are looked up when they are first used, so that
`loopmatte --help` does not load codecs and libraries that it does not need.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streaming.errors import LoopmatteError
    from streaming.events import Done, LoopFailed, LoopFound, LoopWritten, Progress, Started
    from streaming.loops.model import Loop
    from streaming.matting.weights import default_cache
    from streaming.pipeline import run
    from streaming.settings import (
        LoopSettings,
        MattingSettings,
        OutputSettings,
        RunSettings,
        SourceSettings,
    )

__all__ = [
    "Done",
    "Loop",
    "LoopFailed",
    "LoopFound",
    "LoopSettings",
    "LoopWritten",
    "LoopmatteError",
    "MattingSettings",
    "OutputSettings",
    "Progress",
    "RunSettings",
    "SourceSettings",
    "Started",
    "default_cache",
    "run",
]

_HOMES = {
    "streaming.errors": ("LoopmatteError",),
    "streaming.events": ("Done", "LoopFailed", "LoopFound", "LoopWritten", "Progress", "Started"),
    "streaming.loops.model": ("Loop",),
    "streaming.matting.weights": ("default_cache",),
    "streaming.pipeline": ("run",),
    "streaming.settings": (
        "LoopSettings",
        "MattingSettings",
        "OutputSettings",
        "RunSettings",
        "SourceSettings",
    ),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
