"""What stops a span from being a loop, one guard at a time."""

from dataclasses import replace

import numpy as np
import pytest

from streaming.loops.guards import NOISE, Span, jolts, objection, ordinary_step
from streaming.loops.subject import Edges

GOOD = Span(
    seam=0.05,
    mismatch=0.8,
    peak=0.3,
    steps=np.full(40, 0.06),
    luma=np.full(41, 0.5),
    glow=np.zeros(40),
    agreement=0.9,
    pace=1.0,
    bustle=1.0,
    coverage=np.full(41, 0.2),
    wander=0.1,
    cut=Edges(),
    whole_picture=False,
)


def stopped(span: Span, *, motion: float = 2.0, whole: bool = False) -> str | None:
    return objection(span, motion=motion, whole_subject=whole)


def with_steps(**at: float) -> Span:
    steps = GOOD.steps.copy()
    for frame, step in at.items():
        steps[int(frame[1:])] = step
    return replace(GOOD, steps=steps)


def test_a_good_span_passes() -> None:
    assert stopped(GOOD) is None


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (replace(GOOD, coverage=np.array([0.2, 0.2, 0.0, 0.2])), "out of sight"),
        (replace(GOOD, coverage=np.array([0.2, 0.2, 0.03, 0.2])), "leaves or enters"),
        (replace(GOOD, luma=np.full(41, 0.01)), "dark"),
        (replace(GOOD, peak=0.09), "too little motion"),
        (replace(GOOD, peak=0.01, seam=0.0), "too little motion"),
        (with_steps(t20=0.8), "cut"),
        (with_steps(t20=0.4), "cut"),
        (with_steps(t20=0.4, t21=0.4), "cut"),
        (replace(GOOD, glow=np.eye(40)[5] * 0.1), "flash"),
        (replace(GOOD, agreement=-0.8), "turns back"),
        (replace(GOOD, wander=1.3), "too far"),
    ],
)
def test_each_fault_is_named(span: Span, words: str) -> None:
    assert words in str(stopped(span))


def test_turning_back_at_rest_is_no_fault() -> None:
    assert stopped(replace(GOOD, agreement=-0.8, pace=0.2)) is None


def test_motion_that_gathers_pace_is_no_cut() -> None:
    steps = np.interp(np.arange(40), [0, 18, 20, 22, 39], [0.05, 0.06, 0.3, 0.06, 0.05])
    steps[19], steps[21] = 0.2, 0.2
    assert stopped(replace(GOOD, steps=steps)) is None


def test_edges_matter_only_where_asked_and_where_there_is_a_subject() -> None:
    cut = replace(GOOD, cut=Edges(bottom=True))
    assert stopped(cut) is None
    assert "edge" in str(stopped(cut, whole=True))
    assert stopped(replace(cut, whole_picture=True), whole=True) is None


def test_the_bound_on_motion_is_the_callers() -> None:
    span = replace(GOOD, peak=0.09)
    assert stopped(span, motion=1.5) is None


def test_repeated_frames_are_no_steps() -> None:
    """Animation on twos: every other frame repeats the one before."""
    on_twos = np.array([0.0, 0.1] * 20)
    assert ordinary_step(on_twos) == pytest.approx(0.1)
    assert ordinary_step(np.zeros(40)) == NOISE
    assert ordinary_step(np.array([0.0] * 39 + [0.5])) == NOISE


def test_a_step_shows_in_a_quiet_moment_only() -> None:
    assert not jolts(GOOD, 1.0)
    assert jolts(replace(GOOD, bustle=0.3), 1.0)
    assert not jolts(replace(GOOD, bustle=0.3), 2.0)
    assert not jolts(replace(GOOD, bustle=0.0, mismatch=0.4), 1.0)
