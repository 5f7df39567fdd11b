"""What a mended loop is made of: which source frames stand in it, and how much each weighs.

Nothing here holds a pixel. A mend says of every frame that it shows which one or two frames of the
source it comes from, so that whoever works on the loop later (another format, an edited subject)
can start from the source's own frames and mend those in the same way.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, cast

from streaming.mending.lead import Lead

__all__ = ["INVISIBLE", "METHODS", "QUICK", "Blend", "Mend", "Method"]

Method = Literal["cut", "drift", "morph", "crossfade", "bridge", "pingpong"]

INVISIBLE = 1.2  # ordinary steps: a seam whose worst step is no larger shows nowhere
QUICK = 1.6  # and up to which a step is let pass that the motion itself makes at that moment
METHODS: tuple[Method, ...] = ("cut", "drift", "morph", "crossfade", "bridge", "pingpong")
WORDS: dict[Method, str] = {
    "cut": "cut at other frames",
    "drift": "slow change of light, size and tilt spread over the loop",
    "morph": "its last {n} frames go over into those before its start, along their motion",
    "crossfade": "its last {n} frames fade into those before its start",
    "bridge": "{n} frames between its end and its start are made up",
    "pingpong": "plays forwards, then backwards",
}


@dataclass(frozen=True, slots=True)
class Blend:
    """One frame of a mended loop.

    Attributes:
        time_s: When it is shown, from the start of the loop.
        frame: The source frame that it shows.
        other: A second source frame that it goes over into, None where it does not.
        weight: How much of that one it shows, 0..1.
        warped: Whether both are carried towards each other along their motion.
    """

    time_s: Fraction
    frame: int
    other: int | None = None
    weight: float = 0.0
    warped: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.weight <= 1 or (self.other is None and self.weight):
            raise ValueError(f"frame {self.frame} with {self.weight} of frame {self.other}")


@dataclass(frozen=True, slots=True)
class Mend:
    """One way to close a span.

    Attributes:
        method: What is done.
        start: First source frame of the span.
        end: The source frame after its last.
        frames: What is shown, in order.
        duration_s: How long.
        lead: How each source frame is moved and toned, by its time.
        before: Worst step around the seam of the plain cut, in ordinary steps.
        after: The same, mended.
        ghost: How much of a limb shows twice, 0..1; 1 is all of one.
        mismatch: How many ordinary steps the span's own ends are off.
        pace: Largest step that the footage itself makes around the seam, in ordinary steps.
    """

    method: Method
    start: int
    end: int
    frames: tuple[Blend, ...]
    duration_s: Fraction
    lead: Lead
    before: float = 0.0
    after: float = 0.0
    ghost: float = 0.0
    mismatch: float = 0.0
    pace: float = 1.0

    @property
    def fade(self) -> int:
        """How many frames are made of two."""
        return sum(each.other is not None for each in self.frames)

    @property
    def bound(self) -> float:
        """The largest step around the seam that its file may have, in ordinary steps."""
        return max(INVISIBLE, min(QUICK, self.pace))

    @property
    def words(self) -> str:
        """What is done, for people."""
        return WORDS[self.method].format(n=self.fade)

    def as_json(self) -> dict[str, object]:
        """Everything that is needed to make the loop again from its source."""
        return {
            "method": self.method,
            "words": self.words,
            "start_frame": self.start,
            "end_frame": self.end,
            "seam_before": round(self.before, 4),
            "seam_after": round(self.after, 4),
            "ghost": round(self.ghost, 4),
            "mismatch": round(self.mismatch, 4),
            "pace": round(self.pace, 4),
            "duration_exact": str(self.duration_s),
            "lead": self.lead.as_json(),
            "frames": [_told(each) for each in self.frames],
        }

    @classmethod
    def of_json(cls, told: Mapping[str, object]) -> "Mend":
        """Read what `as_json` gave.

        Raises:
            ValueError: It is not that; also KeyError or TypeError.
        """
        method = str(told["method"])
        if method not in METHODS:
            raise ValueError(f"{method} is no way to mend")
        return cls(
            method=method,
            start=int(str(told["start_frame"])),
            end=int(str(told["end_frame"])),
            frames=tuple(_read(each) for each in cast(Sequence[object], told["frames"])),
            duration_s=Fraction(str(told["duration_exact"])),
            lead=Lead.of_json(cast(Mapping[str, object], told["lead"])),
            before=float(str(told["seam_before"])),
            after=float(str(told["seam_after"])),
            ghost=float(str(told["ghost"])),
            mismatch=float(str(told["mismatch"])),
            pace=float(str(told.get("pace", 1.0))),
        )


def _told(blend: Blend) -> dict[str, object]:
    told: dict[str, object] = {"at": str(blend.time_s), "frame": blend.frame}
    if blend.other is not None:
        told |= {"other": blend.other, "weight": blend.weight, "warped": blend.warped}
    return told


def _read(told: object) -> Blend:
    if not isinstance(told, Mapping):
        raise ValueError(f"{told!r} is no frame of a mended loop")
    other = told.get("other")
    return Blend(
        Fraction(str(told["at"])),
        int(told["frame"]),
        None if other is None else int(other),
        float(told.get("weight", 0.0)),
        bool(told.get("warped", False)),
    )
