"""Why a stream gave no loop, in words that say what to try."""

from fractions import Fraction

from streaming.loops.candidates import Candidate
from streaming.loops.distance import Thumb, distance
from streaming.loops.fingerprint import Fingerprint
from streaming.loops.guards import ABSENT, DARK, STILL
from streaming.loops.model import Diagnosis, NearMiss
from streaming.settings import LoopSettings

__all__ = ["SEAM", "TOO_FAR", "Tally", "few"]

SEAM, TOO_FAR = "it does not close", "it is too far from closing"  # what stops a span

SELDOM = 0.25  # a subject in fewer frames than this share is none
KEYFRAME_S = Fraction(1, 2)  # motion is looked for between frames this far apart


class Tally:
    """Counts what the diagnosis needs.

    Args:
        settings: What counts as a loop.
    """

    def __init__(self, settings: LoopSettings) -> None:
        self._settings = settings
        self._frames = 0
        self._seen = 0
        self._dark = 0
        self._loops = 0
        self._motion = 0.0
        self._first_s: Fraction | None = None
        self._last_s = Fraction(0)
        self._key: tuple[Fraction, Thumb] | None = None
        self._nearest: NearMiss | None = None

    def see(self, print_: Fingerprint) -> None:
        """Count one frame."""
        self._frames += 1
        self._first_s = print_.time_s if self._first_s is None else self._first_s
        self._last_s = print_.time_s
        self._seen += print_.place.coverage >= ABSENT and print_.luma >= DARK
        self._dark += print_.place.coverage >= ABSENT and print_.luma < DARK
        key = self._key
        if key is None or print_.time_s - key[0] >= KEYFRAME_S:
            if key is not None and key[1].framing == print_.thumb.framing:
                apart = distance(key[1].planes, print_.thumb.planes)
                self._motion = max(self._motion, apart)
            self._key = print_.time_s, print_.thumb

    def miss(self, candidate: Candidate, stopped_by: str) -> None:
        """Note a span that is no loop."""
        if self.nearer(candidate):
            self._nearest = NearMiss(
                candidate.start.time_s, candidate.end.time_s, candidate.mismatch, stopped_by
            )

    def nearer(self, candidate: Candidate) -> bool:
        """Whether a span closes better than any that was missed so far."""
        return self._nearest is None or candidate.mismatch < self._nearest.mismatch

    def found(self) -> None:
        """Count a loop."""
        self._loops += 1

    def diagnosis(self) -> Diagnosis:
        """Say what is to be said."""
        settings, nearest = self._settings, self._nearest
        if self._loops:
            return Diagnosis("found", f"{self._loops} loops were found.", nearest)
        lasts = self._last_s - (self._first_s or Fraction(0))
        if self._frames == 0 or lasts < settings.min_duration_s:
            return Diagnosis(
                "too short",
                f"The video lasts {float(lasts):.2f} s, the shortest loop asked for "
                f"{float(settings.min_duration_s):g} s: lower --min-duration.",
            )
        if self._seen < SELDOM * self._frames and 2 * self._dark > self._frames:
            return Diagnosis(
                "too dark",
                f"In {self._dark} of {self._frames} frames it is too dark to compare anything: "
                "brighten the video, or choose another part of it with --start and --end.",
            )
        if self._seen < SELDOM * self._frames:
            return Diagnosis(
                "no subject",
                f"A subject is to be seen in only {self._seen} of {self._frames} frames. The "
                "network finds people; for anything else take the whole picture: --matte none.",
            )
        if self._motion < 2 * STILL:
            return Diagnosis("no motion", "Nothing moves, so every cut would do.", nearest)
        return Diagnosis("no return", _no_return(nearest, settings), nearest)


def few(loops: int, settings: LoopSettings) -> Diagnosis:
    """Why there are no more loops than a few.

    Args:
        loops: How many there are.
        settings: What was asked for.
    """
    mended = (
        "would show its seam, or something twice, when mended"
        if settings.repair != "none"
        else "does not close, and nothing was to be mended"
    )
    return Diagnosis(
        "few",
        f"{loops} of {settings.loops} loops: every other return is much the same again, or "
        f"{mended}. For more, raise --seam, or film a movement that comes back to where it began.",
    )


def _no_return(nearest: NearMiss | None, settings: LoopSettings) -> str:
    if nearest is None:
        return (
            "The motion never comes back to where it was within "
            f"{float(settings.max_duration_s):g} s: raise --max-duration."
        )
    where = f"from {float(nearest.start_s):.2f} s to {float(nearest.end_s):.2f} s"
    if nearest.mismatch > settings.seam:
        off = (
            f"The nearest return, {where}, is {nearest.mismatch:.1f} ordinary steps off, and at "
            f"most {settings.seam:g} was asked for"
        )
        if settings.repair == "none":
            return f"{off}: raise --seam, or let near-loops be mended: --repair auto."
        other = "film a movement that comes back to where it began"
        if nearest.stopped_by != SEAM:
            return f"{off}. It was not mended, either: {nearest.stopped_by}. Rather {other}."
        return (
            f"{off}. Mending was tried, and every way would have left a visible seam or shown "
            f"something twice: raise --seam, or {other}."
        )
    return f"The nearest return, {where}, closes, but was turned down: {nearest.stopped_by}."
