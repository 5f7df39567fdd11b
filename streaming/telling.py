"""How the command shows a run: a progress line and a few sentences, or one JSON event per line."""

from collections.abc import Iterable
from fractions import Fraction

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    SpinnerColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.progress import (
    Progress as Bar,
)

from streaming.events import (
    Done,
    Event,
    ExportFailed,
    LoopExported,
    LoopFailed,
    LoopFound,
    LoopWritten,
    Progress,
    Started,
    as_json,
)
from streaming.loops.model import Loop
from streaming.results import ExportRecord, LoopRecord, RunRecord
from streaming.results.naming import display_name

__all__ = ["tell_exports", "tell_json", "tell_people"]


def tell_json(events: Iterable[Event], notes: Console, *, stats: bool) -> bool:
    """Print one event per line on stdout.

    Returns:
        Whether the run was interrupted.
    """
    interrupted = False
    for event in events:
        print(as_json(event), flush=True)  # noqa: T201 - results go to stdout
        if isinstance(event, Done):
            interrupted = event.interrupted
            if stats:
                _tell_stats(event.record, notes)
    return interrupted


def tell_people(events: Iterable[Event], notes: Console, *, stats: bool) -> bool:
    """Show progress on stderr and print the paths of results on stdout.

    Returns:
        Whether the run was interrupted.
    """
    columns = (
        SpinnerColumn(),
        BarColumn(bar_width=24),
        MofNCompleteColumn(),
        TextColumn("{task.fields[words]}"),
        TimeRemainingColumn(),
    )
    with Bar(*columns, console=notes, transient=True, disable=not notes.is_terminal) as bar:
        task = bar.add_task("run", total=None, words="opening")
        last: Done | None = None
        exported: list[LoopExported] = []
        for event in events:
            _tell(event, bar, task, notes)
            if isinstance(event, Done):
                last = event
            elif isinstance(event, LoopExported):
                exported.append(event)
    if last is None:
        return False
    _tell_end(last, notes)
    for each in exported:
        print(each.path)  # noqa: T201 - results go to stdout
    if stats:
        _tell_stats(last.record, notes)
    return last.interrupted


def tell_exports(
    events: Iterable[LoopExported | ExportFailed], notes: Console, *, json: bool
) -> bool:
    """Say what was exported, print the paths on stdout.

    Returns:
        Whether any failed.
    """
    failed = False
    for event in events:
        failed = failed or isinstance(event, ExportFailed)
        if json:
            print(as_json(event), flush=True)  # noqa: T201 - results go to stdout
            continue
        _tell_export(event, notes)
        if isinstance(event, LoopExported):
            print(event.path, flush=True)  # noqa: T201 - results go to stdout
    return failed


def _tell_export(event: LoopExported | ExportFailed, notes: Console) -> None:
    if isinstance(event, LoopExported):
        notes.print(f"{event.id} for {_words(event.record)}", markup=False)
    else:
        why = display_name(event.why)
        notes.print(f"no {event.target}: {why}", style="yellow", markup=False)


def _tell(event: Event, bar: Bar, task: TaskID, notes: Console) -> None:
    match event:
        case Started():
            bar.update(task, total=event.frames, words="starting")
            size, loop = event.size, event.loop_size
            name = display_name(event.name)
            notes.print(
                f"{name}: {size}, {float(event.rate):.4g} fps; matte by {event.runtime}",
                markup=False,
            )
            notes.print(
                f"loops at {loop}, cut from the last {event.ring_s:.4g} s "
                f"(at most {event.ring_mb:.0f} MB of frames)",
                markup=False,
            )
        case Progress():
            loops = f"{event.loops} loop{'' if event.loops == 1 else 's'}"
            words = f"{event.fps:5.1f} fps  {loops} so far"
            bar.update(task, completed=event.frames, words=words)
        case LoopFound():
            notes.print(f"found   {event.loop.id}  {_span(event.loop)}", markup=False)
        case LoopWritten():
            record = event.record
            notes.print(f"written {record.loop.id}  {record.file}  {_seam(record)}", markup=False)
        case LoopFailed():
            why = "; ".join(event.problems)
            notes.print(f"dropped {event.loop.id}  {why}", style="yellow", markup=False)
        case LoopExported() | ExportFailed():
            _tell_export(event, notes)


def _words(record: ExportRecord) -> str:
    """An export in one line."""
    fidelity = "exact" if record.psnr_db is None else f"{record.psnr_db:.1f} dB"
    limit = f" of {record.most_bytes:,}" if record.most_bytes else ""
    return (
        f"{record.place}: {record.size}, {record.frames} frames in {record.duration_s:.3g} s, "
        f"{record.bytes:,}{limit} bytes; {', '.join((*record.words, fidelity))}; "
        f"seam {record.seam_ratio:.2f} steps; checked"
    )


def _tell_end(done: Done, notes: Console) -> None:
    record = done.record
    for note in record.input.notes:
        notes.print(f"note: {display_name(note)}", style="yellow", markup=False)
    for shelf, words in (("loops", "loop"), ("near", "near-loop"), ("more", "further loop")):
        for each in record.on(shelf):  # type: ignore[arg-type] # a literal of the three above
            notes.print(f"{words}: {_span(each.loop)}, {_seam(each)}", markup=False)
            print(done.folder / each.file)  # noqa: T201 - results go to stdout
    if done.diagnosis is not None:
        what = "" if done.diagnosis.reason == "few" else "no loop: "
        notes.print(f"{what}{done.diagnosis.text}", style="yellow", markup=False)
        miss = done.diagnosis.nearest
        if miss is not None:
            notes.print(
                f"nearest miss: {_clock(miss.start_s)} to {_clock(miss.end_s)}, "
                f"{miss.mismatch:.2f} steps off; {miss.stopped_by}",
                markup=False,
            )
    if record.result is not None:
        print(done.folder / record.result)  # noqa: T201 - results go to stdout
    print(done.folder / "index.html")  # noqa: T201 - results go to stdout


def _tell_stats(record: RunRecord, notes: Console) -> None:
    for stage in record.stages:
        each = stage.total_ms / stage.items if stage.items else 0.0
        notes.print(
            f"{stage.name:12} {stage.items:7} x {each:8.2f} ms = {stage.total_ms / 1000:8.2f} s",
            markup=False,
        )


def _span(loop: Loop) -> str:
    return (
        f"{_clock(loop.start_s)} to {_clock(loop.end_s)} "
        f"({float(loop.duration_s):.2f} s, {loop.frames} frames, mismatch {loop.mismatch:.2f})"
    )


def _seam(record: LoopRecord) -> str:
    seam = "" if record.seam_ratio is None else f"seam {record.seam_ratio:.2f} steps, "
    mended = "" if record.mending is None else f", mended: {record.mending.words}"
    return f"{seam}{record.bytes / 1000:.0f} kB{mended}"


def _clock(time_s: Fraction) -> str:
    minutes, seconds = divmod(float(time_s), 60)
    return f"{int(minutes)}:{seconds:05.2f}"
