"""Scaling a picture with alpha as light does it: linear, and each colour weighted by its alpha.

Averaged as sRGB numbers, a bright edge beside a dark one comes out too dark; averaged without their
alpha, colours that nobody was meant to see creep into the edge as a fringe. So colours are turned
into amounts of light, multiplied by alpha, scaled together with it, and divided again. The window
may begin and end between pixels: then a subject that fills half a pixel more still fills its frame.

A cubic filter that widens as the picture shrinks: its one negative lobe keeps edges sharp; a second
positive one, as Lanczos has it, would draw a faint second outline into the empty room around them.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streaming.frames import U8, Size, read_only

__all__ = ["Box", "scaled"]

F32 = NDArray[np.float32]
REACH = 3  # pixels of either picture that the filter reaches beyond the window
FINE = 4095  # steps of the table back to sRGB, along the square root of light


@dataclass(frozen=True, slots=True)
class Box:
    """A window in a picture, its edges in pixels from the top left; it may reach beyond it."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        """How wide it is."""
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        """How high it is."""
        return self.y1 - self.y0


def _to_light() -> F32:
    srgb = np.arange(256) / 255
    light = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return light.astype(np.float32)


def _to_srgb() -> U8:
    light = (np.arange(FINE + 1) / FINE) ** 2
    srgb = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return np.round(255 * srgb).astype(np.uint8)


TO_LIGHT, TO_SRGB = _to_light(), _to_srgb()


def scaled(rgba: U8, box: Box, size: Size) -> U8:
    """Scale a window of a picture; what lies beyond the picture is transparent.

    Args:
        rgba: (H, W, 4) uint8, straight alpha.
        box: The window, of a positive size.
        size: The size it gets.

    Returns:
        (h, w, 4) uint8, straight alpha, read-only; colours are 0 where alpha is.
    """
    height, width = rgba.shape[:2]
    if box == Box(0, 0, width, height) and size == Size(width, height):
        return read_only(rgba)
    planes, left, top = _light(rgba, box, size)
    inner = (box.x0 - left, box.y0 - top, box.x1 - left, box.y1 - top)
    shape = (size.width, size.height)
    cubic = Image.Resampling.BICUBIC
    shrunk = [np.asarray(Image.fromarray(each).resize(shape, cubic, box=inner)) for each in planes]
    return read_only(_straight(shrunk[:3], shrunk[3]))


def _light(rgba: U8, box: Box, size: Size) -> tuple[list[F32], int, int]:
    """The part that the filter sees as planes of light and alpha, and where it begins.

    Where the window ends at the picture's own edge nothing is added beyond it: a subject that is
    cut there ends there, sharply, instead of fading out.
    """
    height, width = rgba.shape[:2]
    x_reach = math.ceil(REACH * max(1.0, box.width / size.width))
    y_reach = math.ceil(REACH * max(1.0, box.height / size.height))
    left, right = _span(box.x0, box.x1, x_reach, width)
    top, bottom = _span(box.y0, box.y1, y_reach, height)
    seen = rgba[max(0, top) : max(0, min(bottom, height)), max(0, left) : max(0, min(right, width))]
    room = np.zeros((4, bottom - top, right - left), np.float32)
    y, x = max(0, -top), max(0, -left)
    inside = room[:, y : y + seen.shape[0], x : x + seen.shape[1]]
    np.multiply(seen[..., 3], np.float32(1 / 255), out=inside[3])
    for each in range(3):
        np.multiply(TO_LIGHT[seen[..., each]], inside[3], out=inside[each])
    return list(room), left, top


def _span(low: float, high: float, reach: int, whole: int) -> tuple[int, int]:
    first = math.floor(low) - reach
    last = math.ceil(high) + reach
    return (0 if -0.01 < low < 0.01 else first), (whole if abs(high - whole) < 0.01 else last)


def _straight(colours: list[F32], alpha: F32) -> U8:
    opacity = np.clip(alpha, 0, 1)
    seen = opacity >= 0.5 / 255
    share = np.divide(1, opacity, out=np.zeros_like(opacity), where=seen)
    made = np.empty((*alpha.shape, 4), np.uint8)
    for each, plane in enumerate(colours):
        light = np.clip(plane * share, 0, 1)
        made[..., each] = TO_SRGB[(np.sqrt(light) * FINE + 0.5).astype(np.int16)]
    made[..., 3] = np.where(seen, opacity * 255 + 0.5, 0)
    return made
