"""The tile picture as whoever puts it together again finds it, before and after a real codec."""

from fractions import Fraction

import av
import numpy as np
import pytest

from streaming.frames import U8, Patch, Picture, Rect, Size
from streaming.media.picture import AvPicture
from streaming.media.planes import plane
from streaming.media.tiles import GUARD_PX, Stamp, TilePainter, read_stamp, tile_size
from streaming.media.vp8 import LiveEncoder
from tests.media.figures import natural, orbit
from tests.media.films import corners_of, quarters

TILE = Size(384, 96)
RED = np.array([210, 40, 30], np.uint8)
STAMP = Stamp(40_000, 3_123_456_789)


def disc(turn: int = 0, size: Size = TILE) -> U8:
    """A red disc going round within 24 frames, (H, W, 4)."""
    return orbit(size, 24, RED)[turn % 24]


def painted(
    rgba: U8, source: Picture | None = None, stamp: Stamp = STAMP
) -> tuple[av.VideoFrame, U8]:
    """The tile picture of one frame, and its brightness."""
    size = Size(rgba.shape[1], rgba.shape[0])
    frame = TilePainter(size).paint(
        Patch.of(rgba), source or AvPicture.of(quarters(Size(160, 90))), stamp
    )
    return frame, plane(frame, 0)


def video_range(values: U8) -> U8:
    made: U8 = (16 + values.astype(np.float64) * 219 / 255).round().astype(np.uint8)
    return made


def seen_by_a_browser(frame: av.VideoFrame) -> U8:
    """(T, W, 3) RGB of VP8 as a WebRTC receiver takes it: bt601, limited range."""
    frame.colorspace, frame.color_range = 5, 1
    shown: U8 = frame.reformat(format="rgb24").to_ndarray()
    return shown


def sent(frames: list[av.VideoFrame], bits_per_pixel: float) -> av.VideoFrame:
    """The last of some pictures as it arrives after VP8."""
    encoder = LiveEncoder(bits_per_pixel=bits_per_pixel)
    decoder = av.CodecContext.create("vp8", "r")
    arrived = []
    for index, frame in enumerate(frames):
        arrived = decoder.decode(encoder.encode(frame, Fraction(index, 30)))
    assert isinstance(arrived[0], av.VideoFrame)
    return arrived[0]


def test_the_tiles_stand_where_the_size_alone_says() -> None:
    rgba = disc()
    frame, luma = painted(rgba)
    assert frame.format.name == "yuv420p"
    assert (frame.width, frame.height) == (384, 2 * 96 + 2 * 16 + 48)
    shown = seen_by_a_browser(frame)
    solid, clear = rgba[..., 3] == 255, (rgba[..., 3] == 0) & (np.indices(rgba.shape[:2])[1] < 150)
    assert np.abs(shown[:96][solid].astype(int) - RED).max() <= 6
    assert np.abs(shown[:96][clear].astype(int) - 128).max() <= 2
    matte = luma[96 + 16 : 2 * 96 + 16]
    assert np.array_equal(matte, video_range(rgba[..., 3]))
    assert corners_of(shown[2 * 96 + 32 :, :192]) == "rgbw"
    for colour in (1, 2):
        chroma = plane(frame, colour)
        assert (chroma[48 : 96 + 16] == 128).all()
        assert (chroma[96 + 16 :, 96:] == 128).all()


def test_guard_rows_repeat_the_mattes_edge_beside_rows_of_grey() -> None:
    rgba = disc()
    rgba[0, :, 3] = np.arange(384) % 256  # a subject that leaves the picture above and below
    rgba[-1, :, 3] = 255 - np.arange(384) % 256
    _, luma = painted(rgba)
    assert (luma[96:104] == 128).all()
    assert (luma[104:112] == video_range(rgba[0, :, 3])).all()
    assert (luma[208:216] == video_range(rgba[-1, :, 3])).all()
    assert (luma[216:224] == 128).all()


def test_colours_go_on_past_the_edge() -> None:
    """What a browser's filter takes from beside the subject must not be grey."""
    rgba = disc()
    frame, _ = painted(rgba)
    faint = (rgba[..., 3] > 0) & (rgba[..., 3] < 60)
    assert faint.sum() > 50
    colours = seen_by_a_browser(frame)[:96][faint].astype(int)
    assert np.abs(colours.mean(axis=0) - RED).max() < 12


@pytest.mark.parametrize("stamp", [STAMP, Stamp(0, 0), Stamp(65_535, 2**32 - 1)])
def test_a_stamp_survives_a_starved_encoder(stamp: Stamp) -> None:
    frames = [
        painted(disc(turn), AvPicture.of(natural(TILE, turn)), Stamp(turn, turn))[0]
        for turn in range(5)
    ]
    last, _ = painted(disc(5), AvPicture.of(natural(TILE, 5)), stamp)
    arrived = sent([*frames, last], bits_per_pixel=0.01)
    assert read_stamp(arrived.to_ndarray()[: arrived.height], TILE) == stamp


def test_numbers_and_times_without_end_are_stamped_by_their_lowest_bits() -> None:
    _, luma = painted(disc(), stamp=Stamp(65_536 + 7, 2**32 + 9))
    assert read_stamp(luma, TILE) == Stamp(7, 9)


def test_matte_and_colours_arrive_as_they_were_sent() -> None:
    size = Size(384, 216)
    turns = [disc(turn, size) for turn in range(8)]
    arrived = seen_by_a_browser(sent([painted(each)[0] for each in turns], bits_per_pixel=0.09))
    last = turns[-1]
    solid = last[..., 3] == 255
    assert np.abs(arrived[:216][solid].astype(int) - RED).mean() < 4
    matte = arrived[232:448].mean(axis=2)
    assert np.abs(matte - last[..., 3]).mean() < 2
    assert np.abs(matte[solid] - 255).mean() < 2
    assert matte[last[..., 3] == 0].mean() < 2


def test_a_picture_too_narrow_for_a_stamp_has_none() -> None:
    size = Size(368, 96)
    _, luma = painted(disc(size=size))
    assert read_stamp(luma, size) is None
    assert (luma[2 * 96 + 32 :, 184:] == 128).all()


def test_a_part_is_painted_where_it_stands() -> None:
    """The subject comes as the part of the picture that it is in."""
    rgba = disc()
    rows, columns = np.nonzero(rgba[..., 3])
    y0, x0 = rows.min(), columns.min()
    whole, _ = painted(rgba)
    rect = Rect(int(x0), int(y0), int(columns.max()) + 1, int(rows.max()) + 1)
    part = Patch(rgba[rect.slices()], rect, TILE)
    source = AvPicture.of(quarters(Size(160, 90)))
    frame = TilePainter(TILE).paint(part, source, STAMP)
    assert np.array_equal(plane(frame, 0), plane(whole, 0))


def test_nothing_of_the_frame_before_stays() -> None:
    painter, source = TilePainter(TILE), AvPicture.of(quarters(Size(160, 90)))
    painter.paint(Patch.of(disc(0)), source, Stamp(0, 0))
    again = painter.paint(Patch.of(disc(12)), source, STAMP)
    fresh, _ = painted(disc(12), source)
    assert np.array_equal(again.to_ndarray(), fresh.to_ndarray())


@pytest.mark.parametrize(
    ("source", "long_px", "tile"),
    [
        (Size(1280, 720), 640, Size(640, 360)),
        (Size(720, 1280), 640, Size(352, 640)),
        (Size(1920, 800), 640, Size(640, 268)),
        (Size(320, 240), 640, Size(320, 240)),
        (Size(5, 3), 640, Size(16, 4)),
    ],
)
def test_a_tile_has_about_the_sources_shape_and_is_not_larger(
    source: Size, long_px: int, tile: Size
) -> None:
    assert tile_size(source, long_px) == tile


def test_the_layout_follows_from_the_whole_pictures_size() -> None:
    for height in range(4, 1084, 4):
        whole = TilePainter(Size(16, height)).whole
        assert (whole.height - 2 * GUARD_PX) / 2.5 == height
    for size in (Size(60, 48), Size(64, 46)):
        with pytest.raises(ValueError, match="multiple of 16"):
            TilePainter(size)
