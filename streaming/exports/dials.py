"""What each format can give up to become smaller, in which order, and the recipe at each point.

Qualities are whole steps, so that the search can close in on one: half a step of crf for WEBM (the
half is spent on the matte), per cent for WebP, an eighth of an octave of colours for palettes. A
format that has no other quality has its colours: from all of them by coarser and coarser levels to
a palette of 256, then down to 64, at which a face is still a face, and on the way there the dither
goes and runs of nearly equal pixels become equal; further down only after the rate, and pixels come
after everything else.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from streaming.exports.fit import Rung, Setting
from streaming.exports.targets import Format, Target
from streaming.media.recipes import (
    ApngRecipe,
    AvifRecipe,
    Colour,
    GifRecipe,
    PngsRecipe,
    ProResRecipe,
    Recipe,
    SheetRecipe,
    StackedRecipe,
    WebmRecipe,
    WebpRecipe,
)

__all__ = ["Dial", "dial_for", "words_of"]

PALETTE = 64  # quality: of 256 colours
LEVELS = (16, 12, 10, 8, 6, 5, 4, 3, 2, 1)  # steps of an APNG's colours from there on
MATTE_CRF = 36  # of a matte that rides beside colours of less quality: see media/vp9.py
MATTE_STEP = 4  # of crf: mattes that were encoded for one try serve the next
EFFORT = 4
SIXTY_FOUR, ROUGH_FROM = 48, 60  # qualities: of 64 colours, and below which the dither goes
LEAST_COLOURS = 28  # quality: of 11 colours; many that are see-through need 64, all of them exact
FINE_DITHER = 0.5
MOST_LOSS = 10.0  # levels; above 12 streaks show: see media/apng.py
# Of a WebP's matte: at 70 it has 16 levels, soft edges are 4/255 off and take a third of the bytes
# that they take exactly (a dancer in 512 px: 400 kB in all, 640 exactly).
FEW_LEVELS, EXACT, SOFTEST = 70, 100, 0.25
LEAST_SUBJECT = 0.5  # of the picture that a subject must fill where its size is fixed


@dataclass(frozen=True, slots=True)
class Dial:
    """The knobs of one format.

    Attributes:
        rungs: What may be given up, in order; only the first where nothing is limited.
        start: Quality to begin the search with.
        slope: About how much ln(bytes) rises per step.
        recipe: How to write at a setting.
        fine: Quality below which a picture is never as good as perfect.
        plain: How to write where no size is asked for.
        scout: How to write quickly something whose size is `scout_share` of the real one, None
            where nothing but leaving out frames is quicker.
        scout_share: See there.
    """

    rungs: tuple[Rung, ...]
    start: int
    slope: float
    fine: int
    recipe: Callable[[Setting], Recipe]
    plain: Recipe
    scout: Callable[[Setting], Recipe] | None = None
    scout_share: float = 1.0


def dial_for(
    target: Target, *, plays: int = 0, matte: Colour = (255, 255, 255), softness: float = 1.0
) -> Dial:
    """The knobs of a target's format, and how far they may be turned for it.

    Args:
        target: Where the file goes.
        plays: How often it plays, 0 for ever.
        matte: What soft edges lie over where alpha has one bit.
        softness: Share of the subject that is see-through, 0..1: it decides how exactly a matte
            must be kept.
    """
    match target.format:
        case "webm":
            dial = _webm()
        case "webp":
            dial = _webp(plays, EXACT if softness > SOFTEST else FEW_LEVELS)
        case "apng":
            dial = _apng(plays, soft=softness > SOFTEST)
        case "gif":
            dial = _gif(plays, matte)
        case _:
            dial = _plain(_unlimited(target.format))
    return replace(dial, rungs=tuple(each for each in dial.rungs if _allowed(each, target)))


def _allowed(rung: Rung, target: Target) -> bool:
    """Whether a target's picture may become so small."""
    match target.pixels.form:
        case "exact":
            return rung.share >= LEAST_SUBJECT
        case "box":
            longer = max(target.pixels.width, target.pixels.height)
            return rung.share == 1 or rung.share * longer >= target.pixels.least_px
        case _:
            return rung.share == 1


def words_of(recipe: Recipe, rung: Rung) -> tuple[str, ...]:
    """A recipe as people read it."""
    words = [_quality(recipe)]
    if rung.thin > 1:
        words.append({2: "every second frame", 3: "every third frame"}[rung.thin])
    if rung.share < 1:
        words.append(f"the picture at {rung.share:.0%}")
    return tuple(words)


def _quality(recipe: Recipe) -> str:
    match recipe:
        case WebmRecipe():
            return f"VP9 crf {recipe.crf}, matte crf {recipe.alpha_crf}"
        case WebpRecipe():
            return "lossless" if recipe.lossless else f"quality {recipe.quality} of 100"
        case ApngRecipe():
            return _colours(recipe)
        case GifRecipe():
            return f"{recipe.colours} colours"
        case ProResRecipe():
            return "ProRes 4444"
        case StackedRecipe():
            return f"H.264 crf {recipe.crf}"
        case AvifRecipe():
            return f"quality {recipe.quality} of 100"
        case _:
            return "lossless"


def _colours(recipe: ApngRecipe) -> str:
    if recipe.colours is not None:
        return f"{recipe.colours} colours"
    return "all colours" if recipe.step == 1 else f"every {recipe.step} levels of colour"


def _rungs(
    most: int, least: int, least_thinned: int, least_small: int | None = None
) -> tuple[Rung, ...]:
    """Quality; then rate; then, down to `least_thinned`, colours; then pixels."""
    small = least_thinned if least_small is None else least_small
    return (
        Rung(least, most),
        Rung(least, most, thin=2),
        Rung(least, most, thin=3),
        Rung(least_thinned, most, thin=3),
        *(Rung(small, most, thin=3, share=share) for share in (0.8, 0.64, 0.5, 0.4)),
    )


def _webm() -> Dial:
    def at(setting: Setting, effort: Literal["fast", "good"] = "good") -> WebmRecipe:
        crf, half = divmod(126 - setting.quality, 2)
        matte = min(MATTE_CRF, max(8, crf // MATTE_STEP * MATTE_STEP))
        return WebmRecipe(crf + half, matte - MATTE_STEP if half else matte, effort)

    return Dial(
        _rungs(126, 34, 20),
        46,
        0.04,
        82,
        at,
        WebmRecipe(),
        lambda setting: at(setting, "fast"),
        1.4,
    )


def _webp(plays: int, matte: int) -> Dial:
    def at(setting: Setting) -> WebpRecipe:
        return WebpRecipe(setting.quality, matte, EFFORT, plays=plays)

    return Dial(_rungs(100, 20, 5), 60, 0.02, 80, at, WebpRecipe(quality=90, plays=plays))


def _apng(plays: int, *, soft: bool) -> Dial:
    def at(setting: Setting) -> ApngRecipe:
        if setting.quality > PALETTE:
            return ApngRecipe(None, plays=plays, step=LEVELS[setting.quality - PALETTE - 1])
        colours, rough = _palette(setting)
        rough = 0.0 if soft else rough
        return ApngRecipe(colours, FINE_DITHER * (1 - rough), MOST_LOSS * rough, plays)

    return Dial(
        _rungs(PALETTE + len(LEVELS), SIXTY_FOUR, SIXTY_FOUR if soft else LEAST_COLOURS),
        60,
        0.05,
        62,
        at,
        ApngRecipe(plays=plays),
    )


def _gif(plays: int, matte: Colour) -> Dial:
    def at(setting: Setting) -> GifRecipe:
        colours, rough = _palette(setting)
        return GifRecipe(
            colours,
            matte=matte,
            dither=FINE_DITHER * (1 - rough),
            loss=MOST_LOSS * rough,
            plays=plays,
        )

    return Dial(
        _rungs(64, SIXTY_FOUR, LEAST_COLOURS), 60, 0.05, 62, at, GifRecipe(matte=matte, plays=plays)
    )


def _palette(setting: Setting) -> tuple[int, float]:
    """Colours, and how far what is finer than they are is given up, 0..1."""
    rough = (ROUGH_FROM - setting.quality) / (ROUGH_FROM - SIXTY_FOUR)
    return min(256, round(2 ** (setting.quality / 8))), max(0.0, min(1.0, rough))


def _plain(recipe: Recipe) -> Dial:
    return Dial((Rung(0, 0),), 0, 1.0, 0, lambda setting: recipe, recipe)


def _unlimited(format: Format) -> Recipe:
    made: dict[Format, Recipe] = {
        "avif": AvifRecipe(),
        "prores": ProResRecipe(),
        "stacked": StackedRecipe(),
        "pngs": PngsRecipe(),
        "sheet": SheetRecipe(trim=True),
    }
    return made[format]
