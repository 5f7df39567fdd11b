"""The network's picture is as large as keeps up, on machines whose speed is known."""

from collections.abc import Iterable
from fractions import Fraction

import pytest

from streaming.frames import U8, Size
from streaming.matting import governor
from streaming.matting.governor import LADDER_PX, Governor, largest_side
from streaming.matting.guided import Coefficients
from streaming.matting.runtime import Step

HD = Size(1280, 720)
RATE = Fraction(30)


class Clock:
    """Stands still but for what is worked."""

    def __init__(self) -> None:
        self.now_s = 0.0

    def __call__(self) -> float:
        return self.now_s


class Machine:
    """Runs no network, but takes as long as one that costs so much."""

    name = "a machine"

    def __init__(self, clock: Clock, seconds_per_mpx: float, cold: int = 2) -> None:
        self.pushed: list[Size] = []
        self.fresh: list[bool] = []
        self._clock, self._cost_s, self._cold = clock, seconds_per_mpx, cold

    def push(self, rgb: U8, *, fresh: bool) -> Iterable[Step]:
        self.fresh.append(fresh)
        size = Size(rgb.shape[1], rgb.shape[0])
        slow = 100 if len(self.pushed) < self._cold else 1  # it compiles first
        self._clock.now_s += slow * self._cost_s * size.pixels / 1e6
        self.pushed.append(size)
        return ()

    def flush(self) -> Iterable[Step]:
        return ()

    def refine(self, rgb: U8, coefficients: Coefficients, size: Size) -> U8:
        raise AssertionError("nothing is refined while speed is measured")


@pytest.fixture(autouse=True)
def nothing_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(governor, "_measured_s", {})


def picked(seconds_per_mpx: float, size: Size = HD, least_px: int = 192) -> Size:
    clock = Clock()

    def build(coarse: Size, refined: bool) -> Machine:
        assert refined == (coarse != size)
        return Machine(clock, seconds_per_mpx)

    return Governor(build, rate=RATE, least_px=least_px, clock=clock).pick(size)


@pytest.mark.parametrize(
    ("ms_per_mpx", "side"), [(100, 384), (220, 384), (225, 320), (320, 256), (500, 192), (9e9, 192)]
)
def test_the_largest_side_that_leaves_time_for_the_rest(ms_per_mpx: float, side: int) -> None:
    """384x216 are 0.083 Mpx; of 33 ms between two frames the network gets 18.3."""
    assert largest_side(ms_per_mpx / 1000, HD, 1 / 30, 192) == side


def test_a_file_may_be_slower_but_not_coarser() -> None:
    assert largest_side(9e9, HD, 1 / 30, 256) == 256
    assert largest_side(0.0, HD, 1 / 30, 256) == LADDER_PX[0]


def test_only_the_shape_counts_and_twice_the_time_is_twice_the_pixels() -> None:
    assert largest_side(0.4, Size(64, 36), 1 / 30, 192) == largest_side(0.4, HD, 1 / 30, 192) == 256
    assert largest_side(0.4, HD, 1 / 15, 192) == 384
    assert largest_side(0.4, Size(720, 720), 1 / 30, 192) == 192


@pytest.mark.parametrize(
    ("seconds_per_mpx", "wanted"),
    [(0.05, Size(384, 216)), (0.25, Size(320, 180)), (5.0, Size(192, 108))],
)
def test_a_slow_machine_gets_a_small_picture(seconds_per_mpx: float, wanted: Size) -> None:
    assert picked(seconds_per_mpx) == wanted


def test_a_picture_is_never_larger_than_the_frame() -> None:
    assert picked(0.01, Size(160, 90)) == Size(160, 90)
    assert picked(0.01, Size(90, 160)) == Size(90, 160)
    assert picked(0.01, Size(400, 8)) == Size(384, 16)


def test_speed_is_measured_once_when_the_network_is_warm_and_remembered() -> None:
    clock, built = Clock(), []

    def build(coarse: Size, refined: bool) -> Machine:
        built.append(Machine(clock, 0.25))
        return built[-1]

    chooser = Governor(build, rate=RATE, least_px=192, clock=clock)
    assert chooser.pick(HD) == Size(320, 180)
    assert built[0].fresh == [True, False, False, False, False, False]
    assert set(built[0].pushed) == {Size(256, 144)}
    assert chooser.pick(Size(640, 640)) == Size(256, 256)
    assert [len(each.pushed) for each in built] == [6, 0]
