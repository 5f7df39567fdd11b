"""Where a loop can go, and what each place accepts: one frozen row per destination.

The command's choices, its help, the page's menu, the search for a size and the checks of a written
file are all made from these rows, so a new destination is one new row. Each row names where its
limits were read. Where a place says "KB" and nobody could tell which, the smaller kind is taken.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from streaming.errors import SettingsError
from streaming.frames import Size

__all__ = ["TARGETS", "Format", "Pixels", "Target", "target_called", "target_json"]

Format = Literal["webm", "webp", "apng", "gif", "avif", "prores", "stacked", "pngs", "sheet"]
CODECS: dict[Format, str] = {
    "webm": "WEBM, VP9 with alpha",
    "webp": "animated WebP",
    "apng": "APNG",
    "gif": "GIF",
    "avif": "animated AVIF",
    "prores": "MOV, ProRes 4444",
    "stacked": "MP4, H.264, the matte below the colours",
    "pngs": "folder of PNG pictures",
    "sheet": "PNG sheet and JSON",
}
SUFFIXES: dict[Format, str] = {
    "webm": ".webm",
    "webp": ".webp",
    "apng": ".png",  # what every place that takes APNG calls it
    "gif": ".gif",
    "avif": ".avif",
    "prores": ".mov",
    "stacked": ".mp4",
    "pngs": "",
    "sheet": ".png",
}
KIB = 1024


@dataclass(frozen=True, slots=True)
class Pixels:
    """Which pictures a place takes.

    Attributes:
        form: "own": the loop's own picture, whole. "exact": exactly this size, the subject in it.
            "side": the longer side exactly this long, the other as the subject needs. "box": the
            subject in a picture that fits in this size and fills it one way; smaller where
            `least_px` allows.
        width: Of "exact" and "box"; the longer side of "side".
        height: Of "exact" and "box".
        least_px: How short the longer side of a "box" may become to save bytes.
    """

    form: Literal["own", "exact", "side", "box"]
    width: int = 0
    height: int = 0
    least_px: int = 0

    def fault(self, size: Size) -> str:
        """What is wrong with a picture of this size; empty where nothing is."""
        longer = max(size.width, size.height)
        match self.form:
            case "own":
                good = True
            case "exact":
                good = (size.width, size.height) == (self.width, self.height)
            case "side":
                good = longer == self.width
            case "box":
                inside = size.width <= self.width and size.height <= self.height
                good = inside and longer >= self.least_px
        return "" if good else f"{size} px, wanted {self}"

    def __str__(self) -> str:
        match self.form:
            case "own":
                return "any"
            case "exact":
                return f"exactly {self.width}x{self.height}"
            case "side":
                return f"longer side exactly {self.width}"
            case "box":
                return f"within {self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Target:
    """One destination.

    Attributes:
        name: What it is called on the command line.
        place: What people call it.
        format: Container and codec.
        pixels: Which pictures it takes.
        most_s: Longest duration in seconds, repeats included where it counts them; None: any.
        most_fps: Most frames per second; None: any.
        least_frames: Fewest frames.
        most_frames: Most frames; None: any.
        most_bytes: Largest file; None: any.
        still: Whether its first frame is shown as a still.
        counts_plays: Whether it plays a stated number of times instead of for ever.
        whole_seconds: Whether only whole seconds are accepted.
        margin_px: Empty room around the subject, in its own pixels.
        source: Where the limits were read.
        read: When.
        note: What else one should know.
    """

    name: str
    place: str
    format: Format
    pixels: Pixels
    source: str
    most_s: Fraction | None = None
    most_fps: Fraction | None = None
    least_frames: int = 1
    most_frames: int | None = None
    most_bytes: int | None = None
    still: bool = False
    counts_plays: bool = False
    whole_seconds: bool = False
    margin_px: int = 0
    read: str = "2026-11"
    note: str = ""

    @property
    def soft(self) -> bool:
        """Whether a pixel may be partly there; where not, the matte is cut at a threshold."""
        return self.format != "gif"

    @property
    def codec(self) -> str:
        """Container and codec in words."""
        return CODECS[self.format]

    @property
    def suffix(self) -> str:
        """Of its files; empty for a folder."""
        return SUFFIXES[self.format]

    @property
    def limited(self) -> bool:
        """Whether a loop can be too long for it."""
        return self.most_s is not None


def _square(px: int) -> Pixels:
    return Pixels("exact", px, px)


TELEGRAM = "https://core.telegram.org/stickers"
WHATSAPP = "https://github.com/WhatsApp/stickers"
DISCORD = "https://support.discord.com"
APPLE = "https://developer.apple.com/imessage"
LINE = "https://creator.line.me/en/guideline/animationsticker"
BROWSERS = "played in Chromium by our own tests"
OURS = "our choice"

TARGETS: tuple[Target, ...] = (
    Target(
        "telegram-sticker",
        "Telegram video sticker",
        "webm",
        Pixels("side", 512),
        TELEGRAM,
        most_s=Fraction(3),
        most_fps=Fraction(30),
        most_bytes=256 * KIB,
        margin_px=4,
        note="no audio stream; should loop",
    ),
    Target(
        "telegram-emoji",
        "Telegram video emoji",
        "webm",
        _square(100),
        TELEGRAM,
        most_s=Fraction(3),
        most_fps=Fraction(30),
        most_bytes=256 * KIB,
        margin_px=1,
    ),
    Target(
        "whatsapp-sticker",
        "WhatsApp animated sticker",
        "webp",
        _square(512),
        WHATSAPP,
        most_s=Fraction(10),
        most_fps=Fraction(125),
        most_bytes=500_000,
        still=True,
        margin_px=16,
        note="frames of at least 8 ms; packs of 3 to 30 with --pack",
    ),
    Target(
        "discord-sticker",
        "Discord sticker",
        "apng",
        _square(320),
        DISCORD,
        most_s=Fraction(5),
        most_bytes=512 * KIB,
        margin_px=2,
    ),
    Target(
        "discord-emoji",
        "Discord emoji",
        "webp",
        _square(128),
        DISCORD,
        most_bytes=256 * KIB,
        margin_px=1,
    ),
    Target(
        "slack-emoji",
        "Slack emoji",
        "gif",
        _square(128),
        "third-party guides only",
        most_frames=50,
        most_bytes=128_000,
        margin_px=1,
    ),
    Target(
        "imessage-small",
        "iMessage sticker, small",
        "apng",
        _square(300),
        APPLE,
        most_bytes=500_000,
        margin_px=2,
    ),
    Target(
        "imessage-sticker",
        "iMessage sticker, medium",
        "apng",
        _square(408),
        APPLE,
        most_bytes=500_000,
        margin_px=2,
    ),
    Target(
        "imessage-large",
        "iMessage sticker, large",
        "apng",
        _square(618),
        APPLE,
        most_bytes=500_000,
        margin_px=2,
    ),
    Target(
        "signal-sticker",
        "Signal sticker",
        "apng",
        Pixels("box", 512, 512, 200),
        "https://support.signal.org",
        most_s=Fraction(3),
        most_bytes=300_000,
        margin_px=16,
    ),
    Target(
        "line-sticker",
        "LINE animated sticker",
        "apng",
        Pixels("box", 320, 270, 270),
        LINE,
        most_s=Fraction(4),
        least_frames=5,
        most_frames=20,
        most_bytes=300_000,
        still=True,
        counts_plays=True,
        whole_seconds=True,
        note="plays 1 to 4 times, 4 s in all; the tempo changes by a tenth at most",
    ),
    Target(
        "web",
        "Web page (Chrome, Firefox, Edge)",
        "webm",
        Pixels("own"),
        BROWSERS,
    ),
    Target(
        "safari",
        "Web page (Safari and iOS too)",
        "webp",
        Pixels("own"),
        BROWSERS,
        note="Safari drops the alpha of VP9",
    ),
    Target(
        "safari-stacked",
        "Web page (Safari and iOS too), on a canvas",
        "stacked",
        Pixels("own"),
        BROWSERS,
        note="smaller than WebP; a player page lies beside it",
    ),
    Target(
        "obs",
        "OBS media source",
        "webm",
        Pixels("own"),
        OURS,
    ),
    Target(
        "editing",
        "Premiere, Resolve, Final Cut",
        "prores",
        Pixels("own"),
        OURS,
        note="straight alpha",
    ),
    Target(
        "png-sequence",
        "Compositing, as pictures",
        "pngs",
        Pixels("own"),
        OURS,
        note="straight alpha",
    ),
    Target(
        "sprite-sheet",
        "Games",
        "sheet",
        Pixels("box", 512, 512, 64),
        OURS,
        most_fps=Fraction(30),
        note="power of two, 8192 px at most",
    ),
    Target(
        "gif",
        "Anything that shows GIF",
        "gif",
        Pixels("box", 480, 480, 64),
        OURS,
        most_fps=Fraction(50),
        note="1-bit alpha; soft edges lie over --matte-colour",
    ),
    Target(
        "avif",
        "Web page, animated AVIF",
        "avif",
        Pixels("own"),
        BROWSERS,
    ),
)


def target_called(name: str) -> Target:
    """The row of this name.

    Raises:
        SettingsError: There is none.
    """
    for each in TARGETS:
        if each.name == name:
            return each
    known = ", ".join(each.name for each in TARGETS)
    raise SettingsError(f"--target {name}: no such target; choose from {known}")


def target_json(target: Target) -> dict[str, object]:
    """A row as plain values, for programs and the page's menu."""
    return {
        "name": target.name,
        "place": target.place,
        "format": target.format,
        "codec": target.codec,
        "suffix": target.suffix,
        "pixels": {
            "form": target.pixels.form,
            "width": target.pixels.width or None,
            "height": target.pixels.height or None,
            "words": str(target.pixels),
        },
        "most_s": None if target.most_s is None else float(target.most_s),
        "most_fps": None if target.most_fps is None else float(target.most_fps),
        "least_frames": target.least_frames,
        "most_frames": target.most_frames,
        "most_bytes": target.most_bytes,
        "audio": False,
        "still": target.still,
        "plays": "counted" if target.counts_plays else "for ever",
        "whole_seconds": target.whole_seconds,
        "soft_alpha": target.soft,
        "source": target.source,
        "read": target.read,
        "note": target.note,
    }
