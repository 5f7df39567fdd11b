"""README says what is true: its commands exist, its script runs, its folders are there."""

import re
import shlex
from pathlib import Path

import pytest

from streaming.cli import _parser
from streaming.demo import PERIOD, RATE, demo_frame
from tests.runs import clip_of

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")


def _commands(program: str) -> list[str]:
    """Every indented line of README that starts with `program`, and every `program ...` in text."""
    lines = re.findall(rf"^    ({program} [^#\n]*)", README, re.MULTILINE)
    return [line.strip() for line in [*lines, *re.findall(rf"`({program} [^`]+)`", README)]]


@pytest.mark.parametrize("line", _commands("loopmatte"))
def test_every_command_is_understood(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        _parser().parse_args(shlex.split(line)[1:])
    except SystemExit as left:  # --help and --version leave with 0
        assert left.code == 0, capsys.readouterr().err


def test_there_are_commands_to_check() -> None:
    assert len(_commands("loopmatte")) >= 6
    assert {"make demo", "make test"} <= set(_commands("make"))


@pytest.mark.parametrize("line", sorted(set(_commands("make"))))
def test_every_make_target_exists(line: str) -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    assert re.search(rf"^{line.split()[1]}:", makefile, re.MULTILINE)


def test_every_folder_and_picture_that_is_named_is_there() -> None:
    folders = re.findall(r"^\| `([a-z/]+/)` \| ", README, re.MULTILINE)
    pictures = re.findall(r"!\[[^]]*\]\(([^)]+)\)", README)
    here = [name for name in folders if not name.startswith(("near", "more", "masters", "exports"))]
    assert len(here) >= 6
    assert pictures
    assert [name for name in (*here, *pictures) if not (ROOT / name).exists()] == []


def test_the_script_runs_as_it_stands(
    tmp_path: Path,
    weights: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (script,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    assert len([line for line in script.splitlines() if line.strip()]) <= 12
    monkeypatch.chdir(tmp_path)
    clip_of(Path("clip.mp4"), (demo_frame(2 * index)[::2, ::2] for index in range(60)), fps=RATE)
    exec(compile(script, "README.md", "exec"), {})
    told = capsys.readouterr().out.splitlines()
    assert told
    period_s = PERIOD / 2 / RATE
    for line in told:
        _, duration, path = line.split(maxsplit=2)
        turns = round(float(duration) / period_s)
        assert turns >= 1
        assert float(duration) == pytest.approx(turns * period_s, abs=0.04)
        assert list(Path(path).parent.glob("*.webm"))
