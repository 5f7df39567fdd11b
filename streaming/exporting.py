"""One loop for one destination: from its master to a file that is proven to be accepted.

    master and record -> cycle -> survey -> first frame -> films -> search for a size -> proof

Everything starts from the loop's master: what was encoded once for the browser's sake has lost what
a sticker may still show.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from streaming.cycles import recorded_cycle
from streaming.errors import OutputError
from streaming.exports.cycle import Cycle
from streaming.exports.delivery import deliver, require_free, workplace
from streaming.exports.phase import first_frame
from streaming.exports.press import Pressed, Progress, press
from streaming.exports.proof import Proof
from streaming.exports.studio import Dress, Studio
from streaming.exports.survey import survey_of
from streaming.exports.targets import Target
from streaming.exports.timing import timing_for
from streaming.frames import Size
from streaming.media.recipes import Colour
from streaming.settings import ExportSettings

__all__ = ["Exported", "export_cycle", "export_loop"]

PLAIN = ExportSettings()


@dataclass(frozen=True, slots=True)
class Exported:
    """A file that was delivered.

    Attributes:
        path: The file, or the folder of pictures.
        target: Where it goes.
        bytes: Its size.
        size: Of its pictures.
        frames: How many it shows.
        duration_s: How long it plays, once.
        plays: How often it says it plays, 0 for ever.
        start_frame: The loop's frame that it begins with.
        encodes: How many encodes its size took.
        words: How it was written, for people.
        proof: What was measured on it.
        files: All files that belong to it, `path` first.
    """

    path: Path
    target: Target
    bytes: int
    size: Size
    frames: int
    duration_s: Fraction
    plays: int
    start_frame: int
    encodes: int
    words: tuple[str, ...]
    proof: Proof
    files: tuple[Path, ...]

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong with it: nothing, or it had not been delivered."""
        return self.proof.problems

    def as_json(self) -> dict[str, object]:
        """Plain values, as `loops.json` has them; the file by its name alone."""
        psnr = self.proof.psnr_db
        return {
            "target": self.target.name,
            "place": self.target.place,
            "file": self.path.name,
            "beside": [each.name for each in self.files[1:]],
            "bytes": self.bytes,
            "most_bytes": self.target.most_bytes,
            "width": self.size.width,
            "height": self.size.height,
            "frames": self.frames,
            "duration_s": float(self.duration_s),
            "plays": self.plays,
            "start_frame": self.start_frame,
            "encodes": self.encodes,
            "words": list(self.words),
            "psnr_db": None if psnr == float("inf") else round(psnr, 2),
            "alpha_off": round(self.proof.alpha_off, 3),
            "seam_ratio": round(self.proof.seam_ratio, 3),
            "passed": self.proof.passed,
            "checks": [
                {"name": each.name, "seen": each.seen, "wanted": each.wanted, "good": each.good}
                for each in self.proof.checks
            ],
        }


def export_loop(
    master: Path,
    told: Mapping[str, object],
    target: Target,
    to: Path,
    settings: ExportSettings = PLAIN,
    *,
    replace: bool = False,
    progress: Progress = lambda words, share: None,
) -> Exported:
    """Write a recorded loop for a target.

    Args:
        master: The loop's master.
        told: What `loops.json` says of the loop: one entry of its `loops`, `more` or `near`.
        target: Where it goes.
        to: The file to make; for a sequence of pictures the folder.
        settings: How it looks there.
        replace: Whether what has that name may be replaced.
        progress: Told what goes on, and about which share of it is done.

    Raises:
        InputError: The master is damaged or gone, or is not that loop's.
        OutputError: The loop is too long or too large for the target, a name is taken, or what was
            written failed its proof; nothing is delivered then.
        SettingsError: The frame to begin with is not one of the loop's.
    """
    require_free(to, replace=replace)
    cycle = recorded_cycle(master, told)
    return export_cycle(cycle, target, to, settings, replace=replace, progress=progress)


def export_cycle(
    cycle: Cycle,
    target: Target,
    to: Path,
    settings: ExportSettings = PLAIN,
    *,
    replace: bool = False,
    progress: Progress = lambda words, share: None,
) -> Exported:
    """Write any closed cycle of frames for a target; see `export_loop`."""
    require_free(to, replace=replace)
    timing_for(cycle, target, rate=settings.rate)  # too long is said before anything is decoded
    progress("survey", 0.0)
    survey = survey_of(cycle)
    start = first_frame(survey, still=target.still, asked=settings.start_frame)
    dress = Dress(
        start,
        settings.stroke_px,
        _colour(settings.stroke_colour),
        settings.margin_px,
        settings.rate,
    )
    studio = Studio(cycle, survey, target, dress)
    with workplace(to) as folder:
        matte = _colour(settings.matte_colour)
        made = press(studio, target, folder, to.name, matte=matte, progress=progress)
        if not made.proof.passed:
            raise OutputError(
                f"{to.name} failed its proof for {target.place} and was not delivered: "
                f"{'; '.join(made.proof.problems)}; report this with the loop"
            )
        files = deliver(made.path, to, replace=replace)
    progress("done", 1.0)
    return _exported(made, target, files, start)


def _exported(made: Pressed, target: Target, files: tuple[Path, ...], start: int) -> Exported:
    return Exported(
        files[0],
        target,
        made.proof.bytes,
        made.film.size,
        len(made.film.frames),
        made.film.duration_s,
        made.timing.plays,
        start,
        made.encodes,
        made.words,
        made.proof,
        files,
    )


def _colour(text: str) -> Colour:
    """From #RRGGBB, which settings have checked."""
    red, green, blue = (int(text[each : each + 2], 16) for each in (1, 3, 5))
    return red, green, blue
