"""Which loop goes where: from the files that people name to loops, their masters and their exports.

People name what they see: a loop's WEBM in a result folder, the folder, or a master. What is made
of it starts from the master, which `loops.json` names; a WEBM on its own is refused, because what
was encoded once for a browser has lost what a sticker may still show.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from streaming.errors import InputError, LoopmatteError, OutputError
from streaming.events import ExportFailed, LoopExported
from streaming.exporting import Exported, export_loop
from streaming.exports.press import Progress
from streaming.exports.targets import Target, target_called
from streaming.exports.timing import TooLongError, fits
from streaming.media.master import read_master
from streaming.results import ExportCheck, ExportRecord, RunRecord, note_exports
from streaming.results.naming import safe_name
from streaming.settings import ExportSettings

__all__ = ["Origin", "best_for", "origin_of", "place_for", "record_of_export", "send", "sent"]

EXPORTS = "exports"
SHELVES = ("loops", "more", "near")
Told = Mapping[str, object]


@dataclass(frozen=True, slots=True, eq=False)
class Origin:
    """A loop that something can be made of.

    Attributes:
        master: Its master.
        told: What `loops.json` says of it.
        folder: Its result folder, None for a master on its own.
        name: What its files are called, without a suffix.
    """

    master: Path
    told: Told
    folder: Path | None
    name: str

    @property
    def id(self) -> str:
        """Its stable name within its run."""
        return str(self.told.get("id", ""))

    @property
    def duration_s(self) -> Fraction:
        """Its length."""
        return Fraction(str(self.told["period_exact"]))


def origin_of(path: Path) -> Origin:
    """The loop that a file shows.

    Args:
        path: A loop's WEBM in its result folder, or a master.

    Raises:
        InputError: It is neither, or its master is gone.
    """
    for folder in (path.parent, path.parent.parent):
        for told in _entries(folder):
            for key in ("file", "master"):
                if told.get(key) and folder / str(told[key]) == path:
                    return _origin(folder, told)
    if path.suffix == ".mkv":
        return Origin(path, _told_by_master(path), None, path.stem)
    if not path.exists():
        raise InputError(f"cannot read {path}: there is no such file")
    raise InputError(
        f"{path} is no loop of a result folder: exports start from a loop's master, so name the "
        "loop where its run wrote it (beside loops.json), the folder, or a file of masters/"
    )


def best_for(folder: Path, target: Target) -> Origin:
    """The best loop of a result folder that a target takes.

    Raises:
        InputError: It is no result folder, or has no loop.
        TooLongError: All of its loops are too long.
    """
    entries = [each for each in _entries(folder) if each.get("shelf") != "near"]
    if not entries:
        raise InputError(f"{folder} holds no loop: name the folder that a run has written")
    for told in entries:
        if told.get("master") and fits(Fraction(str(told["period_exact"])), target):
            return _origin(folder, told)
    shortest_s = min(float(str(each["period_s"])) for each in entries)
    raise TooLongError(
        f"no loop in {folder.name} is short enough for {target.place} (the shortest lasts "
        f"{shortest_s:.3g} s){_offer(folder, target)}"
    )


def place_for(origin: Origin, target: Target, output: Path | None, *, several: bool) -> Path:
    """Where an export goes.

    Args:
        origin: The loop.
        target: The destination.
        output: What the user named: the file itself, or a folder where there are several or where
            it is there already; None for `exports/` in the result folder.
        several: Whether more than one export is made.
    """
    name = safe_name(f"{origin.name}-{target.name}{target.suffix}")
    if output is None:
        return (origin.folder / EXPORTS if origin.folder else origin.master.parent) / name
    return output / name if several or output.is_dir() else output


def send(
    origin: Origin,
    target: Target,
    to: Path,
    settings: ExportSettings,
    *,
    force: bool = False,
    progress: Progress = lambda words, share: None,
) -> Exported:
    """Make an export and note it in the run's record, where it lies in the run's folder.

    Raises:
        LoopmatteError: What went wrong and what to do; see `export_loop`.
    """
    try:
        made = export_loop(
            origin.master, origin.told, target, to, settings, replace=force, progress=progress
        )
    except TooLongError as error:
        offer = _offer(origin.folder, target) if origin.folder else ""
        raise TooLongError(f"{error}{offer}") from error
    folder = origin.folder
    if folder is not None and made.path.resolve().is_relative_to(folder.resolve()):
        note_exports(folder, origin.id, [record_of_export(made, folder)])
    return made


def sent(
    folder: Path, record: RunRecord, settings: ExportSettings
) -> Iterator[LoopExported | ExportFailed]:
    """Make the exports that a run was asked for, of the best loop that each target takes.

    Args:
        folder: The result folder, complete.
        record: What lies in it.
        settings: Which targets, and how loops look there.
    """
    if not any(each.shelf != "near" for each in record.loops):
        why = "the run found no loop"
        yield from (ExportFailed(name, why) for name in settings.targets)
        return
    for name in settings.targets:
        target = target_called(name)
        try:
            origin = best_for(folder, target)
            to = place_for(origin, target, None, several=True)
            made = send(origin, target, to, settings, force=True)
        except LoopmatteError as error:
            yield ExportFailed(name, str(error))
            continue
        yield LoopExported(origin.id, record_of_export(made, folder), made.path)


def record_of_export(made: Exported, folder: Path) -> ExportRecord:
    """What is noted of an export; its file relative to the result folder."""
    proof = made.proof
    return ExportRecord(
        target=made.target.name,
        place=made.target.place,
        file=made.path.resolve().relative_to(folder.resolve()).as_posix(),
        bytes=made.bytes,
        size=made.size,
        frames=made.frames,
        duration_s=float(made.duration_s),
        plays=made.plays,
        words=made.words,
        seam_ratio=round(proof.seam_ratio, 3),
        psnr_db=None if proof.psnr_db == float("inf") else round(proof.psnr_db, 2),
        alpha_off=round(proof.alpha_off, 3),
        most_bytes=made.target.most_bytes,
        beside=tuple(each.name for each in made.files[1:]),
        checks=tuple(
            ExportCheck(each.name, each.seen, each.wanted, each.good) for each in proof.checks
        ),
    )


def _origin(folder: Path, told: Told) -> Origin:
    name = Path(str(told["file"])).stem
    master = told.get("master")
    if not master or not (folder / str(master)).is_file():
        raise InputError(f"{folder / str(told['file'])} has no master any more: run again")
    return Origin(folder / str(master), told, folder, name)


def _entries(folder: Path) -> list[dict[str, object]]:
    """Every loop that a folder's `loops.json` tells of, best first, with its shelf."""
    path = folder / "loops.json"
    if not path.is_file():
        return []
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return [{**each, "shelf": shelf} for shelf in SHELVES for each in told[shelf]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path} is not what a run writes ({error}): run again") from error


def _told_by_master(path: Path) -> Told:
    """What a master says of its loop itself; nothing of how its subject was led back."""
    master = read_master(path)
    start_s = master.times_s[master.indices.index(master.start)]
    if master.end in master.indices:
        end_s = master.times_s[master.indices.index(master.end)]
    else:
        raise OutputError(f"{path} ends before its loop does: run again for a new master")
    return {
        "id": str(master.about.get("id", "")),
        "start_frame": master.start,
        "end_frame": master.end,
        "start_exact": str(start_s),
        "end_exact": str(end_s),
        "period_exact": str(end_s - start_s),
        "anchored": False,
        "shift_x_px": 0.0,
        "shift_y_px": 0.0,
    }


def _offer(folder: Path, target: Target) -> str:
    """What of the same run would fit."""
    fitting = [
        each for each in _entries(folder) if fits(Fraction(str(each["period_exact"])), target)
    ]
    if fitting:
        best = fitting[0]
        return f"; {best['file']} would fit ({float(str(best['period_s'])):.3g} s)"
    longest = f"{float(target.most_s):g}" if target.most_s else "shorter"
    return (
        f"; nothing of this run fits: run again with --target {target.name}, which looks for "
        + (f"loops up to {longest} s")
    )
