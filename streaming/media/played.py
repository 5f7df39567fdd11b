"""What a written file really holds, found by opening it afresh.

Every export is proven on the file itself. One function opens any form that this program writes and
decodes all of it: WEBM by the decoder that keeps alpha, MOV and stacked MP4 by FFmpeg's, the
animated pictures by Pillow, a folder of pictures and a sheet by what they say of themselves.
"""

from collections.abc import Callable
from pathlib import Path

from streaming.errors import InputError
from streaming.media.shown import Facts, Played, Shown
from streaming.media.shown_films import mov_facts, stacked_facts, webm_facts
from streaming.media.shown_pictures import animation_facts, folder_facts, sheet_facts

__all__ = ["Played", "Shown", "played"]

FILMS = {".webm": webm_facts, ".mkv": webm_facts, ".mov": mov_facts, ".mp4": stacked_facts}


def played(path: Path, look: Callable[[Shown], object] | None = None) -> Played:
    """Open a file that was exported and decode all of it.

    Args:
        path: A .webm, .webp, .png, .apng, .gif, .avif, .mov or stacked .mp4; the .png of a sprite
            sheet, with its .json beside it; or a folder of pictures with its timing.json.
        look: Shown every picture while it is decoded anyway.

    Raises:
        InputError: It is none of these, or is damaged.
    """
    return Played(_facts(path), look)


def _facts(path: Path) -> Facts:
    if path.is_dir():
        return folder_facts(path)
    if not path.is_file():
        raise InputError(f"{path}: there is no such file; export it first")
    look = FILMS.get(path.suffix.lower())
    if look is not None:
        return look(path)
    if path.suffix.lower() == ".png" and path.with_suffix(".json").is_file():
        return sheet_facts(path)
    return animation_facts(path)
