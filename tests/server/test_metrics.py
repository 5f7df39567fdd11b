"""The numbers in the form that Prometheus reads, line by line."""

import re

from server.metrics import metrics_text
from server.model import Totals

LINE = re.compile(
    r'(?:# (?:HELP|TYPE) loopmatte_\w+ .+|loopmatte_\w+(?:\{stage="[^"\n]*"\})? [\d.]+)'
)
TOTALS = Totals(1, 250, 240, 10, 3, 2, (("matting", 240, 1234.5), ("encode loop", 3, 20.0)))


def test_every_number_stands_on_a_line_of_its_own() -> None:
    text = metrics_text(TOTALS)
    assert text.endswith("\n")
    assert all(LINE.fullmatch(line) for line in text.splitlines())
    for line in (
        "loopmatte_sessions_running 1",
        "loopmatte_frames_in_total 250",
        "loopmatte_frames_processed_total 240",
        "loopmatte_frames_dropped_total 10",
        "loopmatte_loops_written_total 3",
        "loopmatte_peers 2",
        'loopmatte_stage_items_total{stage="matting"} 240',
        'loopmatte_stage_milliseconds_total{stage="encode loop"} 20.000',
    ):
        assert line in text.splitlines()


def test_every_number_is_introduced_once() -> None:
    lines = metrics_text(TOTALS).splitlines()
    named = {re.split(r"[{ ]", line)[0] for line in lines if not line.startswith("#")}
    for name in named:
        assert sum(line.startswith(f"# TYPE {name} ") for line in lines) == 1


def test_no_name_of_a_stage_breaks_out_of_its_label() -> None:
    (line,) = [
        line
        for line in metrics_text(Totals(stages=(('a"} 1\n\\', 1, 1.0),))).splitlines()
        if line.startswith("loopmatte_stage_items")
    ]
    assert line == r'loopmatte_stage_items_total{stage="a\"} 1\n\\"} 1'
