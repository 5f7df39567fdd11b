"""The subject's place and the window that follows it."""

import numpy as np
import pytest

from streaming.frames import U8, Size
from streaming.loops.subject import Edges, Follower, Place, cut_out, edges_of, locate
from tests.loops.figures import body, draw

FRAME = Size(128, 72)
INSIDE = Edges()


def box(left: int, top: int, right: int, bottom: int, size: Size = FRAME) -> U8:
    rgba = np.zeros((size.height, size.width, 4), np.uint8)
    rgba[top:bottom, left:right] = (200, 100, 50, 255)
    return rgba


def test_a_cutout_holds_the_matte_and_nothing_else() -> None:
    cutout = cut_out(box(30, 10, 70, 40))
    assert (cutout.left, cutout.top) == (30, 10)
    assert cutout.pixels.shape == (30, 40, 4)
    assert cutout.frame == FRAME


def test_a_large_picture_is_reduced_by_a_whole_factor() -> None:
    cutout = cut_out(box(100, 101, 301, 207, Size(512, 288)))
    assert cutout.frame == Size(256, 144)
    place = locate(cutout, INSIDE)
    assert place.x == pytest.approx((100 + 301) / 4, abs=0.01)
    assert place.y == pytest.approx((101 + 207) / 4, abs=0.01)


def test_colours_are_multiplied_by_alpha() -> None:
    rgba = box(30, 10, 70, 40)
    rgba[..., 3] //= 2
    pixel = cut_out(rgba).pixels[5, 5]
    assert abs(int(pixel[0]) - 100) <= 1 and pixel[3] == 127


@pytest.mark.parametrize(("x", "y"), [(100.0, 76.0), (121.25, 73.5), (140.8, 80.1)])
def test_the_centre_is_known_to_a_fraction_of_a_pixel(x: float, y: float) -> None:
    first = locate(cut_out(draw(body(0.4, 88), 100.0, 76.0, (256, 144))), INSIDE)
    moved = locate(cut_out(draw(body(0.4, 88), x, y, (256, 144))), INSIDE)
    assert moved.x - first.x == pytest.approx(x - 100.0, abs=0.04)
    assert moved.y - first.y == pytest.approx(y - 76.0, abs=0.04)


def test_specks_do_not_widen_the_reach() -> None:
    rgba = box(50, 20, 80, 60)
    clean = locate(cut_out(rgba), INSIDE)
    rgba[3, 3, 3] = 255
    assert locate(cut_out(rgba), INSIDE).reach_x == pytest.approx(clean.reach_x, abs=1)


def test_the_sides_that_cut_the_subject_are_named() -> None:
    assert edges_of(box(50, 20, 80, 72)[..., 3]) == Edges(bottom=True)
    assert edges_of(box(0, 0, 80, 60)[..., 3]) == Edges(left=True, top=True)
    assert edges_of(box(50, 20, 128, 60)[..., 3]) == Edges(right=True)
    assert not edges_of(box(50, 20, 80, 60)[..., 3]).any


def place(reach: float, edges: Edges = INSIDE) -> Place:
    return Place(64, 36, reach, reach, 0.2, edges)


def test_the_window_grows_at_once_and_shrinks_late() -> None:
    follower = Follower(centred=True)
    small = follower.follow(place(10), FRAME)
    for _ in range(20):
        large = follower.follow(place(20), FRAME)
    assert large.half_x > 1.5 * small.half_x
    for _ in range(20):
        still_large = follower.follow(place(10), FRAME)
    assert still_large == large
    for _ in range(400):
        small_again = follower.follow(place(10), FRAME)
    assert small_again.half_x < large.half_x


def test_a_waving_arm_does_not_change_the_window() -> None:
    follower = Follower(centred=True)
    for _ in range(60):
        follower.follow(place(20), FRAME)
    framings = {follower.follow(place(20 - 4 * (k % 3)), FRAME) for k in range(200)}
    assert len(framings) == 1


def test_an_axis_that_the_edge_cuts_is_not_centred() -> None:
    cut = Edges(bottom=True)
    framing = Follower(centred=True).follow(place(20, cut), FRAME)
    assert framing.free_x and not framing.free_y
    assert framing.half_y == FRAME.height / 2


def test_a_touch_now_and_then_does_not_let_the_axis_go() -> None:
    follower = Follower(centred=True)
    for k in range(100):
        framing = follower.follow(place(20, Edges(left=k % 10 == 9)), FRAME)
    assert framing.free_x


def test_without_centring_the_window_is_the_frame() -> None:
    framing = Follower(centred=False).follow(place(5), FRAME)
    assert (framing.half_x, framing.half_y) == (64, 36)
    assert not framing.free_x and not framing.free_y
