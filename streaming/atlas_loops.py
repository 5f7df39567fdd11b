"""The edit of a loop: an edited master, and from it the loop itself, cut, led and mended as before.

Only the master's pictures change. Span, weights, exact times and the matte stay, so whatever a loop
can become its edit can become too, and the edit crosses the seam as every other frame does.
"""

import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from streaming.atlas.animation import Edits
from streaming.atlas.edits import Edit
from streaming.atlas.model import F32, Fit, Footage
from streaming.atlas.places import aside
from streaming.atlas.project import Project
from streaming.atlas.removal import Plate, without_foreground
from streaming.atlas.render import edited
from streaming.cycles import cycle_of, recorded_loop, recorded_mend
from streaming.errors import InputError, OutputError
from streaming.exports.cycle import Cycle
from streaming.frames import U8
from streaming.loops.model import Loop
from streaming.media.master import Master, MasterFrame, MasterWriter, read_master
from streaming.media.picture import AvPicture
from streaming.media.whole import telling
from streaming.results import LoopRecord, told_of
from streaming.results.jsonfile import JSON_NAME, safe_text, write_text
from streaming.rewriting import rewritten

__all__ = ["EditedLoop", "LoopWork", "edited_cycle", "edited_loop", "edited_master", "holds_more"]

FILE, MASTER = "loop_0.webm", "masters/loop_0.mkv"

Progress = Callable[[str, float], object]


@dataclass(frozen=True, slots=True)
class EditedLoop:
    """A loop that was written with its edit.

    Attributes:
        file: Its WEBM.
        master: Its own master, in which the edit stands.
        record: What was measured on it, places relative to the folder that holds both.
        aside: Where the folder went that had the name, None where it could be replaced.
    """

    file: Path
    master: Path
    record: LoopRecord
    aside: Path | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LoopWork:
    """A loop and what is to become of it.

    Attributes:
        project: A project that was made of a loop.
        fit: Its fit.
        footage: Its frames and mattes.
        edits: One for each layer of the fit.
        whole: Whether the whole picture is shown, and not the subject alone.
        plate: The background without anybody before it, where the foreground is to go.
    """

    project: Project
    fit: Fit
    footage: Footage
    edits: Sequence[Edits]
    whole: bool = False
    plate: Plate | None = None

    def drawn(self, number: int, frame: MasterFrame) -> MasterFrame:
        """One frame of the master, edited; one of another shot, before or after, as it is."""
        if not 0 <= number < self.footage.count:
            return frame
        now = [each.at(number) for each in self.edits]
        rgb, shares = self.footage.frames[number], self.footage.shares(number)
        if self.plate is None:
            shown = edited(self.fit, shares, rgb, number, now)
        else:
            shown = without_foreground(self.fit, self.plate, shares, rgb, number, now)
        source = frame.source if shown is rgb else AvPicture.of(shown)
        if self.whole:
            rgba = np.dstack((shown, np.full(shown.shape[:2], 255, np.uint8)))
        else:
            rgba = self._subject(number, frame, now)
        return MasterFrame(frame.index, frame.time_s, source, rgba)

    def _subject(self, number: int, frame: MasterFrame, now: Sequence[Edit | None]) -> U8:
        """The subject's own colours, edited, and its matte as it was."""
        colours = np.ascontiguousarray(frame.rgba[..., :3])
        own = edited(self.fit, _alone(self.footage.shares(number)), colours, number, now)
        return frame.rgba if own is colours else np.dstack((own, frame.rgba[..., 3]))


def edited_loop(
    work: LoopWork,
    to: Path,
    progress: Progress = lambda words, share: None,
    *,
    replace_it: bool = False,
) -> EditedLoop:
    """Write the edit of a loop as a result folder of its own: WEBM, master and record.

    Args:
        work: The loop and its edits.
        to: The folder.
        progress: Told what goes on, and about which share of it is done.
        replace_it: Whether a folder of that name may be replaced; one that holds more than an
            edited loop is moved aside instead.

    Raises:
        InputError: The project is of no loop, or its master is damaged.
        OutputError: The folder is there, or cannot be written.
    """
    if to.exists() and not replace_it:
        raise OutputError(f"{to} is there already: name another folder, or --force to replace it")
    part = to.with_name(f".{to.name}-{secrets.token_hex(4)}.part")
    with telling(to):
        (part / MASTER).parent.mkdir(parents=True)
        try:
            master = edited_master(work, part / MASTER, progress)
            record = _rewritten(work.project, master, part / FILE)
            told: Mapping[str, object] = {"loops": [told_of(record)], "more": [], "near": []}
            write_text(part / JSON_NAME, safe_text(told))
            away = _make_room(to)
            part.rename(to)
        finally:
            shutil.rmtree(part, ignore_errors=True)
    progress("done", 1.0)
    return EditedLoop(to / FILE, to / MASTER, record, away)


def holds_more(folder: Path) -> bool:
    """Whether the folder of an edited loop holds more than was rendered: exports of it, say."""
    ours = {FILE, MASTER, JSON_NAME}
    held = {each.relative_to(folder).as_posix() for each in folder.rglob("*") if each.is_file()}
    return not held <= ours


def _make_room(to: Path) -> Path | None:
    """Take away what has a name, or move it aside where it holds more than was rendered."""
    if not to.is_dir():
        to.unlink(missing_ok=True)
        return None
    if not holds_more(to):
        shutil.rmtree(to)
        return None
    return to.rename(aside(to))


def edited_cycle(work: LoopWork, master: Master) -> Cycle:
    """The frames of an edited loop as they are shown.

    Args:
        work: The loop and its edits.
        master: What `edited_master` wrote.
    """
    mend = recorded_mend(master.path, work.project.origin.told)
    return cycle_of(master, recorded(work.project, master), mend)


def edited_master(
    work: LoopWork, to: Path, progress: Progress = lambda words, share: None
) -> Master:
    """Write a loop's master with an edit in its source and in its subject's colours.

    Args:
        work: The loop and its edits.
        to: The new master.
        progress: Told what goes on, and about which share of it is done.

    Raises:
        InputError: The project is of no loop, or its master is damaged.
        OutputError: It cannot be written.
    """
    master = read_master(require_loop(work.project))
    writer = MasterWriter(
        to,
        size=master.size,
        start=master.start,
        end=master.end,
        about={**master.about, "edited": True},
        part=None if work.whole else master.part,
    )
    with writer:
        for number, frame in enumerate(master.frames()):
            writer.write(work.drawn(number - work.project.origin.first, frame))
            progress("edited frames", (number + 1) / len(master.indices))
        writer.close(master.end_s)
    return read_master(to)


def require_loop(project: Project) -> Path:
    """The master of a project's loop.

    Raises:
        InputError: The project is of no loop, or the master is gone.
    """
    if project.master is None or not project.master.is_file():
        raise InputError(
            f"{project.folder} holds no loop's master: make it with `loopmatte atlas new --from` a "
            "loop of a result folder"
        )
    return project.master


def recorded(project: Project, master: Master) -> Loop:
    """The loop of a project, with what its run measured of it."""
    told = project.origin.told
    loop = recorded_loop(master.path, master, told)
    kind = "near" if told.get("kind") == "near" else "loop"
    mismatch, step = (float(str(told.get(each) or 0.0)) for each in ("mismatch", "step"))
    return replace(loop, kind=kind, mismatch=mismatch, step=step)  # type: ignore[arg-type]


def _rewritten(project: Project, master: Master, to: Path) -> LoopRecord:
    mend = recorded_mend(master.path, project.origin.told)
    record = rewritten(master, to, recorded(project, master), mend, judged=False)
    return replace(record, file=FILE, master=MASTER, rank=0)


def _alone(shares: F32) -> F32:
    """Shares as if only foregrounds were there, (L + 1, H, W): the subject's own colours."""
    own = shares[:-1].sum(axis=0, keepdims=True)
    made = np.zeros_like(shares)
    np.divide(shares[:-1], own, out=made[:-1], where=own > 0)
    return made
