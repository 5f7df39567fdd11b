"""A master's near-loop mended: planned on small pictures of it, shown in its full size.

A mended loop needs frames from before its start, in the order of its end, so it is made from its
master, where all of them are: while a run goes on as well as whenever somebody moves an end later.
Both then show the same, and `loops.json` need only say which frames of the master weigh how much.
"""

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction

import numpy as np
from PIL import Image

from streaming.errors import InputError
from streaming.frames import U8, Patch, Rect, read_only
from streaming.loops.model import Look
from streaming.media.cutout import grown, snapped
from streaming.media.master import Master
from streaming.mending.choose import Limits, mended, offers
from streaming.mending.model import Mend
from streaming.mending.render import Renderer, lit, straight
from streaming.mending.sight import Sight
from streaming.motion.flow import F32
from streaming.settings import Repair

__all__ = ["LEAST_S", "LOOK_PX", "looks_of", "offered", "planned", "shown"]

LOOK_PX = 384  # long side of what is measured: what the network mostly sees
LEAST_S = Fraction(4, 5)  # a shorter loop is a twitch; a span may be widened to last so long


def looks_of(master: Master, subjects: Sequence[Patch]) -> tuple[Look, ...]:
    """A master's subjects as the detector sees frames.

    Args:
        master: What it says of itself.
        subjects: One for each of its frames.
    """
    looks = []
    for index, time_s, subject in zip(master.indices, master.times_s, subjects, strict=True):
        picture = Image.fromarray(subject.whole())
        picture.thumbnail((LOOK_PX, LOOK_PX), Image.Resampling.BOX)
        looks.append(Look(index, time_s, np.asarray(picture)))
    return tuple(looks)


def planned(
    master: Master,
    start: int,
    end: int,
    *,
    repair: Repair,
    least_s: Fraction = LEAST_S,
    most_s: Fraction = Fraction(60),
) -> Mend | None:
    """How a span of a master is best mended; None where nothing makes its seam invisible.

    Args:
        master: The footage.
        start: First frame of the span.
        end: Frame after its last.
        repair: What may be done.
        least_s: Shortest loop.
        most_s: Longest loop.

    Raises:
        InputError: The master is damaged.
    """
    if repair == "none":
        return None
    sight = _sight(master)
    limits = _limits(master, least_s, most_s)
    return mended(sight, start, end, repair=repair, limits=limits)


def offered(master: Master, start: int, end: int) -> tuple[Mend, ...]:
    """Every way in which a span of a master can be mended, the least intrusive first.

    Raises:
        InputError: The master is damaged.
    """
    limits = _limits(master, Fraction(0), Fraction(60))
    return offers(_sight(master), start, end, limits=limits)


def shown(master: Master, mend: Mend) -> Iterator[U8]:
    """The frames of a mended loop, (H, W, 4) uint8 with straight alpha.

    Raises:
        InputError: The master is damaged, or has not these frames.
    """
    part = _part(master, mend)
    held = _Held(master, mend, part)
    renderer = Renderer(held, _share(master, mend), mend.lead, part, master.size)
    for blend in mend.frames:
        picture = straight(renderer(blend))
        picture[..., 3] = snapped(picture[..., 3])
        yield read_only(Patch(picture, part, master.size).whole())
        held.shown()


class _Held:
    """The source frames that are still needed, decoded in order and kept until their last use."""

    def __init__(self, master: Master, mend: Mend, part: Rect) -> None:
        self._path = master.path
        self._part = part
        self._frames = master.frames()
        self._kept: dict[int, U8] = {}
        self._number = 0
        self._last: dict[int, int] = {}
        for number, blend in enumerate(mend.frames):
            for frame in (blend.frame, blend.other):
                if frame is not None:
                    self._last[frame] = number

    def __call__(self, frame: int) -> F32:
        """One frame's part, (h, w, 4) float32, colours multiplied by alpha."""
        while frame not in self._kept:
            read = next(self._frames, None)
            if read is None:
                raise InputError(f"{self._path} has no frame {frame}: write it again")
            if read.index in self._last:
                self._kept[read.index] = Patch.of(read.rgba).part(self._part)
        return lit(self._kept[frame])

    def shown(self) -> None:
        """Forget what only the frame needed that was just shown."""
        self._number += 1
        for frame in [each for each in self._kept if self._last[each] < self._number]:
            del self._kept[frame]


def _share(master: Master, mend: Mend) -> Callable[[int], float]:
    """How much of the span has passed at a frame of the master."""
    times_s = dict(zip(master.indices, master.times_s, strict=True))
    first_s = times_s[mend.start]
    length_s = times_s[mend.end] - first_s
    return lambda frame: float((times_s[frame] - first_s) / length_s)


def _part(master: Master, mend: Mend) -> Rect:
    """The part of the picture that holds the subject wherever it is led."""
    whole = Rect.whole(master.size)
    if mend.lead.turns:
        return whole
    shifts = [mend.lead.shift(share, master.size) for share in (-1.0, 0.0, 1.0)]
    wide = int(max(abs(right) for right, _ in shifts)) + 4
    high = int(max(abs(down) for _, down in shifts)) + 4
    own = master.part
    return grown(Rect(own.x0 - wide, own.y0 - high, own.x1 + wide, own.y1 + high)).within(whole)


def _sight(master: Master) -> Sight:
    subjects = tuple(master.subjects(LOOK_PX))
    if len(subjects) < len(master.indices):
        raise InputError(f"{master.path} holds {len(subjects)} of its {len(master.indices)} frames")
    return Sight(looks_of(master, subjects))


def _limits(master: Master, least_s: Fraction, most_s: Fraction) -> Limits:
    step_s = (master.times_s[-1] - master.times_s[0]) / max(1, len(master.indices) - 1)
    return Limits(max(3, -int(-least_s // step_s)), max(3, int(most_s // step_s)))
