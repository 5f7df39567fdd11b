"""Which loops are the best, and which are one loop twice."""

from fractions import Fraction

from streaming.loops.model import Loop
from streaming.loops.ranking import Shortlist, alike, best, overlap


def loop(start: int, end: int, mismatch: float, name: str = "") -> Loop:
    return Loop(
        id=name or f"{start}-{end}",
        kind="loop",
        start=start,
        end=end,
        start_s=Fraction(start, 30),
        end_s=Fraction(end, 30),
        mismatch=mismatch,
        step=0.05,
    )


def test_loops_that_overlap_with_nearly_one_period_are_alike() -> None:
    assert alike(loop(0, 30, 0.1), loop(5, 36, 0.1))
    assert not alike(loop(0, 30, 0.1), loop(30, 60, 0.1))
    assert not alike(loop(0, 30, 0.1), loop(0, 60, 0.1))


def test_overlap_is_shared_over_joint_time() -> None:
    assert overlap(loop(0, 30, 0), loop(15, 45, 0)) == 15 / 45
    assert overlap(loop(0, 30, 0), loop(30, 60, 0)) == 0


def test_the_smaller_mismatch_wins() -> None:
    ranked = best([loop(0, 30, 0.8), loop(100, 130, 0.2), loop(200, 230, 0.5)], 3)
    assert [each.mismatch for each in ranked] == [0.2, 0.5, 0.8]


def test_about_equal_the_longer_wins() -> None:
    ranked = best([loop(0, 30, 0.30), loop(100, 190, 0.36)], 2)
    assert ranked[0].frames == 90
    clearly = best([loop(0, 30, 0.30), loop(100, 190, 0.60)], 2)
    assert clearly[0].frames == 30


def test_near_duplicates_are_sorted_out() -> None:
    ranked = best([loop(0, 30, 0.30), loop(3, 33, 0.31), loop(40, 70, 0.5)], 3)
    assert len(ranked) == 2


def test_something_new_is_preferred_to_the_same_again() -> None:
    ranked = best([loop(0, 60, 0.30), loop(0, 90, 0.29), loop(200, 230, 0.35)], 2)
    assert {each.start for each in ranked} == {0, 200}


def test_the_order_of_offers_does_not_matter() -> None:
    loops = [loop(k * 7, k * 7 + 30 + 11 * (k % 4), 0.1 + 0.07 * (k % 5)) for k in range(20)]
    assert best(loops, 5) == best(loops[::-1], 5)


def test_an_endless_row_of_equals_does_not_fill_the_list_anew() -> None:
    shortlist = Shortlist(3, strict=True)
    taken = 0
    for k in range(200):
        each = loop(k * 40, k * 40 + 30, 0.5 - 0.001 * k)
        if shortlist.chosen_with(each) is not None:
            shortlist.put(each)
            taken += 1
    assert 3 <= taken <= 9
    assert len(shortlist.loops) == 3
