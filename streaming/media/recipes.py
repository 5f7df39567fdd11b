"""How a film is written in each format: the knobs that decide a file's size, and nothing else.

Values alone, so that a search for a size can turn them without opening a codec. Each default is
what suits a file that has no limit.
"""

from dataclasses import dataclass
from typing import Literal

__all__ = [
    "ApngRecipe",
    "AvifRecipe",
    "Colour",
    "GifRecipe",
    "PngsRecipe",
    "ProResRecipe",
    "Recipe",
    "SheetRecipe",
    "StackedRecipe",
    "WebmRecipe",
    "WebpRecipe",
]

Colour = tuple[int, int, int]


def _within(name: str, value: float, least: float, most: float) -> None:
    if not least <= value <= most:
        raise ValueError(f"{name} is from {least} to {most}, not {value}")


@dataclass(frozen=True, slots=True)
class WebmRecipe:
    """VP9 with alpha in WEBM.

    Attributes:
        crf: Quality of the colours, 0 (best) to 63.
        alpha_crf: Quality of the matte, 0 to 63; from 0 to ALPHA_CRF_MOST it is off by less than
            2/255 on average over a subject, by more at its soft edges.
        effort: "good" gives smaller files, "fast" gives them sooner.
    """

    crf: int = 24
    alpha_crf: int = 16
    effort: Literal["fast", "good"] = "good"

    def __post_init__(self) -> None:
        _within("crf", self.crf, 0, 63)
        _within("alpha_crf", self.alpha_crf, 0, 63)


@dataclass(frozen=True, slots=True)
class WebpRecipe:
    """Animated WebP; times are whole milliseconds.

    Attributes:
        quality: Of the colours, 0 to 100; with `lossless` how long to look for a smaller file.
        alpha_quality: Of the matte, 0 to 100; 100 keeps it exactly.
        method: Effort, 0 (soonest) to 6 (smallest).
        lossless: Keep every visible pixel exactly.
        plays: How often it plays, 0 for ever.
    """

    quality: int = 80
    alpha_quality: int = 100
    method: int = 4
    lossless: bool = False
    plays: int = 0

    def __post_init__(self) -> None:
        _within("quality", self.quality, 0, 100)
        _within("alpha_quality", self.alpha_quality, 0, 100)
        _within("method", self.method, 0, 6)
        _within("plays", self.plays, 0, 65_535)


@dataclass(frozen=True, slots=True)
class ApngRecipe:
    """Animated PNG; times are exact fractions.

    Attributes:
        colours: Size of the one palette for all frames, 2 to 256, each entry with its own
            opacity; None keeps every pixel as it is.
        dither: How far pixels are moved by a pattern that stands still, 0 (not) to 1.
        loss: How many levels a pixel may be off to make a run with its neighbour, 0 to 64.
        plays: How often it plays, 0 for ever.
        step: Without a palette, how many levels lie from one red, green or blue to the next; 1
            keeps all of them. The matte stays exact.
    """

    colours: int | None = None
    dither: float = 0.5
    loss: float = 0.0
    plays: int = 0
    step: int = 1

    def __post_init__(self) -> None:
        if self.colours is not None:
            _within("colours", self.colours, 2, 256)
        _within("dither", self.dither, 0, 1)
        _within("loss", self.loss, 0, 64)
        _within("plays", self.plays, 0, 65_535)
        _within("step", self.step, 1, 64)


@dataclass(frozen=True, slots=True)
class GifRecipe:
    """GIF: a pixel is there or is not; times are 1/100 s, at least two of them.

    Attributes:
        colours: Size of the one palette for all frames, 2 to 256, the transparent entry included.
        threshold: Alpha from which a pixel is there, 1 to 255.
        matte: What soft edges are laid over, since they cannot stay soft.
        dither: How far pixels are moved by a pattern that stands still, 0 (not) to 1.
        loss: How many levels a pixel may be off to make a run with its neighbour, 0 to 64.
        plays: How often it plays, 0 for ever.
    """

    colours: int = 256
    threshold: int = 128
    matte: Colour = (255, 255, 255)
    dither: float = 0.5
    loss: float = 0.0
    plays: int = 0

    def __post_init__(self) -> None:
        _within("colours", self.colours, 2, 256)
        _within("threshold", self.threshold, 1, 255)
        for each in self.matte:
            _within("matte", each, 0, 255)
        _within("dither", self.dither, 0, 1)
        _within("loss", self.loss, 0, 64)
        _within("plays", self.plays, 0, 65_535)


@dataclass(frozen=True, slots=True)
class AvifRecipe:
    """Animated AVIF; it plays for ever.

    Attributes:
        quality: 0 to 100, of colours and matte.
        speed: 0 (smallest) to 10 (soonest).
    """

    quality: int = 70
    speed: int = 8

    def __post_init__(self) -> None:
        _within("quality", self.quality, 0, 100)
        _within("speed", self.speed, 0, 10)


@dataclass(frozen=True, slots=True)
class ProResRecipe:
    """ProRes 4444 in MOV, for editing.

    Attributes:
        quantiser: 1 (best, largest) to 64.
    """

    quantiser: int = 4

    def __post_init__(self) -> None:
        _within("quantiser", self.quantiser, 1, 64)


@dataclass(frozen=True, slots=True)
class StackedRecipe:
    """H.264 in MP4, colours above and the matte in grey below, for a canvas.

    Attributes:
        crf: Quality, 0 (best) to 51.
        player: Whether a page that plays it is written beside it, under its name with .html.
    """

    crf: int = 18
    player: bool = True

    def __post_init__(self) -> None:
        _within("crf", self.crf, 0, 51)


@dataclass(frozen=True, slots=True)
class PngsRecipe:
    """A folder of PNG pictures, frame_0000.png and on.

    Attributes:
        effort: Of compression, 0 to 9.
    """

    effort: int = 6

    def __post_init__(self) -> None:
        _within("effort", self.effort, 0, 9)


@dataclass(frozen=True, slots=True)
class SheetRecipe:
    """A sprite sheet: one PNG whose sides are powers of two, and a JSON of the same name.

    Attributes:
        trim: Cut every frame down to what is not transparent, and say where it stood.
        padding_px: Room between cells, filled with their own edge, so that none bleeds in.
        most_px: The longest side that the sheet may have.
        form: "hash" names frames by their keys, "array" lists them.
    """

    trim: bool = False
    padding_px: int = 2
    most_px: int = 8192
    form: Literal["hash", "array"] = "hash"

    def __post_init__(self) -> None:
        _within("padding_px", self.padding_px, 0, 64)
        _within("most_px", self.most_px, 1, 32_768)


Recipe = (
    WebmRecipe
    | WebpRecipe
    | ApngRecipe
    | GifRecipe
    | AvifRecipe
    | ProResRecipe
    | StackedRecipe
    | PngsRecipe
    | SheetRecipe
)
