from fractions import Fraction
from itertools import pairwise

from streaming.media.timing import InOrder, Timeline

STEP = Fraction(1, 25)


def placed(stated: list[Fraction | None]) -> list[Fraction]:
    timeline = Timeline(STEP)
    times = [timeline.place(each) for each in stated]
    assert all(later > earlier for earlier, later in pairwise(times))
    return times


def test_rising_times_stay_as_they_are() -> None:
    stated: list[Fraction | None] = [Fraction(n * n, 1000) for n in range(20)]
    assert placed(stated) == stated


def test_missing_times_follow_the_rate() -> None:
    assert placed([None, None, Fraction(1), None]) == [0, STEP, 1, 1 + STEP]


def test_one_early_frame_leaves_the_next_its_own_time() -> None:
    times = placed([0 * STEP, STEP, STEP, 2 * STEP, 3 * STEP])
    assert times == [0, STEP, STEP * 3 / 2, 2 * STEP, 3 * STEP]


def test_after_a_restart_everything_moves_along() -> None:
    times = placed([Fraction(60), 60 + STEP, Fraction(0), STEP, 2 * STEP])
    assert times == [60 + n * STEP for n in range(5)]


def test_stamps_in_order_of_decoding_come_out_in_order_of_showing() -> None:
    order = InOrder()
    shown = []
    for stamp in (0, 1, 2, 4, 5, 6):  # the packet of stamp 3 was empty
        order.sent(stamp)
        if stamp > 1:
            shown.append(order.shown())
    assert [*shown, order.shown(), order.shown(), order.shown()] == [0, 1, 2, 4, 5, 6, None]


def test_a_lost_packet_takes_its_stamp_along() -> None:
    order = InOrder()
    order.sent(0)
    order.lost()
    order.sent(1)
    assert order.shown() == 1
