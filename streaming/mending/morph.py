"""Morph and crossfade: the last frames of a loop go over into those before its start.

Both ends go on moving while one becomes the other, which is why this shows less than anything that
holds a pose. In a morph the two pictures are carried towards each other along the motion between
them, so that there is one limb in between and not two. Without flow, in a crossfade, only light may
differ.
"""

from streaming.mending.ends import Ends
from streaming.mending.lead import Lead
from streaming.mending.model import Blend, Mend, Method
from streaming.mending.sight import Sight

__all__ = ["faded"]


def faded(sight: Sight, ends: Ends, lead: Lead, *, method: Method) -> Mend:
    """A loop whose last frames go over into those before its start.

    Args:
        sight: The footage.
        ends: Where, and over how many frames; none of them is a plain cut.
        lead: How frames are moved.
        method: "morph" carries both along their motion.
    """
    first_s, fade = sight.time_s(ends.start), ends.fade
    frames = []
    for frame in range(ends.start, ends.end):
        shown_s, gone = sight.time_s(frame) - first_s, frame - (ends.end - fade) + 1
        if gone < 1:
            frames.append(Blend(shown_s, frame))
            continue
        other, weight = frame - (ends.end - ends.start), gone / (fade + 1)
        frames.append(Blend(shown_s, frame, other, round(weight, 6), method == "morph"))
    return Mend(method, ends.start, ends.end, tuple(frames), sight.time_s(ends.end) - first_s, lead)
