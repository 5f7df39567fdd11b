"""Frames per second as the page shows them."""

import pytest

from server.rates import Rate


def rate_of(times: list[float]) -> Rate:
    rate = Rate()
    for each in times:
        rate.add(each)
    return rate


@pytest.mark.parametrize("fps", [5, 30, 60])
def test_a_steady_stream_shows_its_rate(fps: int) -> None:
    rate = rate_of([index / fps for index in range(10 * fps + 1)])
    assert rate.count == 10 * fps + 1
    assert rate.per_second(10.0) == pytest.approx(fps, rel=0.03)


def test_a_stream_that_begins_is_not_called_slow() -> None:
    assert rate_of([100 + index / 30 for index in range(10)]).per_second(100.31) == pytest.approx(
        30, rel=0.05
    )


def test_a_stream_that_stops_slows_down_and_is_at_rest_after_two_seconds() -> None:
    rate = rate_of([index / 30 for index in range(61)])
    assert 10 < rate.per_second(3.0) < 20
    assert rate.per_second(4.1) == 0
    assert rate.count == 61


def test_nothing_and_a_single_one_are_no_rate() -> None:
    assert Rate().per_second(5.0) == 0
    assert rate_of([5.0]).per_second(5.0) == 0
    assert rate_of([5.0, 5.0]).per_second(5.0) < float("inf")
