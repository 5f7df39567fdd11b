"""Pushed frames come out in order and in one size, and a sender that is silent or gone is no hang.

Frames are pushed before they are read, so nothing here waits for a thread.
"""

from collections.abc import Iterator
from fractions import Fraction

import av
import pytest

from streaming.errors import InputError
from streaming.frames import Frame, Size
from streaming.media.live import WAITING, Feed
from streaming.settings import SourceSettings
from tests.media.films import SMALL, corners_of, number_of, numbered, quarters

PLAIN = SourceSettings()
ORIGIN_S = Fraction(1000, 7)


def sent(size: Size = SMALL, format: str = "yuv420p") -> av.VideoFrame:
    """What a peer's decoder gives: four colours in the corners."""
    return av.VideoFrame.from_ndarray(quarters(size), "rgb24").reformat(format=format)


def feed(**settings: object) -> Feed:
    return Feed("the camera", patience_s=0.01, **settings)  # type: ignore[arg-type]


def played(into: Feed, frames: list[av.VideoFrame]) -> Iterator[Frame]:
    """Push each frame when the one before has been read."""
    into.put(frames[0], ORIGIN_S)
    with into.open(PLAIN) as source:
        reader = source.frames()
        yield next(reader)
        for index, frame in enumerate(frames[1:], 1):
            into.put(frame, ORIGIN_S + Fraction(index, 30))
            yield next(reader)


def test_a_sender_may_change_its_size_and_form_and_every_picture_fits_the_first() -> None:
    larger, smaller = Size(2 * SMALL.width, 2 * SMALL.height), Size(48, 36)
    forms = [sent(), sent(larger), sent(smaller), sent(SMALL, "nv12"), sent(larger, "yuvj420p")]
    seen = list(played(feed(), forms))
    assert [each.picture.size for each in seen] == [SMALL] * len(forms)
    assert [corners_of(each.picture.rgb(SMALL)) for each in seen] == ["rgbw"] * len(forms)
    assert [each.time_s for each in seen] == [Fraction(index, 30) for index in range(len(forms))]


def test_the_size_and_rate_that_were_announced_hold_from_the_first_picture_on() -> None:
    """A browser begins with a smaller picture than its camera's, and says so nowhere."""
    announced = feed(size=Size(128, 96), rate=Fraction(15))
    announced.put(sent(), ORIGIN_S)
    announced.close()
    with announced.open(PLAIN) as source:
        assert (source.info.size, source.info.rate) == (Size(128, 96), Fraction(15))
        (frame,) = source.frames()
    assert frame.picture.size == Size(128, 96)
    assert corners_of(frame.picture.rgb(Size(128, 96))) == "rgbw"


def test_a_sender_that_falls_silent_ends_the_source_in_words() -> None:
    with pytest.raises(InputError, match=r"the camera: no frame came for 0\.01 s; is the camera"):
        feed().open(PLAIN)
    begun = feed()
    begun.put(sent(), ORIGIN_S)
    with begun.open(PLAIN) as source:
        frames = source.frames()
        assert next(frames).index == 0
        with pytest.raises(InputError, match="no frame came"):
            next(frames)


def test_a_sender_that_leaves_ends_the_source_after_what_it_sent() -> None:
    left = feed()
    left.put(sent(), ORIGIN_S)
    left.close()
    left.put(sent(), ORIGIN_S + 1)
    with left.open(PLAIN) as source:
        assert [each.index for each in source.frames()] == [0]
    never = feed()
    never.close()
    with pytest.raises(InputError, match="the sender left before its first frame"):
        never.open(PLAIN)


def test_of_frames_that_nobody_takes_the_newest_stay() -> None:
    full = feed()
    for index, pixels in enumerate(numbered(WAITING + 3)):
        full.put(av.VideoFrame.from_ndarray(pixels, "rgb24"), Fraction(index, 30))
    full.close()
    with full.open(PLAIN) as source:
        seen = list(source.frames())
    assert [number_of(each) for each in seen] == [3, 4]
    assert [each.time_s for each in seen] == [0, Fraction(1, 30)]


def test_a_first_picture_that_is_too_large_is_refused() -> None:
    large = feed()
    large.put(sent(), ORIGIN_S)
    with pytest.raises(InputError, match=r"64x48, 3072 pixels, and at most 3071"):
        large.open(SourceSettings(max_pixels=SMALL.pixels - 1))
