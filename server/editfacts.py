"""What is known of the editing of one loop: a value of its own, that a loop's facts carry."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from server.known import known_fields

__all__ = ["EditFacts", "EditQuality", "EditShow", "EditState"]

EditState = Literal["waiting", "fitting", "ready", "saving", "failed"]
EditQuality = Literal["draft", "final"]
EditShow = Literal["subject", "whole", "behind"]
LISTS = ("problems", "painted", "going")


@dataclass(frozen=True, slots=True)
class EditFacts:
    """A loop that is taken apart to be painted on.

    Attributes:
        state: Waiting for others, being taken apart, ready to be painted on, being written with
            what was painted, or failed to be taken apart.
        quality: How far it is taken.
        share: How much of what is under way is done, 0..1, as far as anybody can know.
        step: What is being done, in words.
        problems: Why it failed, or why what was painted could not be written.
        of: The loop that was taken apart, where this one was written from it; "" for itself.
        painted: What was painted on this one, as `layer/kind`.
        show: What this one shows: the subject cut out, the whole picture, or that without the
            subject.
        going: What was painted on it but stands in no version yet, in the same way.
        refines: Whether what is under way makes a draft exact; the draft stays until then.
    """

    state: EditState = "waiting"
    quality: EditQuality = "final"
    share: float = 0.0
    step: str = ""
    problems: tuple[str, ...] = ()
    of: str = ""
    painted: tuple[str, ...] = ()
    show: EditShow = "subject"
    going: tuple[str, ...] = ()
    refines: bool = False

    @property
    def usable(self) -> bool:
        """Whether it can be painted on."""
        return self.state in ("ready", "saving")

    def at_start(self) -> "EditFacts | None":
        """What is left of it when the server starts again."""
        if self.state == "saving" or self.refines:
            return self.ready()
        return None if self.state in ("waiting", "fitting") else self

    def ready(self, *problems: str) -> "EditFacts":
        """What it is when nothing is under way, or that has come to nothing."""
        return replace(self, state="ready", share=1.0, step="", problems=problems, refines=False)

    def as_json(self) -> dict[str, Any]:
        """Plain values for the API and the library."""
        return {**asdict(self), **{each: list(getattr(self, each)) for each in LISTS}}

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "EditFacts":
        """Read what `as_json` made.

        Raises:
            TypeError: A field is missing.
        """
        known = known_fields(cls, plain)
        lists = {each: tuple(known.get(each, ())) for each in LISTS}
        return cls(**{**known, **lists})
