"""Facts, entries and what is saved say the same, and the user's word outlives the engine's."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

import pytest

from server.chronicle import Chronicle
from server.loopfacts import LoopFacts
from server.model import Left, Numbers, SessionFacts
from server.words import why_none
from streaming import Done, Loop, LoopFailed, LoopFound, LoopWritten, Progress, Started
from streaming.frames import Size
from streaming.loops.model import Diagnosis, Moment
from streaming.results import InputFacts, LoopRecord, Renamed, RunRecord
from streaming.results.records import Mending
from streaming.settings import RunSettings

FOLDER = Path("result")
SMALL = Size(64, 48)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class Told:
    """A chronicle, and all that it saved."""

    def __init__(self) -> None:
        self.saved: list[SessionFacts] = []
        facts = SessionFacts("s1", "clip.mp4", "upload", NOW.isoformat())
        self.chronicle = Chronicle(facts, self.saved.append)

    @property
    def entries(self) -> list[tuple[str, object]]:
        return [(each.kind, each.data) for each in self.chronicle.journal._kept]

    def loop(self, id: str) -> LoopFacts:
        loop = self.chronicle.facts.loop(id)
        assert loop is not None
        return loop


@pytest.fixture
def told() -> Told:
    return Told()


def loop(id: str, start: int = 0) -> Loop:
    kind = "near" if id.startswith("N") else "loop"
    times = Fraction(start, 30), Fraction(start + 30, 30)
    return Loop(id, kind, start, start + 30, *times, 0.4, 0.1)  # type: ignore[arg-type]


def record(id: str, number: int) -> LoopRecord:
    kind = "near" if id.startswith("N") else "loop"
    file, master = f"{kind}_{number}.webm", f"masters/{kind}_{number}.mkv"
    return LoopRecord(loop(id), file, master, SMALL, 30, 1234, 0.9, 0, 255)


def done(
    records: Sequence[LoopRecord],
    renamed: Sequence[Renamed] = (),
    diagnosis: Diagnosis | None = None,
) -> Done:
    facts = InputFacts(
        "clip.mp4", "file", SMALL, Fraction(30), 99, Fraction(33, 10), notes=("cut short",)
    )
    settings = RunSettings("clip.mp4", FOLDER)
    run = RunRecord(facts, settings, tuple(records), tuple(renamed), NOW, diagnosis)
    return Done(FOLDER, run, False)


def test_a_run_becomes_facts(told: Told) -> None:
    hear = told.chronicle.heard
    hear(Started(FOLDER, "clip.mp4", 99, SMALL, Fraction(30000, 1001), "openvino", SMALL, 6.0, 9.0))
    facts = told.chronicle.facts
    assert (facts.state, facts.size, facts.expected_frames) == ("running", (64, 48), 99)
    assert (facts.rate, facts.runtime) == (30000 / 1001, "openvino")
    hear(Progress(10, 99, 30.0, Fraction(1, 3), 0))
    assert told.chronicle.facts.time_s == pytest.approx(1 / 3)
    hear(LoopFound(loop("L1")))
    assert told.loop("L1").state == "found"
    hear(LoopWritten(record("L1", 0), FOLDER / "loop_0.webm"))
    written = told.loop("L1")
    assert (written.state, written.file) == ("written", "loop_0.webm")
    assert (written.seam, written.seam_ratio, written.bytes) == ("seamless", 0.9, 1234)
    hear(LoopFound(loop("H1")))
    assert told.loop("H1").kind == "hand"
    hear(LoopFailed(loop("L2"), ("29 frames in the file",)))
    assert (told.loop("L2").state, told.loop("L2").problems) == (
        "failed",
        ("29 frames in the file",),
    )
    assert told.saved[-1] == told.chronicle.facts
    assert [kind for kind, _ in told.entries] == ["session", "loop", "loop", "loop", "loop"]
    assert told.entries[-1][1] == told.loop("L2").as_json()


def test_a_near_loop_that_was_mended_is_told_as_such(told: Told) -> None:
    plan = {"method": "morph"}
    mending = Mending("morph", "its last frames go over", 1.6, 0.9, Fraction(3, 2), plan)
    told.chronicle.heard(
        LoopWritten(replace(record("N1", 0), mending=mending), FOLDER / "near-0.webm")
    )
    told.chronicle.heard(LoopWritten(record("N2", 1), FOLDER / "near-1.webm"))
    first, second = told.chronicle.facts.loops
    assert (first.kind, second.kind) == ("mended", "near")
    assert first.mending == {
        "method": "morph",
        "words": "its last frames go over",
        "before": 1.6,
        "after": 0.9,
    }
    assert first.as_json()["duration_s"] == 1.5


def test_what_is_left_at_the_end_is_counted_down(told: Told) -> None:
    chronicle = told.chronicle
    chronicle.change(state="running")
    chronicle.tried(loop("L1"))  # while frames still come: nobody waits for it
    assert chronicle.facts.left is None
    chronicle.left([])
    assert chronicle.facts.state == "running"
    chronicle.left([loop("N1"), loop("L2"), loop("N2")])
    assert told.saved[-1].state == "ending"
    assert told.saved[-1].left == Left(0, 3, True)
    chronicle.tried(loop("N2"))
    chronicle.tried(loop("L1"))  # begun before
    kind, data = told.entries[-1]
    assert kind == "session"
    assert isinstance(data, dict)
    assert data["left"] == {"done": 1, "of": 3, "mends": True}
    again = SessionFacts.from_json(told.saved[-1].as_json(saved=True))
    assert again.left is None  # whoever finds it at another start waits for nothing


def test_a_paused_session_is_not_started_by_the_engine(told: Told) -> None:
    told.chronicle.change(state="paused")
    told.chronicle.heard(Started(FOLDER, "c", None, SMALL, Fraction(30), "x", SMALL, 6.0, 9.0))
    assert told.chronicle.facts.state == "paused"


def test_what_the_user_said_of_a_loop_outlives_what_the_engine_says_later(told: Told) -> None:
    told.chronicle.heard(LoopFound(loop("L1")))
    told.chronicle.amend(replace(told.loop("L1"), title="The wave", kept=True))
    for event in (
        LoopWritten(record("L1", 0), FOLDER / "loop_0.webm"),
        done([record("L1", 3)]),
    ):
        told.chronicle.heard(event)
        assert (told.loop("L1").title, told.loop("L1").kept) == ("The wave", True)
    assert told.loop("L1").file == "loop_3.webm"
    told.chronicle.amend(replace(told.loop("L1"), title="", kept=False))  # and can be taken back
    assert (told.loop("L1").title, told.loop("L1").kept) == ("", False)
    assert told.saved[-1] == told.chronicle.facts


def test_the_end_renames_what_stays_and_drops_what_went(told: Told) -> None:
    for number, id in enumerate(("L1", "L2", "N1", "N2")):
        told.chronicle.heard(LoopWritten(record(id, number), FOLDER / "x.webm"))
    told.chronicle.heard(LoopFailed(loop("L3"), ("no alpha",)))
    told.chronicle.heard(LoopFound(loop("L4")))  # its file never came to be
    told.chronicle.heard(done([record("L2", 0), record("L1", 1), record("N2", 0)]))
    facts = told.chronicle.facts
    assert {each.id: each.file for each in facts.loops} == {
        "L1": "loop_1.webm",
        "L2": "loop_0.webm",
        "N2": "near_0.webm",
        "L3": "",
    }
    gone = [data for kind, data in told.entries if kind == "gone"]
    assert gone == [{"id": "N1"}, {"id": "L4"}]
    assert (facts.duration_s, facts.notes) == (3.3, ("cut short",))


def test_a_master_is_told_of_when_its_file_is_there(told: Told) -> None:
    """A loop is written first, because somebody waits for it; its master follows."""
    told.chronicle.heard(LoopFound(loop("L1")))
    told.chronicle.heard(LoopWritten(record("L1", 0), FOLDER / "loop_0.webm"))
    told.chronicle.amend(replace(told.loop("L1"), kept=True))
    told.chronicle.masters(lambda name: False)
    assert told.loop("L1").as_json()["has_master"] is False
    told.chronicle.masters(lambda name: name == "masters/loop_0.mkv")
    assert (told.loop("L1").master, told.loop("L1").kept) == ("masters/loop_0.mkv", True)
    told_of = len(told.entries)
    told.chronicle.masters(lambda name: True)
    assert len(told.entries) == told_of


def test_a_loop_that_is_owed_stays_with_its_master(told: Told) -> None:
    told.chronicle.heard(LoopFound(loop("L1")))
    owed = Renamed("L1", "loop_0.webm", None, "masters/owed_L1.mkv")
    told.chronicle.heard(done([], [owed]))
    assert (told.loop("L1").state, told.loop("L1").master) == ("found", "masters/owed_L1.mkv")


def test_a_version_follows_the_master_that_it_was_cut_from(told: Told) -> None:
    """Loops are renamed best first: the old name is another loop's afterwards."""
    for number, id in enumerate(("L1", "L2")):
        told.chronicle.heard(LoopWritten(record(id, number), FOLDER / "x.webm"))
    version = replace(told.loop("L1"), id="L1.2", version_of="L1", file="versions/L1.2.webm")
    told.chronicle.put(version)
    told.chronicle.heard(done([record("L2", 0), record("L1", 1)]))
    assert told.loop("L1").master == "masters/loop_1.mkv"
    assert told.loop("L1.2").master == "masters/loop_1.mkv"
    assert told.loop("L1.2").file == "versions/L1.2.webm"


@pytest.mark.parametrize("found", [False, True])
def test_why_there_is_no_loop_is_said_only_where_there_is_none(found: bool, told: Told) -> None:
    why = Diagnosis("no return", "It never comes back within 6 s: raise --max-duration.")
    if found:
        told.chronicle.heard(LoopWritten(record("L1", 0), FOLDER / "x.webm"))
    told.chronicle.heard(done([record("L1", 0)] if found else [], diagnosis=why))
    assert told.chronicle.facts.why == (None if found else why_none(why, over=True))
    assert "--" not in str(told.chronicle.facts.why)


def test_a_snapshot_holds_all_that_entries_told(told: Told) -> None:
    told.chronicle.heard(LoopFound(loop("L1")))
    near = replace(loop("N1"), mismatch=2.5)
    told.chronicle.moments(
        [Moment(1, Fraction(1, 30), None, None), Moment(2, Fraction(2, 30), 0.5, 0, (near,))]
    )
    told.chronicle.numbers(Numbers(frames=2), "Nothing moves yet.", 12.5)
    for time_s in (0.0, 1.0, 2.0):
        told.chronicle.still(time_s, f"data:{time_s}", [0.0, 1.0, 2.0][: int(time_s) + 1])
    told.chronicle.still(4.0, "data:4.0", [0.0, 2.0, 4.0])  # the strip halves itself
    snapshot = told.chronicle._snapshot()
    assert snapshot["session"] == told.chronicle.facts.as_json()
    assert snapshot["session"]["why"] == "Nothing moves yet."
    assert [each["time_s"] for each in snapshot["stills"]] == [0.0, 2.0, 4.0]
    assert snapshot["misses"] == [{"start_s": 0.0, "end_s": 1.0, "mismatch": 2.5}]
    told_curve = [data for kind, data in told.entries if kind == "curve"]
    assert told_curve == [{"points": [[1 / 30, None], [2 / 30, 0.5]]}]
    assert ("stills", {"keep": [0.0, 2.0, 4.0]}) in told.entries
    assert "numbers" not in {kind for kind, _ in told.entries}  # it passes


def test_an_endless_session_tells_its_curve_anew_when_it_gets_coarser(told: Told) -> None:
    count = 0
    while not any(kind == "curve-all" for kind, _ in told.entries):
        some = [Moment(each, Fraction(each, 30), 0.5, 0) for each in range(count, count + 100)]
        told.chronicle.moments(some)
        count += 100
        assert count < 20_000
    (anew,) = [data for kind, data in told.entries if kind == "curve-all"]
    assert anew == {"points": told.chronicle._snapshot()["curve"]}
