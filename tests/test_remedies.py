"""What may be spent on mending the spans of a run, and which of them count as loops then."""

from dataclasses import replace
from fractions import Fraction

import pytest

from streaming.finishing import counted
from streaming.frames import Size
from streaming.keeping import Glimpse, Kept
from streaming.loops.emitter import Cut
from streaming.loops.fingerprint import Fingerprinter
from streaming.loops.model import Look, Loop
from streaming.media.picture import AvPicture
from streaming.mending.lead import Lead
from streaming.mending.model import Mend
from streaming.meter import Meter
from streaming.remedies import Remedies
from streaming.results import LoopRecord, Mending
from streaming.settings import LoopSettings
from streaming.shelf import Shelf
from tests.mending.footage import PERIOD, Faulty

LOOP = Loop("N1", "near", 16, 16 + PERIOD, Fraction(16, 30), Fraction(40, 30), 3.0, 0.1)


@pytest.fixture(scope="module")
def leaning() -> list[Kept]:
    """A figure whose swing takes a morph to close."""
    fingerprint = Fingerprinter()
    return [_kept(look, fingerprint) for look in Faulty(lean=0.41).looks()]


def _kept(look: Look, fingerprint: Fingerprinter) -> Kept:
    (print_,) = fingerprint.push(look)
    picture, glimpse = AvPicture.of(look.rgba), Glimpse.of(look.rgba, print_)
    return Kept(
        look.index, look.time_s, Fraction(1, 30), picture, picture, None, None, None, glimpse
    )


def _spend(frames: list[Kept], spent: int) -> tuple[int, int]:
    """How many ways are found where so much was spent before, and what is spent then."""
    shelf = Shelf(5)
    shelf.spent(spent)
    remedies = Remedies(LoopSettings(repair="morph"), shelf, Meter(lambda: 0.0))
    found = list(remedies.of_near(Cut(LOOP, list(frames), 16)))
    return len(found), shelf.effort


def test_mending_goes_on_until_the_footage_has_had_its_share(leaning: list[Kept]) -> None:
    found, effort = _spend(leaning, 0)
    assert found > 0
    assert effort > 0
    assert _spend(leaning, 1000) == (0, 1000)


def test_what_is_found_first_is_paid_for_although_nobody_asks_for_more(leaning: list[Kept]) -> None:
    shelf = Shelf(5)
    remedies = Remedies(LoopSettings(repair="morph"), shelf, Meter(lambda: 0.0))
    mends = remedies.of_near(Cut(LOOP, list(leaning), 16))
    assert next(mends) is not None
    del mends
    assert shelf.effort > 0


def _record(id: str, worst: float) -> LoopRecord:
    mend = Mend("morph", 0, 30, (), Fraction(1), Lead())
    mending = Mending("morph", mend.words, 2.0, worst, mend.duration_s, mend.as_json())
    return LoopRecord(
        replace(LOOP, id=id), f"near/{id}.webm", None, Size(64, 48), 30, 1234, 0.9, 0, 255,
        seam_worst=worst, mending=mending,
    )  # fmt: skip


def test_a_seam_that_a_quick_moment_hides_counts_only_where_loops_are_lacking() -> None:
    quick = _record("N9", 1.4)
    quiet = [_record(f"N{each}", 1.1) for each in range(3)]
    assert counted([quick, *quiet[:2]]) == {"N9", "N0", "N1"}
    assert counted([quick, *quiet]) == {"N0", "N1", "N2"}
