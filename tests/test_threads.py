"""Threads change no answer: order, errors and ends arrive, queues are bounded, nothing is left.

No test sleeps: threads meet at events and semaphores, and whatever waits has a time limit, so that
a broken queue is a failure and not a hang.
"""

import threading
from collections.abc import Callable, Iterable, Iterator

import pytest

from streaming.errors import InputError
from streaming.stage import through
from streaming.threads import Aside, Inbox, ahead, newest, together

SOON_S = 10.0


class BrokenError(Exception):
    """What upstream raises here."""


def failing_after(count: int) -> Iterator[int]:
    yield from range(count)
    raise BrokenError("upstream")


class Doubling:
    """Gives every number twice, and at the end their sum."""

    def __init__(self) -> None:
        self.sum = 0
        self.threads: set[str] = set()

    def push(self, item: int, /) -> Iterable[int]:
        self.threads.add(threading.current_thread().name)
        self.sum += item
        return item, item

    def flush(self) -> Iterable[int]:
        self.threads.add(threading.current_thread().name)
        return (self.sum,)


class Gated:
    """Works on an item only once it may; says when it has begun."""

    def __init__(self) -> None:
        self.begun = threading.Semaphore(0)
        self.may = threading.Semaphore(0)

    def push(self, item: int, /) -> Iterable[int]:
        self.begun.release()
        assert self.may.acquire(timeout=SOON_S)
        if item < 0:
            raise BrokenError("inside")
        yield item

    def flush(self) -> Iterable[int]:
        return ()


@pytest.mark.parametrize("depth", [1, 2, 50])
def test_what_is_made_ahead_comes_in_order_and_whole(depth: int) -> None:
    assert list(ahead(range(40), depth=depth, name="ahead")) == list(range(40))


def test_items_are_made_on_the_other_thread_which_is_named() -> None:
    def made() -> Iterator[str]:
        yield threading.current_thread().name

    assert list(ahead(made(), depth=1, name="decode")) == ["decode"]


def test_only_so_many_items_are_made_ahead_of_the_reader() -> None:
    made: list[int] = []
    reached = threading.Event()

    def counted() -> Iterator[int]:
        for number in range(100):
            made.append(number)
            if number == 4:
                reached.set()
            yield number

    reader = ahead(counted(), depth=3, name="ahead")
    assert next(reader) == 0
    assert reached.wait(SOON_S)  # three wait in the queue and one in the thread's hands
    assert made == [0, 1, 2, 3, 4]
    assert next(reader) == 1
    reader.close()
    assert len(made) <= 7


@pytest.mark.parametrize("live", [False, True])
def test_an_error_upstream_arrives_in_its_place(live: bool) -> None:
    items = ahead(failing_after(3), depth=2, name="ahead")
    if live:
        items = newest(failing_after(3), depth=9, name="newest", dropped=lambda: None)
    seen = []
    with pytest.raises(BrokenError, match="upstream"):
        for item in items:
            seen.append(item)
    assert seen == [0, 1, 2]


def test_what_cannot_even_be_iterated_is_an_error_and_no_hang() -> None:
    class Refusing:
        def __iter__(self) -> Iterator[int]:
            raise BrokenError("at once")

    with pytest.raises(BrokenError, match="at once"):
        next(ahead(Refusing(), depth=1, name="ahead"))


@pytest.mark.parametrize("depth", [1, 4])
def test_a_reader_that_walks_away_ends_the_thread_and_closes_what_is_upstream(depth: int) -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            number = 0
            while True:
                yield number
                number += 1
        finally:
            closed.set()

    reader = ahead(endless(), depth=depth, name="walked away from")
    assert [next(reader), next(reader)] == [0, 1]
    reader.close()
    assert closed.is_set()
    assert "walked away from" not in {each.name for each in threading.enumerate()}


def test_what_is_upstream_is_closed_although_others_still_hold_it() -> None:
    def two() -> Iterator[int]:
        yield from (0, 1)

    source = two()
    reader = ahead(source, depth=1, name="ahead")
    assert next(reader) == 0
    reader.close()
    assert list(source) == []  # a closed generator gives nothing more


def eager(count: int, read: threading.Event, over: threading.Event) -> Iterator[int]:
    """Items that do not wait for a reader, except for the first to be taken."""
    yield 0
    assert read.wait(SOON_S)
    yield from range(1, count)
    over.set()
    yield count


def test_live_items_never_wait_and_every_dropped_one_is_counted() -> None:
    dropped: list[int] = []
    read, over = threading.Event(), threading.Event()
    reader = newest(
        eager(100, read, over), depth=3, name="newest", dropped=lambda: dropped.append(1)
    )
    assert next(reader) == 0
    read.set()
    assert over.wait(SOON_S)  # nobody read meanwhile
    rest = list(reader)
    assert rest == sorted(rest)
    assert rest[-1] == 100
    assert len(rest) <= 4
    assert len(rest) + len(dropped) == 100


def test_live_items_that_are_read_in_time_are_all_there() -> None:
    dropped: list[int] = []
    made = newest(range(5), depth=9, name="newest", dropped=lambda: dropped.append(1))
    assert list(made) == [0, 1, 2, 3, 4]
    assert dropped == []


def test_a_stage_aside_gives_the_same_answers() -> None:
    stage = Doubling()
    with Aside(stage, depth=2, name="aside") as beside:
        assert list(through(beside, range(30))) == list(through(Doubling(), range(30)))
    assert stage.threads == {"aside"}


def test_a_stage_aside_holds_its_writer_back_when_it_is_full() -> None:
    stage = Gated()
    pushed: list[int] = []
    made: list[int] = []

    def writer(beside: Aside[int, int]) -> None:
        for number in range(5):
            made.extend(beside.push(number))
            pushed.append(number)

    with Aside(stage, depth=2, name="aside") as beside:
        pusher = threading.Thread(target=writer, args=(beside,))
        pusher.start()
        assert stage.begun.acquire(timeout=SOON_S)
        pusher.join(0.2)  # a full queue is a wait without an end, so there is no event for it
        assert pusher.is_alive()
        assert len(pushed) <= 3  # one is worked on, two wait
        stage.may.release(5)
        pusher.join(SOON_S)
        assert pushed == [0, 1, 2, 3, 4]
        assert [*made, *beside.flush()] == [0, 1, 2, 3, 4]


def when_done(beside: Aside[int, int], look: Callable[[Aside[int, int]], list[int]]) -> list[int]:
    """Wait until the inner stage is through, then look."""
    for thread in threading.enumerate():
        if thread.name == "aside":
            thread.join(SOON_S)
            assert not thread.is_alive()
    return look(beside)


def test_several_stages_share_the_work_and_lose_nothing() -> None:
    stages = Gated(), Gated()
    with Aside(*stages, depth=1, name="aside") as beside:
        for number in range(2):
            beside.push(number)
        for stage in stages:  # each has one in its hands: neither waits for the other
            assert stage.begun.acquire(timeout=SOON_S)
        for stage in stages:
            stage.may.release(9)
        made = [made for number in range(2, 9) for made in beside.push(number)]
        assert sorted([*made, *beside.flush()]) == list(range(9))


def test_an_error_in_one_of_several_stages_ends_them_all() -> None:
    stages = Gated(), Gated()
    for stage in stages:
        stage.may.release(99)
    with Aside(*stages, depth=1, name="aside") as beside:
        with pytest.raises(BrokenError, match="inside"):
            for number in (1, 2, -1, *range(3, 50)):
                beside.push(number)
        assert when_done(beside, lambda it: it.abandon()) is not None


LOOKS: dict[str, Callable[[Aside[int, int]], list[int]]] = {
    "push": lambda beside: beside.push(1),
    "ready": lambda beside: beside.ready(),
    "flush": lambda beside: list(beside.flush()),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_an_error_inside_reaches_whoever_comes_next(
    look: Callable[[Aside[int, int]], list[int]],
) -> None:
    stage = Gated()
    stage.may.release(9)
    with Aside(stage, depth=4, name="aside") as beside:
        beside.push(-1)
        with pytest.raises(BrokenError, match="inside"):
            when_done(beside, look)


def test_what_was_finished_before_an_error_is_not_lost() -> None:
    stage = Gated()
    stage.may.release(9)
    with Aside(stage, depth=4, name="aside") as beside:
        early = [*beside.push(7), *beside.push(-1)]
        assert [*early, *when_done(beside, lambda it: it.abandon())] == [7]


def test_leaving_the_block_abandons_what_waits_and_ends_the_thread() -> None:
    stage = Gated()
    stage.may.release()
    with pytest.raises(InputError):
        with Aside(stage, depth=8, name="left behind") as beside:
            for number in range(3):
                beside.push(number)
            assert stage.begun.acquire(timeout=SOON_S)
            stage.may.release()
            raise InputError("the reader has trouble of its own")
    assert "left behind" not in {each.name for each in threading.enumerate()}


def test_two_things_are_done_at_once_and_each_answer_has_its_place() -> None:
    met = threading.Barrier(2, timeout=SOON_S)

    def work(answer: str) -> str:
        met.wait()  # neither gets past it alone
        return answer

    assert together(lambda: work("here"), lambda: work("there"), name="two") == ("here", "there")


@pytest.mark.parametrize("failing", ["here", "there"])
def test_an_error_in_one_of_two_things_comes_when_both_have_ended(failing: str) -> None:
    ended: list[str] = []

    def work(name: str) -> None:
        ended.append(name)
        if name == failing:
            raise BrokenError(name)

    with pytest.raises(BrokenError, match=failing):
        together(lambda: work("here"), lambda: work("there"), name="two")
    assert sorted(ended) == ["here", "there"]


def test_what_is_put_in_from_any_thread_comes_out_in_order() -> None:
    inbox: Inbox[int] = Inbox(100, patience_s=SOON_S)

    def put() -> None:
        for number in range(50):
            inbox.put(number)
        inbox.close()

    sender = threading.Thread(target=put)
    sender.start()
    assert list(inbox) == list(range(50))
    sender.join(SOON_S)
    assert inbox.dropped == 0


def test_a_full_inbox_forgets_the_oldest_and_counts_it() -> None:
    inbox: Inbox[int] = Inbox(3, patience_s=SOON_S)
    for number in range(10):
        inbox.put(number)
    inbox.close()
    inbox.put(10)
    assert list(inbox) == [7, 8, 9]
    assert inbox.dropped == 7
    with pytest.raises(ValueError, match="holds nothing"):
        Inbox(0, patience_s=1)


def test_closing_an_inbox_wakes_the_reader_that_waits_at_it() -> None:
    inbox: Inbox[int] = Inbox(1, patience_s=10 * SOON_S)
    waiting = threading.Event()
    seen: list[int] = []

    def read() -> None:
        for number in inbox:
            seen.append(number)
            waiting.set()

    reader = threading.Thread(target=read)
    reader.start()
    inbox.put(1)
    assert waiting.wait(SOON_S)
    inbox.close()
    reader.join(SOON_S)
    assert not reader.is_alive()
    assert seen == [1]


def test_an_inbox_loses_patience_with_the_error_that_it_was_given() -> None:
    inbox: Inbox[int] = Inbox(1, patience_s=0.01, late=lambda: BrokenError("nothing came"))
    inbox.put(5)
    reader = iter(inbox)
    assert next(reader) == 5
    with pytest.raises(BrokenError, match="nothing came"):
        next(reader)
