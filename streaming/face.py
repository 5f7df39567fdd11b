"""What a face of the engine may see and wish while a run goes on.

A run tells what it did through its events. A live page wants more (every matte, every moment of the
search) and wants a say (pause, other limits, a span marked by hand), so it gives the run a `Face`.
All of its methods are called on the run's threads: they take what they are given and return at
once, `paced` excepted, which decides when the next frame is taken.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from streaming.frames import Frame
from streaming.loops.model import Loop, Moment
from streaming.matting.stream import Matted
from streaming.settings import LoopSettings

__all__ = ["Face", "Mark", "Silent", "Wish"]


@dataclass(frozen=True, slots=True)
class Mark:
    """A span that somebody wants as a loop, whatever the detector thinks of it.

    Attributes:
        id: The name that the loop will have.
        start_s: Its first frame is the one shown at this time.
        end_s: The frame shown at this time is the one after its last.
    """

    id: str
    start_s: Fraction
    end_s: Fraction


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted of a run from now on.

    Attributes:
        stop: End the run cleanly.
        hurry: While ending, write no near-loops: nobody waits for them.
        limits: Other limits for loops; None leaves them.
        marks: Spans to be cut.
    """

    stop: bool = False
    hurry: bool = False
    limits: LoopSettings | None = None
    marks: tuple[Mark, ...] = ()


class Face(Protocol):
    """Whoever watches a run and has a say in it."""

    def paced(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """Give the source's frames when they are due; called on the decoder's thread."""
        ...

    def matted(self, item: Matted) -> None:
        """See a frame with its matte, as soon as it is there."""
        ...

    def judged(self, moment: Moment) -> None:
        """See what became certain about a frame."""
        ...

    def wish(self) -> Wish:
        """Say what is wanted; asked after every frame. A wish is heard once."""
        ...

    def refused(self, mark: Mark, why: str) -> None:
        """Hear why a marked span cannot be cut."""
        ...

    def kept(self) -> frozenset[str]:
        """Ids of loops that stay whatever betters them; asked at the end."""
        ...

    def live(self) -> bool:
        """Say whether the picture is looked at as it comes, so that loops have to wait for it."""
        ...

    def left(self, loops: tuple[Loop, ...]) -> None:
        """Hear which spans are still to be written or mended now that the source is over."""
        ...

    def tried(self, loop: Loop) -> None:
        """Hear that a span has been written, mended or given up; also before the end."""
        ...

    def enough(self) -> bool:
        """Say whether the near-loops among what is left may be left out; asked for each."""
        ...


class Silent:
    """A face that sees nothing and wants nothing: a run from the command line."""

    def paced(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        """Frames as fast as they come."""
        return frames

    def matted(self, item: Matted) -> None:
        """Not looked at."""

    def judged(self, moment: Moment) -> None:
        """Not looked at."""

    def wish(self) -> Wish:
        """Nothing."""
        return NOTHING

    def refused(self, mark: Mark, why: str) -> None:
        """Nobody marks."""

    def kept(self) -> frozenset[str]:
        """None in particular."""
        return frozenset()

    def live(self) -> bool:
        """Nobody looks."""
        return False

    def left(self, loops: tuple[Loop, ...]) -> None:
        """Nobody waits."""

    def tried(self, loop: Loop) -> None:
        """Nobody waits."""

    def enough(self) -> bool:
        """Everything is wanted."""
        return False


NOTHING = Wish()
