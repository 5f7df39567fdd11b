"""One and the same object through a clip, out of what a detector saw in each frame for itself.

A detector lists objects anew in every frame, best first; taking the first of each lets the mask
jump from one person to another. Here the clearest object of the whole clip is followed both ways:
the last mask is carried along the flow, and of what the next frame's list holds the object is what
covers most of it. Where the list misses it for a few frames the carried mask stands in, and an
object that was lost is found again where only one of its kind is seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from streaming.atlas.flows import Matcher
from streaming.atlas.grids import looked_up, places
from streaming.atlas.model import F32
from streaming.errors import InputError
from streaming.frames import U8, Size

__all__ = ["ANYTHING", "Detection", "tracked"]

ANYTHING = "anything"
SURE = 0.5  # score, from which on an object counts
SAME = 0.3  # overlap with the carried mask, from which on it is the same object
HELD = 5  # frames for which a carried mask stands in


@dataclass(frozen=True, slots=True, eq=False)
class Detection:
    """An object in one frame.

    Attributes:
        label: Its class.
        score: 0..1.
        mask: (H, W) float32 0..1.
    """

    label: str
    score: float
    mask: F32


@dataclass(slots=True, eq=False)
class _Followed:
    """An object while it is followed one way."""

    mask: F32
    missed: int = 0


def tracked(
    frames: U8,
    seen: Sequence[Sequence[Detection]],
    *,
    wanted: str,
    match: Matcher,
    count: int = 1,
) -> U8:
    """Follow objects through a clip.

    Args:
        frames: (N, H, W, 3) uint8.
        seen: What was detected in each.
        wanted: A class, or `anything`.
        match: Measures flow.
        count: How many objects are wanted, the clearest first.

    Returns:
        (N, H, W) uint8, all of them together.

    Raises:
        InputError: Nothing of the kind was seen in any frame.
    """
    left = [[each for each in all_ if each.score >= SURE] for all_ in seen]
    fitting = [[each for each in all_ if wanted in (ANYTHING, each.label)] for all_ in left]
    if not any(fitting):
        raise InputError(_unseen(wanted, left))
    flows = _Flows(frames, match)
    made = np.zeros(frames.shape[:3], np.float32)
    for _ in range(count):
        if not any(fitting):
            break
        track, taken = _one(fitting, flows)
        np.maximum(made, track, out=made)
        fitting = [
            [each for n, each in enumerate(all_) if n != taken[t]] for t, all_ in enumerate(fitting)
        ]
    return np.round(made * 255).astype(np.uint8)


class _Flows:
    """Flow between neighbours, measured once when first asked for."""

    def __init__(self, frames: U8, match: Matcher) -> None:
        self._frames, self._match = frames, match
        self._known: dict[tuple[int, int], F32] = {}
        self._spots = places(Size(frames.shape[2], frames.shape[1]))

    def carried(self, mask: F32, frame: int, other: int) -> F32:
        """A mask of one frame as it lies in the frame beside it."""
        pair = other, frame
        if pair not in self._known:
            self._known[pair] = self._match(self._frames[other], self._frames[frame])
        return looked_up(mask, self._spots + self._known[pair])


def _one(
    fitting: Sequence[Sequence[Detection]], flows: _Flows
) -> tuple[F32, dict[int, int | None]]:
    """The clearest object followed both ways: its masks, and which detections they were."""
    ranked = [
        (each.score * float(each.mask.mean()) ** 0.5, t, n)
        for t, all_ in enumerate(fitting)
        for n, each in enumerate(all_)
    ]
    _, start, first = max(ranked, key=lambda each: each[0])
    chosen = fitting[start][first]
    masks = {start: chosen.mask}
    taken: dict[int, int | None] = dict.fromkeys(range(len(fitting)))
    taken[start] = first
    for way in (1, -1):
        at = _Followed(chosen.mask)
        frame = start + way
        while 0 <= frame < len(fitting):
            carried = flows.carried(at.mask, frame - way, frame)
            found = _same(carried, fitting[frame], chosen.label)
            if found is None and at.missed:
                found = _alone(fitting[frame], chosen.label)
            at.missed = 0 if found is not None else at.missed + 1
            at.mask = carried if found is None else fitting[frame][found].mask
            if at.missed <= HELD:
                masks[frame], taken[frame] = at.mask, found
            frame += way
    blank = np.zeros_like(chosen.mask)
    return np.stack([masks.get(t, blank) for t in range(len(fitting))]), taken


def _same(carried: F32, seen: Sequence[Detection], label: str) -> int | None:
    """Which of what was seen is the object, if any."""
    best, at = SAME, None
    for number, each in enumerate(seen):
        share = overlap(carried, each.mask) if each.label == label else 0.0
        if share > best:
            best, at = share, number
    return at


def _alone(seen: Sequence[Detection], label: str) -> int | None:
    """What was seen of a class, if that is one thing only: an object that was lost is it again."""
    own = [number for number, each in enumerate(seen) if each.label == label]
    return own[0] if len(own) == 1 else None


def overlap(a: F32, b: F32) -> float:
    """What two masks have in common, of what either has."""
    either = float(np.maximum(a, b).sum())
    return float(np.minimum(a, b).sum()) / either if either else 0.0


def _unseen(wanted: str, left: Sequence[Sequence[Detection]]) -> str:
    labels = sorted({each.label for all_ in left for each in all_})
    what = "nothing" if wanted == ANYTHING else f"no {wanted}"
    return (
        f"{what} was seen in any of {len(left)} frames"
        + (f" (what was: {', '.join(labels)})" if labels else "")
        + "; name another foreground_class, make masks another way (rvm and modnet find people), "
        "or draw your own into masks/"
    )
