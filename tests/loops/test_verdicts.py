"""What is told, and under which name."""

from dataclasses import replace
from fractions import Fraction

from streaming.loops.model import Loop
from streaming.loops.verdicts import Verdicts

PLAIN = Loop("", "loop", 0, 30, Fraction(0), Fraction(1), 0.5, 0.05)


def span(start: int, end: int, mismatch: float) -> Loop:
    return replace(
        PLAIN,
        start=start, end=end, start_s=Fraction(start, 30), end_s=Fraction(end, 30),
        mismatch=mismatch,
    )  # fmt: skip


def test_loops_and_near_loops_are_numbered_apart() -> None:
    verdicts = Verdicts(5, Fraction(6))
    told = [
        verdicts.tell(span(0, 30, 0.5)),
        verdicts.tell(replace(span(40, 80, 2.0), kind="near")),
        verdicts.tell(span(90, 120, 0.5)),
    ]
    assert [loop.id for loop in told if loop] == ["L1", "N1", "L2"]


def test_the_same_loop_again_is_no_news() -> None:
    verdicts = Verdicts(5, Fraction(6))
    verdicts.tell(span(0, 30, 0.5))
    assert verdicts.tell(span(4, 35, 0.45)) is None
    better = verdicts.tell(span(6, 36, 0.1))
    assert better is not None and better.replaces == "L1"
    assert verdicts.tell(span(8, 38, 0.09)) is None


def test_beyond_the_wanted_number_only_clearly_better_loops_are_news() -> None:
    verdicts = Verdicts(2, Fraction(6))
    told = [verdicts.tell(span(k * 40, k * 40 + 30, 0.5)) for k in range(6)]
    assert [loop.id for loop in told if loop] == ["L1", "L2"]
    late = verdicts.tell(span(400, 430, 0.05))
    assert late is not None and late.replaces is None
