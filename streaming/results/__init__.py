"""The result folder: where things lie, what is recorded about them, and the page that shows it."""

from streaming.results.curve import Curve, CurvePoint
from streaming.results.exported import note_exports
from streaming.results.exportrecord import ExportCheck, ExportRecord, told_export
from streaming.results.filmstrip import Filmstrip, Still
from streaming.results.folder import Place, ResultFolder
from streaming.results.jsonfile import told_of, write_json
from streaming.results.page import write_report
from streaming.results.records import (
    Anchoring,
    InputFacts,
    LoopRecord,
    Mending,
    Renamed,
    RunRecord,
    StageTime,
    Version,
    installed_versions,
    settled,
)
from streaming.results.timeline import Timeline

__all__ = [
    "Anchoring",
    "Curve",
    "CurvePoint",
    "ExportCheck",
    "ExportRecord",
    "Filmstrip",
    "InputFacts",
    "LoopRecord",
    "Mending",
    "Place",
    "Renamed",
    "ResultFolder",
    "RunRecord",
    "StageTime",
    "Still",
    "Timeline",
    "Version",
    "installed_versions",
    "note_exports",
    "settled",
    "told_export",
    "told_of",
    "write_json",
    "write_report",
]
