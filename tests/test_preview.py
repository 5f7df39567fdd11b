"""The preview's picture of a frame, wherever its matte comes from."""

import io
from dataclasses import dataclass, replace
from fractions import Fraction

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from streaming.frames import U8, Frame, Rect, Size
from streaming.matting.guided import Coefficients, refine
from streaming.matting.stream import Matted
from streaming.media.picture import AvPicture
from streaming.media.planes import plane
from streaming.media.tiles import GUARD_PX, Stamp, TilePainter, read_stamp
from streaming.preview import Preview, patch_of
from tests.media.figures import natural, soft_disc

SOURCE, COARSE, TILE = Size(768, 288), Size(48, 18), Size(384, 144)
STAMP = Stamp(7, 1234)
TEAL = np.array([20, 160, 150], np.uint8)


def frame_of(pixels: U8) -> Frame:
    return Frame(7, Fraction(7, 30), Fraction(1, 30), AvPicture.of(pixels))


@dataclass(frozen=True, slots=True)
class Refining:
    """What refines, without a network before it."""

    name: str = "coefficients alone"

    def push(self, rgb: U8, *, fresh: bool) -> tuple[()]:
        return ()

    def flush(self) -> tuple[()]:
        return ()

    def refine(self, rgb: U8, coefficients: Coefficients, size: Size) -> U8:
        return refine(rgb, coefficients, size)


def left_half_by_network() -> Matted:
    """A matte that is solid left of the middle, and the frame's own colours in it."""
    planes = np.zeros((8, COARSE.height, COARSE.width), np.float16)
    planes[7, :, : COARSE.width // 2] = 1
    look = np.zeros((COARSE.height, COARSE.width, 4), np.uint8)
    look[:, : COARSE.width // 2, 3] = 255
    frame = frame_of(natural(SOURCE, 3))
    return Matted(frame, look, Coefficients.around(planes, look[..., 3]), Refining())


def matte_of(picture: av.VideoFrame, tile: Size) -> U8:
    """The matte of a tile picture, 0..255."""
    top = tile.height + GUARD_PX
    luma = plane(picture, 0)[top : top + tile.height].astype(np.float64)
    shown: U8 = ((luma - 16) / 219 * 255).clip(0, 255).round().astype(np.uint8)
    return shown


def shown(picture: av.VideoFrame) -> NDArray[np.float64]:
    """The colours of a tile picture as a browser takes them."""
    picture.colorspace, picture.color_range = 5, 1
    rgb: NDArray[np.float64] = picture.reformat(format="rgb24").to_ndarray().astype(np.float64)
    return rgb


def test_a_network_s_matte_is_refined_at_the_previews_own_size() -> None:
    item = left_half_by_network()
    patch = patch_of(item, TILE)
    assert patch.size == TILE
    assert patch.rect.x1 < TILE.width  # where there can be no subject nothing is calculated
    rgba = patch.whole()
    assert rgba[:, :180, 3].min() >= 250
    assert rgba[:, 210:, 3].max() <= 5
    drawn = item.frame.picture.rgb(TILE)
    assert np.abs(rgba[:, :180, :3].astype(int) - drawn[:, :180]).max() <= 3


def test_a_sketch_shows_what_the_refined_picture_shows() -> None:
    item = left_half_by_network()
    look = item.look.copy()  # the network's colours, where the matte is soft or beside it
    look[..., :3] = item.frame.picture.rgb(COARSE)
    item = replace(item, look=look)
    quick = Preview(TILE.width).picture(item, STAMP)
    slow = TilePainter(TILE).paint(patch_of(item, TILE), item.frame.picture, STAMP)
    assert np.abs(matte_of(quick, TILE).astype(int) - matte_of(slow, TILE)).max() <= 2
    one, other = (shown(each)[: TILE.height, :180] for each in (quick, slow))
    assert np.abs(one - other).max() <= 8  # inside, both are the source's own colours
    far = shown(quick)[: TILE.height, -60:]
    assert np.abs(far - 128).max() <= 16  # nearly flat, where nothing is
    source = slice(2 * TILE.height + 2 * GUARD_PX, None)
    assert (plane(quick, 0)[source] == plane(slow, 0)[source]).all()


def test_a_sketch_goes_on_past_the_edge_in_the_subjects_colours() -> None:
    item = left_half_by_network()
    red = np.zeros((SOURCE.height, SOURCE.width, 3), np.uint8)
    red[:, : SOURCE.width // 2, 0] = 200
    red[:, SOURCE.width // 2 :, 2] = 200  # the old background is blue
    look = item.look.copy()
    look[..., 0] = 200
    item = replace(item, frame=frame_of(red), look=look)
    beside = shown(Preview(TILE.width).picture(item, STAMP))[20:100, 200:206].mean(axis=(0, 1))
    assert beside[0] > beside[2] + 60


def test_a_frame_that_the_network_saw_whole_is_scaled() -> None:
    seen = soft_disc(COARSE, (12, 9), 6, TEAL)
    patch = patch_of(Matted(frame_of(natural(COARSE, 3)), seen, None, Refining()), TILE)
    assert patch.rect == Rect.whole(TILE)
    assert patch.rgba[72, 96].tolist() == [*TEAL, 255]
    assert patch.rgba[:, 200:, 3].max() == 0


def test_the_sources_own_alpha_is_shown() -> None:
    rgba = soft_disc(SOURCE, (200, 144), 90, TEAL)
    item = Matted(frame_of(rgba), rgba[::16, ::16], None, None)
    preview = Preview(384)
    matte = matte_of(preview.picture(item, STAMP), TILE).astype(int)
    wanted = AvPicture.of(rgba).alpha(TILE)
    assert np.abs(matte - wanted).max() <= 1
    assert {0, 255} <= set(np.unique(wanted))


def test_where_the_whole_picture_is_wanted_its_alpha_is_not() -> None:
    rgba = soft_disc(SOURCE, (200, 144), 90, TEAL)
    item = Matted(frame_of(rgba), rgba[::16, ::16], None, None, whole=True)
    assert matte_of(Preview(384).picture(item, STAMP), TILE).min() == 255


def test_pictures_go_out_as_video_and_as_single_ones() -> None:
    preview = Preview(384)
    picture = preview.picture(left_half_by_network(), STAMP)
    first = preview.packet(picture, Fraction(1, 3))
    second = preview.packet(picture, Fraction(2, 3))
    assert [first.is_keyframe, second.is_keyframe] == [True, False]
    preview.want_key()
    assert preview.packet(picture, Fraction(4, 3)).is_keyframe
    with Image.open(io.BytesIO(preview.jpeg(picture))) as shown:
        assert shown.format == "JPEG"
        grey = np.asarray(shown.convert("L"))
    assert grey.shape == (picture.height, picture.width)
    assert read_stamp(grey, TILE) == STAMP


@pytest.mark.parametrize("size", [Size(320, 480), Size(1024, 64)])
def test_another_size_of_frames_is_another_tile(size: Size) -> None:
    preview = Preview(384)
    preview.picture(left_half_by_network(), STAMP)
    rgba = soft_disc(size, (20, 20), 15, TEAL)
    picture = preview.picture(Matted(frame_of(rgba), rgba, None, None), STAMP)
    tile = Size(picture.width, round((picture.height - 2 * GUARD_PX) / 2.5))
    assert max(tile.width, tile.height) == 384
    assert tile.width / tile.height == pytest.approx(size.width / size.height, rel=0.05)
