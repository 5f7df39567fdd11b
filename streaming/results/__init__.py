"""The result folder: where things lie, what is recorded about them, and the page that shows it."""

from streaming.results.folder import Place, ResultFolder
from streaming.results.jsonfile import write_json
from streaming.results.records import (
    Anchoring,
    InputFacts,
    LoopRecord,
    Renamed,
    RunRecord,
    StageTime,
    Version,
    installed_versions,
    settled,
)

__all__ = [
    "Anchoring",
    "InputFacts",
    "LoopRecord",
    "Place",
    "Renamed",
    "ResultFolder",
    "RunRecord",
    "StageTime",
    "Version",
    "installed_versions",
    "settled",
    "write_json",
]
