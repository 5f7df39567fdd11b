"""The demo clip is what it says: its length, its size and the period of the person in it."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from streaming.assets import asset
from streaming.demo import DEMO_SIZE, FRAMES, PERIOD, RATE, demo_frame, demo_person, write_demo_clip
from streaming.errors import OutputError


@pytest.mark.parametrize("index", [0, 17])
def test_the_person_repeats_exactly_and_the_background_does_not(index: int) -> None:
    later = index + PERIOD
    assert np.array_equal(demo_person(index), demo_person(later))
    behind = demo_person(index)[..., 3] == 0
    assert np.abs(demo_frame(index).astype(int) - demo_frame(later))[behind].mean() > 3


def test_no_pose_is_passed_twice_within_a_period() -> None:
    small = [demo_person(index)[::4, ::4].astype(np.float32) for index in range(0, PERIOD, 4)]
    for at, pose in enumerate(small):
        others = [other for other in small if other is not pose]
        step = np.abs(pose - small[(at + 1) % len(small)]).mean()
        assert min(np.abs(pose - other).mean() for other in others) > 0.4 * step


def test_the_person_is_large_and_reaches_below_the_frame() -> None:
    for index in range(0, PERIOD, 12):
        alpha = demo_person(index)[..., 3]
        assert 0.2 < alpha.mean() / 255 < 0.6
        assert alpha[-1].max() == 255
        assert not alpha[0].any()
        assert not alpha[:, [0, -1]].any()


def test_the_matte_of_the_photograph_is_solid_inside_and_soft_at_the_hair() -> None:
    alpha = demo_person(0)[..., 3]
    assert (alpha[200:, 300:340] == 255).all()
    assert ((alpha > 20) & (alpha < 235)).sum() > 200


def test_the_clip_can_be_read_back(tmp_path: Path) -> None:
    path = tmp_path / "demo.mp4"
    write_demo_clip(path, frames=20)
    with av.open(str(path)) as clip:
        stream = clip.streams.video[0]
        frames = [frame.to_ndarray(format="rgb24") for frame in clip.decode(stream)]
        assert stream.duration is not None and stream.time_base is not None
        assert stream.duration * stream.time_base == Fraction(20, RATE)
        assert (stream.width, stream.height) == (DEMO_SIZE.width, DEMO_SIZE.height)
        assert (stream.codec_context.name, stream.average_rate) == ("h264", RATE)
    assert len(frames) == 20
    assert np.abs(frames[7].astype(int) - demo_frame(7)).mean() < 4
    assert 8 <= FRAMES / RATE <= 10
    assert [each.name for each in tmp_path.iterdir()] == ["demo.mp4"]


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "demo.mp4"
    path.write_text("mine")
    with pytest.raises(OutputError):
        write_demo_clip(path, frames=1)
    assert path.read_text() == "mine"


def test_a_missing_folder_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(OutputError):
        write_demo_clip(tmp_path / "missing" / "demo.mp4", frames=1)


def test_a_missing_part_of_the_installation_is_named() -> None:
    with pytest.raises(FileNotFoundError, match=r"static/nothing\.html"):
        asset("nothing.html")
