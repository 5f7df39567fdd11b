"""Files that appear only when they are complete."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import av
import pytest

from streaming.errors import OutputError
from streaming.media.whole import PartFile, whole_file


def test_a_file_gets_its_name_at_the_end_only(tmp_path: Path) -> None:
    final = tmp_path / "result.webm"
    with whole_file(final) as part:
        part.write_bytes(b"whole")
        assert part.parent == tmp_path
        assert part.name.startswith(".") and part.suffix == ".webm"
        assert not final.exists()
    assert final.read_bytes() == b"whole"
    assert list(tmp_path.iterdir()) == [final]


@pytest.mark.parametrize("error", [RuntimeError("x"), KeyboardInterrupt(), GeneratorExit()])
def test_nothing_is_left_after_an_exception(tmp_path: Path, error: BaseException) -> None:
    with pytest.raises(type(error)):
        with whole_file(tmp_path / "result.txt") as part:
            part.write_text("half")
            raise error
    assert list(tmp_path.iterdir()) == []


def test_an_existing_file_is_not_replaced_unless_told(tmp_path: Path) -> None:
    final = tmp_path / "result.txt"
    final.write_text("old")
    with pytest.raises(OutputError, match=r"exists.*--force"):
        PartFile(final)
    with whole_file(final, replace=True) as part:
        part.write_text("new")
    assert final.read_text() == "new"
    assert list(tmp_path.iterdir()) == [final]


def test_a_file_that_came_up_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    final = tmp_path / "result.txt"
    with pytest.raises(OutputError, match="exists"):
        with whole_file(final) as part:
            part.write_text("mine")
            final.write_text("theirs")
    assert final.read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [final]


@pytest.mark.parametrize(
    ("number", "advice"),
    [(errno.ENOSPC, "free some space"), (errno.EFBIG, "ulimit"), (errno.EACCES, "may write")],
)
def test_the_error_says_the_path_the_cause_and_what_to_do(
    tmp_path: Path, number: int, advice: str
) -> None:
    final = tmp_path / "result.txt"
    with pytest.raises(OutputError, match=advice) as seen:
        with whole_file(final):
            raise OSError(number, os.strerror(number))
    assert str(final) in str(seen.value)
    assert os.strerror(number).lower() in str(seen.value)


def test_an_error_of_ffmpeg_is_told_the_same_way(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot write"):
        with whole_file(tmp_path / "result.webm"):
            raise av.error.ExternalError(1, "the encoder gave up")


def test_a_folder_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="make the folder"):
        PartFile(tmp_path / "no" / "result.txt")


def test_the_mode_follows_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        with whole_file(tmp_path / "result.txt") as part:
            part.write_text("x")
    finally:
        os.umask(before)
    assert (tmp_path / "result.txt").stat().st_mode & 0o777 == 0o640


WRITERS = {
    "loop.webm": "LoopWriter(path, size=size)",
    "clip.mp4": "VideoWriter(path, size=size)",
    "master.mkv": "MasterWriter(path, size=size, start=0, end=9, about={})",
}


@pytest.mark.parametrize("name", WRITERS)
def test_a_size_limit_ends_in_one_clear_error(tmp_path: Path, name: str) -> None:
    child = f"""
import resource, numpy as np
from fractions import Fraction
from pathlib import Path
from streaming.errors import OutputError
from streaming.frames import Size
from streaming.media.master import MasterFrame, MasterWriter
from streaming.media.picture import AvPicture
from streaming.media.video import VideoWriter
from streaming.media.webm import LoopWriter
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
noise, size, path = np.random.default_rng(1), Size(128, 128), Path({str(tmp_path / name)!r})
try:
    with {WRITERS[name]} as writer:
        for index in range(20):
            rgba, time_s = noise.integers(0, 256, (128, 128, 4), np.uint8), Fraction(index, 30)
            if isinstance(writer, MasterWriter):
                writer.write(MasterFrame(index, time_s, AvPicture.of(rgba), rgba))
            elif isinstance(writer, VideoWriter):
                writer.write(rgba[..., :3], time_s)
            else:
                writer.write(rgba, time_s)
        writer.close(Fraction(20, 30))
except OutputError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", child], capture_output=True, text=True, check=True)
    assert f"{name}: file too large; raise the file size limit" in done.stdout
    assert done.stderr == ""
    assert list(tmp_path.iterdir()) == []
