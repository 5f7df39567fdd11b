"""What is known of one export of a loop: a value of its own, that a loop's facts carry."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from server.known import known_fields

__all__ = ["ExportFacts", "ExportState"]

ExportState = Literal["waiting", "making", "ready", "failed"]


@dataclass(frozen=True, slots=True)
class ExportFacts:
    """A loop in the form that one destination takes.

    Attributes:
        target: The destination's name in the table of targets.
        state: Waiting for others, being made, ready, or failed its check.
        share: How much is done, 0..1, as far as anybody can know.
        step: What is being done, in words.
        file: Where it lies, relative to the session's result folder; "" until it is ready.
        bytes: Its size.
        width: Of its picture.
        height: Of its picture.
        frames: How many it shows.
        duration_s: Its length.
        words: What was done to make it fit, and what its check found.
        problems: Why it failed.
    """

    target: str
    state: ExportState = "waiting"
    share: float = 0.0
    step: str = ""
    file: str = ""
    bytes: int = 0
    width: int = 0
    height: int = 0
    frames: int = 0
    duration_s: float = 0.0
    words: str = ""
    problems: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether nothing of it is still to come."""
        return self.state in ("ready", "failed")

    def as_json(self) -> dict[str, Any]:
        """Plain values for the API and the library."""
        return {**asdict(self), "problems": list(self.problems)}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "ExportFacts":
        """Read what `as_json` made.

        Raises:
            TypeError: A field without a default is missing.
        """
        known = known_fields(cls, plain)
        return cls(**{**known, "problems": tuple(known.get("problems", ()))})
