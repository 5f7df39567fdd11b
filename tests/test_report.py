"""The page holds what happened, refers to nothing but its own files, and no name can turn it."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pytest

from streaming.frames import Size
from streaming.loops.model import Diagnosis, Loop, NearMiss
from streaming.results import (
    Anchoring,
    Curve,
    CurvePoint,
    Filmstrip,
    InputFacts,
    LoopRecord,
    RunRecord,
    StageTime,
    Still,
    Timeline,
    Version,
    write_json,
    write_report,
)
from streaming.results.markup import Markup, join, tag, url
from streaming.results.words import bytes_text, clock, seam_words
from streaming.settings import RunSettings

NOW = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
HOSTILE = "</script><img src=x onerror=alert(1)>\"' & $title.mp4"


class Page(HTMLParser):
    """What a browser would make of a page: its elements and its text."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data: str) -> None:
        self.text += data

    def all(self, name: str) -> list[dict[str, str]]:
        return [attributes for tag, attributes in self.tags if tag == name]

    def references(self) -> list[str]:
        return [
            values[name]
            for _, values in self.tags
            for name in ("src", "href", "poster", "srcset", "action", "data", "xlink:href")
            if name in values
        ]


def record(id: str, file: str, rank: int, *, mismatch: float = 0.4) -> LoopRecord:
    start = Fraction(rank + 1)
    kind = "near" if id.startswith("N") else "loop"
    found = Loop(id, kind, 30, 60, start, start + 1, mismatch, 0.1)  # type: ignore[arg-type]
    master = f"masters/{Path(file).stem}.mkv"
    return LoopRecord(found, file, master, Size(64, 36), 30, 5000, 0.9, 0, 255, rank=rank)


def a_run(records: Sequence[LoopRecord], name: str = "clip.mp4") -> RunRecord:
    facts = InputFacts(name, "file", Size(64, 36), Fraction(30), 300, Fraction(10), file="in.mp4")
    return RunRecord(
        facts,
        RunSettings(name, Path()),
        tuple(records),
        (),
        NOW,
        stages=(StageTime("network", 300, 900.0),),
        versions=(Version("loopmatte", "1"),),
        result="no_background.mp4",
    )


def a_timeline() -> Timeline:
    picture = np.zeros((18, 32, 4), np.uint8)
    picture[4:14, 8:20] = (200, 90, 30, 255)
    stills = tuple(Still(Fraction(n), picture) for n in range(10))
    points = tuple(CurvePoint(Fraction(n, 10), None if n < 9 else 0.1 + n / 40) for n in range(100))
    return Timeline(stills, points)


def written(tmp_path: Path, run: RunRecord, timeline: Timeline | None = None) -> Page:
    """Write every file that the run names, then the record and the page."""
    names = [
        run.input.file,
        run.result,
        *(r.file for r in run.loops),
        *(r.master for r in run.loops),
    ]
    for name in filter(None, names):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    write_json(tmp_path, run)
    return Page(write_report(tmp_path, run, timeline or a_timeline()))


THREE = (
    record("L1", "loop_0.webm", 0),
    record("L2", "more/more_0.webm", 1),
    record("N1", "near/near_0.webm", 0, mismatch=2.5),
)


def test_a_hostile_name_is_text_and_nothing_else(tmp_path: Path) -> None:
    harmless = written(tmp_path, a_run(THREE))
    page = written(tmp_path, a_run(THREE, HOSTILE))
    assert [name for name, _ in page.tags] == [name for name, _ in harmless.tags]
    assert HOSTILE in page.text
    assert not [values for _, values in page.tags if any(key.startswith("on") for key in values)]
    assert "<img src=x" not in (tmp_path / "index.html").read_text()


def test_hostile_notes_and_diagnoses_are_text_too(tmp_path: Path) -> None:
    miss = NearMiss(Fraction(1), Fraction(2), 3.0, HOSTILE)
    run = a_run(())
    run = replace(
        run,
        diagnosis=Diagnosis("no return", HOSTILE, miss),
        input=replace(run.input, notes=(HOSTILE,)),
        stages=(StageTime(HOSTILE, 0, 1.0),),
        interrupted=True,
    )
    page = written(tmp_path, run)
    assert page.text.count(HOSTILE) == 4
    assert not page.all("img")
    assert len(page.all("script")) == 1


def test_everything_referred_to_is_here(tmp_path: Path) -> None:
    page = written(tmp_path, a_run(THREE))
    outside = [each for each in page.references() if not each.startswith(("data:image/webp", "#"))]
    assert outside
    for reference in outside:
        assert reference.startswith("./"), reference
        assert (tmp_path / unquote(reference)).is_file(), reference
    ids = {values.get("id") for _, values in page.tags}
    assert {each[1:] for each in page.references() if each.startswith("#")} <= ids


def test_nothing_can_be_fetched_from_elsewhere(tmp_path: Path) -> None:
    page = written(tmp_path, a_run(THREE))
    text = (tmp_path / "index.html").read_text()
    assert not re.findall(r"(?:https?:)?//[\w.-]+\.\w+/", re.sub(r"base64,[\w+/=]+", "", text))
    policy = next(m["content"] for m in page.all("meta") if "http-equiv" in m)
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert "http" not in policy


def test_a_strange_file_name_stays_one_path() -> None:
    assert url("a b#c?d%\"'<.webm") == "./a%20b%23c%3Fd%25%22%27%3C.webm"
    assert url("javascript:x") == "./javascript%3Ax"


def test_every_loop_has_its_arc_its_card_and_its_video(tmp_path: Path) -> None:
    page = written(tmp_path, a_run(THREE))
    arcs = [each for each in page.all("a") if each.get("class", "").startswith("arc")]
    assert sorted(each["data-loop"] for each in arcs) == ["L1", "L2", "N1"]
    assert {each["class"] for each in arcs} == {"arc loops", "arc more", "arc near"}
    assert {each["data-loop"] for each in page.all("article")} == {"L1", "L2", "N1"}
    videos = [each for each in page.all("video") if "loop" in each]
    assert [each["src"] for each in videos] == [
        "./loop_0.webm",
        "./near/near_0.webm",
        "./more/more_0.webm",
    ]
    assert all("muted" in each and "playsinline" in each for each in videos)
    for words in (
        "0:01.00 \u2192 0:02.00",
        "1.00 s",
        "64\u00d736",
        "5.0 kB",
        "seamless",
        "visible",
    ):
        assert words in page.text


def test_a_part_of_a_long_clip_fills_the_whole_picture_of_its_time(tmp_path: Path) -> None:
    strip, curve = Filmstrip(), Curve()
    for index in range(300):
        strip.push(3600 + Fraction(index, 30), np.zeros((4, 4, 4), np.uint8))
        curve.push(3600 + Fraction(index, 30), 0.5)
    late = replace(THREE[0].loop, start_s=Fraction(3605), end_s=Fraction(3610))
    timeline = Timeline(strip.stills(), curve.points())
    page = written(tmp_path, a_run([replace(THREE[0], loop=late)]), timeline)
    ends = [float(each["cx"]) for each in page.all("circle") if each["class"] == "end"]
    assert ends == [500.0, 992.0]
    assert len(curve.points()) == 300
    assert "1:00:05" in page.text


def test_what_the_check_found_and_what_was_anchored_is_said(tmp_path: Path) -> None:
    bad = replace(
        THREE[0], problems=("29 frames, 30 wanted",), anchoring=Anchoring(3.0, -1.5, True, "Half.")
    )
    page = written(tmp_path, a_run([bad]))
    for words in ("29 frames, 30 wanted", "+3.0, -1.5 px", "Half."):
        assert words in page.text


def test_without_loops_the_reason_stands_on_top(tmp_path: Path) -> None:
    run = replace(a_run(()), diagnosis=Diagnosis("no motion", "Nothing moves here."))
    page = written(tmp_path, run, Timeline())
    assert "Nothing moves here." in page.text
    assert not page.all("article")


def test_a_source_without_length_still_gives_a_page(tmp_path: Path) -> None:
    run = a_run(())
    page = written(tmp_path, replace(run, input=replace(run.input, duration_s=Fraction(0))))
    assert page.all("h1")


def test_markup_is_not_escaped_twice_and_text_always_is() -> None:
    inner = tag("b", "<&")
    assert inner == "<b>&lt;&amp;</b>"
    assert tag("p", inner, "'", data_x='"', hidden=True, title=None) == (
        '<p data-x="&quot;" hidden><b>&lt;&amp;</b>&#x27;</p>'
    )
    assert isinstance(join("<"), Markup)


@pytest.mark.parametrize(
    ("mismatch", "ratio", "words"),
    [
        (0.3, 1.0, "seamless"),
        (0.3, 1.8, "not visible"),
        (0.9, None, "not visible"),
        (1.4, 1.0, "barely visible"),
        (0.2, 9.0, "visible"),
    ],
)
def test_the_worse_of_two_measurements_is_put_into_words(
    mismatch: float, ratio: float | None, words: str
) -> None:
    measured = replace(record("L1", "loop_0.webm", 0, mismatch=mismatch), seam_ratio=ratio)
    assert seam_words(measured) == words


def test_times_and_sizes_read_well() -> None:
    assert clock(Fraction(1999, 1000)) == "0:02.00"
    assert clock(Fraction(3661)) == "1:01:01.00"
    assert (bytes_text(999), bytes_text(1500), bytes_text(25_400_000)) == (
        "999 B",
        "1.5 kB",
        "25 MB",
    )


# What is gathered while streaming


def test_the_filmstrip_stays_small_and_even_over_two_hundred_thousand_pictures() -> None:
    strip, picture = Filmstrip(bound=48), np.zeros((4, 4, 4), np.uint8)
    for index in range(200_000):
        strip.push(Fraction(index), picture)
        if index % 19_999 == 0:
            assert len(strip.stills()) <= 48
    times = [still.time_s for still in strip.stills()]
    assert 24 <= len(times) <= 48
    assert times[0] == 0
    assert len({after - before for before, after in pairwise(times)}) <= 2


def test_the_filmstrip_keeps_what_it_was_shown() -> None:
    strip, picture = Filmstrip(), np.full((300, 400, 4), 255, np.uint8)
    strip.push(Fraction(0), picture)
    picture[:] = 0
    (still,) = strip.stills()
    assert still.rgba.shape == (144, 192, 4)
    assert (still.rgba == 255).all()


def test_the_curve_stays_small_and_loses_no_dip_over_two_hundred_thousand_moments() -> None:
    curve = Curve(bound=100)
    for index in range(200_000):
        curve.push(Fraction(index), 0.01 if index == 177_777 else None if index < 9 else 2.0)
    points = curve.points()
    assert 50 <= len(points) <= 100
    dip = min(points, key=lambda point: 9.0 if point.best is None else point.best)
    assert dip.best == 0.01
    assert abs(dip.time_s - 177_777) < 400_000 / 100


def test_a_curve_without_answers_has_none() -> None:
    curve = Curve()
    curve.push(Fraction(1), None)
    assert [point.best for point in curve.points()] == [None]
