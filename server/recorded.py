"""What the engine recorded of a written loop, as the facts that the page shows."""

from dataclasses import replace

from server.loopfacts import LoopFacts
from streaming.live import LoopRecord, seam_words, told_of

__all__ = ["recorded"]


def recorded(loop: LoopFacts, record: LoopRecord, *, file: str, master: str) -> LoopFacts:
    """A loop's facts once its file is there.

    Args:
        loop: What was known of it before.
        record: What was measured on the file.
        file: Where it lies, relative to the result folder.
        master: The same for its master; "" without one.
    """
    return replace(
        loop,
        state="written",
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
        told=told_of(record),
    )
