"""Loops written with real codecs and decoded again with the decoder that keeps alpha."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streaming.errors import InputError, OutputError
from streaming.frames import U8, Size
from streaming.media.alpha import TimedRgba, probe_webm, read_rgba
from streaming.media.planes import plane
from streaming.media.webm import Effort, LoopWriter
from tests.media.figures import END, UNEVEN, orbit, soft_disc

SMALL = Size(96, 80)
RED = np.array([200, 30, 40], np.uint8)


def written(
    path: Path, frames: list[U8], size: Size = SMALL, effort: Effort = "fast"
) -> list[TimedRgba]:
    with LoopWriter(path, size=size, effort=effort) as writer:
        for rgba, time_s in zip(frames, UNEVEN, strict=False):
            writer.write(rgba, time_s)
        writer.close(END)
    return list(read_rgba(path))


def over(rgba: U8, behind: int) -> U8:
    alpha = rgba[..., 3:].astype(np.float64) / 255
    made: U8 = (rgba[..., :3] * alpha + behind * (1 - alpha)).round().astype(np.uint8)
    return made


@pytest.mark.parametrize("effort", ["fast", "good"])
@pytest.mark.parametrize("size", [SMALL, Size(97, 61), Size(65, 47)])
def test_alpha_times_and_number_come_back(tmp_path: Path, size: Size, effort: Effort) -> None:
    frames = orbit(size, len(UNEVEN), RED)
    seen = written(tmp_path / "loop.webm", frames, size, effort)
    assert [each.time_s for each in seen] == UNEVEN
    for each, rgba in zip(seen, frames, strict=True):
        assert each.rgba.shape == rgba.shape
        assert np.abs(each.rgba[..., 3].astype(int) - rgba[..., 3]).mean() <= 0.5


def test_the_container_says_what_is_in_it(tmp_path: Path) -> None:
    path = tmp_path / "loop.webm"
    written(path, orbit(SMALL, len(UNEVEN), RED))
    facts = probe_webm(path)
    assert (facts.frames, facts.size, facts.duration_s) == (len(UNEVEN), SMALL, END)
    assert (facts.alpha_min, facts.alpha_max) == (0, 255)
    assert facts.has_alpha and not facts.has_audio
    assert facts.bytes == path.stat().st_size
    with av.open(str(path)) as source:
        stream = source.streams.video[0]
        assert stream.metadata["alpha_mode"] == "1"
        context = stream.codec_context
        tags = (context.colorspace, context.color_primaries, context.color_trc)
        assert (*tags, context.color_range) == (1, 1, 1, 1)
        packets = [each for each in source.demux(stream) if each.size]
        assert [each.is_keyframe for each in packets] == [True] + [False] * (len(UNEVEN) - 1)
        assert packets[-1].pts + round(END * 1000) - round(UNEVEN[-1] * 1000) == END * 1000


@pytest.mark.parametrize("colour", [(200, 30, 40), (20, 60, 210), (30, 190, 60), (235, 235, 235)])
def test_colours_come_back_as_bt709(tmp_path: Path, colour: tuple[int, int, int]) -> None:
    rgba = np.full((64, 64, 4), (*colour, 255), np.uint8)
    path = tmp_path / "loop.webm"
    with LoopWriter(path, size=Size(64, 64)) as writer:
        writer.write(rgba, Fraction(0))
        writer.close(Fraction(1, 30))
    with av.open(str(path)) as source:
        frame = next(source.decode(video=0))
        y, cb, cr = (float(np.median(plane(frame, index))) for index in range(3))
    luma, blue, red = (y - 16) / 219, (cb - 128) / 224, (cr - 128) / 224
    r, b = luma + 1.5748 * red, luma + 1.8556 * blue  # ITU-R BT.709-6, item 3.3
    g = (luma - 0.2126 * r - 0.0722 * b) / 0.7152
    assert np.abs(np.array([r, g, b]) * 255 - colour).max() <= 3
    assert np.abs(next(read_rgba(path)).rgba[..., :3].astype(int) - colour).max() <= 3


@pytest.mark.parametrize("behind", [0, 128, 255])
def test_no_fringe_of_the_old_background(tmp_path: Path, behind: int) -> None:
    frames = orbit(SMALL, len(UNEVEN), RED)  # red on pure green: the hardest fringe
    seen = written(tmp_path / "loop.webm", frames)
    for each, rgba in zip(seen, frames, strict=True):
        edge = (rgba[..., 3] > 0) & (rgba[..., 3] < 255)
        error = np.abs(over(each.rgba, behind).astype(int) - over(rgba, behind))[edge]
        assert error.mean() <= 2.5
        assert error.max() <= 24


def test_colours_go_on_past_the_edge_for_players_that_filter(tmp_path: Path) -> None:
    frames = orbit(SMALL, len(UNEVEN), RED)
    for each, rgba in zip(written(tmp_path / "l.webm", frames), frames, strict=True):
        opaque = rgba[..., 3] > 0
        grown = np.zeros_like(opaque)
        for dy in (-2, 0, 2):
            for dx in (-2, 0, 2):
                grown |= np.roll(opaque, (dy, dx), (0, 1))
        beside = each.rgba[..., :3][grown & ~opaque]
        assert np.abs(beside.astype(int) - RED).mean() <= 6


def test_an_empty_frame_is_empty_again_after_a_full_one(tmp_path: Path) -> None:
    full = soft_disc(SMALL, (40, 40), 20, RED)
    empty = np.zeros_like(full)
    seen = written(tmp_path / "l.webm", [empty, full, empty, full, full, empty])
    assert [int(each.rgba[..., 3].max()) > 250 for each in seen] == [0, 1, 0, 1, 1, 0]
    assert max(int(seen[each].rgba[..., 3].max()) for each in (0, 2, 5)) <= 2


def test_frames_can_be_read_at_a_smaller_size(tmp_path: Path) -> None:
    written(tmp_path / "l.webm", orbit(SMALL, len(UNEVEN), RED))
    small = next(read_rgba(tmp_path / "l.webm", Size(24, 20))).rgba
    large = next(read_rgba(tmp_path / "l.webm")).rgba[..., 3]
    means = large.reshape(20, 4, 24, 4).mean((1, 3))
    assert small.shape == (20, 24, 4)
    assert np.abs(small[..., 3] - means).mean() <= 2


def test_two_runs_write_the_same_bytes(tmp_path: Path) -> None:
    frames = orbit(SMALL, 6, RED)
    for name in ("a.webm", "b.webm"):
        written(tmp_path / name, frames)
    assert (tmp_path / "a.webm").read_bytes() == (tmp_path / "b.webm").read_bytes()


def test_frames_closer_than_the_container_counts_all_stay(tmp_path: Path) -> None:
    with LoopWriter(tmp_path / "l.webm", size=SMALL) as writer:
        for index in range(4):
            writer.write(soft_disc(SMALL, (40, 40), 20, RED), Fraction(index, 5000))
        writer.close(Fraction(1, 100))
    assert [round(each.time_s * 1000) for each in read_rgba(tmp_path / "l.webm")] == [0, 1, 2, 3]


def test_a_loop_that_was_not_closed_leaves_nothing(tmp_path: Path) -> None:
    with LoopWriter(tmp_path / "l.webm", size=SMALL) as writer:
        writer.write(soft_disc(SMALL, (40, 40), 20, RED), Fraction(0))
    assert list(tmp_path.iterdir()) == []


def test_what_a_caller_can_get_wrong(tmp_path: Path) -> None:
    disc = soft_disc(SMALL, (40, 40), 20, RED)
    with LoopWriter(tmp_path / "l.webm", size=SMALL) as writer:
        with pytest.raises(ValueError, match="shape"):
            writer.write(disc[:40], Fraction(0))
        with pytest.raises(ValueError, match="without frames"):
            writer.close(Fraction(1))
        writer.write(disc, Fraction(0))
        with pytest.raises(ValueError, match="does not come after"):
            writer.write(disc, Fraction(0))
    (tmp_path / "taken.webm").write_bytes(b"mine")
    with pytest.raises(OutputError, match="exists"):
        LoopWriter(tmp_path / "taken.webm", size=SMALL)
    assert (tmp_path / "taken.webm").read_bytes() == b"mine"


def test_what_is_not_a_webm_is_refused_clearly(tmp_path: Path) -> None:
    (tmp_path / "x.webm").write_bytes(b"nothing of the kind" * 100)
    with pytest.raises(InputError, match=r"x\.webm"):
        probe_webm(tmp_path / "x.webm")


def test_a_true_matte_comes_back(tmp_path: Path, clips: Path) -> None:
    source = read_rgba(clips / "alpha/dancer.webm")
    dancer = [next(source).rgba for _ in UNEVEN]
    seen = written(tmp_path / "l.webm", dancer, Size(640, 360))
    errors = [
        np.abs(each.rgba[..., 3].astype(int) - rgba[..., 3]).mean()
        for each, rgba in zip(seen, dancer, strict=True)
    ]
    assert np.mean(errors) <= 0.25
