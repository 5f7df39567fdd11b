"""What the engine recorded of a written loop, as the facts that the page shows."""

from dataclasses import replace

from server.loopfacts import LoopFacts
from streaming.live import LoopRecord, Mending, seam_words, told_of

__all__ = ["recorded"]


def recorded(loop: LoopFacts, record: LoopRecord, *, file: str, master: str) -> LoopFacts:
    """A loop's facts once its file is there.

    Args:
        loop: What was known of it before.
        record: What was measured on the file.
        file: Where it lies, relative to the result folder.
        master: The same for its master; "" without one.
    """
    mending = record.mending
    return replace(
        loop,
        kind="mended" if mending and loop.kind == "near" else loop.kind,
        state="written",
        start=record.loop.start,
        end=record.loop.end,
        start_s=float(record.loop.start_s),
        end_s=float(record.loop.end_s),
        mismatch=record.loop.mismatch,
        seam_ratio=record.seam_ratio,
        seam=seam_words(record),
        width=record.size.width,
        height=record.size.height,
        frames=record.frames,
        bytes=record.bytes,
        file=file,
        master=master,
        problems=record.problems,
        length_s=float(record.duration_s),
        mending=None if mending is None else _words(mending),
        told=told_of(record),
    )


def _words(mending: Mending) -> dict[str, object]:
    return {
        "method": mending.method,
        "words": mending.words,
        "before": mending.seam_before,
        "after": mending.seam_after,
    }
