"""One window for the whole loop, around the subject, flush where the picture cuts it."""

import numpy as np
import pytest

from streaming.errors import OutputError
from streaming.exports.crop import Window, window_for
from streaming.exports.light import scaled
from streaming.exports.survey import survey_of
from streaming.exports.targets import Pixels
from streaming.frames import U8, Rect, Size
from tests.exports.cycles import cycle_of, disc, orbit

OWN = Size(96, 64)
SQUARE = Pixels("exact", 64, 64)


def shown(window: Window, frames: list[U8]) -> U8:
    """The most that any frame covers of the window's picture."""
    most = np.zeros((window.size.height, window.size.width), np.uint8)
    for each in frames:
        np.maximum(most, scaled(each, window.box, window.size)[..., 3], out=most)
    return most


@pytest.mark.parametrize("room", [0, 3, 9])
def test_a_subject_fills_a_square_but_for_its_room(room: int) -> None:
    cycle = orbit(OWN)
    window = window_for(survey_of(cycle), OWN, SQUARE, room_px=room, even=False)
    rows, columns = np.nonzero(shown(window, list(cycle.read())) >= 20)
    assert window.size == Size(64, 64)
    for low, high in ((rows.min(), 63 - rows.max()), (columns.min(), 63 - columns.max())):
        assert abs(low - room) <= 1 and abs(high - room) <= 1


def test_the_window_is_the_same_for_every_frame_and_not_stretched() -> None:
    cycle = orbit(OWN)
    box = window_for(survey_of(cycle), OWN, SQUARE, room_px=2, even=False).box
    assert box.width == pytest.approx(box.height)


def test_a_subject_that_is_cut_by_the_edge_stands_at_the_edge() -> None:
    frames = [disc(OWN, 48 + each, 64, 20) for each in (-2, 0, 2)]
    survey = survey_of(cycle_of(frames))
    assert survey.cuts.bottom and not survey.cuts.top
    window = window_for(survey, OWN, SQUARE, room_px=4, even=False)
    there = shown(window, frames) >= 128
    assert there[-1].any() and not there[:4].any()
    assert window.box.y1 == pytest.approx(64)


@pytest.mark.parametrize(
    ("pixels", "wanted"),
    [
        (Pixels("side", 100), lambda size: max(size.width, size.height) == 100),
        (Pixels("box", 320, 270, 270), lambda size: size.height == 270 or size.width == 320),
        (Pixels("own"), lambda size: size == OWN),
    ],
)
def test_each_kind_of_picture_gets_its_size(pixels: Pixels, wanted: object) -> None:
    assert callable(wanted)
    window = window_for(survey_of(orbit(OWN)), OWN, pixels, room_px=3, even=False)
    assert wanted(window.size) and not pixels.fault(window.size)


def test_a_smaller_share_keeps_a_fixed_size_and_shrinks_a_free_one() -> None:
    survey = survey_of(orbit(OWN))
    whole = window_for(survey, OWN, SQUARE, room_px=0, even=False)
    half = window_for(survey, OWN, SQUARE, room_px=0, share=0.5, even=False)
    assert half.size == whole.size and half.box.width == pytest.approx(2 * whole.box.width)
    free = window_for(survey, OWN, Pixels("box", 64, 64, 16), room_px=0, share=0.5, even=False)
    assert max(free.size.width, free.size.height) == 32


def test_one_transparent_frame_is_no_harm_and_all_of_them_are_refused() -> None:
    empty = np.zeros((64, 96, 4), np.uint8)
    survey = survey_of(cycle_of([disc(OWN, 48, 32, 10), empty]))
    assert survey.bounds == Rect(37, 21, 59, 43)
    with pytest.raises(OutputError, match="nothing is seen"):
        survey_of(cycle_of([empty, empty]))
