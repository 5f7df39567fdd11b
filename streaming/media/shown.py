"""What a file shows: its pictures with their times, and what it says of itself.

The values that `played` gives, apart from the readers that make them.
"""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction

from streaming.frames import U8, Size
from streaming.threads import ahead

__all__ = ["Facts", "Played", "Shown"]

DECODED = 2  # pictures that wait to be looked at


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """One picture and how long it stands; what a format merged is one picture.

    Attributes:
        rgba: (H, W, 4) uint8, straight alpha, as a viewer sees it.
        duration_s: Exact, as the file says; 0 for a still, which stands for ever.
    """

    rgba: U8
    duration_s: Fraction


@dataclass(frozen=True, slots=True)
class Facts:
    """What a file says of itself.

    Attributes:
        container: "webm", "mov", "mp4", "webp", "png", "gif", "avif", "folder" or "sheet".
        codec: How its pictures are coded.
        pixels: Their format, as FFmpeg or Pillow name it.
        size: Size of a picture as it is shown.
        plays: How often it plays, 0 for ever; 1 where the format leaves that to the player.
        has_audio: Whether it holds sound.
        bytes: Size of the file, or of all files of a folder, a sheet with its JSON.
        shown: Decodes its pictures from the first one, each time it is called.
    """

    container: str
    codec: str
    pixels: str
    size: Size
    plays: int
    has_audio: bool
    bytes: int
    shown: Callable[[], Iterator[Shown]]


class Played:
    """A file that was decoded from end to end.

    Args:
        facts: What it says of itself.
        look: Shown every picture while it is decoded anyway.

    Attributes:
        facts: The same.
        durations_s: How long each picture is shown.
        alpha_min: Smallest alpha of any pixel.
        alpha_max: Largest.

    Raises:
        InputError: It is damaged.
    """

    def __init__(self, facts: Facts, look: Callable[[Shown], object] | None = None) -> None:
        self.facts = facts
        durations_s: list[Fraction] = []
        self.alpha_min, self.alpha_max = 255, 0
        pictures = ahead(facts.shown(), depth=DECODED, name="decode file")
        with contextlib.closing(pictures):
            for each in pictures:
                durations_s.append(each.duration_s)
                self.alpha_min = min(self.alpha_min, int(each.rgba[..., 3].min()))
                self.alpha_max = max(self.alpha_max, int(each.rgba[..., 3].max()))
                if look is not None:
                    look(each)
        self.durations_s = tuple(durations_s)

    def shown(self) -> Iterator[Shown]:
        """Its pictures in order, decoded again."""
        return self.facts.shown()

    @property
    def frames(self) -> int:
        """How many pictures it shows; held ones count once where the format merged them."""
        return len(self.durations_s)

    @property
    def duration_s(self) -> Fraction:
        """How long it plays, once; 0 for a still."""
        return sum(self.durations_s, Fraction(0))

    @property
    def size(self) -> Size:
        """Size of a picture as it is shown."""
        return self.facts.size

    @property
    def plays(self) -> int:
        """How often it plays, 0 for ever."""
        return self.facts.plays

    @property
    def has_audio(self) -> bool:
        """Whether it holds sound."""
        return self.facts.has_audio

    @property
    def bytes(self) -> int:
        """Size in bytes, of everything that belongs to it."""
        return self.facts.bytes
