"""The frames at which a loop may still start, as columns of numbers and a bank of thumbnails.

Everything is read by lag, counted back from the newest frame. When the fingerprints arrive in a new
framing, the bank is cut anew a few frames per push beside the old one, which stays in use until the
new one has caught up: no push pays for the whole window. Distances hardly depend on the framing
(they are normalised by the mattes' union), so rows from before and after the change go together.
"""

from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction

import numpy as np

from streaming.loops.bank import Bank
from streaming.loops.distance import F64, Thumb, glow, thumb_of
from streaming.loops.fingerprint import Fingerprint
from streaming.loops.subject import Framing

__all__ = ["MOST_FRAMES", "Column", "Row", "Window"]

MOST_FRAMES = 4096  # a minute at 68 frames per second; beyond it the longest spans are given up
FIRST_CAPACITY = 64
RECUT = 6  # frames cut anew per push: a window of 300 catches up within 60 frames


class Column(IntEnum):
    """What is known of every frame as a number."""

    TIME = 0  # seconds, rounded; exact times are the fingerprints'
    X = 1  # centre of the subject, px of the reduced frame
    Y = 2
    STEP = 3  # distance to the frame before, around the subject
    STEP_X = 4  # how far the subject moved since the frame before
    STEP_Y = 5
    COVERAGE = 6
    LUMA = 7
    GLOW = 8  # how much brighter the subject got since the frame before
    ACROSS = 9  # 1 where the frame's left or right side cuts the subject
    ALONG = 10


@dataclass(frozen=True, slots=True, eq=False)
class Row:
    """One frame against every frame of the window, by lag.

    Attributes:
        d: (n,) float64 distances around the subject.
        x: (n,) how far right of the other frame's subject this one's stands, in reduced px; 0 where
            the axis is not centred.
        y: The same downwards.
    """

    d: F64
    x: F64
    y: F64


class Window:
    """The fingerprints of the last seconds.

    Args:
        span_s: Frames up to this much older than the newest are kept,
        extra: and this many more, for the taps and neighbourhoods of the oldest.
    """

    def __init__(self, span_s: Fraction, extra: int) -> None:
        self._span = float(span_s) + 1e-9
        self._extra = extra
        self._prints: list[Fingerprint] = []
        self._total = 0
        self._columns = np.zeros((2 * FIRST_CAPACITY, len(Column)))
        self._end = 0
        self._bank: Bank | None = None
        self._fresh: Bank | None = None
        self._cut_until = 0

    @property
    def count(self) -> int:
        """Frames held."""
        return len(self._prints)

    @property
    def bank(self) -> Bank:
        """The thumbnails of the frames held, and perhaps of some older ones."""
        assert self._bank is not None
        return self._bank

    def at(self, lag: int) -> Fingerprint:
        """The fingerprint `lag` frames back."""
        return self._prints[-1 - lag]

    def column(self, which: Column) -> F64:
        """One column by lag, as a view that is good until the next `add`."""
        return self._columns[self._end - self.count : self._end, which][::-1]

    def add(self, newest: Fingerprint) -> Row:
        """Take the newest frame, let go of those too old, and measure it against the rest."""
        self._prints.append(newest)
        self._total += 1
        self._keep_columns(newest)
        self._evict()
        self._keep_thumb(newest)
        row = self.row(0)
        if self.count > 1:
            line = self._columns[self._end - 1]
            line[Column.STEP] = row.d[1]
            line[Column.STEP_X], line[Column.STEP_Y] = row.x[1], row.y[1]
            line[Column.GLOW] = glow(self.bank.planes(1), self.bank.planes(0))

        return row

    def row(self, lag: int) -> Row:
        """Measure the frame `lag` back against all."""
        d = self.bank.row(lag)[: self.count].astype(np.float64)
        x, y = self.column(Column.X), self.column(Column.Y)
        framing = self.bank.framing
        return Row(d, (x[lag] - x) * framing.free_x, (y[lag] - y) * framing.free_y)

    def _evict(self) -> None:
        oldest = self._columns[self._end - self.count : self._end, Column.TIME]
        limit = oldest[-1] - self._span
        old = int(np.searchsorted(oldest, limit))
        del self._prints[: max(old - self._extra, self.count - MOST_FRAMES, 0)]

    def _keep_columns(self, newest: Fingerprint) -> None:
        if self._end == len(self._columns):
            held = self.count - 1
            fresh = np.zeros((max(2 * FIRST_CAPACITY, 2 * self.count), len(Column)))
            fresh[:held] = self._columns[self._end - held : self._end]
            self._columns, self._end = fresh, held
        place = newest.place
        line = self._columns[self._end]
        line[Column.TIME], line[Column.X], line[Column.Y] = float(newest.time_s), place.x, place.y
        line[Column.COVERAGE], line[Column.LUMA] = place.coverage, newest.luma
        line[Column.ACROSS], line[Column.ALONG] = place.edges.across, place.edges.along
        self._end += 1

    def _keep_thumb(self, newest: Fingerprint) -> None:
        wanted = newest.thumb.framing
        if self._bank is None:
            self._bank = Bank(wanted, FIRST_CAPACITY)
        if self.count > self._bank.capacity:
            self._bank.grow(
                self.count + self.count // 8 + 8
            )  # every row is paid for at every frame
        self._bank.add(_thumb(newest, self._bank.framing))
        if self._bank.framing != wanted:
            self._recut(wanted)

    def _recut(self, wanted: Framing) -> None:
        """Bring the bank in the new framing some frames nearer to the newest one."""
        oldest = self._total - self.count
        if self._fresh is None or self._fresh.framing != wanted:
            self._fresh, self._cut_until = Bank(wanted, self.bank.capacity), oldest
        if self._fresh.capacity < self.bank.capacity:
            self._fresh.grow(self.bank.capacity)
        first = max(self._cut_until, oldest)
        self._cut_until = min(first + RECUT, self._total)
        for number in range(first, self._cut_until):
            self._fresh.add(_thumb(self._prints[number - oldest], wanted))
        if self._cut_until == self._total:
            self._bank, self._fresh = self._fresh, None


def _thumb(print_: Fingerprint, framing: Framing) -> Thumb:
    if print_.thumb.framing == framing:
        return print_.thumb
    return thumb_of(print_.cutout, print_.place, framing)
