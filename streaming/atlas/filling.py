"""What nobody ever saw of a layer, made up once, so that it is the same in every frame.

Colours go on from the rim: first along what leads into the hole, a few pixels at a time, then as
averages that become wider the further the rim is away. Whoever looks sees a calm surface rather
than a wrong detail; and since it lies in the atlas, it moves as the rest does.
"""

import cv2
import numpy as np

from streaming.atlas.model import F32, Layer
from streaming.atlas.splat import continued

__all__ = ["filled"]

SEEN = 0.05  # of cover: less is an edge's leftovers
RIM_PX = 1  # of what was seen that is made up too, beside what was not: bilinear samples mix them
NEAR_PX = 12.0  # from the rim: how far lines are led on
REACH_PX = 5  # of the inpainting: how far it looks


def filled(layer: Layer) -> F32:
    """A layer's atlas without holes, (h, w, 3) float32 0..1.

    Source: Telea, "An Image Inpainting Technique Based on the Fast Marching Method", Journal of
    Graphics Tools 2004, for the rim; pull-push beyond it.
    """
    hole = (layer.cover < SEEN).astype(np.uint8)
    if not hole.any() or hole.all():
        return layer.atlas
    side = 2 * RIM_PX + 1
    wide = cv2.dilate(hole, np.ones((side, side), np.uint8))
    calm = continued(layer.atlas, np.asarray(1 - wide, np.float32))
    led = _led(layer.atlas, wide)
    away = cv2.distanceTransform(wide, cv2.DIST_L2, 3)
    share = np.clip(away / NEAR_PX, 0, 1)[..., None]
    made = led * (1 - share) + calm * share
    return np.asarray(np.where(wide[..., None] > 0, made, layer.atlas), np.float32)


def _led(atlas: F32, hole: np.ndarray) -> F32:
    """Lines led on into the rim of holes; only that rim is worth the time."""
    away = cv2.distanceTransform(hole, cv2.DIST_L2, 3)
    rim = ((hole > 0) & (away <= NEAR_PX + REACH_PX)).astype(np.uint8)
    eighted = np.clip(np.round(atlas * 255), 0, 255).astype(np.uint8)
    made = cv2.inpaint(eighted, rim, REACH_PX, cv2.INPAINT_TELEA)
    return np.asarray(made, np.float32) / np.float32(255)
