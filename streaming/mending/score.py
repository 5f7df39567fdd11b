"""What a mend looks like: every step around its seam, and whether anything shows twice.

Measured on the pictures as they would be shown, led and mended, in place. A step is compared with
the ordinary step of the loop, as the check of a written file does. That alone likes what nobody
should: a fade of two arms into each other has small steps only, and a limb torn in two has them as
well. So what two pictures disagree on after they were carried to the same place is measured too,
locally, because an arm is a small part of a person.

Where the motion itself is quick its steps are large, mended or not. So a step is measured a second
time, against what the footage does at that moment: what exceeds that is the mend's own doing.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from streaming.loops.distance import distance
from streaming.loops.guards import ordinary_step
from streaming.mending.drift import renderer
from streaming.mending.model import Blend, Mend
from streaming.mending.render import Renderer
from streaming.mending.sight import Sight
from streaming.motion.flow import folded
from streaming.motion.warp import softened

__all__ = ["GHOST", "INVISIBLE", "Score", "score"]

INVISIBLE = 1.2  # ordinary steps: a seam whose worst step is no larger shows nowhere
GHOST = 0.36  # disagreement from which something is seen twice, or torn
FOLDED = 0.04  # share of the subject that may fold over on its way
CLOSES = 0.75  # mismatch, in ordinary steps, at which a plain cut shows nowhere
QUICK = 1.6  # ordinary steps up to which a step that the motion itself makes is let pass
BESIDE = 1  # frames on either side of what is mended that are looked at with it
SAMPLED = 24  # steps of a loop that tell how large an ordinary one is
LIMB = 1 / 40  # radius, as a share of the part's height, within which a disagreement counts
SHADE = 0.7  # what other colours weigh against another outline
THERE = 30.0  # alpha of a pixel that is seen
NOW = Fraction(0)


@dataclass(frozen=True, slots=True)
class Score:
    """How a mended loop closes.

    Attributes:
        worst: Largest step around the seam, in ordinary steps.
        excess: Largest step against what the footage itself does there, if that is more.
        ghost: Largest local disagreement of two pictures that are mixed, 0..1.
        folds: Share of the subject that folds over on its way from one to the other.
        gap: How far the frames around a plain cut are from those that they replace, in ordinary
            steps; 0 where the seam is mended otherwise.
    """

    worst: float
    excess: float
    ghost: float = 0.0
    folds: float = 0.0
    gap: float = 0.0

    @property
    def seam(self) -> float:
        """How large the seam is, in ordinary steps: what steps over it, or what does not fit."""
        return max(self.worst, self.gap)

    @property
    def whole(self) -> bool:
        """Whether nothing is seen twice or torn."""
        return self.ghost <= GHOST and self.folds <= FOLDED

    @property
    def invisible(self) -> bool:
        """Whether nobody sees the seam."""
        closes = self.gap <= CLOSES and self.worst <= QUICK
        return self.whole and closes and self.excess <= INVISIBLE


def score(sight: Sight, mend: Mend, *, hurried: bool = True) -> Score | None:
    """Look at a mend.

    Args:
        sight: The footage.
        mend: What would be done.
        hurried: Whether one that shows something twice is not looked at further.

    Returns:
        None where it was not.
    """
    shown = renderer(sight, mend.lead, mend.start, mend.end)
    ghost = folds = 0.0
    mixed = [each for each in mend.frames if each.other is not None]
    for each in sorted(mixed, key=lambda blend: abs(blend.weight - 0.5)):
        ghost = max(ghost, _ghost(shown, each))
        folds = max(folds, _folds(shown, each))
        if hurried and (ghost > GHOST or folds > FOLDED):
            return None
    ordinary = _ordinary(sight, shown, mend)
    around = _around(mend)
    thumbs = [sight.thumb(shown(each)) for each in around]
    steps = [distance(a, b) / ordinary for a, b in pairwise(thumbs)]
    natural = [max(1.0, _pace(sight, a), _pace(sight, b)) for a, b in pairwise(around)]
    excess = max(step / usual for step, usual in zip(steps, natural, strict=True))
    gap = _gap(sight, shown, mend) / ordinary if mend.method in ("cut", "drift") else 0.0
    return Score(max(steps), excess, ghost, folds, gap)


def _ghost(shown: Renderer, blend: Blend) -> float:
    """The largest disagreement in one place: all of it half way, little near either picture.

    Away from the middle one of the two alone is shown wherever they disagree.
    """
    counts = 1 - 3 * abs(blend.weight - 0.5)
    if counts <= 0:
        return 0.0
    near, far = shown.two(blend).carried(blend.weight)
    gaps = np.abs(near - far) * np.float32(1 / 255)
    apart = np.maximum(gaps[..., 3], np.float32(SHADE) * gaps[..., :3].max(axis=2))
    return counts * float(softened(apart, apart.shape[0] * LIMB).max())


def _gap(sight: Sight, shown: Renderer, mend: Mend) -> float:
    """The mean distance of the frames around the end from those around the start."""
    taps = [k for k in (-1, 0, 1) if sight.holds(mend.start + k) and sight.holds(mend.end + k)]
    gaps = [_step(sight, shown, mend.start + k, mend.end + k) for k in taps]
    return float(np.mean(gaps))


def _folds(shown: Renderer, blend: Blend) -> float:
    two = shown.two(blend)
    seen = two.near[..., 3] > THERE
    if two.flow is None or not seen.any():
        return 0.0
    return float((folded(two.flow.there)[seen] < 0).mean())


def _pace(sight: Sight, blend: Blend) -> float:
    """The larger of the steps that the footage makes beside the frames of a blend."""
    frames = (blend.frame,) if blend.other is None else (blend.frame, blend.other)
    beside = [each + way for each in map(sight.at, frames) for way in (-1, 0)]
    return max(float(sight.paces[each]) for each in beside if 0 <= each < len(sight.paces))


def _around(mend: Mend) -> tuple[Blend, ...]:
    """The frames around the seam, and all that are made of two."""
    frames = mend.frames
    first = next((n for n, each in enumerate(frames) if each.other is not None), len(frames))
    return (*frames[max(0, first - BESIDE) :], *frames[: BESIDE + 1])


def _ordinary(sight: Sight, shown: Renderer, mend: Mend) -> float:
    plain = [each.frame for each in mend.frames if each.other is None]
    pairs = [(a, b) for a, b in pairwise(plain) if b - a == 1]
    if not pairs:
        return sight.step
    chosen = np.linspace(0, len(pairs) - 1, min(SAMPLED, len(pairs))).round().astype(int)
    steps = [_step(sight, shown, *pairs[each]) for each in chosen]
    return ordinary_step(np.array(steps))


def _step(sight: Sight, shown: Renderer, a: int, b: int) -> float:
    first, second = shown.led(a), shown.led(b)
    return distance(sight.thumb(first), sight.thumb(second))
