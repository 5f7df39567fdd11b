"""Proving a file that was written: opened afresh, shown frame by frame, held against its target.

What an encoder was told proves nothing. The file is read as a player reads it, and every limit of
the target's row, the times, the matte and the closure are measured on what comes out. A picture
that is held is no error: some formats store equal neighbours once.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from streaming.exports.likeness import Comparison, Likeness, look_of
from streaming.exports.targets import Target
from streaming.exports.timing import RATE_SLACK, Timing
from streaming.frames import U8
from streaming.loops.seam import seam_of
from streaming.media.film import Film
from streaming.media.played import Played, played

__all__ = ["Check", "Proof", "prove"]

ALPHA_NEAR = 2.0  # of 255: how far a matte may be off, on average over the subject
LATE_S = {"gif": Fraction(1, 100), "webp": Fraction(1, 500), "webm": Fraction(1, 500)}
LATE = Fraction(1, 200)  # seconds by which a frame may come early or late in other formats
SLACK, GRAIN = 1.15, 0.2  # of its film's seam that a file's may exceed, and steps


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What.
        seen: What it is.
        wanted: What it should be.
        good: Whether it is.
    """

    name: str
    seen: str
    wanted: str
    good: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """The verdict on a file.

    Attributes:
        checks: All that was looked at.
        bytes: Size of the file.
        duration_s: How long it plays, once.
        frames: How many pictures it shows.
        psnr_db: Colours of the subject against what was to be written; infinite where equal.
        alpha_off: How far the matte is off, mean over the subject, of 255.
        seam_ratio: The largest step over a seam, in ordinary steps.
    """

    checks: tuple[Check, ...]
    bytes: int
    duration_s: Fraction
    frames: int
    psnr_db: float
    alpha_off: float
    seam_ratio: float

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong; empty where nothing is."""
        return tuple(
            f"{each.name}: {each.seen}, wanted {each.wanted}"
            for each in self.checks
            if not each.good
        )

    @property
    def passed(self) -> bool:
        """Whether the file may be delivered."""
        return not self.problems


def prove(path: Path, film: Film, target: Target, timing: Timing, *, threshold: int = 128) -> Proof:
    """Open a file and hold it against what was asked for.

    Args:
        path: The file, or folder of pictures.
        film: What was to be written.
        target: Where it goes.
        timing: How it is shown.
        threshold: Alpha from which a pixel is there, where alpha has one bit.

    Raises:
        InputError: It cannot be read at all.
    """
    compared = Comparison(film, threshold=None if target.soft else threshold)
    seen = played(path, compared.push)
    like = compared.likeness()
    seam, own = _seam(like.looks, timing), _seam(tuple(map(look_of, film.frames)), timing)
    checks = (
        *_limits(seen, target, film),
        *_times(seen, film, target, timing),
        *_alpha(seen, film, like, target),
        Check(
            "seam", f"{seam:.2f} steps", f"{SLACK * own + GRAIN:.2f}", seam <= SLACK * own + GRAIN
        ),
    )
    return Proof(
        checks, seen.bytes, seen.duration_s, seen.frames, like.psnr_db, like.alpha_off, seam
    )


def _limits(seen: Played, target: Target, film: Film) -> Iterator[Check]:
    """Container, size, pixels: what the target's row says of the file as a whole."""
    fault = target.pixels.fault(seen.size)
    same = seen.size == film.size
    yield Check("picture", f"{seen.size} px", str(target.pixels), not fault and same)
    if target.most_bytes is not None:
        fits = seen.bytes <= target.most_bytes
        yield Check("size", f"{seen.bytes:,} bytes", f"at most {target.most_bytes:,}", fits)
    yield Check("sound", "some" if seen.has_audio else "none", "none", not seen.has_audio)


def _times(seen: Played, film: Film, target: Target, timing: Timing) -> Iterator[Check]:
    """Duration, rate, plays and when each frame comes."""
    late = LATE_S.get(target.format, LATE)
    length = f"{float(seen.duration_s):.3f} s"
    still = len(film.frames) == 1  # a still states no time
    near = still or abs(seen.duration_s - film.duration_s) <= late
    yield Check("duration", length, f"{float(film.duration_s):.3f} s", near)
    if target.most_s is not None:
        total = seen.duration_s * max(1, seen.plays)
        short = total <= target.most_s + Fraction(1, 2000)
        yield Check("in all", f"{float(total):.3f} s", f"at most {float(target.most_s):g} s", short)
    if target.most_fps is not None and seen.duration_s > 0:
        rate = seen.frames / (seen.duration_s + late)  # its end may be rounded down
        slow = still or rate <= target.most_fps * RATE_SLACK
        yield Check("rate", f"{float(rate):.2f} fps", f"at most {float(target.most_fps):g}", slow)
    if target.most_frames is not None:
        few = target.least_frames <= seen.frames <= target.most_frames
        wanted = f"{target.least_frames} to {target.most_frames}"
        yield Check("frames", str(seen.frames), wanted, few)
    told = "for ever" if seen.plays == 0 else str(seen.plays)
    asked = "for ever" if timing.plays == 0 else str(timing.plays)
    yield Check("plays", told, asked, still or target.format in PLAYERS_CHOICE or told == asked)
    yield Check("timeline", *_timeline(seen, film, late))


PLAYERS_CHOICE = {"webm", "stacked", "prores", "pngs", "sheet"}  # say nothing of repeating


def _timeline(seen: Played, film: Film, late: Fraction) -> tuple[str, str, bool]:
    """Whether each picture comes when a frame of the film does; held ones are none too few."""
    worst, at = Fraction(0), Fraction(0)
    for each in seen.durations_s:
        worst = max(worst, min(abs(at - time_s) for time_s in film.times_s))
        at += each
    good = len(film.frames) == 1 or worst <= late
    return f"{float(worst) * 1000:.1f} ms off", f"at most {float(late) * 1000:g} ms", good


def _alpha(seen: Played, film: Film, like: Likeness, target: Target) -> Iterator[Check]:
    """Whether what was see-through is, and the matte is kept."""
    least = min(int(each[..., 3].min()) for each in film.frames)
    most = max(int(each[..., 3].max()) for each in film.frames)
    present = (seen.alpha_min < 128 or least >= 128) and (seen.alpha_max >= 128 or most < 128)
    span = f"{seen.alpha_min} to {seen.alpha_max}"
    yield Check("alpha", span, f"{least} to {most}", present)
    bound = ALPHA_NEAR if target.soft else 0.0
    near = like.alpha_off <= bound
    seen_off = f"{like.alpha_off:.2f}/255 off on average"
    yield Check("matte", seen_off, f"at most {bound:g}/255 over the subject", near)


def _seam(looks: tuple[U8, ...], timing: Timing) -> float:
    """The larger of the step where the file begins anew and the step where the loop did."""
    once = looks[: max(1, len(looks) // timing.rounds)]
    join = timing.frames[: len(once)].index(min(timing.frames))
    turned = once[join:] + once[:join]
    return max(seam_of(once).ratio, seam_of(turned).ratio)
