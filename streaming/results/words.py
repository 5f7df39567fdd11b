"""Numbers as words: what a person reads on the page.

The seam is put into words from two measurements: the mismatch that the detector saw (how many
ordinary steps the seam is off) and the ratio measured on the written file (1 where the seam is as
large as any other step, so one less is how far it is off). The worse of the two counts. Of a loop
that was mended all steps around the seam count in place of both.
"""

from fractions import Fraction

from streaming.results.records import LoopRecord, RunRecord

__all__ = ["bytes_text", "clock", "seam_level", "seam_words", "seconds", "summary"]

WORDS = ("seamless", "not visible", "barely visible", "visible")


def seam_level(record: LoopRecord) -> int:
    """How well a loop closes: 0 seamless, 1 not visible, 2 barely visible, 3 visible."""
    if record.mending is not None:  # its ends need not fit: what is shown between them counts
        off = max(record.mending.seam_after, record.seam_worst or 0.0) - 1
        return sum(off > bound for bound in (0.5, 1.0, 2.0))
    off = record.loop.mismatch
    if record.seam_ratio is not None:
        off = max(off, record.seam_ratio - 1)
    return sum(off > bound for bound in (0.5, 1.0, 2.0))


def seam_words(record: LoopRecord) -> str:
    """How well a loop closes, in words."""
    return WORDS[seam_level(record)]


def clock(time_s: Fraction) -> str:
    """A moment as m:ss.hh, or h:mm:ss.hh from an hour on."""
    whole, hundredths = divmod(round(time_s * 100), 100)
    minutes, second = divmod(whole, 60)
    hours, minute = divmod(minutes, 60)
    head = f"{hours}:{minute:02d}" if hours else f"{minute}"
    return f"{head}:{second:02d}.{hundredths:02d}"


def seconds(length_s: Fraction) -> str:
    """A length as seconds with two digits."""
    return f"{float(length_s):.2f} s"


def bytes_text(count: int) -> str:
    """A file size as a person says it (1 kB is 1000 bytes)."""
    size = float(count)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000 or unit == "GB":
            break
        size /= 1000
    return f"{size:.0f} {unit}" if size >= 10 or unit == "B" else f"{size:.1f} {unit}"


def summary(run: RunRecord) -> str:
    """The result of a run in one or two sentences."""
    loops, near = run.on("loops") + run.on("more"), run.on("near")
    length = seconds(run.input.duration_s)
    if loops:
        found = "1 loop" if len(loops) == 1 else f"{len(loops)} loops"
        best = seconds(loops[0].loop.duration_s)
        seam = seam_words(loops[0])
        closes = f"and is {seam}" if seam == WORDS[0] else f"and its seam is {seam}"
        return f"{found} in {length} of footage. The best lasts {best} {closes}."
    if near:
        many = "1 near-loop" if len(near) == 1 else f"the {len(near)} nearest"
        return f"Nothing in {length} of footage returns exactly. Below: {many}, with a small jump."
    return f"No loop in {length} of footage."
