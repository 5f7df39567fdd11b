"""A frame is prepared once while it is remembered, and what is remembered is bounded."""

import numpy as np

from streaming.keeping import Keeper
from streaming.matting.stream import SourceMatting
from streaming.media.picture import AvPicture
from streaming.meter import Meter
from streaming.preparing import Preparer
from streaming.settings import MattingSettings
from tests.test_keeping import frame_of
from tests.test_making import SIZE, orbit

EACH = SIZE.pixels * 5 // 2  # the most that one costs


def test_the_same_frame_is_made_once() -> None:
    first, second = orbit(2)
    prepared = Preparer(10 * EACH, Meter(lambda: 0.0))
    made = prepared(first)
    assert made is not None
    assert prepared(second) is not made
    assert prepared(first) is made


def test_the_oldest_is_forgotten_first_and_the_bound_is_kept() -> None:
    frames = orbit(4)
    prepared = Preparer(2 * EACH, Meter(lambda: 0.0))
    made = [prepared(each) for each in frames]
    assert prepared.nbytes == sum(each.nbytes for each in made[2:] if each)
    assert prepared.nbytes <= 2 * EACH
    assert prepared(frames[3]) is made[3]
    assert prepared(frames[0]) is not made[0]


def test_every_asking_is_counted() -> None:
    meter = Meter(lambda: 0.0)
    prepared = Preparer(10 * EACH, meter)
    for each in orbit(2) * 3:
        prepared(each)
    assert [(each.name, each.items) for each in meter.spent()] == [("refine", 6)]


def test_an_empty_frame_is_remembered_too_and_a_whole_one_has_no_alpha() -> None:
    prepared = Preparer(10 * EACH, Meter(lambda: 0.0))
    empty = np.zeros((SIZE.height, SIZE.width, 4), np.uint8)
    for whole, index in ((False, 0), (True, 1)):
        (matted,) = SourceMatting(MattingSettings(), whole=whole).push(frame_of(empty, index))
        made = prepared(Keeper(SIZE, AvPicture.of).keep(matted))
        assert (made is not None) == whole
        assert made is None or made.planes[3].min() == 255
