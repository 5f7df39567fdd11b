"""The plain motion of each layer: one homography or affine map from every frame to the reference.

What a camera or a body does as a whole is found first and robustly; what remains for the grids is
small, and smoothness there means smoothness against this motion. The background gets a homography,
as a panning camera makes one; a foreground an affine map, which a few points suffice for.
"""

from collections.abc import Mapping, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from streaming.atlas.flows import Match
from streaming.atlas.grids import nodes_at
from streaming.atlas.model import F32, Footage, nodes_for
from streaming.frames import Size

__all__ = ["followed", "reference_of", "started"]

F64 = NDArray[np.float64]
LEAST = 12  # points that a motion needs
STILL_PX = 0.3  # a background that moves less is a camera that stands still
NEAR_PX = 1.0  # how far off a point may be that agrees
FIRM = 0.5  # least weight of a point that is asked
CENTRAL = 0.4  # how much the middle of a clip is preferred to a larger matte at its end


def reference_of(footage: Footage) -> int:
    """The frame that atlases look like: much of the subject in it, and not far from any other."""
    area = footage.mattes.reshape(len(footage.mattes), footage.count, -1).sum(axis=(0, 2))
    share = area / max(1, int(area.max()))
    away = np.abs(np.linspace(-1, 1, footage.count))
    return int(np.argmax(share - CENTRAL * away))


def followed(
    matches: Sequence[Match], count: int, reference: int, *, flat: bool
) -> tuple[F64, ...]:
    """How each frame's pixels are led to the reference's.

    Args:
        matches: One layer's points; those of frames that follow each other are used.
        count: How many frames there are.
        reference: The frame that stays.
        flat: Whether the layer is a plane before a moving camera: homographies.

    Returns:
        A (3, 3) matrix for each frame.
    """
    steps = {each.pair.first: each for each in matches if each.pair.second == each.pair.first + 1}
    if flat and _still(steps):
        return tuple(np.eye(3) for _ in range(count))
    onward = {frame: _moved(each, flat=flat) for frame, each in steps.items()}
    made = [np.eye(3) for _ in range(count)]
    for frame in range(reference + 1, count):
        made[frame] = made[frame - 1] @ np.linalg.inv(onward.get(frame - 1, np.eye(3)))
    for frame in range(reference - 1, -1, -1):
        made[frame] = made[frame + 1] @ onward.get(frame, np.eye(3))
    return tuple(each / each[2, 2] for each in made)


def started(warps: Sequence[F64], spacing_px: int, size: Size) -> F32:
    """The grids that show plain motion alone: (N, gh, gw, 2) float32, in the reference's pixels."""
    spots = nodes_at(nodes_for(size, spacing_px), spacing_px).astype(np.float64)
    led = [cv2.perspectiveTransform(spots, each) for each in warps]
    return np.asarray(led, np.float32)


def _still(steps: Mapping[int, Match]) -> bool:
    moved = [np.hypot(*(each.there - each.here).T) for each in steps.values() if len(each.here)]
    return not moved or float(np.median(np.concatenate(moved))) < STILL_PX


def _moved(match: Match, *, flat: bool) -> F64:
    """The motion that most points of a pair agree on."""
    firm = match.weight > FIRM
    here, there = match.here[firm], match.there[firm]
    if len(here) < LEAST:
        here, there = match.here, match.there
    if len(here) < LEAST:
        return np.eye(3)
    affine, agree = cv2.estimateAffine2D(here, there, ransacReprojThreshold=NEAR_PX)
    if affine is None:
        affine = np.eye(3)[:2]
        affine[:, 2] = np.median(there - here, axis=0)
    made = np.vstack((affine, [0, 0, 1]))
    if not flat or agree is None or int(agree.sum()) < 8 * LEAST:
        return made
    plane, fits = cv2.findHomography(here, there, cv2.RANSAC, NEAR_PX)
    better = plane is not None and int(fits.sum()) > 1.02 * int(agree.sum())
    return np.asarray(plane if better else made, np.float64)
