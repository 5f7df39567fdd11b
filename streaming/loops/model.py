"""The values of this room: what is looked at, what is found, and why nothing was."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from streaming.frames import U8

__all__ = ["Diagnosis", "Look", "Loop", "Moment", "NearMiss", "Reason"]

Reason = Literal["too short", "too dark", "no subject", "no motion", "no return", "found", "few"]


@dataclass(frozen=True, slots=True, eq=False)
class Look:
    """One matted frame as the detector sees it: small.

    Attributes:
        index: The frame's number in the stream.
        time_s: Its exact time in seconds.
        rgba: (H, W, 4) uint8, straight alpha, the subject's colours and its matte at a few hundred
            pixels (the network's own size).
    """

    index: int
    time_s: Fraction
    rgba: U8


@dataclass(frozen=True, slots=True)
class Loop:
    """A span [start, end) of frames that closes: frame `end` looks like `start`, is not shown.

    Attributes:
        id: Stable name within the run ("L1", "L2", ... or "N1", ... for near-loops).
        kind: "loop" where the seam is within the bound asked for, "near" where it is not.
        start: First frame of the loop.
        end: The frame that looks like `start`; after `end - 1` the player shows `start` again.
        start_s: Exact time of `start`.
        end_s: Exact time of `end`, so that the loop lasts `end_s - start_s`.
        mismatch: How many ordinary steps of the motion the seam is off; 0 is perfect.
        step: One ordinary step: RMS difference of neighbouring thumbnails, 0..1.
        drift_x: How far the subject moved to the right from `start` to `end`, as a share of the
            frame's width.
        drift_y: The same downwards, as a share of the frame's height.
        replaces: The id of an earlier, overlapping loop that this one betters, or None.
    """

    id: str
    kind: Literal["loop", "near"]
    start: int
    end: int
    start_s: Fraction
    end_s: Fraction
    mismatch: float
    step: float
    drift_x: float = 0.0
    drift_y: float = 0.0
    replaces: str | None = None

    @property
    def duration_s(self) -> Fraction:
        """Exact length in seconds."""
        return self.end_s - self.start_s

    @property
    def frames(self) -> int:
        """How many frames are written."""
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class Moment:
    """What the detector says about one frame, once it knows.

    Attributes:
        index: The frame.
        time_s: Its time.
        best: The smallest mismatch of a span that ends here, None where none may end here yet.
        partner: The frame at which that span starts.
        found: Loops and near-loops that became certain with this frame.
    """

    index: int
    time_s: Fraction
    best: float | None
    partner: int | None
    found: tuple[Loop, ...] = ()


@dataclass(frozen=True, slots=True)
class NearMiss:
    """The span that came nearest to being a loop, and what stopped it."""

    start_s: Fraction
    end_s: Fraction
    mismatch: float
    stopped_by: str


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why there is no loop, or why there are few.

    Attributes:
        reason: One of a few named causes, for programs.
        text: A sentence or two for a person at a command line, with what to try.
        nearest: The nearest miss, None where there was none.
    """

    reason: Reason
    text: str
    nearest: NearMiss | None = None
