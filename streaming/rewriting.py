"""A loop written from its master, mended or merely cut, and proven like any other.

Three come here: a near-loop while a run goes on, whose mending needs frames that only its master
holds in the right order; whoever moves a loop's ends later; whoever chooses another way to mend it.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from streaming.cycles import anchor_of, cycle_of
from streaming.errors import InputError
from streaming.loops.anchor import Anchor
from streaming.loops.model import Loop
from streaming.media.master import Master
from streaming.media.webm import LoopWriter
from streaming.mending.model import Mend
from streaming.proving import Expected, check, record_of
from streaming.results import LoopRecord, Mending

__all__ = ["closed", "mending_of", "rewritten", "spanned"]


log = logging.getLogger(__name__)


def rewritten(
    master: Master, to: Path, loop: Loop, mend: Mend | None = None, *, judged: bool = True
) -> LoopRecord:
    """Write a span of a master as a loop.

    Args:
        master: Where its frames are.
        to: The new file, a name that is not taken.
        loop: The span as it was found or asked for.
        mend: What is done to close it; None cuts it as it is.
        judged: Whether to stop where a mended frame shows something twice. Not so for a mend that
            was judged before.

    Returns:
        What was measured on the file, which stays where that has problems too; its places are
        names alone, without their folders.

    Raises:
        InputError: The master is damaged.
        OutputError: The file cannot be written.
    """
    times_s = dict(zip(master.indices, master.times_s, strict=True))
    shown = loop if mend is None else spanned(times_s, loop, mend)
    cycle = cycle_of(master, shown, mend, judged=judged and mend is not None)
    with LoopWriter(to, size=cycle.size) as writer:
        for time_s, rgba in zip(cycle.times_s, cycle.read(), strict=True):
            writer.write(rgba, time_s)
        writer.close(cycle.duration_s)
    fade = 0 if mend is None else mend.fade
    checked = check(to, shown, Expected(cycle.size, cycle.frames, cycle.duration_s, fade))
    anchor = anchor_of(master, shown) if mend is None else _anchor(master, mend)
    record = record_of(
        shown,
        anchor,
        checked,
        file=to.name,
        master=master.path.name,
        mending=None if mend is None else mending_of(mend),
    )
    return replace(record, problems=checked.problems)


def closed(
    master: Master, to: Path, loop: Loop, plans: Iterable[Mend], *, below: float | None = None
) -> LoopRecord | None:
    """Write the first of some mends whose file shows no seam, as measured on that file.

    Args:
        master: Where its frames are.
        to: The new file, a name that is not taken; nothing is left there where none does.
        loop: The span as it was found or asked for.
        plans: What could be done, the best first.
        below: What the worst step around the seam must be less than, in ordinary steps.

    Raises:
        InputError: The master is damaged.
        OutputError: The file cannot be written.
    """
    for mend in plans:
        try:
            record = rewritten(master, to, loop, mend)
        except InputError as error:  # of two of its frames, or of all: then the next says so too
            log.debug("%s: %s", to.name, error)
            continue
        worst = record.seam_worst or 0.0
        if not record.problems and worst <= mend.bound and (below is None or worst < below):
            return record
        log.debug("%s: %s, %.2f planned", to.name, record.seam_worst, mend.after)
        to.unlink()
    return None


def spanned(times_s: Mapping[int, Fraction], loop: Loop, mend: Mend) -> Loop:
    """A loop with the ends that its mend has chosen.

    Args:
        times_s: Exact time of every frame, by its number.
        loop: The span as it was.
        mend: What is done to close it.
    """
    return replace(
        loop,
        start=mend.start,
        end=mend.end,
        start_s=times_s[mend.start],
        end_s=times_s[mend.end],
        mismatch=mend.mismatch,
        drift_x=mend.lead.drift_x,
        drift_y=mend.lead.drift_y,
    )


def mending_of(mend: Mend) -> Mending:
    """What is recorded of a mend."""
    return Mending(
        mend.method, mend.words, mend.before, mend.after, mend.duration_s, mend.as_json()
    )


def _anchor(master: Master, mend: Mend) -> Anchor:
    """How a mended loop's frames are moved, as it is recorded of any loop."""
    lead, size = mend.lead, master.size
    return Anchor(
        lead.drift_x * size.width,
        lead.drift_y * size.height,
        lead.base_x * size.width,
        lead.base_y * size.height,
        lead.drift_x != 0,
        lead.drift_y != 0,
        lead.note,
    )
