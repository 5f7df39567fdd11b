"""Inlays hold what a picture shows, in its place, with colours that go on past the edge."""

import av
import numpy as np
import pytest

from streaming.frames import Patch, Rect, Size
from streaming.media.inlay import BLANK, Inlay, inlay_of, lay, opaque
from streaming.media.picture import AvPicture
from streaming.media.planes import LIMITED, plane
from tests.media.figures import natural, psnr, soft_disc

RED = np.array([200, 30, 40], np.uint8)
SIZES = [Size(200, 160), Size(97, 61)]


def shown(inlay: Inlay, size: Size) -> av.VideoFrame:
    frame = av.VideoFrame(size.width, size.height, "yuva420p")
    for index, value in enumerate(BLANK):
        plane(frame, index)[:] = value
    frame.colorspace, frame.color_range = 1, LIMITED
    lay(inlay, frame, Rect.whole(size))
    return frame


@pytest.mark.parametrize("size", SIZES)
def test_it_shows_the_subject_in_its_place(size: Size) -> None:
    rgba = soft_disc(size, (60, 34), 20, RED)
    inlay = inlay_of(Patch.of(rgba))
    assert inlay is not None
    picture = AvPicture(shown(inlay, size))
    assert np.abs(picture.alpha(size).astype(int) - rgba[..., 3]).max() <= 3  # noise is snapped
    near = rgba[..., 3] > 0
    assert np.abs(picture.rgb(size).astype(int) - RED)[near].max() <= 4


def test_a_part_that_holds_the_subject_gives_the_same_as_the_whole() -> None:
    size, rect = SIZES[0], Rect(35, 9, 91, 71)
    rgba = soft_disc(size, (60, 34), 20, RED)
    whole, part = inlay_of(Patch.of(rgba)), inlay_of(Patch(rgba[rect.slices()], rect, size))
    assert whole is not None and part is not None
    assert whole.rect == part.rect != Rect.whole(size)
    assert all(np.array_equal(*each) for each in zip(whole.planes, part.planes, strict=True))


def test_an_empty_picture_and_an_empty_part_are_none() -> None:
    assert inlay_of(Patch.of(np.zeros((20, 20, 4), np.uint8))) is None
    nothing = np.zeros((0, 0, 4), np.uint8)
    assert inlay_of(Patch(nothing, Rect(0, 0, 0, 0), Size(20, 20))) is None


@pytest.mark.parametrize("matrix", [1, 6])
@pytest.mark.parametrize("size", SIZES)
def test_a_whole_picture_keeps_its_colours(size: Size, matrix: int) -> None:
    frame = av.VideoFrame.from_ndarray(natural(size, 1), "rgb24").reformat(
        format="yuv420p", dst_colorspace={1: 1, 6: 5}[matrix], dst_color_range=1
    )
    frame.colorspace, frame.color_range = matrix, LIMITED
    picture = AvPicture(frame)
    made = AvPicture(shown(opaque(picture), size))
    assert made.alpha(size).min() == 255
    assert psnr(made.rgb(size), picture.rgb(size)) > (60 if matrix == 1 else 38)


def test_what_was_laid_is_wiped_away_again() -> None:
    size = SIZES[1]
    inlay = inlay_of(Patch.of(soft_disc(size, (60, 34), 20, RED)))
    assert inlay is not None
    frame = shown(inlay, size)
    lay(inlay, frame, Rect.whole(size), wipe=True)
    assert all((plane(frame, index) == BLANK[index]).all() for index in range(4))


def test_a_frame_that_shows_a_part_takes_that_part() -> None:
    size, onto = SIZES[0], Rect(48, 20, 64, 48)
    inlay = inlay_of(Patch.of(soft_disc(size, (60, 34), 20, RED)))
    assert inlay is not None
    grey = av.VideoFrame(16, 28, "gray")
    plane(grey, 0)[:] = 0
    lay(inlay, grey, onto)
    whole = AvPicture(shown(inlay, size)).alpha(size)
    assert np.array_equal(plane(grey, 0), whole[onto.slices()])


def test_what_is_no_inlay_is_refused() -> None:
    with pytest.raises(ValueError, match="no inlay"):
        Inlay(Rect(1, 0, 3, 2), (np.zeros((2, 2), np.uint8),) * 4)
