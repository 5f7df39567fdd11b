"""Other ends for a written loop, from the master of a real run."""

import io
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from streaming.errors import InputError, OutputError
from streaming.frames import Size
from streaming.loops.model import Loop
from streaming.media.alpha import probe_webm, read_rgba
from streaming.media.master import read_master
from streaming.proving import Expected, check
from streaming.recut import REACH, OpenedMaster, open_master, recut
from streaming.settings import LoopSettings
from tests.media.figures import orbit
from tests.runs import OWN, Played, clip_of, play

PERIOD, FRAMES, FPS = 18, 60, 30
SMALL = Size(96, 64)
ONE = LoopSettings(loops=1, max_duration_s=Fraction(7, 10))
ORBIT = orbit(SMALL, PERIOD, np.array([200, 60, 40], np.uint8))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("recut")
    clip = clip_of(folder / "disc.webm", (ORBIT[index % PERIOD] for index in range(FRAMES)))
    return play(clip, folder / "out", matting=OWN, loops=ONE)


@pytest.fixture(scope="module")
def master(played: Played) -> Path:
    return played.folder / str(played.json["loops"][0]["master"])


@pytest.fixture(scope="module")
def opened(master: Path) -> OpenedMaster:
    return open_master(master)


def test_the_table_is_least_at_ends_a_true_period_apart(
    opened: OpenedMaster, played: Played
) -> None:
    table, best = opened.table, played.json["loops"][0]
    assert best["period_frames"] == PERIOD
    assert (opened.master.start, opened.master.end) == (best["start_frame"], best["end_frame"])
    there = opened.master.indices
    for ends, middle in ((table.starts, best["start_frame"]), (table.ends, best["end_frame"])):
        assert ends == tuple(each for each in there if abs(each - middle) <= REACH)
    for start, row in zip(table.starts, table.mismatch, strict=True):
        known = {
            end: value for end, value in zip(table.ends, row, strict=True) if value is not None
        }
        assert set(known) == {end for end in table.ends if end - start >= 3}
        if start + PERIOD in known:
            inside = {end: value for end, value in known.items() if end - start < 1.5 * PERIOD}
            assert min(inside, key=lambda end: inside[end]) == start + PERIOD
    at = table.starts.index(best["start_frame"]), table.ends.index(best["end_frame"])
    assert table.mismatch[at[0]][at[1]] == pytest.approx(best["mismatch"], abs=0.05)


def test_each_frame_is_shown_with_its_alpha(opened: OpenedMaster) -> None:
    assert opened.fps == pytest.approx(FPS, rel=0.001)
    for number in (opened.master.indices[0], opened.master.indices[-1]):
        with Image.open(io.BytesIO(opened.shown(number))) as picture:
            assert (picture.format, picture.mode, picture.size) == ("WEBP", "RGBA", (96, 64))
            shown = np.asarray(picture)
        assert np.abs(shown[..., 3].astype(int) - ORBIT[number % PERIOD][..., 3]).mean() < 3
    assert opened.nbytes < 96 * 64 * 4 * (len(opened.master.indices) + 1)


def test_other_ends_give_a_file_of_just_those_frames(master: Path, tmp_path: Path) -> None:
    first = read_master(master).start + 2
    made = recut(master, tmp_path / "L1.2.webm", start=first, end=first + PERIOD, id="L1.2")
    assert (made.loop.id, made.file, made.master) == ("L1.2", "L1.2.webm", master.name)
    assert made.loop.duration_s == Fraction(PERIOD, FPS)
    assert made.loop.mismatch < 0.1
    facts = probe_webm(tmp_path / "L1.2.webm")
    assert (facts.frames, facts.has_alpha, facts.bytes) == (PERIOD, True, made.bytes)
    for number, each in enumerate(read_rgba(tmp_path / "L1.2.webm"), first):
        alpha = ORBIT[number % PERIOD][..., 3]
        assert np.abs(each.rgba[..., 3].astype(int) - alpha).mean() < 3, number


def test_ends_that_do_not_close_are_written_too_and_called_what_they_are(
    master: Path, tmp_path: Path
) -> None:
    first = read_master(master).start
    made = recut(master, tmp_path / "L1.3.webm", start=first, end=first + 13, id="L1.3")
    assert made.frames == probe_webm(tmp_path / "L1.3.webm").frames == 13
    assert made.loop.mismatch > 0.5


def test_a_span_that_the_master_does_not_hold_is_refused_in_words(
    master: Path, tmp_path: Path
) -> None:
    there = read_master(master).indices
    spans = [(there[0] - 1, there[-1]), (there[0], there[-1] + 1), (9, 11), (20, 10)]
    for start, end in spans:
        with pytest.raises(InputError, match=f"frames {start} to {end}: .* holds"):
            recut(master, tmp_path / "no.webm", start=start, end=end, id="L1.2")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_behind_where_it_fails(master: Path, tmp_path: Path) -> None:
    whole = read_master(master)
    damaged = tmp_path / "damaged.mkv"
    damaged.write_bytes(master.read_bytes()[: master.stat().st_size // 2])
    for call in (
        lambda: open_master(damaged),
        lambda: recut(damaged, tmp_path / "new.webm", start=whole.start, end=whole.end, id="L1.2"),
    ):
        with pytest.raises(InputError, match=r"damaged\.mkv"):
            call()
    taken = tmp_path / "taken.webm"
    taken.write_bytes(b"mine")
    with pytest.raises(OutputError, match=r"taken\.webm"):
        recut(master, taken, start=whole.start, end=whole.end, id="L1.2")
    assert taken.read_bytes() == b"mine"
    assert {each.name for each in tmp_path.iterdir()} == {"damaged.mkv", "taken.webm"}


def test_a_file_that_is_not_what_was_wanted_has_problems(played: Played) -> None:
    best = played.json["loops"][0]
    step = Fraction(1, FPS)
    start, end = best["start_frame"], best["end_frame"]
    loop = Loop("L1", "loop", start, end, start * step, end * step, best["mismatch"], 0.1)
    path = played.folder / best["file"]
    assert check(path, loop, Expected(SMALL, PERIOD)).problems == ()
    longer = Loop("L1", "loop", start, end + 1, start * step, (end + 1) * step, 0.1, 0.1)
    problems = check(path, longer, Expected(SMALL, PERIOD + 1)).problems
    assert [each.partition(",")[0] for each in problems] == [
        f"{PERIOD} frames in the file",
        f"lasts {PERIOD / FPS:.3f} s",
    ]
    bad = played.folder.parent / "bad.webm"  # half a turn ends on the other side
    clip_of(bad, ORBIT[: PERIOD // 2])
    half = Loop("L1", "loop", 0, 9, Fraction(0), 9 * step, 0.1, 0.1)
    assert "ordinary steps" in str(check(bad, half, Expected(SMALL, 9)).problems)
