"""What a server does before anybody asks, so that the first one who does need not wait.

The demo's clip is painted once and kept beside the weights. The network is converted for the sizes
that live streams use, once per machine; loading its runtime and measuring the machine's speed is
done once per start.
"""

import contextlib
import logging
import os
from dataclasses import replace
from pathlib import Path

from streaming.demo import DEMO_SIZE, RATE, write_demo_clip
from streaming.errors import LoopmatteError
from streaming.media.source import open_source
from streaming.planning import matting_for
from streaming.settings import MattingSettings, SourceSettings

__all__ = ["demo_clip", "warm"]

log = logging.getLogger(__name__)

CLIP = f"demo-{DEMO_SIZE}-{RATE}.mp4"


def demo_clip(cache: Path) -> Path:
    """The demo's clip, made if it is not there yet.

    Args:
        cache: The folder that it is kept in.

    Raises:
        OutputError: It cannot be written.
    """
    path = cache / CLIP
    if not path.exists():
        cache.mkdir(parents=True, exist_ok=True)
        made = cache / f".{os.getpid()}-{CLIP}"
        try:
            write_demo_clip(made)
            made.replace(path)
        finally:
            with contextlib.suppress(OSError):
                made.unlink(missing_ok=True)
    return path


def warm(cache: Path) -> None:
    """Load, convert and measure what the first session will need; says nothing where it cannot.

    Args:
        cache: Folder for weights and converted networks.
    """
    try:
        with open_source(str(demo_clip(cache)), SourceSettings()) as source:
            file = source.info
        for info in (file, replace(file, live=True)):
            matting_for(info, MattingSettings(quality="live"), cache).prepare(info.size)
    except LoopmatteError as error:  # whoever starts a session will be told
        log.info("nothing is warm: %s", error)
