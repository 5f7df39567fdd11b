"""The preview's encoder: what a viewer can begin with, and when it may ask for it."""

from fractions import Fraction

import av
import numpy as np
import pytest

from streaming.frames import U8, Size
from streaming.media.vp8 import CLOCK_S, LiveEncoder
from tests.media.figures import natural, psnr

SMALL = Size(64, 48)
FPS = 30


def picture(seed: int, size: Size = SMALL) -> av.VideoFrame:
    """Grain that a decoder cannot invent, sliding by."""
    pixels = np.roll(natural(size, 1), seed, axis=1)
    return av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(format="yuv420p")


def encoded(encoder: LiveEncoder, count: int, wanted: frozenset[int] = frozenset()) -> list[int]:
    """Encode so many pictures, asking for a key frame before some; give which ones are keys."""
    keys = []
    for index in range(count):
        if index in wanted:
            encoder.want_key()
        if encoder.encode(picture(index), Fraction(index, FPS)).is_keyframe:
            keys.append(index)
    return keys


def luma(frame: av.VideoFrame) -> U8:
    whole: U8 = frame.to_ndarray()
    return whole[: frame.height]


def test_it_begins_with_a_key_frame_and_sends_no_other_unasked() -> None:
    assert encoded(LiveEncoder(), 90) == [0]


def test_a_key_frame_comes_when_it_is_asked_for_or_as_soon_as_one_may_come() -> None:
    assert encoded(LiveEncoder(), 60, frozenset({20, 21, 50})) == [0, 20, 35, 50]


def test_however_often_one_is_asked_for_there_are_at_most_two_a_second() -> None:
    keys = encoded(LiveEncoder(), 3 * FPS, frozenset(range(3 * FPS)))
    assert keys == [0, 15, 30, 45, 60, 75]


def test_every_picture_is_out_at_once_and_decodes() -> None:
    encoder, decoder = LiveEncoder(bits_per_pixel=1.0), av.CodecContext.create("vp8", "r")
    for index in range(12):
        shown = picture(index)
        (seen,) = decoder.decode(encoder.encode(shown, Fraction(index, FPS)))
        assert psnr(luma(seen), luma(shown)) > 30


@pytest.mark.parametrize("time_s", [Fraction(1, 3), Fraction(1001, 30), Fraction(10**6 + 1, 7)])
def test_times_count_as_rtp_does(time_s: Fraction) -> None:
    packet = LiveEncoder().encode(picture(0), time_s)
    assert packet.time_base == CLOCK_S == Fraction(1, 90_000)
    assert packet.pts == round(90_000 * time_s)


def test_another_size_starts_anew_although_a_key_frame_has_just_been() -> None:
    encoder, decoder = LiveEncoder(), av.CodecContext.create("vp8", "r")
    sizes = [SMALL, SMALL, Size(32, 96), Size(32, 96), SMALL]
    packets = [
        encoder.encode(picture(index, size), Fraction(index, FPS))
        for index, size in enumerate(sizes)
    ]
    assert [each.is_keyframe for each in packets] == [True, False, True, False, True]
    seen = [frame for packet in packets for frame in decoder.decode(packet)]
    assert [Size(each.width, each.height) for each in seen] == sizes
