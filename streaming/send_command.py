"""What `loopmatte export` and `loopmatte targets` do; the flags are made in `cli.py`."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from streaming.cycles import recorded_cycle
from streaming.errors import LoopmatteError, OutputError, SettingsError
from streaming.events import ExportFailed, LoopExported
from streaming.exporting import Exported
from streaming.exports.delivery import deliver, require_free, workplace
from streaming.exports.pack import (
    Sticker,
    pack_identifier,
    require_count,
    tray_icon,
    write_pack,
)
from streaming.exports.press import Progress
from streaming.exports.targets import TARGETS, Target, target_called, target_json
from streaming.sending import (
    Origin,
    best_for,
    origin_of,
    place_for,
    record_of_export,
    send,
)
from streaming.settings import ExportSettings

__all__ = ["Order", "export_all", "export_pack", "targets_json", "targets_table"]

PACKED = "whatsapp-sticker"


@dataclass(frozen=True, slots=True)
class Order:
    """What `loopmatte export` was told.

    Attributes:
        inputs: Loops, masters and result folders.
        output: A file, or a folder where several are made; None for `exports/` beside the loops.
        settings: Targets, and how loops look there.
        force: Whether files may be replaced.
    """

    inputs: tuple[Path, ...]
    output: Path | None
    settings: ExportSettings
    force: bool = False


def export_all(
    order: Order, progress: Progress = lambda words, share: None
) -> Iterator[LoopExported | ExportFailed]:
    """Make every export that was ordered, telling of each; one that fails stops no other.

    Raises:
        SettingsError: No target was named, or one that is not known.
        OutputError: There are several exports, and the output is a file.
    """
    targets = _targets(order.settings)
    several = len(order.inputs) * len(targets) > 1
    if several and order.output is not None and order.output.is_file():
        raise OutputError(f"{order.output} is a file: name a folder for several exports")
    for path in order.inputs:
        for target in targets:
            try:
                origin = best_for(path, target) if path.is_dir() else origin_of(path)
                to = place_for(origin, target, order.output, several=several)
                yield _told(origin, _sent(origin, target, to, order, progress))
            except SettingsError:
                raise
            except LoopmatteError as error:
                yield ExportFailed(target.name, f"{path}: {error}")


def export_pack(
    order: Order, name: str, progress: Progress = lambda words, share: None
) -> Iterator[LoopExported]:
    """Make a WhatsApp pack of loops: all of them, or nothing.

    Args:
        order: The loops; its output is the folder that is made, its target WhatsApp's.
        name: The pack's name.
        progress: Told what goes on.

    Raises:
        LoopmatteError: What went wrong and what to do.
    """
    if [each.name for each in _targets(order.settings)] != [PACKED]:
        raise SettingsError(f"--pack makes packs for WhatsApp: give --target {PACKED} with it")
    require_count(len(order.inputs))
    target = target_called(PACKED)
    origins = [origin_of(each) for each in order.inputs]
    to = order.output or Path(pack_identifier(name))
    require_free(to, replace=order.force)
    identifier = pack_identifier(name)
    with workplace(to) as place:
        folder = place / "pack" / to.name
        (folder / identifier).mkdir(parents=True)
        made = []
        for number, origin in enumerate(origins, start=1):
            file = folder / identifier / f"{number:02d}{target.suffix}"
            made.append((origin, _sent(origin, target, file, order, progress)))
        stickers = [Sticker(each.path.name, origin.name) for origin, each in made]
        tray = tray_icon(recorded_cycle(origins[0].master, origins[0].told))
        write_pack(folder, name, stickers, tray)
        told = [_told(origin, each) for origin, each in made]
        deliver(folder, to, replace=order.force)
    for each in told:
        yield LoopExported(each.id, each.record, to / identifier / each.path.name)


def targets_table() -> Iterator[str]:
    """The targets for people, a line each."""
    wide = max(len(each.name) for each in TARGETS)
    for each in TARGETS:
        yield f"{each.name:{wide}}  {'; '.join(_limits(each))}"


def targets_json() -> str:
    """The targets for programs."""
    return json.dumps([target_json(each) for each in TARGETS], indent=2)


def _targets(settings: ExportSettings) -> Sequence[Target]:
    if not settings.targets:
        raise SettingsError("no target: add --target NAME; the list: loopmatte targets")
    return [target_called(each) for each in settings.targets]


def _sent(origin: Origin, target: Target, to: Path, order: Order, progress: Progress) -> Exported:
    return send(origin, target, to, order.settings, force=order.force, progress=progress)


def _told(origin: Origin, made: Exported) -> LoopExported:
    inside = origin.folder is not None and made.path.resolve().is_relative_to(
        origin.folder.resolve()
    )
    folder = origin.folder if inside and origin.folder else made.path.parent
    return LoopExported(origin.id, record_of_export(made, folder), made.path)


def _limits(target: Target) -> Iterator[str]:
    yield f"{target.codec}, {target.pixels} px"
    if target.most_s is not None:
        whole = "whole seconds, " if target.whole_seconds else ""
        yield f"{whole}at most {float(target.most_s):g} s"
    if target.most_frames is not None:
        least = f"{target.least_frames} to " if target.least_frames > 1 else "at most "
        yield f"{least}{target.most_frames} frames"
    if target.most_fps is not None:
        yield f"at most {float(target.most_fps):g} fps"
    if target.most_bytes is not None:
        yield f"at most {target.most_bytes:,} bytes"
    if target.still:
        yield "the first frame is the still"
    if target.note:
        yield target.note
    yield f"{target.source}, read {target.read}"
