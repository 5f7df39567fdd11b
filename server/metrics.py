"""The server's numbers as Prometheus reads them: plain text, one number a line."""

from server.model import Totals

__all__ = ["metrics_text"]

PREFIX = "loopmatte_"


def metrics_text(totals: Totals) -> str:
    """All numbers in the text format, version 0.0.4.

    Args:
        totals: What all sessions have done since the start.

    Source:
        https://prometheus.io/docs/instrumenting/exposition_formats/
    """
    lines: list[str] = []
    for name, kind, help, value in (
        ("sessions_running", "gauge", "Sessions that run now.", totals.running),
        ("frames_in_total", "counter", "Frames that arrived.", totals.frames_in),
        ("frames_processed_total", "counter", "Frames that were matted.", totals.processed),
        ("frames_dropped_total", "counter", "Frames that live sources dropped.", totals.dropped),
        ("loops_written_total", "counter", "Loops written.", totals.loops),
        ("peers", "gauge", "WebRTC peers connected now.", totals.peers),
    ):
        lines += _head(name, kind, help)
        lines.append(f"{PREFIX}{name} {value}")
    lines += _head("stage_items_total", "counter", "Items that a stage has done.")
    for stage, items, _ in totals.stages:
        lines.append(f"{PREFIX}stage_items_total{_label(stage)} {items}")
    lines += _head("stage_milliseconds_total", "counter", "Time that a stage has taken.")
    for stage, _, spent_ms in totals.stages:
        lines.append(f"{PREFIX}stage_milliseconds_total{_label(stage)} {spent_ms:.3f}")
    return "\n".join(lines) + "\n"


def _head(name: str, kind: str, help: str) -> list[str]:
    return [f"# HELP {PREFIX}{name} {help}", f"# TYPE {PREFIX}{name} {kind}"]


def _label(stage: str) -> str:
    plain = stage.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
    return f'{{stage="{plain}"}}'
