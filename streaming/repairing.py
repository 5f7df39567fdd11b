"""A near-loop mended: planned on small pictures, shown in full size from its master.

While a run goes on it is planned on what the detector saw, before a master is written: most spans
cannot be mended, and then nothing was spent on them. Its frames come from its master, for they are
needed in another order, while a run goes on as well as whenever somebody moves an end later. Both
then show the same, and `loops.json` need only say which frames of the master weigh how much.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from PIL import Image

from streaming.errors import InputError
from streaming.frames import U8, Patch, Rect, read_only
from streaming.keeping import Kept
from streaming.loops.model import Look, Loop
from streaming.media.cutout import grown, snapped
from streaming.media.master import Master
from streaming.mending.choose import Limits, mends, offers
from streaming.mending.model import Blend, Mend
from streaming.mending.render import Renderer, lit, straight
from streaming.mending.score import ghost
from streaming.mending.sight import Sight
from streaming.motion.flow import F32
from streaming.motion.warp import LEAST_PX, TAPS, shifted
from streaming.settings import Repair

__all__ = [
    "LEAST_S",
    "LONGEST_S",
    "LOOK_PX",
    "TRIES",
    "glimpsed",
    "looks_of",
    "moved_in_frame",
    "offered",
    "plans",
    "shown",
    "sight_of",
    "subjects_of",
]

LOOK_PX = 384  # long side of what is measured: what the network mostly sees
LONGEST_S = Fraction(60)
TWICE = 0.45  # disagreement that is too much in full size, where edges are sharper
TRIES = 3  # files that are written before a loop is given up: a plan is seldom wrong
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


def plans(
    sight: Sight,
    loop: Loop,
    *,
    repair: Repair,
    least_s: Fraction,
    most_s: Fraction,
    fresh: Callable[[Mend], bool] | None = None,
    asked: bool = False,
) -> Iterator[Mend]:
    """How a span may be mended so that nobody sees it, the best first.

    Args:
        sight: The footage.
        loop: The span.
        repair: What may be done.
        least_s: Shortest loop.
        most_s: Longest loop.
        fresh: Whether a mend is worth looking at. Where it is given, any ends in sight will do;
            else those near the span's.
        asked: Whether somebody has seen the plain cut and wants this instead, be it no better.
    """
    limits = _limits(sight, least_s, most_s)
    if fresh is not None:
        limits = replace(limits, reach=len(sight.looks))
    ends, fresh = (loop.start, loop.end), fresh or _any
    return mends(sight, *ends, repair=repair, limits=limits, fresh=fresh, asked=asked)


def _any(_: Mend) -> bool:
    return True


def offered(sight: Sight, start: int, end: int) -> tuple[Mend, ...]:
    """Every way in which a span can be mended, the least intrusive first."""
    return offers(sight, start, end, limits=_limits(sight, Fraction(0), LONGEST_S))


def shown(master: Master, mend: Mend, *, judged: bool = False) -> Iterator[U8]:
    """The frames of a mended loop, (H, W, 4) uint8 with straight alpha.

    Args:
        master: Where its frames are.
        mend: What is done.
        judged: Whether to stop where something shows twice, which small pictures did not tell.

    Raises:
        InputError: The master is damaged, or has not these frames; or something shows twice.
    """
    part = _part(master, mend)
    held = _Held(master, mend, part)
    renderer = Renderer(held.lit, _share(master, mend), mend.lead, part, master.size)
    for blend in mend.frames:
        picture = _plain(held, renderer, blend)
        if picture is None:
            if judged and blend.other is not None and ghost(renderer, blend) > TWICE:
                raise InputError(f"frames {blend.frame} and {blend.other} cannot be made one")
            picture = straight(renderer(blend))
            picture[..., 3] = snapped(picture[..., 3])
        yield read_only(Patch(picture, part, master.size).whole())
        held.shown()


def moved_in_frame(rgba: U8, right_px: float, down_px: float) -> U8:
    """A picture moved within its frame: a master's colours go on past its matte's edge."""
    if abs(right_px) < LEAST_PX and abs(down_px) < LEAST_PX:
        return rgba
    planes = [np.ascontiguousarray(rgba[..., each]) for each in range(4)]
    colours = [shifted(each, right_px, down_px) for each in planes[:3]]
    alpha = snapped(shifted(planes[3], right_px, down_px, beyond=0))
    return np.dstack((*colours, alpha))


def _plain(held: "_Held", renderer: Renderer, blend: Blend) -> U8 | None:
    """A frame that is made of one, which most are; None where it is made of two.

    Only where its subject is and goes to: on a person and a dog in 720p that is a seventh of what
    all frames of the loop need together, and as much less time.
    """
    if blend.other is not None:
        return None
    lead, picture = renderer.lead, held(blend.frame)
    share = renderer.share(blend.frame)
    if not lead.turns and not lead.tones:
        return moved_in_frame(picture, *lead.shift(share, renderer.size))
    part = _reach(picture, renderer, share)
    x, y = renderer.part.x0, renderer.part.y0
    at = Rect(part.x0 - x, part.y0 - y, part.x1 - x, part.y1 - y).slices()
    own = Renderer(lambda _: lit(picture[at]), renderer.share, lead, part, renderer.size)
    made = np.zeros_like(picture)
    made[at] = straight(own(blend))
    made[..., 3] = snapped(made[..., 3])
    return made


def _reach(picture: U8, renderer: Renderer, share: float) -> Rect:
    """Where the subject of a picture of the renderer's part is, or is led to; never empty."""
    part = renderer.part
    rows, columns = (np.flatnonzero(picture[..., 3].any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return Rect(part.x0, part.y0, part.x0 + 1, part.y0 + 1)
    x = part.x0 + np.array([columns[0], columns[-1] + 1] * 2, np.float64)
    y = part.y0 + np.array([rows[0]] * 2 + [rows[-1] + 1] * 2, np.float64)
    matrix = renderer.lead.matrix(share, renderer.size)
    if matrix is not None:
        there = matrix @ np.stack([x, y, np.ones(4)])
        x, y = np.append(x, there[0]), np.append(y, there[1])
    low, high = np.floor([x.min(), y.min()]) - TAPS, np.ceil([x.max(), y.max()]) + TAPS
    return Rect(int(low[0]), int(low[1]), int(high[0]), int(high[1])).within(part)


class _Held:
    """The source frames that are still needed, decoded in order and kept until their last use."""

    def __init__(self, master: Master, mend: Mend, part: Rect) -> None:
        self._path = master.path
        self._part = part
        long_px = max(master.size.width, master.size.height)
        self._frames = zip(master.indices, master.subjects(long_px), strict=False)
        self._kept: dict[int, U8] = {}
        self._number = 0
        self._last: dict[int, int] = {}
        for number, blend in enumerate(mend.frames):
            for frame in (blend.frame, blend.other):
                if frame is not None:
                    self._last[frame] = number

    def lit(self, frame: int) -> F32:
        """One frame's part, (h, w, 4) float32, colours multiplied by alpha."""
        return lit(self(frame))

    def __call__(self, frame: int) -> U8:
        """One frame's part, (h, w, 4) uint8."""
        while frame not in self._kept:
            index, subject = next(self._frames, (-1, None))
            if subject is None:
                raise InputError(f"{self._path} has no frame {frame}: write it again")
            if index in self._last:
                self._kept[index] = subject.part(self._part)
        return self._kept[frame]

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


def subjects_of(master: Master, long_px: int) -> tuple[Patch, ...]:
    """Every frame's subject in a small picture; a file cut short would end early without a word.

    Args:
        master: Where its frames are.
        long_px: Long side of the pictures at most.

    Raises:
        InputError: The master is damaged.
    """
    subjects = tuple(master.subjects(long_px))
    if len(subjects) < len(master.indices):
        raise InputError(f"{master.path} holds {len(subjects)} of its {len(master.indices)} frames")
    return subjects


def sight_of(master: Master) -> Sight:
    """A master's frames as mending sees them.

    Raises:
        InputError: The master is damaged.
    """
    return Sight(looks_of(master, subjects_of(master, LOOK_PX)))


def glimpsed(frames: Sequence[Kept], loop: Loop) -> Sight | None:
    """Kept frames as mending sees them, None where they were not kept for that.

    Args:
        frames: Those of a span and around it, in order.
        loop: The span.
    """
    seen = [(each, each.glimpse) for each in frames if each.glimpse is not None]
    sizes = [glimpse.subject.size for kept, glimpse in seen if kept.index == loop.start]
    alike = [(kept, glimpse) for kept, glimpse in seen if glimpse.subject.size in sizes]
    if len(alike) < 2 or len(seen) < len(frames):
        return None
    looks = [Look(kept.index, kept.time_s, glimpse.subject.whole()) for kept, glimpse in alike]
    return Sight(looks, [glimpse.print_ for _, glimpse in alike])


def _limits(sight: Sight, least_s: Fraction, most_s: Fraction) -> Limits:
    first_s, last_s = sight.time_s(sight.first), sight.time_s(sight.last)
    step_s = (last_s - first_s) / max(1, len(sight.looks) - 1)
    return Limits(max(3, -int(-least_s // step_s)), max(3, int(most_s // step_s)))
