"""The command: exit codes, one clear line for whatever is wrong, nothing of the user's touched."""

import logging
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from streaming.cli import main
from streaming.matting.weights import published
from tests.loops.figures import Swing
from tests.runs import clip_of

FIGURE = Swing(20, frames=50, size=(96, 54))
FLAGS = ("--matte", "source", "--no-video", "--loops", "1")

Say = Callable[..., "Said"]


class Said:
    """How a command ended and what it printed."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out.splitlines()
        self.err = err.splitlines()

    @property
    def line(self) -> str:
        """The one line on stderr that there must be."""
        assert len(self.err) == 1, self.err
        assert "Traceback" not in self.err[0]
        assert "unexpected" not in self.err[0]
        return self.err[0]


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str]) -> Iterator[Say]:
    """Runs the command in this process; leaves logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level

    def run(*arguments: str | Path) -> Said:
        try:
            code = main([str(each) for each in arguments])
        except SystemExit as error:
            code = int(error.code or 0)
        printed = capsys.readouterr()
        return Said(code, printed.out, printed.err)

    yield run
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("clip") / "figure.webm"
    return clip_of(path, (FIGURE.picture(index) for index in range(FIGURE.frames)))


def test_a_run_prints_the_paths_of_its_results_and_nothing_else(
    say: Say, clip: Path, tmp_path: Path
) -> None:
    said = say("run", clip, *FLAGS, "--output", tmp_path / "out")
    assert said.code == 0
    assert said.out[0] == str(tmp_path / "out" / "loop_0.webm")
    assert said.out[-1] == str(tmp_path / "out" / "index.html")
    assert all(Path(line).is_file() for line in said.out)
    assert any("matte by the source's own alpha" in line for line in said.err)
    assert all(line.strip() for line in said.err)


def test_without_output_the_folder_lies_beside_the_input(
    say: Say, clip: Path, tmp_path: Path
) -> None:
    mine = shutil.copy(clip, tmp_path / "mine.webm")
    said = say("run", "--file", mine, *FLAGS)
    assert said.code == 0
    (made,) = (each for each in tmp_path.iterdir() if each.is_dir())
    assert made.name.startswith("out-20")
    assert Path(said.out[0]).parent == made


def test_stats_say_where_the_time_went(say: Say, clip: Path, tmp_path: Path) -> None:
    said = say("run", clip, *FLAGS, "--stats", "--output", tmp_path / "out")
    names = {line[:14].strip() for line in said.err if " ms = " in line}
    assert {"decode", "matting", "detect", "refine", "encode loop", "encode master"} <= names


USAGE = [
    ([], "COMMAND"),
    (["nonsense"], "nonsense"),
    (["run", "CLIP", "--nonsense"], "--nonsense: no such option"),
    (["run", "CLIP", "--loops", "0"], "--loops 0: ask for at least 1 loop"),
    (["run", "CLIP", "--loops", "many"], "no whole number"),
    (["run", "CLIP", "--min-duration", "3", "--max-duration", "2"], "swap them"),
    (["run", "CLIP", "--start", "4", "--end", "2"], "after the start"),
    (["run", "CLIP", "--quality", "superb"], "superb"),
    (["run", "CLIP", "--file", "CLIP"], "give one of them"),
    (["run", "CLIP", "--background", "no such thing"], "no such thing"),
    (["run"], "no input"),
    (["demo-clip"], "FILE.mp4"),
]


@pytest.mark.parametrize(("words", "wanted"), USAGE, ids=[" ".join(words) for words, _ in USAGE])
def test_wrong_usage_is_2_and_says_what_was_wanted(
    words: list[str], wanted: str, say: Say, clip: Path, tmp_path: Path
) -> None:
    given = [str(clip) if word == "CLIP" else word for word in words]
    if "CLIP" in words:
        given += ["--output", str(tmp_path / "out"), "--matte", "source"]
    said = say(*given)
    assert (said.code, said.out) == (2, [])
    assert wanted in said.err[-1]
    assert not (tmp_path / "out").exists()


def put_nothing(folder: Path) -> Path:
    return folder / "nothing.mp4"


def put_empty_file(folder: Path) -> Path:
    (folder / "empty.mp4").touch()
    return folder / "empty.mp4"


def put_text(folder: Path) -> Path:
    (folder / "text.mp4").write_text("This is no video at all.\n" * 40)
    return folder / "text.mp4"


def put_folder_without_pictures(folder: Path) -> Path:
    (folder / "letters").mkdir()
    (folder / "letters" / "one.txt").write_text("no picture")
    return folder / "letters"


def put_playlist(folder: Path) -> Path:
    (folder / "list.mp4").write_text("#EXTM3U\nhttp://localhost:9/secret\n")
    return folder / "list.mp4"


def put_half_a_clip(folder: Path) -> Path:
    path = clip_of(folder / "half.mp4", [np.full((48, 64, 3), 90, np.uint8)] * 30)
    path.write_bytes(path.read_bytes()[:40])
    return path


@pytest.mark.parametrize(
    "put",
    [
        put_nothing,
        put_empty_file,
        put_text,
        put_folder_without_pictures,
        put_playlist,
        put_half_a_clip,
    ],
)
def test_an_input_that_cannot_be_read_is_1_and_one_line(
    put: Callable[[Path], Path], say: Say, tmp_path: Path
) -> None:
    given = put(tmp_path)
    said = say("run", given, *FLAGS, "--output", tmp_path / "out")
    assert said.code == 1
    assert given.name in said.line
    assert said.out == []
    assert not (tmp_path / "out").exists()


def test_a_clip_of_one_frame_is_no_error(say: Say, tmp_path: Path) -> None:
    path = clip_of(tmp_path / "one.webm", [FIGURE.picture(0)])
    said = say("run", path, *FLAGS, "--output", tmp_path / "out")
    assert said.code == 0
    assert any("lower --min-duration" in line for line in said.err)
    assert said.out == [str(tmp_path / "out" / "index.html")]


def test_an_output_that_is_a_file_is_refused(say: Say, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")
    for output in (tmp_path / "taken", tmp_path / "taken" / "below"):
        said = say("run", clip, *FLAGS, "--output", output)
        assert said.code == 1
        assert "choose" in said.line
    assert (tmp_path / "taken").read_text() == "mine"


def test_an_output_that_holds_something_is_refused(say: Say, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    said = say("run", clip, *FLAGS, "--output", tmp_path)
    assert said.code == 1
    assert "--force" in said.line
    assert [each.name for each in tmp_path.iterdir()] == ["letter.txt"]


def test_force_replaces_an_earlier_run_and_nothing_of_the_users(
    say: Say, clip: Path, tmp_path: Path
) -> None:
    (tmp_path / "letter.txt").write_text("mine")
    (tmp_path / "loop_of_mine.webm").write_text("mine")
    (tmp_path / "loop_7.webm").write_text("an earlier run's")
    said = say("run", clip, *FLAGS, "--force", "--output", tmp_path)
    assert said.code == 0
    assert (tmp_path / "letter.txt").read_text() == "mine"
    assert (tmp_path / "loop_of_mine.webm").read_text() == "mine"
    assert not (tmp_path / "loop_7.webm").exists()
    assert (tmp_path / "loop_0.webm").is_file()


@pytest.mark.parametrize("force", [[], ["--force"]])
def test_an_output_that_holds_the_input_is_refused(
    force: list[str], say: Say, clip: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "loop_0.webm"  # a name that --force would replace
    shutil.copy(clip, mine)
    for output in (tmp_path, tmp_path.parent, mine):
        said = say("run", mine, *FLAGS, *force, "--output", output)
        assert said.code == 1
        assert "loop_0.webm" in said.line
    assert mine.read_bytes() == clip.read_bytes()


def test_weights_with_one_byte_changed_are_refused(
    say: Say, clip: Path, weights: Path, tmp_path: Path
) -> None:
    damaged = bytearray(weights.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    (tmp_path / published("mobilenetv3").name).write_bytes(damaged)
    network = ("--matte", "network", "--cache", tmp_path)
    said = say("run", clip, *network, "--output", tmp_path / "out")
    assert said.code == 1
    assert "weights fetch --force" in said.line
    assert not (tmp_path / "out").exists()
    assert say("weights", "check", "--cache", tmp_path).code == 1


def test_weights_that_are_none_are_refused(say: Say, clip: Path, tmp_path: Path) -> None:
    (tmp_path / "other.onnx").write_bytes(b"no network")
    for name in ("other.onnx", "missing.onnx"):
        own = ("--matte", "network", "--weights", tmp_path / name)
        said = say("run", clip, *own, "--output", tmp_path / "out")
        assert said.code == 1
        assert name in said.line


def test_weights_are_shown_and_checked(say: Say, weights: Path) -> None:
    shown = say("weights", "show")
    assert (shown.code, shown.out) == (0, [str(weights)])
    assert any("GPL-3.0" in line for line in shown.err)
    assert any("as published" in line for line in shown.err)
    checked = say("weights", "check")
    assert (checked.code, checked.out) == (0, [str(weights)])
    assert any("fit the network" in line for line in checked.err)


def test_weights_that_are_not_there_are_said_to_be(say: Say, tmp_path: Path) -> None:
    assert say("weights", "show", "--cache", tmp_path).code == 0
    missing = say("weights", "check", "--cache", tmp_path)
    assert missing.code == 1
    assert "loopmatte weights fetch" in missing.err[-1]


def test_the_demo_clip_never_replaces_a_file(say: Say, tmp_path: Path) -> None:
    taken = tmp_path / "demo.mp4"
    taken.write_text("mine")
    said = say("demo-clip", taken)
    assert said.code == 1
    assert "demo.mp4" in said.line
    assert taken.read_text() == "mine"


def test_a_fault_of_ours_is_one_line_too(
    say: Say, clip: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("planted")

    monkeypatch.setattr("streaming.pipeline.plan_for", broken)
    said = say("run", clip, *FLAGS, "--output", tmp_path / "out")
    assert said.code == 1
    assert len(said.err) == 1
    assert "unexpected ZeroDivisionError: planted" in said.err[0]
    told = say("run", clip, *FLAGS, "--verbose", "--output", tmp_path / "out")
    assert any("plan_for" in line for line in told.err)
