"""A folder of stickers as WhatsApp takes it: the stickers, a tray icon, and what is in it.

The shape is that of WhatsApp's own sample applications: `contents.json` at the top, and a folder
that is called as the pack is, with the pictures it names.
"""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from streaming.errors import OutputError
from streaming.exports.crop import window_for
from streaming.exports.cycle import Cycle
from streaming.exports.light import scaled
from streaming.exports.phase import best_still
from streaming.exports.survey import survey_of
from streaming.exports.targets import Pixels
from streaming.frames import U8
from streaming.media.whole import telling

__all__ = [
    "FEWEST",
    "MOST",
    "Sticker",
    "pack_identifier",
    "require_count",
    "tray_icon",
    "write_pack",
]

FEWEST, MOST = 3, 30
TRAY_PX, TRAY_BYTES, TRAY_MARGIN_PX = 96, 50_000, 2
EMOJI = "\N{SPARKLES}"  # every sticker must name one to three


@dataclass(frozen=True, slots=True)
class Sticker:
    """One sticker of a pack: its file, which lies in the pack's folder, and what it shows."""

    file: str
    text: str


def require_count(count: int) -> None:
    """Refuse too few or too many stickers before any is made.

    Raises:
        OutputError: There are.
    """
    if not FEWEST <= count <= MOST:
        raise OutputError(
            f"{count} stickers: a WhatsApp pack holds {FEWEST} to {MOST}; name that many loops"
        )


def pack_identifier(name: str) -> str:
    """A pack's name as a folder and as WhatsApp's identifier: letters, digits, `_`, `.`, `-`."""
    return re.sub(r"[^A-Za-z0-9_.-]+", "_", name).strip("._-")[:100] or "loopmatte"


def tray_icon(cycle: Cycle) -> U8:
    """The best still of a loop, small, (96, 96, 4) uint8 with straight alpha.

    Raises:
        InputError: The loop's master is damaged.
        OutputError: Nothing of it can be seen.
    """
    survey = survey_of(cycle)
    pixels = Pixels("exact", TRAY_PX, TRAY_PX)
    window = window_for(survey, cycle.size, pixels, room_px=TRAY_MARGIN_PX, even=False)
    wanted = best_still(survey)
    for number, rgba in enumerate(cycle.read()):
        if number == wanted:
            return scaled(rgba, window.box, window.size)
    raise OutputError("the loop's master ends early: run again")


def write_pack(folder: Path, name: str, stickers: Sequence[Sticker], tray: U8) -> Path:
    """Write what belongs to the stickers of a pack, which lie in it already.

    Args:
        folder: The pack's folder; the stickers are in the folder of its identifier.
        name: The pack's name, as people see it.
        stickers: Theirs.
        tray: (96, 96, 4) uint8, straight alpha.

    Returns:
        The contents file.

    Raises:
        OutputError: Something cannot be written, or the icon is too large.
    """
    identifier = pack_identifier(name)
    icon, contents = folder / identifier / "tray.png", folder / "contents.json"
    told = {
        "android_play_store_link": "",
        "ios_app_store_link": "",
        "sticker_packs": [_pack(name, identifier, stickers)],
    }
    with telling(contents):
        Image.fromarray(tray).save(icon, "PNG", optimize=True)
        contents.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", "utf-8")
    if icon.stat().st_size > TRAY_BYTES:
        raise OutputError(f"{icon}: {icon.stat().st_size} bytes, a tray icon has {TRAY_BYTES}")
    return contents


def _pack(name: str, identifier: str, stickers: Sequence[Sticker]) -> dict[str, object]:
    return {
        "identifier": identifier,
        "name": name,
        "publisher": "loopmatte",
        "tray_image_file": "tray.png",
        "image_data_version": "1",
        "avoid_cache": False,
        "publisher_email": "",
        "publisher_website": "",
        "privacy_policy_website": "",
        "license_agreement_website": "",
        "animated_sticker_pack": True,
        "stickers": [
            {"image_file": each.file, "emojis": [EMOJI], "accessibility_text": each.text}
            for each in stickers
        ],
    }
