"""The ring keeps what it must and no more."""

from dataclasses import dataclass
from fractions import Fraction

from streaming.loops.ring import Ring


@dataclass(frozen=True, slots=True)
class Item:
    index: int
    time_s: Fraction
    nbytes: int = 100


def ring_of(span_s: int = 1, extra: int = 3, budget: int = 10**9) -> Ring[Item]:
    return Ring(span_s=Fraction(span_s), extra=extra, budget_bytes=budget)


def fill(ring: Ring[Item], frames: int, fps: int = 10) -> None:
    for index in range(frames):
        ring.push(Item(index, Fraction(index, fps)))


def test_it_holds_its_span_and_the_extra_frames() -> None:
    ring = ring_of()
    fill(ring, 40)
    assert ring.newest == 39
    assert ring.oldest == 39 - 10 - 3 + 0
    assert ring.nbytes == len(ring) * 100


def test_bytes_come_before_time() -> None:
    ring = ring_of(budget=550)
    fill(ring, 40)
    assert len(ring) == 5
    assert ring.nbytes <= 550


def test_one_frame_is_kept_however_large() -> None:
    ring = ring_of(budget=10)
    fill(ring, 3)
    assert [item.index for item in ring.span(0, 10)] == [2]


def test_it_says_beforehand_what_goes() -> None:
    ring = ring_of(budget=500)
    fill(ring, 5)
    newcomer = Item(5, Fraction(5, 10), nbytes=150)
    assert ring.leaving(newcomer) == 1
    ring.push(newcomer)
    assert ring.oldest == 2
    assert ring_of().leaving(newcomer) is None


def test_a_span_is_by_number_and_open_at_its_end() -> None:
    ring = ring_of()
    fill(ring, 10)
    assert [item.index for item in ring.span(3, 6)] == [3, 4, 5]


def test_irregular_times_are_held_by_time() -> None:
    ring = ring_of(span_s=2, extra=0)
    for index, tenths in enumerate((0, 1, 2, 30, 31, 33)):
        ring.push(Item(index, Fraction(tenths, 10)))
    assert ring.oldest == 3
