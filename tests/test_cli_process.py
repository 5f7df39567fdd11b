"""The command as the system sees it: signals, pipes, limits and names that nobody would choose."""

import json
import os
import resource
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from streaming.media.alpha import probe_webm
from streaming.media.master import read_master
from tests.commands import Ended, begun, command, ended_after, loopmatte
from tests.loops.figures import Swing
from tests.runs import clip_of

SWING = Swing(20, size=(96, 54))
FLAGS = ("--matte", "source", "--loops", "1", "--max-duration", "2")
HOSTILE = "<script><img src=x onerror=alert(1)>&quot;'\".webm"


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("short") / "figure.webm"
    return clip_of(path, (SWING.picture(index) for index in range(50)))


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """So long that no run is over before its first loop is written and something is done to it."""
    poses = [SWING.picture(index) for index in range(20)]
    path = tmp_path_factory.mktemp("long") / "figure.webm"
    return clip_of(path, (poses[index % 20] for index in range(1600)))


def run_until_written(clip: Path, output: Path, *, then: int) -> Ended:
    """Start a run, wait for its first loop, and send a signal."""
    process = begun(command("run", clip, *FLAGS, "--json", "--output", output))
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if json.loads(line)["event"] == "loop written":
            break
    process.send_signal(then)
    return ended_after(process, seen)


def visible(folder: Path) -> Iterator[Path]:
    for each in sorted(folder.rglob("*")):
        if each.is_file() and not each.name.startswith("."):
            yield each


def require_whole(path: Path) -> None:
    """Decode a file to its end."""
    if path.suffix == ".webm":
        assert probe_webm(path).frames > 0
    elif path.suffix == ".mkv":
        assert len(list(read_master(path).frames())) > 0
    elif path.suffix == ".json":
        json.loads(path.read_text("utf-8"))


def test_json_prints_events_and_nothing_else(short: Path, tmp_path: Path) -> None:
    over = loopmatte("run", short, *FLAGS, "--json", "--output", tmp_path / "out")
    kinds = [each["event"] for each in over.events]
    assert (over.code, over.err) == (0, "")
    assert (kinds[0], kinds[-1]) == ("started", "done")
    assert kinds.index("loop found") < kinds.index("loop written")
    assert set(kinds) <= {"started", "progress", "loop found", "loop written", "done"}
    assert over.events[0]["folder"] == str(tmp_path / "out")
    written = next(each for each in over.events if each["event"] == "loop written")
    assert written["seam_ratio"] is not None
    moved = {each["old"]: each["new"] for each in over.events[-1]["renamed"]}
    assert (tmp_path / "out" / moved[Path(written["path"]).name]).is_file()


def test_ctrl_c_ends_cleanly_with_what_was_found(long: Path, tmp_path: Path) -> None:
    over = run_until_written(long, tmp_path / "out", then=signal.SIGINT)
    assert over.code == 130
    assert over.events[-1]["event"] == "done"
    assert over.events[-1]["interrupted"]
    assert len(over.said) == 1
    assert "stopping" in over.said[0]
    read = json.loads((tmp_path / "out" / "loops.json").read_text("utf-8"))
    assert read["interrupted"]
    assert read["input"]["frames"] < 1600
    assert read["loops"]
    names = {each.relative_to(tmp_path / "out").as_posix() for each in visible(tmp_path / "out")}
    assert {"loop_0.webm", "masters/loop_0.mkv", "index.html", "no_background.mp4"} <= names
    for each in visible(tmp_path / "out"):
        require_whole(each)
    assert not list((tmp_path / "out").rglob(".*"))


def test_sigterm_ends_as_cleanly_with_its_own_code(long: Path, tmp_path: Path) -> None:
    over = run_until_written(long, tmp_path / "out", then=signal.SIGTERM)
    assert over.code == 128 + signal.SIGTERM
    assert over.events[-1]["interrupted"]
    assert (tmp_path / "out" / "index.html").is_file()


def test_a_kill_leaves_only_whole_files_and_force_clears_up(
    long: Path, short: Path, tmp_path: Path
) -> None:
    output = tmp_path / "out"
    over = run_until_written(long, output, then=signal.SIGKILL)
    assert over.code == -signal.SIGKILL
    left = list(visible(output))
    assert output / "loop_0.webm" in left
    for each in left:
        require_whole(each)
    assert list(output.rglob(".*"))  # what was being written is hidden
    again = loopmatte("run", short, *FLAGS, "--force", "--output", output)
    assert again.code == 0
    assert not list(output.rglob(".*"))


def test_a_reader_that_goes_away_is_no_traceback(long: Path, tmp_path: Path) -> None:
    process = begun(command("run", long, *FLAGS, "--json", "--output", tmp_path / "out"))
    assert process.stdout is not None
    assert json.loads(process.stdout.readline())["event"] == "started"
    process.stdout.close()
    assert process.stderr is not None
    said = process.stderr.read()
    process.stderr.close()
    assert process.wait(60) == 1
    assert said == ""
    for each in visible(tmp_path / "out"):
        require_whole(each)


@pytest.mark.parametrize("limit", [300, 20_000])
def test_a_full_disk_is_one_line_and_leaves_nothing_half_written(
    limit: int, short: Path, tmp_path: Path
) -> None:
    def full() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    over = loopmatte("run", short, *FLAGS, "--json", "--output", tmp_path / "out", before=full)
    assert over.code == 1
    assert len(over.said) == 1, over.err
    assert "too large" in over.said[0] or "no space" in over.said[0].lower()
    assert "--output" in over.said[0]
    for each in visible(tmp_path):
        require_whole(each)
    assert not list(tmp_path.rglob(".*"))


@pytest.mark.parametrize("name", ["-video-with-dash-.webm", "--json"])
def test_a_file_whose_name_starts_with_a_dash_is_read(
    name: str, short: Path, tmp_path: Path
) -> None:
    shutil.copy(short, tmp_path / name)
    arguments = ("--no-video", "--json", "--output", "out")
    given = ("--", name) if name == "--json" else (name,)
    over = loopmatte("run", *FLAGS, *arguments, *given, cwd=tmp_path)
    assert (over.code, over.err) == (0, "")
    assert over.events[0]["name"] == name
    assert (tmp_path / "out" / "loop_0.webm").is_file()


def test_a_hostile_name_is_harmless_everywhere(short: Path, tmp_path: Path) -> None:
    shutil.copy(short, tmp_path / HOSTILE)
    over = loopmatte("run", tmp_path / HOSTILE, *FLAGS, "--json", "--output", tmp_path / "out")
    assert over.code == 0
    assert over.events[0]["name"] == HOSTILE
    page = (tmp_path / "out" / "index.html").read_text("utf-8")
    assert "<img src=x" not in page
    assert "<script><img" not in page
    text = (tmp_path / "out" / "loops.json").read_text("utf-8")
    assert "<" not in text
    read = json.loads(text)
    assert read["input"]["name"] == HOSTILE
    assert (tmp_path / "out" / read["input"]["file"]).is_file()
    assert not set(read["input"]["file"]) & set("<>&\"' ()=")


def test_a_name_that_is_no_text_steers_no_terminal(short: Path, tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode(b"caf\xe9 two\nlines red\x1b[31m.webm")
    try:
        shutil.copy(short, path)
    except OSError:
        pytest.skip("this file system takes no such name")
    over = loopmatte("run", path, *FLAGS, "--no-video")
    assert over.code == 0, over.err
    assert "\x1b" not in over.err
    assert all(line.strip() for line in over.said)
    assert any("matte by" in line for line in over.said)
    missing = loopmatte("run", path.with_name(path.name + "2"), *FLAGS)
    assert missing.code == 1
    assert len(missing.said) == 1
    assert "\x1b" not in missing.err


def test_an_input_folder_with_bytes_that_are_no_text_can_be_printed(
    short: Path, tmp_path: Path
) -> None:
    folder = tmp_path / os.fsdecode(b"caf\xe9")
    try:
        folder.mkdir()
    except OSError:
        pytest.skip("this file system takes no such name")
    shutil.copy(short, folder / "clip.webm")
    over = loopmatte("run", folder / "clip.webm", *FLAGS, "--no-video")
    assert over.code == 0, over.err
    assert str(folder) in over.out
