"""Proving a loop that was written: it is read again from the disk, as a player would, and measured.

What a writer believes it wrote proves nothing. So the file is decoded with the decoder that keeps
alpha, and its number of frames, its length, its range of alpha and the step over its seam are
compared with what was wanted.
"""

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from streaming.frames import Size
from streaming.loops.anchor import Anchor
from streaming.loops.model import Loop
from streaming.loops.seam import Seam, SeamGauge
from streaming.media.alpha import WebmFacts, probe_webm
from streaming.results import Anchoring, LoopRecord, Mending

__all__ = ["Checked", "Expected", "check", "record_of", "seam_bound"]

CHECK_PX = 256  # long side at which a written loop's seam is measured


def seam_bound(mismatch: float, pace: float) -> float:
    """The largest seam ratio that fits a loop's mismatch.

    The last written frame is one step before the frame that was compared, so the step over the
    seam is about one step, as long as those beside it, plus the mismatch; half as much again is
    granted to noise and codec.

    Args:
        mismatch: The loop's, in ordinary steps.
        pace: The step beside the seam, in ordinary steps.
    """
    return 1.5 * (max(1.0, pace) + mismatch)


@dataclass(frozen=True, slots=True)
class Expected:
    """What a written file must be.

    Attributes:
        size: Size of its frames.
        frames: How many.
        duration_s: How long it lasts; as long as the loop's span where None.
        fade: How many frames before the seam are not the source's own.
    """

    size: Size
    frames: int
    duration_s: Fraction | None = None
    fade: int = 0


@dataclass(frozen=True, slots=True)
class Checked:
    """What the written file really is, and what is wrong with it."""

    facts: WebmFacts
    seam: Seam
    problems: tuple[str, ...]


def check(path: Path, loop: Loop, wanted: Expected) -> Checked:
    """Decode a written loop and compare it with what was wanted.

    Args:
        path: The file.
        loop: What it shows.
        wanted: What it must be.

    Raises:
        InputError: It cannot be read at all.
    """
    width, height = wanted.size.width, wanted.size.height
    scale = min(1.0, CHECK_PX / max(width, height))
    small = Size(max(1, round(width * scale)), max(1, round(height * scale)))
    gauge = SeamGauge(before=wanted.fade + 1)
    facts = probe_webm(path, look=gauge.see, size=small)
    seam = gauge.seam()
    problems = []
    if facts.frames != wanted.frames:
        problems.append(f"{facts.frames} frames in the file, {wanted.frames} were written")
    if not facts.has_alpha:
        problems.append("the file has no alpha channel")
    if facts.alpha_max == 0:
        problems.append("every pixel is transparent")
    length_s = loop.duration_s if wanted.duration_s is None else wanted.duration_s
    if abs(facts.duration_s - length_s) > Fraction(2, 1000):
        problems.append(f"lasts {float(facts.duration_s):.3f} s, wanted {float(length_s):.3f} s")
    bound = seam_bound(loop.mismatch, seam.pace)
    if loop.kind == "loop" and seam.ratio > bound:
        problems.append(f"the seam is {seam.ratio:.2f} ordinary steps, at most {bound:.2f} fits it")
    return Checked(facts, seam, tuple(problems))


def record_of(
    loop: Loop,
    anchor: Anchor,
    checked: Checked,
    *,
    file: str,
    master: str | None,
    mending: Mending | None = None,
) -> LoopRecord:
    """What is recorded of a written loop.

    Args:
        loop: What it shows.
        anchor: How its frames were moved.
        checked: What the file is.
        file: Where it lies, relative to the result folder.
        master: The same for its master.
        mending: What was done to close it, None where it was merely cut.
    """
    return LoopRecord(
        loop=loop,
        file=file,
        master=master,
        size=checked.facts.size,
        frames=checked.facts.frames,
        bytes=checked.facts.bytes,
        seam_ratio=checked.seam.ratio,
        seam_worst=checked.seam.worst,
        mending=mending,
        alpha_min=checked.facts.alpha_min,
        alpha_max=checked.facts.alpha_max,
        anchoring=Anchoring(
            anchor.drift_x_px, anchor.drift_y_px, anchor.led_x or anchor.led_y, anchor.note
        ),
        encoding="VP9 with alpha (yuva420p, bt709), constant quality 28",
    )
