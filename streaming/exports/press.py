"""Writing a loop for a target: the search for a size with real encoders, and the proof of its end.

Every try is a file in a folder of its own beside the final name, so that what is delivered is the
very file that was measured, moved to its name when it has passed.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from streaming.errors import OutputError
from streaming.exports.dials import Dial, dial_for, words_of
from streaming.exports.fit import Fitted, Rung, Setting, fit
from streaming.exports.likeness import Comparison
from streaming.exports.proof import Proof, prove
from streaming.exports.studio import Studio
from streaming.exports.targets import Target
from streaming.exports.timing import Timing
from streaming.media.film import Film
from streaming.media.played import played
from streaming.media.recipes import Colour, Recipe, WebmRecipe
from streaming.media.vp9 import WebmPress
from streaming.media.written import write

__all__ = ["Pressed", "Progress", "press"]

PERFECT_DB = 42.0  # of the subject's colours: more bytes would show nobody anything
SCOUTED = 3  # every how-manieth frame a scout encodes
LEAST_SCOUTED = 12  # frames from which leaving some out still tells the size

Progress = Callable[[str, float], object]


@dataclass(frozen=True, slots=True)
class Pressed:
    """A file that was written and proven.

    Attributes:
        path: Where it lies for now.
        film: What it shows.
        timing: How that is timed.
        proof: What was measured on it.
        recipe: How it was written.
        rung: What was given up for its size.
        encodes: How many encodes that took.
    """

    path: Path
    film: Film
    timing: Timing
    proof: Proof
    recipe: Recipe
    rung: Rung
    encodes: int

    @property
    def words(self) -> tuple[str, ...]:
        """How it was written, for people."""
        return words_of(self.recipe, self.rung)


def press(
    studio: Studio,
    target: Target,
    folder: Path,
    name: str,
    *,
    matte: Colour = (255, 255, 255),
    progress: Progress = lambda words, share: None,
) -> Pressed:
    """Write a loop as well as its target allows, and prove the file.

    Args:
        studio: Makes the loop's films.
        target: Where it goes.
        folder: An empty folder for tries.
        name: What the file is called.
        matte: What soft edges lie over where alpha has one bit.
        progress: Told what goes on, and about which share of it is done.

    Raises:
        InputError: The loop's master is damaged.
        OutputError: It cannot be made small enough, is too long, or a file cannot be written.
    """
    progress("frames", 0.0)
    timing = studio.timing()
    softness = softness_of(studio.film())
    dial = dial_for(target, plays=timing.plays, matte=matte, softness=softness)
    tries = _Tries(studio, dial, folder, name, progress)
    if target.most_bytes is None:
        setting, recipe = Setting(dial.rungs[0], dial.start), dial.plain
        path = tries.write(setting, recipe)
    else:
        setting = _fitted(tries, dial, target, target.most_bytes).setting
        path, recipe = tries.paths[setting], dial.recipe(setting)
    progress("proof", 0.9)
    film = tries.film(setting.rung)
    timing = studio.timing(thin=setting.rung.thin)
    proof = prove(path, film, target, timing)
    return Pressed(path, film, timing, proof, recipe, setting.rung, tries.encodes)


def _fitted(tries: "_Tries", dial: Dial, target: Target, limit: int) -> Fitted:
    found = fit(
        tries.encode,
        dial.rungs,
        limit,
        start=dial.start,
        slope=dial.slope,
        scout=tries.scout,
        perfect=tries.perfect,
    )
    if not found.within:
        raise _too_large(found, dial, target, tries.film(found.setting.rung))
    return found


def _too_large(found: Fitted, dial: Dial, target: Target, film: Film) -> OutputError:
    """Say what was the smallest, and what would fit."""
    limit, length_s = target.most_bytes or 0, float(film.duration_s)
    fitting_s = math.floor(length_s * limit / found.bytes * 10) / 10
    how = ", ".join(words_of(dial.recipe(found.setting), found.setting.rung))
    return OutputError(
        f"{target.place} takes {limit:,} bytes; the smallest that could be made of these "
        f"{length_s:.3g} s is {found.bytes:,} ({how}): "
        f"choose a loop of about {max(0.1, fitting_s):.1f} s"
    )


class _Tries:
    """Writes tries, each film and each encoder's work kept for the next."""

    def __init__(
        self, studio: Studio, dial: Dial, folder: Path, name: str, progress: Progress
    ) -> None:
        self._studio = studio
        self._dial = dial
        self._folder = folder
        self._name = name
        self._progress = progress
        self._rung: Rung | None = None
        self._film: Film | None = None
        self._vp9: WebmPress | None = None
        self.paths: dict[Setting, Path] = {}
        self.encodes = 0

    def film(self, rung: Rung) -> Film:
        """The film at a rate and size."""
        key = (rung.thin, rung.share)
        if self._film is None or self._rung is None or key != (self._rung.thin, self._rung.share):
            self._film = self._studio.film(thin=rung.thin, share=rung.share)
            self._vp9 = None
        self._rung = rung
        return self._film

    def encode(self, setting: Setting) -> int:
        """Write a try; gives its bytes."""
        self.paths[setting] = self.write(setting, self._dial.recipe(setting))
        return bytes_of(self.paths[setting])

    def scout(self, setting: Setting) -> float:
        """Guess the bytes of a try quickly."""
        film = self.film(setting.rung)
        if self._dial.scout is not None:
            path = self.write(setting, self._dial.scout(setting))
            return bytes_of(path) / self._dial.scout_share
        if len(film.frames) < LEAST_SCOUTED:
            return float(bytes_of(self.write(setting, self._dial.recipe(setting))))
        some = Film.of(film.frames[::SCOUTED], film.times_s[::SCOUTED], film.duration_s)
        path = self._fresh()
        write(path, some, self._dial.recipe(setting))
        return bytes_of(path) * len(film.frames) / len(some.frames)

    def perfect(self, setting: Setting) -> bool:
        """Whether a try's colours are as good as the film's."""
        if setting.quality < self._dial.fine:
            return False
        compared = Comparison(self.film(setting.rung))
        played(self.paths[setting], compared.push)
        return compared.likeness().psnr_db >= PERFECT_DB

    def write(self, setting: Setting, recipe: Recipe) -> Path:
        """Write a file; gives where it is."""
        film, path = self.film(setting.rung), self._fresh()
        if isinstance(recipe, WebmRecipe):
            self._vp9 = self._vp9 or WebmPress(film)
            self._vp9.write(path, recipe)
        else:
            write(path, film, recipe)
        return path

    def _fresh(self) -> Path:
        self.encodes += 1
        self._progress("encode", 0.2 + 0.7 * self.encodes / 9)
        folder = self._folder / str(self.encodes)
        folder.mkdir()
        return folder / self._name


def softness_of(film: Film) -> float:
    """Share of a film's subject that is see-through, 0..1."""
    seen = sum(int((each[..., 3] > 0).sum()) for each in film.frames)
    solid = sum(int((each[..., 3] == 255).sum()) for each in film.frames)
    return (seen - solid) / max(1, seen)


def bytes_of(path: Path) -> int:
    """Size of a file and what lies beside it, or of all files in a folder."""
    if path.is_dir():
        return sum(each.stat().st_size for each in path.rglob("*") if each.is_file())
    return path.stat().st_size
