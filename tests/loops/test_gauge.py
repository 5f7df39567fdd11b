"""A span that somebody marks gets the number that the detector would give it."""

import pytest

from streaming.loops.detector import LoopDetector
from streaming.loops.fingerprint import Fingerprint, Fingerprinter
from streaming.loops.gauge import SpanGauge
from streaming.loops.model import Loop
from streaming.settings import LoopSettings
from tests.loops.figures import Swing

PERIOD, AROUND = 30, 8
SWING = Swing(PERIOD, frames=100, noise=3.0)
WALK = Swing(27, frames=80, noise=3.0, walk=0.3)


def prints(swing: Swing) -> list[Fingerprint]:
    stage = Fingerprinter(centred=True)
    return [each for look in swing.looks() for each in stage.push(look)]


def found(some: list[Fingerprint]) -> list[Loop]:
    detector = LoopDetector(LoopSettings())
    return [loop for each in some for moment in detector.push(each) for loop in moment.found]


@pytest.fixture(scope="module")
def swung() -> list[Fingerprint]:
    return prints(SWING)


@pytest.fixture(scope="module")
def gauge(swung: list[Fingerprint]) -> SpanGauge:
    return SpanGauge(swung)


def test_a_loop_that_was_found_measures_the_same_by_hand(
    gauge: SpanGauge, swung: list[Fingerprint]
) -> None:
    walked = prints(WALK)
    told = [(gauge, loop) for loop in found(swung)]
    told += [(SpanGauge(walked), loop) for loop in found(walked)]
    assert len(told) >= 3
    for by, loop in told:
        made = by.loop(loop.start, loop.end, id="H7")
        assert (made.id, made.kind) == ("H7", "loop")
        assert (made.start, made.end, made.start_s, made.end_s) == (
            loop.start,
            loop.end,
            loop.start_s,
            loop.end_s,
        )
        assert made.mismatch == pytest.approx(loop.mismatch, rel=0.05, abs=0.01)
        assert made.step == pytest.approx(loop.step, rel=0.05)
        assert (made.drift_x, made.drift_y) == pytest.approx(
            (loop.drift_x, loop.drift_y), abs=0.002
        )


def test_a_short_piece_around_the_span_is_enough(gauge: SpanGauge) -> None:
    """A master holds no more than that, and says the same of its loop."""
    start, end = 20, 20 + PERIOD
    piece = [each for each in SWING.looks() if start - AROUND <= each.index <= end + AROUND]
    assert SpanGauge.of(piece).mismatch(start, end) == pytest.approx(
        gauge.mismatch(start, end), rel=0.1, abs=0.02
    )


def test_the_true_period_is_the_least_and_half_of_it_is_far_off(gauge: SpanGauge) -> None:
    start = 3 * PERIOD // 4  # where the limbs are farthest out
    by_length = {length: gauge.mismatch(start, start + length) for length in range(8, 45)}
    assert min(by_length, key=lambda length: by_length[length]) == PERIOD
    assert by_length[PERIOD] < 0.1
    assert by_length[PERIOD // 2] > 1.5
    quick = PERIOD // 2  # where they pass the middle, a frame is a whole step
    assert gauge.mismatch(quick, quick + PERIOD + 1) > 1.5


def test_a_span_that_is_not_there_is_no_number(gauge: SpanGauge) -> None:
    assert gauge.covers(0, 99)
    assert not any(gauge.covers(*span) for span in [(-1, 40), (70, 100), (50, 52), (60, 20)])
    with pytest.raises(ValueError, match="no span from 70 to 100"):
        gauge.mismatch(70, 100)
    with pytest.raises(ValueError, match="at least two"):
        SpanGauge([])
