"""What is known of one loop of a session, as the API shows it and the library keeps it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from server.editfacts import EditFacts
from server.exported import ExportFacts
from server.known import known_fields

__all__ = ["LoopFacts", "LoopKind", "LoopState"]

LoopKind = Literal["loop", "near", "mended", "hand"]
LoopState = Literal["found", "written", "failed"]


@dataclass(frozen=True, slots=True)
class LoopFacts:
    """One loop of a session.

    Attributes:
        id: "L1" found, "N1" near, "H1" by hand, "L1.2" a later version of L1.
        kind: How it came to be; "mended" is a near-loop that was made to close.
        state: Found (its file follows), written, or failed its check.
        title: What the user calls it.
        kept: The user said that it stays.
        start: First frame in the source.
        end: The frame after its last.
        start_s: Time of `start` in seconds.
        end_s: Time of `end` in seconds.
        mismatch: How many ordinary steps the seam is off.
        seam_ratio: The step over the seam measured on the written file.
        seam: The same in words.
        width: Of the written picture.
        height: Of the written picture.
        frames: In the written file.
        bytes: Of the written file.
        file: The WEBM, relative to the session's result folder; "" until written.
        master: Its master the same way; "" without one.
        version_of: The loop that this one was made from.
        replaces: An earlier loop that this one betters.
        problems: Why it failed.
        length_s: How long it is shown where that is not the span's length, else None.
        repair: What may be done to a version so that it closes.
        mending: What was done so that it closes: method, words, before, after; None for a cut.
        told: What `loops.json` says of it: whatever is made of it later starts from that.
        exports: What was made of it for other places.
        edit: How far it is taken apart to be painted on; None where that was not begun.
    """

    id: str
    kind: LoopKind
    state: LoopState
    start: int
    end: int
    start_s: float
    end_s: float
    mismatch: float
    title: str = ""
    kept: bool = False
    seam_ratio: float | None = None
    seam: str = ""
    width: int = 0
    height: int = 0
    frames: int = 0
    bytes: int = 0
    file: str = ""
    master: str = ""
    version_of: str | None = None
    replaces: str | None = None
    problems: tuple[str, ...] = ()
    length_s: float | None = None
    repair: str = "none"
    mending: Mapping[str, Any] | None = None
    told: Mapping[str, Any] | None = None
    exports: tuple[ExportFacts, ...] = ()
    edit: EditFacts | None = None

    def export(self, target: str) -> ExportFacts | None:
        """What was made of it for a target."""
        return next((each for each in self.exports if each.target == target), None)

    def with_export(self, export: ExportFacts) -> "LoopFacts":
        """These facts with an export added, or in the place of the one for the same target."""
        return replace(self, exports=(*self.without_export(export.target).exports, export))

    def without_export(self, target: str) -> "LoopFacts":
        """These facts without what was made for one target."""
        others = tuple(each for each in self.exports if each.target != target)
        return replace(self, exports=others)

    def as_json(self, *, saved: bool = False) -> dict[str, Any]:
        """Plain values for the API, or for the library, which keeps what nobody is shown."""
        plain = {
            **asdict(self),
            "problems": list(self.problems),
            "exports": [each.as_json() for each in self.exports],
            "edit": self.edit and self.edit.as_json(),
            "duration_s": self.length_s or self.end_s - self.start_s,
            "has_master": bool(self.master),
        }
        if not saved:
            del plain["told"]
        return plain

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "LoopFacts":
        """Read what `as_json` made.

        Raises:
            TypeError: A field without a default is missing.
        """
        known = known_fields(cls, plain)
        exports = tuple(ExportFacts.from_json(each) for each in known.get("exports", ()))
        problems = tuple(known.get("problems", ()))
        edit = EditFacts.from_json(known["edit"]) if known.get("edit") else None
        return cls(**{**known, "problems": problems, "exports": exports, "edit": edit})
