"""Masters: written, closed and read back."""

import json
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streaming.errors import InputError
from streaming.frames import Picture, Rect, Size
from streaming.media.master import Master, MasterFrame, MasterWriter, read_master
from streaming.media.picture import AvPicture
from tests.media.figures import natural, orbit, psnr

RED = np.array([200, 30, 40], np.uint8)
RATE = Fraction(30_000, 1001)
TIMES = [7 + (n + Fraction(n % 3, 7)) / RATE for n in range(9)]
ABOUT: dict[str, object] = {"id": "L1", "seam": 0.25, "name": 'a "quoted" <name> é', "list": [1]}


def written(path: Path, size: Size, sources: Sequence[Picture]) -> tuple[Master, list[MasterFrame]]:
    mattes = orbit(size, len(TIMES), RED)
    frames = [MasterFrame(200 + n, TIMES[n], sources[n], mattes[n]) for n in range(len(TIMES))]
    with MasterWriter(path, size=size, start=202, end=207, about=ABOUT) as writer:
        for frame in frames:
            writer.write(frame)
        assert not path.exists()
        writer.close(TIMES[-1] + 1 / RATE)
    return read_master(path), frames


@pytest.mark.parametrize("size", [Size(96, 80), Size(97, 61), Size(64, 33)])
def test_everything_comes_back(tmp_path: Path, size: Size) -> None:
    sources: list[Picture] = [AvPicture.of(natural(size, n)).packed(size) for n in range(9)]
    master, frames = written(tmp_path / "m.mkv", size, sources)
    assert (master.start, master.end, master.size) == (202, 207, size)
    assert master.times_s == tuple(TIMES)
    assert master.about == ABOUT
    seen = list(master.frames())
    assert [(each.index, each.time_s) for each in seen] == [
        (each.index, each.time_s) for each in frames
    ]
    for each, frame in zip(seen, frames, strict=True):
        assert each.source.size == size
        assert psnr(each.source.rgb(size), frame.source.rgb(size)) > 42
        alpha = frame.rgba[..., 3]
        assert np.abs(each.rgba[..., 3].astype(int) - alpha).mean() <= 0.5
        inside = alpha == 255
        assert np.abs(each.rgba[..., :3].astype(int) - RED)[inside].mean() <= 3
        assert each.rgba[..., 1][alpha < 128].mean() < 160  # the disc stood on pure green


def test_luma_is_near_lossless(tmp_path: Path) -> None:
    size = Size(96, 80)
    sources: list[Picture] = [AvPicture.of(natural(size, n)).packed(size) for n in range(9)]
    master, _ = written(tmp_path / "m.mkv", size, sources)
    for each, source in zip(master.frames(), sources, strict=True):
        grey = np.array([0.2126, 0.7152, 0.0722])
        seen, wanted = each.source.rgb(size) @ grey, source.rgb(size) @ grey
        assert psnr(seen.round().astype(np.uint8), wanted.round().astype(np.uint8)) > 45


@pytest.mark.parametrize(("matrix", "scale"), [(1, 1), (6, 1), (1, 2), (6, 2)])
def test_the_sources_own_colours_are_kept(tmp_path: Path, matrix: int, scale: int) -> None:
    size = Size(64, 48)
    frame = av.VideoFrame.from_ndarray(natural(size, 1), "rgb24").reformat(
        format="yuv420p", dst_colorspace={1: 1, 6: 5}[matrix], dst_color_range=scale
    )
    frame.colorspace, frame.color_range = matrix, scale
    source = AvPicture(frame)
    master, _ = written(tmp_path / "m.mkv", size, [source] * 9)
    seen = next(master.frames()).source
    assert psnr(seen.rgb(size), source.rgb(size)) > 40


def test_a_frame_that_others_hold_is_not_written_to(tmp_path: Path) -> None:
    size = Size(64, 48)
    source = AvPicture.of(natural(size, 1)).packed(size)
    source.frame.pts = 4711
    written(tmp_path / "m.mkv", size, [source] * 9)
    assert source.frame.pts == 4711


def test_a_larger_source_and_one_with_alpha_are_taken(tmp_path: Path) -> None:
    size = Size(64, 48)
    large = natural(Size(128, 96), 1)
    clear = np.dstack((large, np.full(large.shape[:2], 9, np.uint8)))
    sources = [AvPicture.of(large)] * 4 + [AvPicture.of(clear)] * 5
    master, _ = written(tmp_path / "m.mkv", size, sources)
    seen = [each.source for each in master.frames()]
    assert all(psnr(each.rgb(size), sources[0].rgb(size)) > 38 for each in seen)


def test_any_player_finds_three_streams(tmp_path: Path) -> None:
    size = Size(64, 48)
    written(tmp_path / "m.mkv", size, [AvPicture.of(natural(size, 1))] * 9)
    with av.open(str(tmp_path / "m.mkv")) as source:
        assert len(source.streams.video) == 3
        assert json.loads(source.metadata["LOOPMATTE"])["loop"] == [202, 207]
        times = [each.pts for each in source.demux(video=0) if each.size]
    assert times == [round((each - TIMES[0]) * 1000) for each in TIMES]


def test_what_can_go_wrong(tmp_path: Path) -> None:
    size = Size(64, 48)
    picture = AvPicture.of(natural(size, 1))
    path = tmp_path / "m.mkv"
    with pytest.raises(TypeError):
        MasterWriter(path, size=size, start=0, end=1, about={"x": object()})
    with MasterWriter(path, size=size, start=0, end=1, about={}) as writer:
        with pytest.raises(ValueError, match="shape"):
            writer.write(MasterFrame(0, Fraction(0), picture, np.zeros((9, 9, 4), np.uint8)))
        writer.write(MasterFrame(0, Fraction(0), picture, np.zeros((48, 64, 4), np.uint8)))
    assert list(tmp_path.iterdir()) == []
    path.write_bytes(b"no master")
    with pytest.raises(InputError, match=r"m\.mkv"):
        read_master(path)


def test_a_master_that_was_cut_off_says_so(tmp_path: Path) -> None:
    size = Size(96, 80)
    path = tmp_path / "m.mkv"
    master, _ = written(path, size, [AvPicture.of(natural(size, n)) for n in range(9)])
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) * 2 // 3])
    with pytest.raises(InputError, match="of its 9 frames"):
        list(master.frames())


@pytest.mark.parametrize("size", [Size(160, 120), Size(161, 121)])
def test_only_the_part_with_the_subject_is_written_and_comes_back_in_its_place(
    tmp_path: Path, size: Size
) -> None:
    source = AvPicture.of(natural(size, 1)).packed(size)
    mattes = orbit(Size(size.width // 2, size.height // 2), 3, RED)
    part = Rect(size.width // 2, 31, size.width, size.height)
    whole = np.zeros((3, size.height, size.width, 4), np.uint8)
    for canvas, matte in zip(whole, mattes, strict=True):
        canvas[40 : 40 + matte.shape[0], size.width // 2 : size.width // 2 * 2] = matte
    path = tmp_path / "m.mkv"
    with MasterWriter(path, size=size, start=0, end=3, about={}, part=part) as writer:
        for index, rgba in enumerate(whole):
            writer.write(MasterFrame(index, Fraction(index, 24), source, rgba))
        writer.close(Fraction(3, 24))
    with av.open(str(path)) as file:
        widths = [each.codec_context.width for each in file.streams.video]
    assert widths[1] == widths[2] < widths[0] * 0.6
    for each, rgba in zip(read_master(path).frames(), whole, strict=True):
        assert each.rgba.shape == rgba.shape
        assert np.abs(each.rgba[..., 3].astype(int) - rgba[..., 3]).mean() <= 0.5
        solid = rgba[..., 3] == 255
        assert np.abs(each.rgba[..., :3].astype(int) - RED)[solid].mean() <= 3


def test_a_master_without_any_subject_is_empty(tmp_path: Path) -> None:
    size = Size(64, 48)
    path = tmp_path / "m.mkv"
    nothing = Rect(0, 0, 0, 0)
    with MasterWriter(path, size=size, start=0, end=1, about={}, part=nothing) as writer:
        writer.lay(None, AvPicture.of(natural(size, 1)), 0, Fraction(0))
        writer.close(Fraction(1, 24))
    (only,) = read_master(path).frames()
    assert not only.rgba[..., 3].any()


def test_a_master_of_the_first_version_shows_the_whole_picture(tmp_path: Path) -> None:
    size = Size(96, 80)
    master, frames = written(tmp_path / "m.mkv", size, [AvPicture.of(natural(size, 1))] * 9)
    old = tmp_path / "old.mkv"
    with av.open(str(tmp_path / "m.mkv")) as source, av.open(str(old), "w") as made:
        facts = json.loads(source.metadata["LOOPMATTE"])
        del facts["part"]
        made.metadata["LOOPMATTE"] = json.dumps({**facts, "version": 1})
        streams = [made.add_stream_from_template(each) for each in source.streams.video]
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                made.mux(packet)
    assert read_master(old).part == Rect.whole(size) == master.part
    for each, frame in zip(read_master(old).frames(), frames, strict=True):
        assert np.abs(each.rgba[..., 3].astype(int) - frame.rgba[..., 3]).mean() <= 0.5
