"""What a face of the engine needs beyond a script's names: previews, pushed frames, a say in a run.

`streaming` itself stays the fifteen names that a script needs. A face that lives with a run (the
web server) takes these too, and nothing else of the engine. They are looked up when they are first
used, so that the flags of `loopmatte serve` are built without loading a codec.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from streaming.assets import asset
    from streaming.errors import InputError, SettingsError
    from streaming.exports.targets import TARGETS, Target, target_called, target_json
    from streaming.face import Mark, Wish
    from streaming.frames import Frame, Size
    from streaming.heap import give_back
    from streaming.loops.model import Diagnosis, Moment, Reason
    from streaming.marking import cut_marked
    from streaming.matting.stream import Matted
    from streaming.media.alpha import first_frame
    from streaming.media.live import Feed
    from streaming.media.source import Source, open_source
    from streaming.media.tiles import Stamp
    from streaming.preview import Preview
    from streaming.recut import OpenedMaster, offers, open_master, recut
    from streaming.results import Place, ResultFolder, told_of
    from streaming.results.curve import Curve
    from streaming.results.filmstrip import Filmstrip, Still
    from streaming.results.naming import display_name
    from streaming.results.records import LoopRecord, Mending
    from streaming.results.words import seam_words
    from streaming.settings import ExportSettings, Repair, option
    from streaming.threads import Inbox
    from streaming.warming import demo_clip, warm

__all__ = [
    "TARGETS",
    "Curve",
    "Diagnosis",
    "ExportSettings",
    "Feed",
    "Filmstrip",
    "Frame",
    "Inbox",
    "InputError",
    "LoopRecord",
    "Mark",
    "Matted",
    "Mending",
    "Moment",
    "OpenedMaster",
    "Place",
    "Preview",
    "Reason",
    "Repair",
    "ResultFolder",
    "SettingsError",
    "Size",
    "Source",
    "Stamp",
    "Still",
    "Target",
    "Wish",
    "asset",
    "cut_marked",
    "demo_clip",
    "display_name",
    "first_frame",
    "give_back",
    "offers",
    "open_master",
    "open_source",
    "option",
    "recut",
    "seam_words",
    "target_called",
    "target_json",
    "told_of",
    "warm",
]

_HOMES = {
    "streaming.assets": ("asset",),
    "streaming.errors": ("InputError", "SettingsError"),
    "streaming.exports.targets": ("TARGETS", "Target", "target_called", "target_json"),
    "streaming.face": ("Mark", "Wish"),
    "streaming.frames": ("Frame", "Size"),
    "streaming.heap": ("give_back",),
    "streaming.loops.model": ("Diagnosis", "Moment", "Reason"),
    "streaming.marking": ("cut_marked",),
    "streaming.matting.stream": ("Matted",),
    "streaming.media.alpha": ("first_frame",),
    "streaming.media.live": ("Feed",),
    "streaming.media.source": ("Source", "open_source"),
    "streaming.media.tiles": ("Stamp",),
    "streaming.preview": ("Preview",),
    "streaming.recut": ("OpenedMaster", "offers", "open_master", "recut"),
    "streaming.results": ("Place", "ResultFolder", "told_of"),
    "streaming.results.curve": ("Curve",),
    "streaming.results.filmstrip": ("Filmstrip", "Still"),
    "streaming.results.naming": ("display_name",),
    "streaming.results.records": ("LoopRecord", "Mending"),
    "streaming.results.words": ("seam_words",),
    "streaming.settings": ("ExportSettings", "Repair", "option"),
    "streaming.threads": ("Inbox",),
    "streaming.warming": ("demo_clip", "warm"),
}


def __getattr__(name: str) -> object:
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
