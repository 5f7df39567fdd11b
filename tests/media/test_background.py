"""What stands behind the subject."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from streaming.errors import InputError, SettingsError
from streaming.frames import U8, Frame, Size
from streaming.media.background import open_background
from streaming.media.picture import AvPicture
from streaming.media.video import VideoWriter
from tests.media.figures import natural

SIZE = Size(64, 48)
EMPTY = np.zeros((48, 64), np.uint8)
FRAME = Frame(0, Fraction(0), Fraction(1, 25), AvPicture.of(natural(SIZE, 1)))


def behind(what: str, time_s: Fraction = Fraction(0), size: Size = SIZE) -> U8:
    with open_background(what, size) as background:
        return background.at(time_s, FRAME, EMPTY)


def test_colours() -> None:
    for what, colour in (("green", (0, 177, 64)), ("#10fF80", (16, 255, 128))):
        seen = behind(what)
        assert seen.shape == (48, 64, 3)
        assert (seen == colour).all()
        assert not seen.flags.writeable


def test_only_none_is_transparent() -> None:
    for what in ("green", "#000000", "blur", "none"):
        with open_background(what, SIZE) as background:
            assert background.transparent == (what == "none")


def test_a_picture_covers_the_frame_and_is_cropped_evenly(tmp_path: Path) -> None:
    wide = np.zeros((50, 200, 3), np.uint8)
    wide[:, :50], wide[:, 50:150], wide[:, 150:] = (255, 0, 0), (0, 0, 255), (0, 255, 0)
    Image.fromarray(wide).save(tmp_path / "wide.png")
    seen = behind(str(tmp_path / "wide.png"), size=Size(96, 48))
    assert seen.shape == (48, 96, 3)
    assert (seen[:, 2:-2] == (0, 0, 255)).all()
    seen = behind(str(tmp_path / "wide.png"), size=Size(120, 48))
    assert (seen[24, 0] == (255, 0, 0)).all() and (seen[24, -1] == (0, 255, 0)).all()
    reds, greens = (seen[24, :, 0] > 128).sum(), (seen[24, :, 1] > 128).sum()
    assert abs(int(reds) - int(greens)) <= 1


def test_a_video_plays_at_its_own_speed_over_and_over(tmp_path: Path) -> None:
    path = tmp_path / "v.mp4"
    times = [Fraction(0), Fraction(1, 10), Fraction(3, 10)]
    with VideoWriter(path, size=Size(192, 64)) as writer:
        for index, time_s in enumerate(times):
            writer.write(np.full((64, 192), 60 * (index + 1), np.uint8), time_s)
        writer.close(Fraction(1, 2))
    asked = [0, 50, 99, 100, 299, 300, 499, 500, 601, 800, 1999, 2000]
    wanted = [1, 1, 1, 2, 2, 3, 3, 1, 2, 3, 3, 1]
    with open_background(str(path), SIZE) as background:
        seen = [background.at(Fraction(each, 1000), FRAME, EMPTY) for each in asked]
        assert background.at(Fraction(2), FRAME, EMPTY) is seen[-1]
    assert all(each.shape == (48, 64, 3) for each in seen)
    assert [round(float(each.mean()) / 60) for each in seen] == wanted


def test_blur_is_the_source_out_of_focus() -> None:
    size = Size(640, 360)
    bars = np.zeros((360, 640, 3), np.uint8)
    bars[:, ::2] = 255
    bars[:, 320:] //= 2
    frame = Frame(0, Fraction(0), Fraction(1, 25), AvPicture.of(bars))
    with open_background("blur", size) as background:
        seen = background.at(Fraction(0), frame, EMPTY).astype(int)
    assert seen.shape == (360, 640, 3)
    assert np.abs(np.diff(seen, axis=1)).max() <= 6
    assert seen[:, :200].mean() == pytest.approx(127, abs=4)
    assert seen[:, 440:].mean() == pytest.approx(63, abs=4)


def test_the_subject_does_not_glow_in_the_blur_behind_it() -> None:
    size = Size(640, 360)
    scene = np.full((360, 640, 3), (90, 120, 150), np.uint8)
    scene[100:260, 250:390] = (255, 0, 60)
    alpha = np.zeros((90, 160), np.uint8)
    alpha[25:65, 62:98] = 255
    frame = Frame(0, Fraction(0), Fraction(1, 25), AvPicture.of(scene))
    with open_background("blur", size) as background:
        seen = background.at(Fraction(0), frame, alpha).astype(int)
    beside = np.concatenate((seen[100:260, 225:248], seen[100:260, 392:415]), axis=1)
    assert np.abs(beside - (90, 120, 150)).max() <= 12


@pytest.mark.parametrize("what", ["gren", "#12345", "#gggggg", "no/such.png", "."])
def test_what_is_nothing_of_this_is_said(what: str) -> None:
    with pytest.raises(SettingsError, match="--background") as seen:
        open_background(what, SIZE)
    assert what in str(seen.value) and "blur" in str(seen.value)


@pytest.mark.parametrize("name", ["x.png", "x.mp4"])
def test_a_file_that_cannot_be_read(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"neither the one nor the other" * 10)
    with pytest.raises(InputError, match=name):
        open_background(str(tmp_path / name), SIZE)
