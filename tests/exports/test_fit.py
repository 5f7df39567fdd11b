import math
from collections.abc import Callable

import pytest

from streaming.exports.fit import ENOUGH, MOST_ENCODES, Rung, Setting, fit

RUNGS = (Rung(20, 80), Rung(20, 80, thin=2), Rung(10, 80, thin=3), Rung(10, 60, 3, 0.6))
LIMIT = 250_000


def curved(base: float, bend: float = 0.0002) -> Callable[[Setting], int]:
    """Bytes that grow with quality faster and faster, as real encoders' do."""

    def size(setting: Setting) -> int:
        q, rung = setting.quality, setting.rung
        return int(base * math.exp(0.03 * q + bend * q * q) * rung.thin**-0.6 * rung.share**1.4)

    return size


@pytest.mark.parametrize("base", [4_000, 20_000, 40_000, 90_000, 140_000, 200_000, 400_000])
@pytest.mark.parametrize("bend", [0.0, 0.0002, 0.0006])
@pytest.mark.parametrize("scouted", [False, True])
def test_the_result_fills_the_limit_in_eight_encodes(
    base: float, bend: float, scouted: bool
) -> None:
    size = curved(base, bend)

    def guess(setting: Setting) -> float:
        return 1.25 * size(setting)

    scout = guess if scouted else None
    found = fit(size, RUNGS, LIMIT, start=50, slope=0.05, scout=scout)
    assert found.within and found.encodes <= MOST_ENCODES
    assert found.bytes == size(found.setting) <= LIMIT
    rung = found.setting.rung
    best = found.setting.quality == rung.most
    before = RUNGS.index(rung) - 1
    needed = before < 0 or size(Setting(RUNGS[before], RUNGS[before].least)) > LIMIT * 0.9
    assert needed, "gave up more than was needed"
    assert best or found.bytes >= ENOUGH * LIMIT


def test_a_limit_that_cannot_be_met_gives_the_smallest_file() -> None:
    size = curved(9_000_000)
    found = fit(size, RUNGS, LIMIT, start=50, slope=0.05)
    assert not found.within
    assert found.setting == Setting(RUNGS[-1], RUNGS[-1].least)
    assert found.encodes <= MOST_ENCODES


def test_a_perfect_picture_ends_the_search() -> None:
    tried: list[Setting] = []

    def encode(setting: Setting) -> int:
        tried.append(setting)
        return 1_000 + setting.quality

    found = fit(encode, RUNGS, LIMIT, start=70, slope=0.05, perfect=lambda s: s.quality >= 70)
    assert found.within and len(tried) == 1
