"""Containers: times, sizes, turns, depth, alpha, damage, and what is refused."""

import gc
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

from streaming.errors import InputError
from streaming.frames import U8, Size
from tests.media.films import (
    SMALL,
    corners_of,
    matrix,
    number_of,
    numbered,
    opened,
    patch_turn,
    quarters,
    read,
    write,
)


def with_alpha(left: int = 100) -> U8:
    alpha = np.full((48, 64), 255, np.uint8)
    alpha[:, :20] = left
    return np.dstack([quarters(), alpha])


def test_a_plain_file_says_what_it_is_and_gives_every_frame(tmp_path: Path) -> None:
    path = write(tmp_path / "plain.mp4", numbered(12), rate=24)
    with opened(path) as source:
        info = source.info
        frames = list(source.frames())
        assert (source.skipped, source.notes()) == (0, [])
    assert (info.name, info.kind, info.path, info.size) == ("plain.mp4", "file", path, SMALL)
    assert (info.rate, info.duration_s) == (Fraction(24), Fraction(1, 2))
    assert info.frames == 12
    assert not (info.has_alpha or info.has_audio or info.live)
    assert [each.index for each in frames] == list(range(12))
    assert [each.time_s for each in frames] == [Fraction(n, 24) for n in range(12)]
    assert {each.duration_s for each in frames} == {Fraction(1, 24)}
    assert [number_of(each) for each in frames] == list(range(12))
    assert frames[0].picture.packed(SMALL) is frames[0].picture


def test_irregular_times_are_kept_exactly(tmp_path: Path) -> None:
    times = [Fraction(n, 1000) for n in (0, 33, 67, 100, 180, 181, 240, 307)]
    for ending, codec in (("mp4", "libx264"), ("mkv", "libvpx")):
        frames = read(write(tmp_path / f"vfr.{ending}", numbered(8), codec=codec, times=times))
        assert [each.time_s for each in frames] == times
        assert [each.duration_s for each in frames[:-1]] == [b - a for a, b in pairwise(times)]


def test_times_start_at_the_containers_start(tmp_path: Path) -> None:
    times = [10 + Fraction(n, 25) for n in range(5)]
    with opened(write(tmp_path / "late.mkv", numbered(5), times=times)) as source:
        assert source.info.origin_s == 10
        assert [each.time_s for each in source.frames()] == [Fraction(n, 25) for n in range(5)]


def test_avi_with_b_frames_comes_out_at_a_constant_rate(tmp_path: Path) -> None:
    options = {"b": "4M"}
    path = write(tmp_path / "b.avi", numbered(20), options=options, codec="mpeg4", max_b_frames=3)
    frames = read(path)
    assert [number_of(each) for each in frames] == list(range(20))
    assert {b.time_s - a.time_s for a, b in pairwise(frames)} == {Fraction(1, 25)}


@pytest.mark.parametrize(
    ("turn", "seen"),
    [
        ((0, 1, -1, 0), "brwg"),
        ((0, -1, 1, 0), "gwrb"),
        ((-1, 0, 0, -1), "wbgr"),
        ((-1, 0, 0, 1), "grwb"),
        ((1, 0, 0, -1), "bwrg"),
        ((0, 1, 1, 0), "rbgw"),
        ((0, -1, -1, 0), "wgbr"),
        ((0, 0, 0, 0), "rgbw"),
    ],
)
def test_every_turn_and_mirror_is_undone(
    tmp_path: Path, turn: tuple[int, int, int, int], seen: str
) -> None:
    path = write(tmp_path / "turned.mp4", [quarters()] * 2)
    patch_turn(path, *turn)
    with opened(path) as source:
        frame = next(source.frames())
        assert frame.picture.size == source.info.size
        assert source.info.size == (Size(48, 64) if turn[1] else SMALL)
        assert corners_of(frame.picture.rgb(frame.picture.size)) == seen
        assert len(source.notes()) == (seen != "rgbw")


def test_what_a_muxer_writes_as_display_matrix_is_read_too(tmp_path: Path) -> None:
    path = write(tmp_path / "turned.mkv", [quarters()] * 2, turn=matrix(0, 1, -1, 0))
    assert read(path)[0].picture.size == Size(48, 64)


def test_pixels_that_are_not_square_are_stretched(tmp_path: Path) -> None:
    shape = Fraction(16, 11)
    path = write(tmp_path / "wide.mkv", [quarters()] * 2, sample_aspect_ratio=shape)
    with opened(path) as source:
        frame = next(source.frames())
        assert source.info.size == frame.picture.size == Size(94, 48)
        assert corners_of(frame.picture.rgb(frame.picture.size)) == "rgbw"


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "kept"),
    [
        ("ten.mp4", "libx264", "yuv420p10le", "yuv420p"),
        ("full.mp4", "libx264", "yuv444p", "yuv420p"),
        ("jpeg.mov", "mjpeg", "yuvj420p", "yuv420p"),
        ("grey.mkv", "ffv1", "gray", "rgb24"),
        ("rgb.mov", "png", "rgb24", "rgb24"),
    ],
)
def test_depths_and_samplings_become_what_is_kept(
    tmp_path: Path, name: str, codec: str, pix_fmt: str, kept: str
) -> None:
    path = write(tmp_path / name, [quarters()] * 2, codec=codec, pix_fmt=pix_fmt)
    picture = read(path)[0].picture
    assert picture.frame.format.name == kept  # type: ignore[attr-defined]
    assert not picture.has_alpha
    assert np.abs(picture.rgb(SMALL)[40, 60].astype(int) - 220).max() <= 4
    if kept == "yuv420p":
        assert corners_of(picture.rgb(SMALL)) == "rgbw"


def test_odd_sizes_stay_odd(tmp_path: Path) -> None:
    odd = Size(61, 45)
    path = write(tmp_path / "odd.mkv", [quarters(odd)] * 2, codec="ffv1")
    picture = read(path)[0].picture
    assert picture.size == odd
    assert corners_of(picture.rgb(odd)) == "rgbw"


@pytest.mark.parametrize(
    ("name", "codec", "pix_fmt", "options"),
    [
        ("a.webm", "libvpx-vp9", "yuva420p", {}),
        ("b.webm", "libvpx", "yuva420p", {"auto-alt-ref": "0"}),
        ("c.mov", "prores_ks", "yuva444p10le", {"profile:v": "4444"}),
        ("d.mov", "qtrle", "argb", {}),
        ("e.apng", "apng", "rgba", {}),
    ],
)
def test_alpha_is_read_wherever_a_format_carries_it(
    tmp_path: Path, name: str, codec: str, pix_fmt: str, options: dict[str, str]
) -> None:
    path = write(tmp_path / name, [with_alpha()] * 3, codec=codec, pix_fmt=pix_fmt, options=options)
    with opened(path) as source:
        assert source.info.has_alpha
        frames = list(source.frames())
    assert len(frames) == 3
    alpha = frames[1].picture.alpha(SMALL)
    assert np.abs(alpha[8:40, [4, 10, 40, 60]].astype(int) - [100, 100, 255, 255]).max() <= 3
    assert corners_of(frames[1].picture.rgb(SMALL)) == "rgbw"


def test_an_opaque_apng_claims_no_alpha(tmp_path: Path) -> None:
    path = write(tmp_path / "o.apng", [with_alpha(255)] * 2, codec="apng", pix_fmt="rgba")
    with opened(path) as source:
        assert not source.info.has_alpha
        assert not any(each.picture.has_alpha for each in source.frames())


def two_fields(number: int) -> U8:
    """A white bar that moves 6 px from field to field, the later one on the odd lines."""
    pixels = np.full((96, 96, 3), 30, np.uint8)
    pixels[::2, 12 * number : 12 * number + 20] = 220
    pixels[1::2, 12 * number + 6 : 12 * number + 26] = 220
    return pixels


def test_interlaced_video_is_deinterlaced_and_progressive_is_not(tmp_path: Path) -> None:
    film = [two_fields(number) for number in range(6)]
    for flags in ("+ildct+ilme", ""):
        options = {"flags": flags, "b": "8M"} if flags else {"b": "8M"}
        path = write(tmp_path / "i.mkv", film, codec="mpeg2video", options=options)
        with opened(path) as source:
            frames = list(source.frames())
            noted = any("interlaced" in each for each in source.notes())
        assert [each.time_s for each in frames] == [Fraction(n, 25) for n in range(6)]
        seen = frames[3].picture.rgb(Size(96, 96))[20:76, 37:41, 0].astype(int)
        comb = np.abs(np.diff(seen, axis=0)).mean()
        assert noted == bool(flags)
        assert comb < 40 if flags else comb > 120


# On a busy machine x265's threads once gave two pictures in an order that no file takes.
ALONE = "log-level=none:bframes=0:frame-threads=1:pools=none"


def test_hdr_is_brought_to_the_screens_range(tmp_path: Path) -> None:
    # PQ puts 203 cd/m2, a white page, at 58 %: read as SDR that is a dull grey.
    grey = round(0.58 * 255)
    page = np.full((48, 64, 3), grey, np.uint8)
    path = write(
        tmp_path / "hdr.mkv",
        [page] * 2,
        codec="libx265",
        pix_fmt="yuv420p10le",
        options={"x265-params": f"{ALONE}:colorprim=9:transfer=16:colormatrix=9"},
        color_trc=16,
        color_primaries=9,
        colorspace=9,
    )
    with opened(path) as source:
        seen = next(source.frames()).picture.rgb(SMALL)[24, 32].astype(int)
        assert any("HDR" in each for each in source.notes())
    assert seen.min() > grey + 25
    assert seen.max() - seen.min() <= 4


def test_start_and_end_cut_on_the_sources_own_clock(tmp_path: Path) -> None:
    path = write(tmp_path / "long.mp4", numbered(20, Size(32, 32)), rate=5, gop_size=5)
    with opened(path, start_s=Fraction(2), end_s=Fraction(3)) as source:
        assert source.info.frames == 5
        frames = list(source.frames())
        assert source.notes() == []
    assert [each.index for each in frames] == list(range(5))
    assert [each.time_s for each in frames] == [2 + Fraction(n, 5) for n in range(5)]
    assert [number_of(each) for each in frames] == list(range(10, 15))
    with (
        opened(path, start_s=Fraction(9)) as source,
        pytest.raises(InputError, match="--start 9 s"),
    ):
        list(source.frames())


def test_a_change_of_size_is_fitted_to_the_first(tmp_path: Path) -> None:
    first = write(tmp_path / "1.ts", numbered(3), codec="mpeg2video", format="mpegts")
    wide = [np.full((48, 96, 3), 200, np.uint8)] * 3
    second = write(tmp_path / "2.ts", wide, codec="mpeg2video", format="mpegts")
    both = tmp_path / "both.ts"
    both.write_bytes(first.read_bytes() + second.read_bytes())
    with opened(both) as source:
        frames = list(source.frames())
        notes = " ".join(source.notes())
    assert {each.picture.size for each in frames} == {SMALL}
    assert all(later.time_s > earlier.time_s for earlier, later in pairwise(frames))
    last = frames[-1].picture.rgb(SMALL)
    assert last[24, 32, 0] > 180 and last[2, 32, 0] < 40  # bars above and below
    assert "96x48" in notes


def test_a_file_cut_short_gives_what_it_has_and_says_so(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (50, 48, 64, 3), np.uint8)
    path = write(tmp_path / "cut.mp4", list(noise), muxer={"movflags": "faststart"})
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    with opened(path) as source:
        frames = list(source.frames())
        notes = " ".join(source.notes())
    assert 15 < len(frames) < 35
    assert "cut short" in notes and "50 frames" in notes and f"{len(frames)} frames" in notes


def test_damaged_frames_are_skipped_and_counted(tmp_path: Path) -> None:
    film = list(np.random.default_rng(0).integers(0, 255, (10, 48, 64, 3), np.uint8))
    path = write(tmp_path / "hurt.mov", film, codec="png", pix_fmt="rgb24")
    data = bytearray(path.read_bytes())
    starts = [at for at in range(len(data)) if data[at : at + 4] == b"\x89PNG"]
    data[starts[4] : starts[4] + 40] = bytes(40)
    path.write_bytes(data)
    with opened(path) as source:
        frames = list(source.frames())
        assert source.skipped == 1
        assert any("1 damaged frame " in each for each in source.notes())
    assert len(frames) == 9
    assert frames[4].time_s == Fraction(5, 25)


def test_a_header_without_frames_is_one_clear_line(tmp_path: Path) -> None:
    path = write(tmp_path / "header.mp4", numbered(5), muxer={"movflags": "faststart"})
    data = path.read_bytes()
    path.write_bytes(data[: data.index(b"mdat") + 4])
    with opened(path) as source, pytest.raises(InputError, match="no frame could be read"):
        list(source.frames())


def test_large_pictures_are_refused_before_they_are_decoded(tmp_path: Path) -> None:
    path = write(tmp_path / "large.mp4", [quarters()])
    with pytest.raises(InputError, match=r"64x48, 3072 pixels.*--max-pixels"):
        opened(path, max_pixels=3071)
    assert len(read(path, max_pixels=3072)) == 1


def test_reading_can_stop_anywhere(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp4", numbered(12))
    with opened(path) as source:
        frames = source.frames()
        next(frames)
    with opened(path):
        pass


def test_frames_are_let_go_without_the_garbage_collector(tmp_path: Path) -> None:
    path = write(tmp_path / "turned.mkv", numbered(20), turn=matrix(0, 1, -1, 0))
    gc.collect()
    before = frames_there()  # of a test that failed, say
    gc.disable()
    try:
        with opened(path) as source:
            assert sum(1 for _ in source.frames()) == 20
        left = frames_there() - before
    finally:
        gc.enable()
    assert left <= 4


def frames_there() -> int:
    return sum(type(each) is av.VideoFrame for each in gc.get_objects())


def test_a_larger_picture_than_declared_takes_no_memory(tmp_path: Path) -> None:
    first = write(tmp_path / "1.ts", numbered(3), codec="mpeg2video", format="mpegts")
    large = [np.full((480, 640, 3), 200, np.uint8)] * 3
    second = write(tmp_path / "2.ts", large, codec="mpeg2video", format="mpegts")
    both = tmp_path / "both.ts"
    both.write_bytes(first.read_bytes() + second.read_bytes())
    with opened(both, max_pixels=64 * 48) as source:
        frames = list(source.frames())
        assert source.skipped >= 1
    assert {each.picture.size for each in frames} == {SMALL}


def test_a_source_that_was_read_in_part_leaves_no_thread_of_its_decoder(tmp_path: Path) -> None:
    path = write(tmp_path / "clip.mp4", numbered(12), rate=24)
    gc.collect()
    gc.disable()  # nothing may depend on when it comes
    try:
        before = psutil.Process().num_threads()
        for _ in range(3):
            with opened(path) as source:
                next(iter(source.frames()))
            del source
        assert psutil.Process().num_threads() <= before
    finally:
        gc.enable()
