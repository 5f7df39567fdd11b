"""Drift: what changes slowly from a span's start to its end, and is spread over it on the way back.

The place is the anchor's business; here it is size, tilt and light. All three are read from one
comparison: the end, led back, is carried onto the start along the motion between the two, so that
what is compared is the same point of the subject, whichever pose it is in.
"""

from dataclasses import replace

import numpy as np

from streaming.loops.anchor import plan_anchor
from streaming.loops.distance import distance
from streaming.loops.model import Loop
from streaming.mending.lead import Lead
from streaming.mending.render import Renderer
from streaming.mending.sight import Sight
from streaming.motion.flow import F32, Flow, carried, flow_between, likeness, unsure

__all__ = ["drift_of", "placed", "renderer"]

LEAST_TONE, MOST_TONE = 0.008, 0.35  # natural logarithms: below it is noise, above a cut
LEAST_GROWTH, MOST_GROWTH = 0.006, 0.15
LEAST_TURN, MOST_TURN = 0.006, 0.15  # radians
SOLID = 200.0  # alpha from which a pixel is the subject's own
BRIGHT = 24.0  # a darker colour says nothing of the light
SURE_PX = 1.5  # flow that comes back as near as this is believed
ENOUGH = 0.2  # share of the subject that must be believed
BETTER = 0.95  # a drift is spread where the ends are so much nearer then


def placed(sight: Sight, loop: Loop) -> Lead:
    """The lead that brings the subject's place back, as re-anchoring does.

    Args:
        sight: The footage.
        loop: A span of it, with its drift.
    """
    boxes = [sight.box(frame) for frame in range(loop.start, loop.end)]
    return Lead.of(plan_anchor(loop, boxes, sight.size), sight.size)


def renderer(sight: Sight, lead: Lead, start: int, end: int) -> Renderer:
    """What makes small pictures of a span.

    Args:
        sight: The footage.
        lead: How its frames are moved.
        start: The span's first frame.
        end: The frame after its last.
    """
    first_s = sight.time_s(start)
    length_s = sight.time_s(end) - first_s

    def share(frame: int) -> float:
        return float((sight.time_s(frame) - first_s) / length_s)

    return Renderer(sight.picture, share, lead, sight.part, sight.size, keep=True)


def drift_of(sight: Sight, loop: Loop, lead: Lead) -> Lead:
    """The lead that spreads the change of size, tilt and light as well, where there is any.

    Args:
        sight: The footage.
        loop: A span of it.
        lead: Its lead so far.

    Returns:
        `lead` itself where nothing is gained.
    """
    start, end = loop.start, loop.end
    made = lead
    if not _cut(sight, start) and not _cut(sight, end):
        made = _better(sight, loop, made, _turned(sight, loop, made))
    return _better(sight, loop, made, _toned(sight, loop, made))


def _better(sight: Sight, loop: Loop, old: Lead, new: Lead) -> Lead:
    """The new lead where it brings the ends nearer to each other."""
    if new == old:
        return old
    return new if _gap(sight, loop, new) < BETTER * _gap(sight, loop, old) else old


def _gap(sight: Sight, loop: Loop, lead: Lead) -> float:
    shown = renderer(sight, lead, loop.start, loop.end)
    return distance(sight.thumb(shown.led(loop.start)), sight.thumb(shown.led(loop.end)))


def _turned(sight: Sight, loop: Loop, lead: Lead) -> Lead:
    shown = renderer(sight, lead, loop.start, loop.end)
    first, last = shown.led(loop.start), shown.led(loop.end)
    flow = flow_between(first, last)
    trusted = _trusted(first, flow)
    if trusted.sum() < ENOUGH * (first[..., 3] > SOLID).sum():
        return lead
    like = likeness(flow.there, trusted)
    if abs(like.growth - _grown(sight, loop)) > max(LEAST_GROWTH, 0.5 * abs(like.growth)):
        return lead  # a limb came forward; the rest is as large as it was
    growth = like.growth if LEAST_GROWTH < abs(like.growth) < MOST_GROWTH else 0.0
    turn = like.turn if LEAST_TURN < abs(like.turn) < MOST_TURN else 0.0
    if not growth and not turn:
        return lead
    place, frame = sight.prints[sight.at(loop.start)].place, sight.prints[0].cutout.frame
    return replace(
        lead,
        growth=growth,
        turn=turn,
        pivot_x=place.x / frame.width,
        pivot_y=place.y / frame.height,
    )


def _grown(sight: Sight, loop: Loop) -> float:
    """By how much the subject has become larger, going by its area, as a natural logarithm."""
    first, last = (sight.prints[sight.at(each)].place.coverage for each in (loop.start, loop.end))
    return float(np.log(max(last, 1e-6) / max(first, 1e-6))) / 2


def _toned(sight: Sight, loop: Loop, lead: Lead) -> Lead:
    shown = renderer(sight, lead, loop.start, loop.end)
    first, last = shown.led(loop.start), shown.led(loop.end)
    flow = flow_between(first, last)
    same = carried(last, flow.back, 1.0)
    seen = (_trusted(first, flow) > 0) & (same[..., 3] > SOLID)
    if seen.sum() < ENOUGH * (first[..., 3] > SOLID).sum() or not seen.any():
        return lead
    tone = tuple(_change(first[..., each][seen], same[..., each][seen]) for each in range(3))
    if max(map(abs, tone)) < LEAST_TONE or max(map(abs, tone)) > MOST_TONE:
        return lead
    return replace(lead, tone=tone)


def _change(first: F32, last: F32) -> float:
    """By how much one channel has become brighter, as a natural logarithm."""
    both = (first > BRIGHT) & (last > BRIGHT)
    if np.count_nonzero(both) < ENOUGH * len(first):
        return 0.0
    return float(np.median(np.log(last[both] / first[both])))


def _trusted(first: F32, flow: Flow) -> F32:
    """(H, W) float32, 1 where the subject's flow comes back to where it was."""
    sure = (unsure(flow) < SURE_PX) & (first[..., 3] > SOLID)
    return sure.astype(np.float32)


def _cut(sight: Sight, frame: int) -> bool:
    return sight.prints[sight.at(frame)].place.edges.any
