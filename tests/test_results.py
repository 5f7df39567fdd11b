"""The result folder never touches what is not ours, loses no loop, and its record is exact."""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import permutations
from pathlib import Path

import pytest

from streaming.errors import OutputError
from streaming.frames import Size
from streaming.loops.model import Diagnosis, Loop, NearMiss
from streaming.results import (
    Anchoring,
    InputFacts,
    LoopRecord,
    ResultFolder,
    RunRecord,
    StageTime,
    Version,
    settled,
    write_json,
)
from streaming.results.jsonfile import json_text
from streaming.results.keeping import keep_input
from streaming.results.naming import display_name, is_ours, safe_name
from streaming.results.renaming import Move, carry_out, in_safe_order
from streaming.settings import RunSettings

NOW = datetime(2025, 3, 4, 5, 6, 7, tzinfo=UTC)
HOSTILE = "script><img src=x onerror=alert(1)>.mp4"


def create(
    source: Path | None, output: Path | None = None, *, force: bool = False, here: Path = Path()
) -> ResultFolder:
    return ResultFolder.create(source, output=output, force=force, now=NOW, here=here)


def clip(folder: Path, name: str = "clip.mp4", content: bytes = b"input") -> Path:
    made = folder / name
    made.write_bytes(content)
    return made


def fill(folder: ResultFolder, loops: int, near: int) -> None:
    """Write `loops` and `near` files and masters whose content is their id."""
    for kind, count in (("loop", loops), ("near", near)):
        for number in range(count):
            id = f"{'L' if kind == 'loop' else 'N'}{number}"
            place = folder.place(id, "loop" if kind == "loop" else "near")
            (folder.path / place.file).write_text(id)
            (folder.path / place.master).write_text(id)


def contents(folder: Path) -> dict[str, str]:
    files = (each for each in folder.rglob("*") if each.is_file())
    return {each.relative_to(folder).as_posix(): each.read_text() for each in files}


def loop(id: str = "L1", start_s: Fraction = Fraction(1001, 30000)) -> Loop:
    kind = "near" if id.startswith("N") else "loop"
    return Loop(id, kind, 1, 31, start_s, start_s + Fraction(1001, 1000), 0.4, 0.1)  # type: ignore[arg-type]


def record(id: str = "L1", file: str = "loop_0.webm") -> LoopRecord:
    return LoopRecord(loop(id), file, None, Size(64, 48), 30, 1234, 0.9, 0, 255)


def a_run(tmp_path: Path, records: Sequence[LoopRecord] = ()) -> RunRecord:
    facts = InputFacts(HOSTILE, "file", Size(64, 48), Fraction(30000, 1001), 99, Fraction(33, 10))
    settings = RunSettings(str(tmp_path / HOSTILE), tmp_path)
    return RunRecord(facts, settings, tuple(records), (), NOW)


# Where the folder is


def test_the_default_folder_lies_beside_the_input_and_is_new_each_time(tmp_path: Path) -> None:
    source = clip(tmp_path)
    first, second = create(source), create(source)
    assert first.path == tmp_path / "out-20250304-050607"
    assert second.path.parent == tmp_path
    assert second.path != first.path


def test_a_stream_writes_here(tmp_path: Path) -> None:
    assert create(None, here=tmp_path).path.parent == tmp_path


def test_a_folder_that_holds_something_is_refused_and_untouched(tmp_path: Path) -> None:
    output = tmp_path / "mine"
    output.mkdir()
    (output / "loop_0.webm").write_text("old")
    with pytest.raises(OutputError, match=r"not empty.*--force"):
        create(clip(tmp_path), output)
    assert contents(output) == {"loop_0.webm": "old"}


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    assert create(clip(tmp_path), tmp_path / "mine").path == tmp_path / "mine"


def test_force_replaces_our_files_and_touches_no_other(tmp_path: Path) -> None:
    output = tmp_path / "mine"
    ours = (
        "loop_7.webm",
        ".loop_7-0123abcd.part.webm",
        ".loops-0123abcd.part.json",
        ".index-0123abcd.part.html",
        "near/near_0.webm",
        "masters/more_3.mkv",
        "index.html",
        "loops.json",
    )
    theirs = ("loop_x.webm", "holiday.mp4", "near/cat.webm", "index.htm", "deep/loop_0.webm")
    for name in (*ours, *theirs):
        (output / name).parent.mkdir(parents=True, exist_ok=True)
        (output / name).write_text("old")
    create(clip(tmp_path), output, force=True)
    assert contents(output) == dict.fromkeys(theirs, "old")


def test_force_does_not_follow_a_link_out_of_the_folder(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "near_0.webm").write_text("theirs")
    output = tmp_path / "mine"
    output.mkdir()
    (output / "near").symlink_to(elsewhere)
    create(clip(tmp_path), output, force=True)
    assert (elsewhere / "near_0.webm").read_text() == "theirs"


@pytest.mark.parametrize("where", [".", "..", "clip.mp4"])
def test_an_output_that_is_or_holds_the_input_is_refused(tmp_path: Path, where: str) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    source = clip(inside)
    with pytest.raises(OutputError, match="holds the input"):
        create(source, inside / where, force=True)
    assert source.read_bytes() == b"input"


def test_an_unwritable_place_is_one_clear_error(tmp_path: Path) -> None:
    blocked = clip(tmp_path, "a-file")
    with pytest.raises(OutputError, match=r"cannot be written.*--output"):
        create(None, blocked / "out")
    with pytest.raises(OutputError, match="cannot be written"):
        create(None, blocked)


# The copy of the input


def test_the_input_is_copied_and_not_modified(tmp_path: Path) -> None:
    source = clip(tmp_path)
    before = source.stat()
    folder = create(source)
    assert folder.keep_input(source) == "clip.mp4"
    assert (folder.path / "clip.mp4").read_bytes() == b"input"
    assert (source.stat().st_mtime_ns, source.stat().st_size) == (
        before.st_mtime_ns,
        before.st_size,
    )


def test_a_large_input_is_linked_and_moves_with_its_folder(tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    folder = create(clip(here, content=b"x" * 100))
    name = keep_input(here / "clip.mp4", folder.path, copy_bytes=99)
    assert name == "clip.mp4"
    kept = folder.path / name
    if not kept.is_symlink():
        pytest.skip("this file system shares blocks")
    assert not kept.readlink().is_absolute()
    here.rename(tmp_path / "there")
    moved = tmp_path / "there" / folder.path.name / name
    assert moved.read_bytes() == b"x" * 100


def test_a_folder_of_pictures_is_linked(tmp_path: Path) -> None:
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    folder = create(pictures)
    name = folder.keep_input(pictures)
    assert name is not None
    assert (folder.path / name).is_symlink()


def test_a_second_forced_run_keeps_one_copy_and_never_replaces_a_stranger(tmp_path: Path) -> None:
    source = clip(tmp_path)
    output = tmp_path / "mine"
    output.mkdir()
    (output / "clip.mp4").write_text("something else of that name")
    for _ in range(2):
        assert create(source, output, force=True).keep_input(source) == "clip-1.mp4"
    assert (output / "clip.mp4").read_text() == "something else of that name"


@pytest.mark.parametrize(
    "name",
    [HOSTILE, "-rf.mp4", "..", ".hidden", "a\nb.mp4", "\udcff.mp4", "x" * 250, "a%00&'\".m4v"],
)
def test_a_hostile_name_becomes_a_harmless_one(name: str) -> None:
    made = safe_name(name)
    assert made
    assert not made.startswith((".", "-"))
    assert all(char.isalnum() or char in "_.-" for char in made)
    assert len(os.fsencode(made)) < 255


def test_a_good_name_stays_and_our_names_are_not_taken() -> None:
    assert safe_name("Tänzer 2.final.mp4") == "Tänzer_2.final.mp4"
    assert not is_ours(safe_name("loop_0.webm"))
    assert not is_ours(safe_name("INDEX.html"))


def test_a_shown_name_steers_no_terminal_and_holds_no_login() -> None:
    assert display_name("a\x1b[2J\u202eb\udcff") == "a\ufffd[2J\ufffdb?"
    assert display_name("rtsp://me:secret@cam/1") == "rtsp://cam/1"


# The names at the end


@pytest.mark.parametrize("order", permutations(range(4)))
def test_every_ranking_renames_every_loop_rightly(tmp_path: Path, order: tuple[int, ...]) -> None:
    folder = create(None, tmp_path / "out")
    fill(folder, 4, 0)
    moved = folder.finish([f"L{n}" for n in order], keep=3)
    names = ["loop_0.webm", "loop_1.webm", "loop_2.webm", "more/more_0.webm"]
    masters = [f"masters/loop_{n}.mkv" for n in range(3)] + ["masters/more_0.mkv"]
    wanted = {name: f"L{n}" for name, n in zip(names * 2, order * 2, strict=True)}
    wanted |= {name: f"L{n}" for name, n in zip(masters, order, strict=True)}
    assert contents(folder.path) == wanted
    assert [(each.id, each.old, each.new, each.master) for each in moved] == [
        (f"L{n}", f"loop_{n}.webm", names[at], masters[at]) for at, n in enumerate(order)
    ]


def test_at_every_point_of_the_renaming_every_file_is_there(tmp_path: Path) -> None:
    moves = [Move(f"f{n}", f"f{to}") for n, to in enumerate((1, 2, 0, 4, 3, 9))]
    plan = in_safe_order(moves)
    for stop in range(len(plan) + 1):
        folder = tmp_path / str(stop)
        folder.mkdir()
        for number in range(len(moves)):
            (folder / f"f{number}").write_text(str(number))
        carry_out(folder, plan[:stop])
        assert sorted(contents(folder).values()) == sorted(str(n) for n in range(len(moves)))
    assert contents(folder) == {move.new: move.old[1:] for move in moves}


def test_a_rename_never_replaces_a_stranger(tmp_path: Path) -> None:
    folder = create(None, tmp_path / "out")
    fill(folder, 1, 0)
    (folder.path / "more").mkdir()
    (folder.path / "more/more_0.webm").write_text("a stranger")
    with pytest.raises(OutputError, match="is there already"):
        folder.finish(["L0"], keep=0)
    found = contents(folder.path)
    assert found["loop_0.webm"] == "L0"
    assert found["more/more_0.webm"] == "a stranger"


def test_near_loops_fill_the_number_and_the_surplus_goes_with_its_masters(tmp_path: Path) -> None:
    folder = create(None, tmp_path / "out")
    fill(folder, 1, 3)
    moved = folder.finish(["L0", "N2", "N0", "N1"], keep=3)
    assert contents(folder.path) == {
        "loop_0.webm": "L0",
        "masters/loop_0.mkv": "L0",
        "near/near_0.webm": "N2",
        "masters/near_0.mkv": "N2",
        "near/near_1.webm": "N0",
        "masters/near_1.mkv": "N0",
    }
    assert [(each.id, each.new) for each in moved][-1] == ("N1", None)


def test_no_near_loop_stays_where_enough_were_found(tmp_path: Path) -> None:
    folder = create(None, tmp_path / "out")
    fill(folder, 2, 2)
    folder.finish(["L0", "L1", "N0"], keep=2)
    assert not (folder.path / "near").exists()


def test_a_near_loop_that_somebody_keeps_stays(tmp_path: Path) -> None:
    folder = create(None, tmp_path / "out")
    fill(folder, 2, 3)
    moved = folder.finish(["L0", "L1", "N0", "N1", "N2"], keep=2, spared={"N1"})
    found = contents(folder.path)
    assert {name: id for name, id in found.items() if "near" in name} == {
        "near/near_0.webm": "N1",
        "masters/near_0.mkv": "N1",
    }
    assert {each.id: each.new for each in moved}["N1"] == "near/near_0.webm"


def test_a_loop_that_the_ranking_forgot_is_kept(tmp_path: Path) -> None:
    folder = create(None, tmp_path / "out")
    fill(folder, 2, 0)
    assert [each.id for each in folder.finish(["L1"], keep=2)] == ["L1", "L0"]


def test_discarded_and_unwritten_loops_leave_no_gap(tmp_path: Path) -> None:
    folder = create(None, tmp_path / "out")
    fill(folder, 3, 0)
    folder.discard("L0")
    (folder.path / "loop_1.webm").unlink()
    folder.finish(["L0", "L1", "L2"], keep=3)
    assert contents(folder.path) == {"loop_0.webm": "L2", "masters/loop_0.mkv": "L2"}


def test_a_run_that_wrote_nothing_leaves_no_folder(tmp_path: Path) -> None:
    empty, full = create(None, tmp_path / "empty"), create(None, tmp_path / "full")
    empty.place("N1", "near")
    fill(full, 1, 0)
    empty.drop_empty()
    full.drop_empty()
    assert not empty.path.exists()
    assert len(contents(full.path)) == 2


def test_records_follow_their_files(tmp_path: Path) -> None:
    folder = create(None, tmp_path / "out")
    fill(folder, 2, 1)
    moved = folder.finish(["L1", "L0", "N0"], keep=1)
    records = settled([record("L0"), record("L1", "loop_1.webm"), record("N0")], moved)
    assert [(r.loop.id, r.file, r.rank, r.shelf) for r in records] == [
        ("L1", "loop_0.webm", 0, "loops"),
        ("L0", "more/more_0.webm", 1, "more"),
    ]


# loops.json


def test_times_are_exact_and_the_text_is_harmless(tmp_path: Path) -> None:
    text = json_text(a_run(tmp_path, [record()]))
    assert not set("<>&\u2028\u2029") & set(text)
    read = json.loads(text)
    found = read["loops"][0]
    assert Fraction(found["start_exact"]) == Fraction(1001, 30000)
    assert Fraction(found["period_exact"]) == Fraction(1001, 1000)
    assert found["start_s"] == pytest.approx(1001 / 30000)
    assert read["input"]["rate_exact"] == "30000/1001"
    assert read["input"]["name"] == HOSTILE
    assert next(iter(read)) == "schema"


def test_what_json_cannot_hold_becomes_null(tmp_path: Path) -> None:
    odd = LoopRecord(
        loop(), "loop_0.webm", None, Size(2, 2), 3, 4, float("inf"), 0, 9, Anchoring(float("nan"))
    )
    found = json.loads(json_text(a_run(tmp_path, [odd])))["loops"][0]
    assert found["seam_ratio"] is None
    assert found["shift_x_px"] is None


def test_everything_of_a_run_is_written(tmp_path: Path) -> None:
    miss = NearMiss(Fraction(1), Fraction(2), 3.0, "a cut")
    plain = a_run(tmp_path)
    run = RunRecord(
        plain.input,
        plain.settings,
        (record("N1", "near/near_0.webm"), record("L2", "more/more_0.webm")),
        (),
        NOW,
        Diagnosis("no return", "It never returns.", miss),
        (StageTime("network", 10, 250.0),),
        (Version("loopmatte", "1"), Version("av", "18")),
    )
    read = json.loads(write_json(tmp_path, run).read_text())
    assert [len(read[shelf]) for shelf in ("loops", "more", "near")] == [0, 1, 1]
    assert read["diagnosis"]["nearest"]["stopped_by"] == "a cut"
    assert read["stages"][0]["ms_per_item"] == 25.0
    assert read["libraries"] == {"av": "18"}
    assert not list(tmp_path.glob("*.part*"))


def test_a_record_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        write_json(tmp_path / "missing", a_run(tmp_path))
