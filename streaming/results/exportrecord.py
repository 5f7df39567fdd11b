"""An export of a loop, as a value: what was made, and the verdict on it."""

from dataclasses import dataclass

from streaming.frames import Size

__all__ = ["ExportCheck", "ExportRecord", "told_export"]


@dataclass(frozen=True, slots=True)
class ExportCheck:
    """One thing that was looked at in a file: what it is, what it should be, whether it is."""

    name: str
    seen: str
    wanted: str
    good: bool


@dataclass(frozen=True, slots=True)
class ExportRecord:
    """One file that was made of a loop, and its proof.

    Attributes:
        target: The destination's name.
        place: What people call it.
        file: Where it lies, relative to the result folder, with forward slashes.
        beside: Names of files that belong to it.
        bytes: Its size.
        most_bytes: What its destination takes, None where that is not limited.
        size: Of its pictures.
        frames: How many.
        duration_s: How long it plays, once.
        plays: How often, 0 for ever.
        words: How it was written, for people.
        seam_ratio: The largest step over a seam, in ordinary steps.
        psnr_db: Colours of the subject against the film it was made from; None where equal.
        alpha_off: How far the matte is off, of 255.
        checks: The verdict in detail; all are good, or the file would not be there.
    """

    target: str
    place: str
    file: str
    bytes: int
    size: Size
    frames: int
    duration_s: float
    plays: int
    words: tuple[str, ...]
    seam_ratio: float
    psnr_db: float | None
    alpha_off: float
    most_bytes: int | None = None
    beside: tuple[str, ...] = ()
    checks: tuple[ExportCheck, ...] = ()


def told_export(record: ExportRecord) -> dict[str, object]:
    """What `loops.json` says of an export."""
    return {
        "target": record.target,
        "place": record.place,
        "file": record.file,
        "beside": list(record.beside),
        "bytes": record.bytes,
        "most_bytes": record.most_bytes,
        "width": record.size.width,
        "height": record.size.height,
        "frames": record.frames,
        "duration_s": record.duration_s,
        "plays": record.plays,
        "words": list(record.words),
        "seam_ratio": record.seam_ratio,
        "psnr_db": record.psnr_db,
        "alpha_off": record.alpha_off,
        "passed": all(each.good for each in record.checks),
        "checks": [
            {"name": each.name, "seen": each.seen, "wanted": each.wanted, "good": each.good}
            for each in record.checks
        ],
    }
