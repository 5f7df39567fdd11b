"""The nastiest real files through the whole command: results, or one clear line. Nothing else.

Needs LOOPMATTE_CLIPS; the reader's own tests open all of that footage, these few go the whole way.
Near-loops are not mended: that starts from masters, which are files of ours however nasty the clip
was, and one of these would cost as much as all the rest.
"""

import json
import sys
from pathlib import Path

import pytest

from tests.commands import Ended, begun, ended

pytestmark = [
    pytest.mark.clips,
    pytest.mark.skipif(sys.platform != "linux", reason="asks Linux's /proc for peak memory"),
]

MOST_MB = 1600
# Runs the command and says on its last line of stderr how much memory it took at most. Not by
# getrusage: what that says of a child counts the parent, as large as it was when it forked.
MEASURED = """
import pathlib, sys
from streaming.cli import main
code = main(sys.argv[1:])
lines = pathlib.Path("/proc/self/status").read_text().splitlines()
peak_kb = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))
print(peak_kb // 1024, file=sys.stderr)
sys.exit(code)
"""

READABLE = (
    "-video-with-dash-.mp4",
    "amedia_8k24fps_300ms.mp4",
    "imagers_oob.gif",
    "mp4parse_no_timescale.mp4",
    "torchcodec_frame_exceeds_screen.gif",
)
UNREADABLE = (
    "amedia_black_large.webp",
    "derived_moovless_truncated60.mp4",
    "mp4parse_zero_empty_stsc.mp4",
    "pillow_syntax_num_frames_zero.png",
)


def run(path: Path, output: Path) -> tuple[Ended, int]:
    """The command's end, and its memory in MB."""
    flags = ["--matte", "none", "--no-video", "--loops", "1", "--repair", "none"]
    flags += ["--output", str(output)]
    started = begun([sys.executable, "-c", MEASURED, "run", path.name, *flags], cwd=path.parent)
    over = ended(started)
    *said, memory = over.said
    return Ended(over.code, over.out, "\n".join(said)), int(memory)


@pytest.mark.parametrize("name", READABLE)
def test_what_can_be_read_is_processed(name: str, clips: Path, tmp_path: Path) -> None:
    over, memory_mb = run(clips / "nasty" / name, tmp_path / "out")
    assert over.code == 0, over.err
    assert "Traceback" not in over.err
    assert memory_mb < MOST_MB
    read = json.loads((tmp_path / "out" / "loops.json").read_text("utf-8"))
    assert read["input"]["frames"] > 0
    assert (tmp_path / "out" / "index.html").is_file()
    assert not list((tmp_path / "out").rglob(".*"))


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_cannot_be_read_is_one_line(name: str, clips: Path, tmp_path: Path) -> None:
    over, memory_mb = run(clips / "nasty" / name, tmp_path / "out")
    assert over.code == 1
    assert len(over.said) == 1, over.err
    assert name in over.said[0]
    assert "unexpected" not in over.said[0]
    assert memory_mb < MOST_MB
    assert over.out == ""
    assert not (tmp_path / "out").exists()


def test_a_truncated_file_says_what_is_missing(clips: Path, tmp_path: Path) -> None:
    over, _ = run(clips / "nasty" / "derived_faststart_truncated50.mp4", tmp_path / "out")
    assert over.code == 0
    assert any("cut short" in line for line in over.said)
    read = json.loads((tmp_path / "out" / "loops.json").read_text("utf-8"))
    assert any("cut short" in note for note in read["input"]["notes"])
    assert read["input"]["skipped"] >= 1
