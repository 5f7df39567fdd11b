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

from streaming.loops.distance import F32, distance
from streaming.loops.guards import ordinary_step
from streaming.mending.drift import renderer
from streaming.mending.model import INVISIBLE, QUICK, Blend, Mend
from streaming.mending.render import Renderer, Two
from streaming.mending.sight import Sight
from streaming.motion.flow import folded
from streaming.motion.warp import softened

__all__ = ["GHOST", "PLANNED", "Score", "ghost", "score"]

GHOST = 0.4  # disagreement from which something is seen twice, or torn
ROUGH = 0.5  # and the same of pictures half as large: of 90 fades of a juggler all 4 good ones stay
ROUGH_PX = 200  # long side from which on half of it still tells: at 160 px good ones were lost
FOLDED = 0.05  # share of the subject that may fold over on its way
CLOSES = 0.75  # mismatch, in ordinary steps, at which a plain cut shows nowhere
SLACK = 0.05  # a codec adds a little to what is planned
PLANNED = INVISIBLE - SLACK  # ordinary steps
HURLED = 1.3 * QUICK  # a bound for a first look, with other ordinary steps
LIMB = 1 / 50  # radius, as a share of the part's height, within which a disagreement counts
SHADE = 0.7  # what other colours weigh against another outline
THERE = 30.0  # alpha of a pixel that is seen
NOW = Fraction(0)


@dataclass(frozen=True, slots=True)
class Score:
    """How a mended loop closes.

    Attributes:
        worst: Largest step around the seam, in ordinary steps.
        excess: Largest step as a share of what may be there: 1 shows nowhere.
        pace: Largest step that the footage itself makes there, in ordinary steps.
        ghost: Largest local disagreement of two pictures that are mixed, 0..1.
        folds: Share of the subject that folds over on its way from one to the other.
        gap: How far the frames around a plain cut are from those that they replace, in ordinary
            steps; 0 where the seam is mended otherwise.
    """

    worst: float
    excess: float
    pace: float
    ghost: float = 0.0
    folds: float = 0.0
    gap: float = 0.0

    @property
    def seam(self) -> float:
        """How large the seam is, in ordinary steps: what steps over it, or what does not fit."""
        return max(self.worst, self.gap)

    def no_worse(self, than: "Score") -> bool:
        """Whether neither its steps nor its seam are larger; a step up to an ordinary one is one.

        Args:
            than: What there would be otherwise.
        """
        return max(1.0, self.worst) <= max(1.0, than.worst) and self.seam <= than.seam

    def betters(self, plain: "Score") -> bool:
        """Whether something is gained over a plain cut, and nothing lost."""
        return self.no_worse(plain) and self.seam < plain.seam

    @property
    def whole(self) -> bool:
        """Whether nothing is seen twice or torn."""
        return self.ghost <= GHOST and self.folds <= FOLDED

    @property
    def invisible(self) -> bool:
        """Whether nobody sees the seam."""
        return self.whole and self.gap <= CLOSES and self.excess <= 1


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
    twice = folds = 0.0
    if hurried and _hurls(sight, mend):
        return None
    mixed = [each for each in mend.frames if each.other is not None]
    mixed.sort(key=lambda blend: abs(blend.weight - 0.5))
    sight.effort += any(each.warped for each in mixed)
    if hurried and mixed and _doomed(shown, mixed[0]):
        return None
    for each in mixed:
        sight.effort += each.warped
        twice = max(twice, ghost(shown, each))
        folds = max(folds, _folds(shown, each))
        if hurried and (twice > GHOST or folds > FOLDED):
            return None
    film = _Film(sight, shown, mend)
    steps = film.around()
    bounds = [max(PLANNED, min(QUICK, pace) - SLACK) for _, pace in steps]
    excess = max(step / bound for (step, _), bound in zip(steps, bounds, strict=True))
    worst, pace = max(step for step, _ in steps), max(pace for _, pace in steps)
    gap = film.gap() if mend.method in ("cut", "drift") else 0.0
    return Score(worst, excess, pace, twice, folds, gap)


class _Film:
    """A mended loop as the check of its file will see it."""

    def __init__(self, sight: Sight, shown: Renderer, mend: Mend) -> None:
        self._sight, self._shown, self._mend = sight, shown, mend
        self._thumbs = [self._thumb(each) for each in mend.frames]
        steps = [distance(a, b) for a, b in pairwise(self._thumbs)]
        self._step = ordinary_step(np.array(steps))

    def around(self) -> list[tuple[float, float]]:
        """Every step around the seam, and the footage's own at that moment; in ordinary steps."""
        frames, turn = self._mend.frames, len(self._mend.frames) // 2
        pairs = [(k - 1, k) for k in range(-self._mend.fade - 1, 2)]
        if self._mend.method == "pingpong":
            pairs += [(turn - 1, turn), (turn, turn + 1)]
        return [
            (
                distance(self._thumbs[a], self._thumbs[b]) / self._step,
                max(self._pace(frames[a]), self._pace(frames[b])),
            )
            for a, b in pairs
        ]

    def gap(self) -> float:
        """The mean distance of the frames around the end from those around the start."""
        start, end = self._mend.start, self._mend.end
        taps = [
            k for k in (-1, 0, 1) if self._sight.holds(start + k) and self._sight.holds(end + k)
        ]
        ends = [
            (self._thumb(Blend(NOW, end + k)), self._thumb(Blend(NOW, start + k))) for k in taps
        ]
        return float(np.mean([distance(a, b) for a, b in ends])) / self._step

    def _thumb(self, blend: Blend) -> F32:
        lead = self._mend.lead
        if blend.other is not None or lead.turns or lead.tones:
            return self._sight.checked(self._shown(blend))
        moved = lead.shift(self._shown.share(blend.frame), self._sight.size)
        return self._sight.seen(blend.frame, *moved)

    def _pace(self, blend: Blend) -> float:
        """The largest of the steps that the footage makes beside the frames of a blend."""
        frames = (blend.frame,) if blend.other is None else (blend.frame, blend.other)
        strides = self._sight.strides
        beside = [self._sight.at(each) + way for each in frames for way in (-1, 0)]
        return max(float(strides[k]) for k in beside if 0 <= k < len(strides)) / self._step


def ghost(shown: Renderer, blend: Blend) -> float:
    """How much of a limb shows twice: the largest disagreement in one place, 0..1.

    All of it counts half way, little near either picture.
    Away from the middle one of the two alone is shown wherever they disagree.
    """
    return ghost_of(shown.two(blend), blend.weight) if _counts(blend.weight) > 0 else 0.0


def ghost_of(two: Two, weight: float) -> float:
    """The same of any two pictures, so much of the way from one to the other."""
    counts = _counts(weight)
    if counts <= 0:
        return 0.0
    near, far = two.carried(weight)
    gaps = np.abs(near - far) * np.float32(1 / 255)
    apart = np.maximum(gaps[..., 3], np.float32(SHADE) * gaps[..., :3].max(axis=2))
    return counts * float(softened(apart, apart.shape[0] * LIMB).max())


def _counts(weight: float) -> float:
    return 1 - 3 * abs(weight - 0.5)


def _doomed(shown: Renderer, blend: Blend) -> bool:
    """Whether a look at smaller pictures is enough to know that something shows twice."""
    if max(shown.led(blend.frame).shape) < ROUGH_PX:
        return False
    return ghost_of(shown.rough(blend), blend.weight) > ROUGH


def _hurls(sight: Sight, mend: Mend) -> bool:
    """Whether the footage's own steps in and beside what is mended are larger than any may be.

    What goes over from one piece of footage to another steps about as far as both do there. (Of a
    quick pair of hands' fades none that looked too large so was found good when it was measured.)
    """
    strides = sight.strides
    usual = ordinary_step(strides[sight.at(mend.start) : sight.at(mend.end)])
    frames = [mend.frames[k] for k in (-mend.fade - 2, 0)]
    steps = [float(strides[sight.at(each.frame)]) for each in frames]
    if mend.method in ("morph", "crossfade"):
        steps += [_stride(sight, each) for each in mend.frames[len(mend.frames) - mend.fade :]]
    return max(steps) > HURLED * usual


def _stride(sight: Sight, blend: Blend) -> float:
    """About how far a frame of two is from the one before it, 0..1."""
    assert blend.other is not None
    near, far = (sight.at(each) for each in (blend.frame, blend.other))
    before = [float(sight.strides[max(0, each - 1)]) for each in (near, far)]
    return (1 - blend.weight) * before[0] + blend.weight * before[1]


def _folds(shown: Renderer, blend: Blend) -> float:
    two = shown.two(blend)
    seen = two.near[..., 3] > THERE
    if two.flow is None or not seen.any():
        return 0.0
    return float((folded(two.flow.there)[seen] < 0).mean())
