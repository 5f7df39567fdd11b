"""A drifting subject is led back evenly, stays in the frame, and is left where a cut would show."""

from fractions import Fraction

import pytest

from streaming.frames import Size
from streaming.loops.anchor import Anchor, Box, plan_anchor
from streaming.loops.model import Loop

SIZE = Size(200, 100)
FRAMES = 20


def loop(drift_x: float = 0.0, drift_y: float = 0.0) -> Loop:
    """A loop of `FRAMES` frames whose subject moved by these shares of the frame."""
    end_s = Fraction(FRAMES, 20)
    return Loop(
        "L1", "loop", 0, FRAMES, Fraction(0), end_s, 0.1, 0.05, drift_x=drift_x, drift_y=drift_y
    )


def boxes(left: float, right: float, drift: float, *, rows: tuple[float, float]) -> list[Box]:
    """A subject between `left` and `right` at first, moving evenly by `drift`; shares."""
    moved = [drift * each / FRAMES for each in range(FRAMES)]
    return [Box(left + each, rows[0], right + each, rows[1]) for each in moved]


def led(anchor: Anchor, subject: list[Box]) -> list[tuple[float, float]]:
    """First and last column of the subject in each frame after it was led back, in px."""
    places = []
    for number, box in enumerate(subject):
        right_px, _ = anchor.shift_at(Fraction(number, FRAMES))
        places.append((box.left * SIZE.width + right_px, box.right * SIZE.width + right_px))
    return places


def test_the_drift_is_undone_evenly_and_wholly_at_the_end() -> None:
    anchor = plan_anchor(loop(0.1, -0.05), boxes(0.4, 0.7, 0.1, rows=(0.2, 0.8)), SIZE)
    assert (anchor.led_x, anchor.led_y, anchor.note) == (True, True, "")
    for number in range(FRAMES + 1):
        right, down = anchor.shift_at(Fraction(number, FRAMES))
        assert right - anchor.base_x_px == pytest.approx(-20 * number / FRAMES)
        assert down - anchor.base_y_px == pytest.approx(5 * number / FRAMES)
    first, last = anchor.shift_at(Fraction(0)), anchor.shift_at(Fraction(1))
    assert first[0] - last[0] == pytest.approx(anchor.drift_x_px)


def test_with_room_all_round_nothing_constant_is_added() -> None:
    anchor = plan_anchor(loop(0.1), boxes(0.4, 0.7, 0.1, rows=(0.2, 0.8)), SIZE)
    assert (anchor.base_x_px, anchor.base_y_px) == (0, 0)


@pytest.mark.parametrize("drift", [0.04, -0.04])
def test_a_constant_keeps_inside_what_leading_back_would_push_out(drift: float) -> None:
    """A subject whose reach changes: wide at the end, where it is led furthest."""
    narrow = boxes(0.42, 0.58, drift, rows=(0.2, 0.8))[:-1]
    wide = Box(0.02, 0.2, 0.9, 0.8) if drift > 0 else Box(0.1, 0.2, 0.98, 0.8)
    anchor = plan_anchor(loop(drift), [*narrow, wide], SIZE)
    assert anchor.led_x
    assert anchor.base_x_px != 0
    for first, last in led(anchor, [*narrow, wide]):
        assert first >= -1e-6
        assert last <= SIZE.width + 1e-6


def test_a_subject_that_moved_by_more_than_half_of_itself_is_left_in_place() -> None:
    anchor = plan_anchor(loop(0.16), boxes(0.3, 0.6, 0.16, rows=(0.2, 0.8)), SIZE)
    assert not anchor.led_x
    assert "more than half" in anchor.note
    assert anchor.shift_at(Fraction(1)) == (0, 0)
    assert plan_anchor(loop(0.14), boxes(0.3, 0.6, 0.14, rows=(0.2, 0.8)), SIZE).led_x


def test_a_subject_cut_below_is_not_moved_up_but_may_go_sideways() -> None:
    subject = boxes(0.4, 0.7, 0.1, rows=(0.3, 1.0))
    anchor = plan_anchor(loop(0.1, 0.1), subject, SIZE)
    assert anchor.led_x
    downs = [anchor.shift_at(Fraction(each, FRAMES))[1] for each in range(FRAMES)]
    assert min(downs) >= -0.5 - 1e-9  # never pulled off the edge that cuts it
    if not anchor.led_y:
        assert "cut by the frame's edge" in anchor.note


def test_a_subject_cut_on_both_sides_stays_and_says_why() -> None:
    anchor = plan_anchor(loop(0.1), boxes(0.0, 1.0, 0.0, rows=(0.2, 0.8)), SIZE)
    assert not anchor.led_x
    assert "sideways" in anchor.note


def test_a_drift_that_nobody_can_see_moves_nothing() -> None:
    anchor = plan_anchor(loop(0.0001), boxes(0.4, 0.7, 0, rows=(0.2, 0.8)), SIZE)
    assert not anchor.led_x
    assert anchor.note == ""


def test_frames_without_a_subject_bind_nothing() -> None:
    subject: list[Box | None] = [*boxes(0.4, 0.7, 0.1, rows=(0.2, 0.8))]
    subject[3:9] = [None] * 6
    anchor = plan_anchor(loop(0.1), subject, SIZE)
    assert anchor.led_x
    assert anchor.shift_at(Fraction(1, 2))[0] == pytest.approx(-10)
    assert not plan_anchor(loop(0.1), [None] * FRAMES, SIZE).led_x
