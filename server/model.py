"""The values that the web face deals in: sessions, loops, limits, as the API shows and saves them.

They are frozen: a session replaces its facts as a whole, so that a request which reads them on the
event loop sees one consistent state without a lock. `as_json` is both the answer of the API and
what is saved in the library; `from_json` reads the latter back and forgives what it does not know,
because a library outlives the version that wrote it.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from server.known import known_fields
from server.loopfacts import LoopFacts

__all__ = [
    "Kind",
    "Left",
    "Limits",
    "Numbers",
    "Pace",
    "SessionFacts",
    "State",
    "Totals",
    "Wanted",
]

Kind = Literal["demo", "upload", "media", "url", "camera", "whip"]
State = Literal["starting", "running", "paused", "ending", "ended", "failed"]
Pace = Literal["real", "fast"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What counts as a loop in a session; may change while it runs.

    Attributes:
        min_duration_s: Shortest loop in seconds.
        max_duration_s: Longest loop in seconds, at most the server's ceiling.
        seam: Largest mismatch at the seam in ordinary steps of the motion.
        loops: How many of the best loops are kept.
    """

    min_duration_s: float = 0.5
    max_duration_s: float = 6.0
    seam: float = 1.0
    loops: int = 6


@dataclass(frozen=True, slots=True)
class Numbers:
    """How a session is doing.

    Attributes:
        fps_in: Frames per second that arrive.
        fps: Frames per second that are processed.
        frames: Frames processed so far.
        dropped: Frames that a live source dropped.
        delay_ms: From a frame's arrival to its encoded preview, None before the first.
        viewers: Peers that watch.
        loops: Loops found.
    """

    fps_in: float = 0.0
    fps: float = 0.0
    frames: int = 0
    dropped: int = 0
    delay_ms: float | None = None
    viewers: int = 0
    loops: int = 0


@dataclass(frozen=True, slots=True)
class Left:
    """What is still done once a source is over: spans are written, near ones mended if they can be.

    Attributes:
        done: How many are done.
        of: How many there were to do.
        mends: Whether mending is among it.
    """

    done: int
    of: int
    mends: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """A source that was asked for, checked and ready to be opened.

    Attributes:
        kind: Where its frames come from.
        name: What to call the session.
        address: What the engine opens: a path, an URL or `camera:N`; "" for WHIP.
        path: The file, where it is one.
        matte: Where the matte comes from: auto, network, source or none.
        quality: The network's picture: auto (what keeps up), live, fast, balanced or best.
        pace: A file at its own rate, or as fast as it goes.
    """

    kind: Kind
    name: str
    address: str
    path: Path | None = None
    matte: Literal["auto", "network", "source", "none"] = "auto"
    quality: Literal["auto", "live", "fast", "balanced", "best"] = "auto"
    pace: Pace = "real"

    @property
    def again(self) -> bool:
        """Whether it is a file, which can be read a second time."""
        return self.path is not None

    def as_json(self) -> dict[str, Any]:
        """Plain values for the library; never for the API, which shows nobody a path."""
        return {**asdict(self), "path": str(self.path) if self.path else None}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Wanted":
        """Read what `as_json` made.

        Raises:
            TypeError: A field without a default is missing.
        """
        known = known_fields(cls, plain)
        return cls(**{**known, "path": Path(known["path"]) if known.get("path") else None})


@dataclass(frozen=True, slots=True)
class Totals:
    """What all sessions since the server's start have done, for monitoring.

    Attributes:
        running: Sessions that run now.
        frames_in: Frames that arrived.
        processed: Frames that were matted.
        dropped: Frames that live sources dropped.
        loops: Loops written.
        peers: WebRTC peers connected now.
        stages: Per stage its name, items and milliseconds.
    """

    running: int = 0
    frames_in: int = 0
    processed: int = 0
    dropped: int = 0
    loops: int = 0
    peers: int = 0
    stages: tuple[tuple[str, int, float], ...] = ()


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """One session, running or of old.

    Attributes:
        id: Stable, unguessable, safe in a path.
        name: What the user calls it.
        kind: Where its frames come from.
        created: When, ISO 8601 with time zone.
        state: What it is doing.
        error: Why it failed.
        live: Whether the source does not wait.
        size: Width and height of the source.
        rate: Nominal frames per second.
        expected_frames: Of a file.
        duration_s: Of a file.
        time_s: Time of the newest frame.
        limits: What counts as a loop.
        ceiling_s: Longest loop that its ring can hold.
        pace: A file at its own rate, or as fast as it goes.
        runtime: What runs the network.
        numbers: How it is doing.
        why: Why there is no loop yet.
        loops: Its loops in the order of finding.
        bytes: What it costs on disk.
        expires: When it is deleted unless a loop is kept, ISO 8601.
        notes: What a user should know of the input.
        result: The result folder, relative to the session's own folder; "" before there is one.
        again: Whether its source can be read once more, so that spans can be marked afterwards.
        left: What is still done although the source is over; None before and after.
    """

    id: str
    name: str
    kind: Kind
    created: str
    state: State = "starting"
    error: str | None = None
    live: bool = False
    size: tuple[int, int] | None = None
    rate: float | None = None
    expected_frames: int | None = None
    duration_s: float | None = None
    time_s: float = 0.0
    limits: Limits = field(default_factory=Limits)
    ceiling_s: float = 6.0
    pace: Pace = "real"
    runtime: str | None = None
    numbers: Numbers = field(default_factory=Numbers)
    why: str | None = None
    loops: tuple[LoopFacts, ...] = ()
    bytes: int = 0
    expires: str | None = None
    notes: tuple[str, ...] = ()
    result: str = ""
    again: bool = False
    left: Left | None = None

    @property
    def over(self) -> bool:
        """Whether nothing runs any more."""
        return self.state in ("ended", "failed")

    def loop(self, id: str) -> LoopFacts | None:
        """The loop of that id."""
        return next((each for each in self.loops if each.id == id), None)

    def with_loop(self, loop: LoopFacts) -> "SessionFacts":
        """These facts with `loop` added, or in the place of the one with its id."""
        if self.loop(loop.id) is None:
            return replace(self, loops=(*self.loops, loop))
        return replace(
            self, loops=tuple(loop if each.id == loop.id else each for each in self.loops)
        )

    def without_loop(self, id: str) -> "SessionFacts":
        """These facts without one loop."""
        return replace(self, loops=tuple(each for each in self.loops if each.id != id))

    def as_json(self, *, loops: bool = True, saved: bool = False) -> dict[str, Any]:
        """Plain values for the API or for the library.

        Args:
            loops: Whether its loops are among them.
            saved: For the library.
        """
        plain = asdict(self)
        plain["size"] = list(self.size) if self.size else None
        plain["notes"] = list(self.notes)
        plain["loops"] = [each.as_json(saved=saved) for each in self.loops]
        if not loops:
            del plain["loops"]
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "SessionFacts":
        """Read what `as_json` made.

        Raises:
            TypeError: A field without a default is missing.
        """
        known = known_fields(cls, plain)
        return cls(
            **{
                **known,
                "size": tuple(known["size"]) if known.get("size") else None,
                "limits": Limits(**known_fields(Limits, known.get("limits") or {})),
                "numbers": Numbers(**known_fields(Numbers, known.get("numbers") or {})),
                "loops": tuple(LoopFacts.from_json(each) for each in known.get("loops", ())),
                "notes": tuple(known.get("notes", ())),
                "left": None,  # whoever did it is gone
            }
        )
