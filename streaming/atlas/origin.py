"""Where a project's frames come from: their exact times, the moments that meet, the loop they are.

A folder of pictures says nothing of time. So whoever takes frames out of a clip or a loop notes
beside them what a renderer needs afterwards, in `source.json`; without it a project is a bare
folder, whose frames follow each other at ten a second.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from streaming.atlas.model import Pair
from streaming.errors import InputError, OutputError

__all__ = ["BARE_RATE", "Origin", "read_origin", "write_origin"]

VERSION = 1
BARE_RATE = Fraction(10)  # frames a second of a folder that tells none, as NeuralAtlases has it


@dataclass(frozen=True, slots=True)
class Origin:
    """Where frames come from.

    Attributes:
        name: What they were taken from, for people.
        times_s: When each frame is shown, from the first on.
        end_s: Until when the last one is.
        seams: Pairs of frames that show the same moment of a motion, beside neighbours.
        master: The loop's master beside the frames, None for an ordinary clip.
        told: What the run's record says of that loop.
        mattes: Where the mattes in `results/masks` come from, None where none came along.
        first: Place in the master of the first frame.
    """

    name: str
    times_s: tuple[Fraction, ...]
    end_s: Fraction
    seams: tuple[Pair, ...] = ()
    master: str | None = None
    told: Mapping[str, object] = field(default_factory=dict)
    mattes: str | None = None
    first: int = 0

    def __post_init__(self) -> None:
        marks = (*self.times_s, self.end_s)
        if not self.times_s or marks[0] != 0 or any(a >= b for a, b in pairwise(marks)):
            raise ValueError("the times of frames begin at 0 and rise")

    @classmethod
    def even(cls, name: str, frames: int, rate: Fraction) -> "Origin":
        """So many frames at a steady rate."""
        return cls(name, tuple(each / rate for each in range(frames)), frames / rate)

    @property
    def rate(self) -> Fraction:
        """Frames a second, on average."""
        return len(self.times_s) / self.end_s


def write_origin(origin: Origin, path: Path) -> None:
    """Write it down.

    Raises:
        OutputError: It cannot be written.
    """
    told = {
        "version": VERSION,
        "from": origin.name,
        "rate": str(origin.rate),
        "times": [str(each) for each in origin.times_s],
        "end": str(origin.end_s),
        "seams": [[each.first, each.second] for each in origin.seams],
        "master": origin.master,
        "loop": dict(origin.told),
        "mattes": origin.mattes,
        "first": origin.first,
    }
    try:
        path.write_text(json.dumps(told, indent=1) + "\n", "utf-8")
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error.strerror or error}") from error


def read_origin(path: Path) -> Origin:
    """Read what `write_origin` wrote.

    Raises:
        InputError: It is damaged.
    """
    try:
        told = json.loads(path.read_text("utf-8"))
        return Origin(
            name=str(told["from"]),
            times_s=tuple(Fraction(each) for each in told["times"]),
            end_s=Fraction(told["end"]),
            seams=tuple(Pair(int(a), int(b)) for a, b in told["seams"]),
            master=told["master"],
            told=told["loop"],
            mattes=told["mattes"],
            first=int(told.get("first", 0)),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"{path} is damaged ({error}): remove it to have frames at {BARE_RATE} a second, or "
            "make the project anew with `loopmatte atlas new`"
        ) from error
