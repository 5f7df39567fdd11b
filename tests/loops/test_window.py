"""The window forgets what is old, and changes its framing without losing its place."""

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

import pytest

from streaming.frames import U8
from streaming.loops.distance import distance, thumb_of
from streaming.loops.fingerprint import Fingerprint, Fingerprinter
from streaming.loops.model import Look
from streaming.loops.window import Column, Window
from tests.loops.figures import Swing, body, draw, looks_of


def prints(looks: Iterable[Look]) -> list[Fingerprint]:
    maker = Fingerprinter()
    return [print_ for look in looks for print_ in maker.push(look)]


def test_it_keeps_its_seconds_and_a_few_frames_more() -> None:
    window = Window(Fraction(1), 5)
    for print_ in prints(Swing(30, frames=90).looks()):
        window.add(print_)
    assert window.count == 30 + 1 + 5
    assert window.at(0).index == 89
    assert window.at(window.count - 1).index == 89 - 35


def test_columns_are_by_lag() -> None:
    window = Window(Fraction(2), 5)
    made = prints(Swing(30, frames=200, walk=0.1, x=0.3).looks())
    for print_ in made:
        window.add(print_)
    assert window.column(Column.TIME)[:3] == pytest.approx([199 / 30, 198 / 30, 197 / 30])
    wanted = distance(made[198].thumb.planes, made[199].thumb.planes)
    assert window.column(Column.STEP)[0] == pytest.approx(wanted, abs=2e-3)
    assert window.column(Column.STEP_X)[0] == pytest.approx(0.1, abs=0.2)


def growing() -> list[U8]:
    """A figure that raises itself to twice its size half way."""
    return [
        draw(body(0.2 * k, 26 if k < 60 else 52), 64, 40, (128, 72)) for k in range(140)
    ]  # fmt: skip


def test_a_new_framing_is_cut_a_few_frames_at_a_time() -> None:
    window = Window(Fraction(6), 5)
    made = prints(looks_of(growing()))
    waited = 0
    for print_ in made:
        row = window.add(print_)
        waited += window.bank.framing != print_.thumb.framing
        assert len(row.d) == window.count
        assert row.d[0] == 0
    assert window.bank.framing == made[-1].thumb.framing
    assert 5 < waited < 60


def test_after_the_change_all_frames_are_measured_in_the_new_framing() -> None:
    window, anew = Window(Fraction(6), 5), Window(Fraction(6), 5)
    made = prints(looks_of(growing()))
    framing = made[-1].thumb.framing
    for print_ in made:
        row = window.add(print_)
        thumb = thumb_of(print_.cutout, print_.place, framing)
        wanted = anew.add(replace(print_, thumb=thumb))
    assert row.d == pytest.approx(wanted.d, abs=1e-4)
