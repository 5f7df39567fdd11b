"""A written loop's frames once more, as they are shown, from its master and what is recorded of it.

Whatever is made of a loop later starts here and never from the loop's own file, which is an encoded
one. Its master holds the source's frames as they were; the record says which of them the loop shows
and how far its subject was led back.
"""

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from functools import partial
from pathlib import Path
from typing import cast

from streaming.errors import InputError
from streaming.exports.cycle import Cycle
from streaming.frames import U8, read_only
from streaming.keeping import box_of
from streaming.loops.anchor import Anchor, plan_anchor
from streaming.loops.model import Loop
from streaming.media.master import Master, read_master
from streaming.mending.model import Mend
from streaming.repairing import moved_in_frame, shown

__all__ = ["anchor_of", "cycle_of", "recorded_cycle", "recorded_loop", "recorded_mend"]

LOOK_PX = 384  # long side of the pictures in which the subject's place is looked up


def recorded_cycle(path: Path, told: Mapping[str, object]) -> Cycle:
    """The frames of a loop that a run has written.

    Args:
        path: The loop's master.
        told: What `loops.json` says of the loop: one entry of its `loops`, `more` or `near`.

    Raises:
        InputError: The master is damaged or gone, or is not that loop's.
    """
    master = read_master(path)
    return cycle_of(master, recorded_loop(path, master, told), recorded_mend(path, told))


def cycle_of(
    master: Master, loop: Loop, mend: Mend | None = None, *, judged: bool = False
) -> Cycle:
    """The frames of any span of a master, led back and mended as the loop's file shows them.

    Args:
        master: Where its frames are.
        loop: The span, and how far its subject drifted.
        mend: What is done to close it; None cuts it as it is.
        judged: Whether to stop where a mended frame shows something twice.

    Raises:
        InputError: The master is damaged; while frames are read too.
    """
    if mend is not None:
        times_s = tuple(each.time_s for each in mend.frames)
        return Cycle(
            master.size, times_s, mend.duration_s, partial(shown, master, mend, judged=judged)
        )
    inside = range(master.indices.index(loop.start), master.indices.index(loop.end))
    shown_s = tuple(master.times_s[each] - loop.start_s for each in inside)
    anchor = anchor_of(master, loop)
    return Cycle(master.size, shown_s, loop.duration_s, _reading(master, loop, anchor))


def _reading(master: Master, loop: Loop, anchor: Anchor) -> Callable[[], Iterator[U8]]:
    def read() -> Iterator[U8]:
        for frame in master.frames():
            if frame.index >= loop.end:
                return
            if frame.index >= loop.start:
                passed = (frame.time_s - loop.start_s) / loop.duration_s
                yield read_only(moved_in_frame(frame.rgba, *anchor.shift_at(passed)))

    return read


def anchor_of(master: Master, loop: Loop) -> Anchor:
    """How the frames of a span of a master are moved.

    Raises:
        InputError: The master is damaged.
    """
    if loop.drift_x == 0 and loop.drift_y == 0:
        return Anchor()
    subjects = zip(master.indices, master.subjects(LOOK_PX), strict=False)
    boxes = [box_of(each.whole()) for index, each in subjects if loop.start <= index < loop.end]
    return plan_anchor(loop, boxes, master.size)


def recorded_mend(path: Path, told: Mapping[str, object]) -> Mend | None:
    """How a recorded loop is mended, None where it is merely cut.

    Args:
        path: The loop's master.
        told: What `loops.json` says of the loop.

    Raises:
        InputError: It does not say so whole.
    """
    mending = told.get("mending")
    if mending is None:
        return None
    try:
        return Mend.of_json(cast(Mapping[str, object], mending))
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"loops.json does not say how {path.name} is mended: {error}") from error


def recorded_loop(path: Path, master: Master, told: Mapping[str, object]) -> Loop:
    """The span that a recorded loop shows.

    Args:
        path: The loop's master.
        master: What that says of itself.
        told: What `loops.json` says of the loop.

    Raises:
        InputError: The master holds no such span.
    """
    try:
        start, end = (int(str(told[key])) for key in ("start_frame", "end_frame"))
        led = bool(told["anchored"])
        drift_x, drift_y = (float(str(told[key])) for key in ("shift_x_px", "shift_y_px"))
        start_s, end_s = (Fraction(str(told[key])) for key in ("start_exact", "end_exact"))
    except (KeyError, ValueError) as error:
        raise InputError(f"loops.json does not say where {path.name} begins: run again") from error
    if start not in master.indices or end not in master.indices or end <= start:
        low, high = master.indices[0], master.indices[-1]
        raise InputError(f"frames {start} to {end}: {path.name} holds {low} to {high}")
    return Loop(
        id=str(told.get("id", "")),
        kind="loop",
        start=start,
        end=end,
        start_s=start_s,
        end_s=end_s,
        mismatch=0.0,
        step=0.0,
        drift_x=drift_x / master.size.width if led else 0.0,
        drift_y=drift_y / master.size.height if led else 0.0,
    )
