"""Measuring any span by hand, as the detector measures those that it finds itself.

Whoever moves the end of a loop by a frame, or marks a span where the detector saw none, wants the
same number that found loops carry. So the span goes through the same window and the same close
look, without the search and the guards around them.
"""

from collections.abc import Iterable, Sequence

from streaming.loops.candidates import Candidate
from streaming.loops.fingerprint import Fingerprint, Fingerprinter
from streaming.loops.model import Look, Loop
from streaming.loops.window import Window

__all__ = ["AROUND", "LEAST_FRAMES", "SpanGauge"]

LEAST_FRAMES = 3
AROUND = 3  # frames on either side of a span that its seam is judged by


class SpanGauge:
    """Measures spans of a short piece of a stream.

    Args:
        prints: Fingerprints of all of its frames in order, at least two.
    """

    def __init__(self, prints: Sequence[Fingerprint]) -> None:
        if len(prints) < 2:
            raise ValueError("a span needs at least two frames")
        self._window = Window(prints[-1].time_s - prints[0].time_s, len(prints))
        for each in prints:
            self._window.add(each)
        self._places = {each.index: place for place, each in enumerate(prints)}

    @classmethod
    def of(cls, looks: Iterable[Look], *, centred: bool = True) -> "SpanGauge":
        """A gauge of small matted frames.

        Args:
            looks: The frames in order.
            centred: Whether the subject is followed, as the detector does.
        """
        fingerprint = Fingerprinter(centred=centred)
        prints = [each for look in looks for each in fingerprint.push(look)]
        return cls([*prints, *fingerprint.flush()])

    def covers(self, start: int, end: int) -> bool:
        """Whether both frames are there and enough lies between them."""
        return start in self._places and end in self._places and end - start >= LEAST_FRAMES

    def mismatch(self, start: int, end: int) -> float:
        """How many ordinary steps the seam of [start, end) is off.

        Args:
            start: Number of the first frame.
            end: Number of the frame after the last.
        """
        return self._candidate(start, end).settle()

    def loop(self, start: int, end: int, *, id: str) -> Loop:
        """The span as a loop, with what was measured of it."""
        candidate = self._candidate(start, end)
        mismatch = candidate.settle()
        frame = candidate.end.cutout.frame
        return Loop(
            id=id,
            kind="loop",
            start=start,
            end=end,
            start_s=candidate.start.time_s,
            end_s=candidate.end.time_s,
            mismatch=mismatch,
            step=candidate.step,
            drift_x=candidate.drift.x / frame.width,
            drift_y=candidate.drift.y / frame.height,
        )

    def _candidate(self, start: int, end: int) -> Candidate:
        if not self.covers(start, end):
            raise ValueError(f"no span from {start} to {end} among these frames")
        newest = len(self._places) - 1
        lag = newest - self._places[end]
        return Candidate(self._window, lag, self._places[end] - self._places[start], 0.0)
