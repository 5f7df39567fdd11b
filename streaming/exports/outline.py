"""An outline around a subject, as stickers have it.

The matte is grown by a disc and laid under the subject in one colour. Soft matte is made firm
first: hair that is a tenth there would otherwise wear a haze a tenth as bright.
"""

import numpy as np

from streaming.frames import U8, read_only

__all__ = ["outlined"]

FIRM_FROM, FIRM_TO = 0.25, 0.75  # share of opacity from which, and up to which, an outline forms


def outlined(rgba: U8, stroke_px: int, colour: tuple[int, int, int]) -> U8:
    """Lay an outline under a subject.

    Args:
        rgba: (H, W, 4) uint8, straight alpha.
        stroke_px: How wide; 0 leaves the picture as it is.
        colour: sRGB, 0..255.

    Returns:
        (H, W, 4) uint8, read-only.
    """
    if stroke_px < 1:
        return rgba
    alpha = rgba[..., 3].astype(np.float32) / 255
    firm = np.clip((alpha - FIRM_FROM) / (FIRM_TO - FIRM_FROM), 0, 1)
    under = _grown(np.round(firm * 255).astype(np.uint8), stroke_px).astype(np.float32) / 255
    whole = alpha + under * (1 - alpha)
    share = np.divide(alpha, whole, out=np.zeros_like(whole), where=whole > 0)[..., None]
    mixed = rgba[..., :3] * share + np.array(colour, np.float32) * (1 - share)
    return read_only(np.round(np.dstack((mixed, whole * 255))).astype(np.uint8))


def _grown(grey: U8, radius: int) -> U8:
    """The largest value within a disc, row by row: each row of the disc is a running maximum."""
    made = grey.copy()
    for down in range(-radius, radius + 1):
        half = int(((radius + 0.5) ** 2 - down**2) ** 0.5)
        row = _spread(_lowered(grey, down), half)
        np.maximum(made, row, out=made)
    return made


def _lowered(grey: U8, down: int) -> U8:
    made = np.zeros_like(grey)
    high = grey.shape[0]
    if abs(down) < high:
        made[max(0, down) : high + min(0, down)] = grey[max(0, -down) : high - max(0, down)]
    return made


def _spread(grey: U8, half: int) -> U8:
    """The largest value at most `half` columns away, by doubling."""
    width = grey.shape[1]
    padded = np.pad(grey, ((0, 0), (half, half)))
    done, wanted = 1, 2 * half + 1
    while done < wanted:
        step = min(done, wanted - done)
        padded = np.maximum(padded[:, :-step], padded[:, step:])
        done += step
    return padded[:, :width]
