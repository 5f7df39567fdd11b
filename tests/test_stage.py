"""Stages keep their order, and joining them adds and loses nothing."""

from collections.abc import Iterable

from streaming.stage import Stage, tap, through


class Pairs:
    """Gives two items at a time, and at the end what is left alone."""

    def __init__(self) -> None:
        self._held: list[int] = []

    def push(self, item: int, /) -> Iterable[tuple[int, ...]]:
        self._held.append(item)
        if len(self._held) == 2:
            yield tuple(self._held)
            self._held.clear()

    def flush(self) -> Iterable[tuple[int, ...]]:
        return [tuple(self._held)] if self._held else ()


def test_everything_goes_through_in_order_and_what_was_held_back_comes_last() -> None:
    stage: Stage[int, tuple[int, ...]] = Pairs()
    assert list(through(stage, range(5))) == [(0, 1), (2, 3), (4,)]


def test_nothing_in_is_nothing_out() -> None:
    assert list(through(Pairs(), [])) == []


def test_an_answer_comes_as_soon_as_it_is_known() -> None:
    taken: list[int] = []
    made = through(Pairs(), tap(taken.append, range(10)))
    assert next(made) == (0, 1)
    assert taken == [0, 1]
    assert next(made) == (2, 3)
    assert taken == [0, 1, 2, 3]


def test_a_tap_shows_everything_and_changes_nothing() -> None:
    seen: list[int] = []
    assert list(tap(seen.append, [3, 1, 2])) == [3, 1, 2]
    assert seen == [3, 1, 2]
