"""Looking at masks before a fit is spent on them: accidents taken out, and a word where they fail.

A network that was made for people finds a little of something else, too: a hand's breadth of sail,
a face in a mirror. A few pixels far from the subject would make its atlas as wide as the way to
them, and a mask that shows next to nothing gives a foreground that nobody can paint on.
"""

from collections.abc import Sequence

import cv2
import numpy as np

from streaming.frames import U8

__all__ = ["shown_share", "tidied", "too_little"]

NEARLY = 8  # of 255: by so much codecs move what is nothing, or all (seen: 5 all over a picture)
SPECK = 0.001  # of the largest piece of a frame: what is smaller is an accident
LITTLE = 0.002  # of the picture: what is smaller is hardly what somebody wants to edit
COVERED = 128


def tidied(matte: U8) -> U8:
    """A matte, (H, W) uint8, with what is nearly nothing or all made so, and without specks.

    A share of a hundredth all over a frame would widen the foreground's atlas to the frame, and
    leave the subject's colours in the background's. Specks are pieces tiny beside the largest.
    """
    sure = np.where(matte <= NEARLY, np.uint8(0), matte)
    sure[sure >= 255 - NEARLY] = 255
    _, pieces, facts, _ = cv2.connectedComponentsWithStats((sure > 0).astype(np.uint8))
    areas = facts[:, cv2.CC_STAT_AREA]
    kept = areas >= SPECK * areas[1:].max(initial=0)
    return np.where(kept[pieces], sure, np.uint8(0))


def shown_share(matte: U8) -> float:
    """Which share of the picture a matte, (H, W) uint8, covers."""
    return float((matte >= COVERED).mean())


def too_little(shares: Sequence[float]) -> str | None:
    """What to tell where masks show next to nothing in most frames, None where they do not.

    Args:
        shares: `shown_share` of each frame.
    """
    usual = float(np.median(shares))
    if usual >= LITTLE:
        return None
    lacking = sum(each == 0 for each in shares)
    return (
        f"the masks show very little, {100 * usual:.2f} % of the picture, and nothing at all in "
        f"{lacking} of {len(shares)} frames: is that what you want to edit? Otherwise put your own "
        "into masks/ (white is foreground), or train with --mask-from maskrcnn"
    )
