from concurrent.futures import ThreadPoolExecutor

import av
import numpy as np
import pytest

from streaming.frames import Rect, Size
from streaming.media.picture import AvPicture, matrix_of
from tests.media.figures import natural
from tests.media.films import SMALL, corners_of, quarters

SD, HD = Size(640, 480), Size(1280, 720)


def yuv(
    size: Size, planes: tuple[int, int, int], *, matrix: int = 2, full: bool = False
) -> AvPicture:
    frame = av.VideoFrame(size.width, size.height, "yuv420p")
    for plane, value in zip(frame.planes, planes, strict=True):
        plane.update(bytes([value]) * plane.buffer_size)
    frame.colorspace, frame.color_range = matrix, 2 if full else 1
    return AvPicture(frame)


def by_standard(
    planes: tuple[int, int, int], kr: float, kb: float, *, full: bool = False
) -> list[float]:
    """H.273's equations in floating point."""
    y, u, v = planes
    light = y / 255 if full else (y - 16) / 219
    blue, red = ((u - 128) / (255 if full else 224), (v - 128) / (255 if full else 224))
    r, b = light + 2 * (1 - kr) * red, light + 2 * (1 - kb) * blue
    return [255 * min(1, max(0, c)) for c in (r, (light - kr * r - kb * b) / (1 - kr - kb), b)]


@pytest.mark.parametrize("size", [HD, Size(384, 216), Size(101, 57)])
@pytest.mark.parametrize(
    "planes", [(235, 128, 128), (16, 128, 128), (180, 100, 150), (60, 200, 90)]
)
def test_colours_follow_the_standard_at_every_size(
    size: Size, planes: tuple[int, int, int]
) -> None:
    seen = yuv(HD, planes, matrix=1).rgb(size)
    assert seen.shape == (size.height, size.width, 3)
    assert np.abs(seen - np.array(by_standard(planes, 0.2126, 0.0722))).max() <= 1


def test_untagged_video_is_bt601_below_720_lines_and_bt709_above() -> None:
    planes = (120, 90, 180)
    small, large = yuv(SD, planes).rgb(SMALL)[9, 9], yuv(HD, planes).rgb(SMALL)[9, 9]
    assert np.abs(small - np.array(by_standard(planes, 0.299, 0.114))).max() <= 1
    assert np.abs(large - np.array(by_standard(planes, 0.2126, 0.0722))).max() <= 1
    assert (matrix_of(9, 480), matrix_of(2, 719), matrix_of(2, 720)) == (9, 6, 1)


def test_full_range_is_read_as_such() -> None:
    planes = (200, 110, 140)
    seen = yuv(HD, planes, matrix=1, full=True).rgb(SMALL)[9, 9]
    assert np.abs(seen - np.array(by_standard(planes, 0.2126, 0.0722, full=True))).max() <= 1


def test_packing_keeps_the_colours_that_the_full_size_had() -> None:
    picture = yuv(HD, (120, 90, 180))  # untagged: would be read as bt601 once it is small
    assert np.abs(picture.packed(SMALL).rgb(SMALL).astype(int) - picture.rgb(SMALL)).max() <= 1


def test_shrinking_averages_instead_of_aliasing() -> None:
    board = (np.indices((720, 1280)).sum(0) % 2 * 255).astype(np.uint8)
    picture = AvPicture.of(np.repeat(board[..., None], 3, 2))
    for size in (Size(384, 216), Size(128, 72)):
        assert np.abs(picture.rgb(size).astype(int) - 127).max() < 12
        assert np.abs(picture.packed(size).rgb(size).astype(int) - 127).max() < 12


def test_pixels_come_back_as_they_went_in() -> None:
    rgba = np.dstack([quarters(), np.arange(48 * 64, dtype=np.uint8).reshape(48, 64)])
    picture = AvPicture.of(rgba)
    assert picture.has_alpha and picture.size == SMALL and picture.nbytes >= rgba.nbytes
    np.testing.assert_array_equal(picture.rgb(SMALL), rgba[..., :3])
    np.testing.assert_array_equal(picture.alpha(SMALL), rgba[..., 3])
    assert not AvPicture.of(rgba[..., :3]).has_alpha
    assert AvPicture.of(rgba[..., :3]).alpha(Size(5, 3)).tolist() == [[255] * 5] * 3


@pytest.mark.parametrize("size", [SMALL, Size(31, 17)])
def test_packed_is_420_with_alpha_where_there_was_some(size: Size) -> None:
    half = np.zeros((48, 64), np.uint8)
    half[:, 32:] = 200
    packed = AvPicture.of(np.dstack([quarters(), half])).packed(size)
    assert packed.frame.format.name == "yuva420p" and packed.size == size
    alpha = packed.alpha(size)
    assert alpha[:, : size.width // 3].max() <= 1
    assert abs(int(alpha[:, -size.width // 3 :].min()) - 200) <= 1
    assert packed.packed(size) is packed
    assert AvPicture.of(quarters()).packed(size).frame.format.name == "yuv420p"
    assert corners_of(packed.rgb(size)) == "rgbw"


def test_arrays_cannot_be_written_to() -> None:
    picture = AvPicture.of(quarters())
    for array in (picture.rgb(SMALL), picture.rgb(Size(9, 9)), picture.alpha(SMALL)):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_many_threads_see_the_same_picture() -> None:
    picture = yuv(HD, (120, 90, 180))
    sizes = [Size(300 + n % 7, 200 + n % 5) for n in range(60)]
    alone = [picture.rgb(size) for size in sizes]
    with ThreadPoolExecutor(4) as pool:
        for one, other in zip(alone, pool.map(picture.rgb, sizes), strict=True):
            np.testing.assert_array_equal(one, other)
    assert picture.frame.colorspace == 1


def test_other_formats_and_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="nv12"):
        AvPicture(av.VideoFrame(16, 16, "nv12"))
    with pytest.raises(ValueError, match="pixels are"):
        AvPicture.of(np.zeros((4, 4), np.uint8))


@pytest.mark.parametrize("size", [Size(96, 64), Size(97, 61)])
@pytest.mark.parametrize("rect", [Rect(0, 0, 9, 9), Rect(31, 17, 64, 50), Rect(50, 40, 96, 61)])
def test_a_part_is_what_the_whole_shows_there(size: Size, rect: Rect) -> None:
    picture = AvPicture.of(natural(size, 3)).packed(size)
    assert np.array_equal(picture.part(rect), picture.rgb(size)[rect.slices()])


def test_a_part_of_a_picture_that_is_no_video() -> None:
    picture = AvPicture.of(natural(Size(32, 32), 3))
    rect = Rect(3, 5, 9, 20)
    assert np.array_equal(picture.part(rect), picture.rgb(Size(32, 32))[rect.slices()])
    assert picture.part(Rect(4, 4, 4, 4)).size == 0
