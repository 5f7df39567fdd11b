"""Painting on one frame: what was painted there, as paint on the atlas, for all the others.

Every texel asks where in the frame it stands and takes the colour that is there, so paint is
resampled once, and at twice the atlas's density, so that the second time, in the renderer, does not
blur it. Colours are divided by the light of that frame: it will be multiplied by it again, and then
looks as it was painted. Where in a frame a texel stands is solved for a lattice of texels and is
bilinear between them, as the map itself is: it is off by a few hundredths of a pixel so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import cv2
import numpy as np

from streaming.atlas.atlases import atlas_name, write_for_each, write_picture
from streaming.atlas.edits import differing
from streaming.atlas.grids import inverse, looked_up, spread
from streaming.atlas.model import BACKGROUND, F32, LIGHT_PX, Fit, Layer
from streaming.atlas.sidecar import card_of
from streaming.errors import InputError
from streaming.frames import U8, Size

__all__ = ["Carried", "Onto", "Painted", "carried", "layers_for", "painted_on", "write_carried"]

Onto = Literal["foreground", "background", "both"]

DENSE = 2  # pixels for each texel, along a side
LATTICE = 4  # texels
SHOWN = 0.02  # of a pixel: a layer with less of it was not painted on
SOFT_PX = 2  # beyond that, for the soft edge that other frames may show
MOST_GAIN = 4.0


@dataclass(frozen=True, slots=True, eq=False)
class Painted:
    """What somebody painted on a frame.

    Attributes:
        colours: (H, W, 3) float32 0..1.
        alpha: (H, W) float32 0..1.
    """

    colours: F32
    alpha: F32


@dataclass(frozen=True, slots=True, eq=False)
class Carried:
    """The same on a layer's atlas.

    Attributes:
        layer: The layer's name.
        rgba: (2 h, 2 w, 4) uint8, straight alpha, over all of the atlas.
        gain: What its colours are to be multiplied by.
    """

    layer: str
    rgba: U8
    gain: float


def painted_on(given: U8, frame: U8, name: str, *, lossy: bool) -> Painted:
    """What was painted: all that differs; of a picture with transparency, all that has any alpha.

    Args:
        given: (h, w, 3 or 4) uint8, the painted frame, at any size.
        frame: (H, W, 3) uint8, as it was.
        name: What to call `given`.
        lossy: Its format moves colours.

    Raises:
        InputError: It has other proportions than the frame, or nothing was painted.
    """
    size = Size(frame.shape[1], frame.shape[0])
    scaled = given.shape[:2] != frame.shape[:2]
    if abs(given.shape[1] * size.height / (given.shape[0] * size.width) - 1) > 0.02:
        raise InputError(
            f"{name} is {given.shape[1]}x{given.shape[0]} and the frames are {size}: "
            "paint on a frame as it is"
        )
    rgba = _sized(given, size)
    if rgba.shape[2] == 4 and rgba[..., 3].min() < 255:
        alpha = np.asarray(rgba[..., 3], np.float32) / np.float32(255)
    else:
        alpha = differing(rgba[..., :3], frame, lossy=lossy or scaled)
    if not alpha.any():
        raise InputError(f"{name} is as the frame is: nothing was painted on it")
    return Painted(rgba[..., :3].astype(np.float32) / np.float32(255), alpha)


def layers_for(fit: Fit, onto: Onto) -> list[Layer]:
    """The layers that a choice means.

    Raises:
        ValueError: The choice is none.
    """
    if onto not in get_args(Onto):
        raise ValueError(f"layer {onto!r}")
    fronts = [each for each in fit.layers if each.name != BACKGROUND]
    backs = [each for each in fit.layers if each.name == BACKGROUND]
    return {"foreground": fronts, "background": backs, "both": fronts + backs}[onto]


def carried(
    painted: Painted, fit: Fit, shares: F32, index: int, layers: Sequence[Layer]
) -> list[Carried]:
    """Carry paint from a frame to atlases.

    Args:
        painted: What was painted.
        fit: The clip taken apart.
        shares: (L + 1, H, W) float32, how much of each pixel each layer shows.
        index: The frame's number.
        layers: Where to. With several of them, each takes what was painted where it shows.

    Returns:
        One for each of `layers`.
    """
    made = []
    for layer in layers:
        alpha = painted.alpha
        if len(layers) > 1:
            alpha = alpha * _shows(shares[fit.layers.index(layer)])
        light = spread(layer.light[index], LIGHT_PX, fit.size)
        colours = np.clip(painted.colours / np.maximum(light, 0.05), 0, MOST_GAIN)
        bright = float(colours[alpha > 0.5].max(initial=1.0))
        gain = max(1.0, round(bright, 3))
        whole = np.dstack((colours / gain * alpha[..., None], alpha)).astype(np.float32)
        made.append(Carried(layer.name, _warped(whole, layer, index, fit.size), gain))
    return made


def write_carried(
    each: Carried, fit: Fit, index: int, folder: Path, *, clip: str, animated: bool = False
) -> Path:
    """Write paint as an overlay that a renderer takes: foreground_atlas_0_0012.png, and its card.

    Args:
        each: The paint.
        fit: The clip taken apart.
        index: The frame that it was painted on.
        folder: Where to.
        clip: What tells the clip from any other.
        animated: Write it once for each frame, to be painted on frame by frame.

    Returns:
        The file or folder; see `write_picture`.

    Raises:
        OutputError: It cannot be written.
    """
    layer = fit.layer(each.layer)
    card = card_of(fit, layer, "", clip=clip, kind="overlay", gain=each.gain)
    name = f"{atlas_name(each.layer)}_{index:04d}"
    if animated:
        return write_for_each(each.rgba, card, folder / name, fit.count)
    return write_picture(each.rgba, card, folder / f"{name}.png")


def _shows(share: F32) -> F32:
    side = 2 * SOFT_PX + 1
    shown = (share > SHOWN).astype(np.float32)
    made: F32 = cv2.dilate(shown, np.ones((side, side), np.uint8))
    return made


def _sized(given: U8, size: Size) -> U8:
    if (given.shape[1], given.shape[0]) == (size.width, size.height):
        return given
    way = cv2.INTER_AREA if given.shape[1] > size.width else cv2.INTER_CUBIC
    made: U8 = np.asarray(cv2.resize(given, (size.width, size.height), interpolation=way), np.uint8)
    return made


def _warped(premultiplied: F32, layer: Layer, index: int, size: Size) -> U8:
    """A frame's paint on the whole atlas, (DENSE h, DENSE w, 4) uint8, straight alpha."""
    high, wide = layer.cover.shape
    made = np.zeros((high * DENSE, wide * DENSE, 4), np.uint8)
    uv = spread(layer.uv[index], layer.spacing_px, size)[premultiplied[..., 3] > 0]
    if not len(uv):
        return made
    low = np.clip(np.floor(uv.min(axis=0)) - 1, 0, [wide - 1, high - 1]).astype(int)
    top = np.clip(np.ceil(uv.max(axis=0)) + 2, 1, [wide, high]).astype(int)
    if (top <= low).any():
        return made
    at = _sources(layer, index, size, low, top)
    found = cv2.remap(premultiplied, at, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT)
    alpha = np.clip(found[..., 3:], 0, 1)
    colours = np.clip(found[..., :3] / np.maximum(alpha, 1 / 255), 0, 1)
    part = slice(low[1] * DENSE, top[1] * DENSE), slice(low[0] * DENSE, top[0] * DENSE)
    made[part] = np.round(np.concatenate((colours, alpha), axis=2) * 255).astype(np.uint8)
    return made


def _sources(layer: Layer, index: int, size: Size, low: np.ndarray, top: np.ndarray) -> F32:
    """Where in a frame the pixels of a part of the atlas's picture stand; far outside if nowhere.

    The map is carried on by one cell, so that the lattice holds all that the frame shows.
    """
    step = layer.spacing_px
    wider = Size(size.width + 2 * step, size.height + 2 * step)
    count = (top - low) // LATTICE + 2
    columns, rows = np.meshgrid(np.arange(count[0]), np.arange(count[1]))
    texels = (np.stack((columns, rows), axis=-1) * LATTICE + low).astype(np.float32)
    found = inverse(_extended(layer.uv[index]), step, wider, texels) - step
    across, down = (np.arange((top - low)[each] * DENSE) for each in (0, 1))
    x, y = (((each + 0.5) / DENSE - 0.5) / LATTICE for each in (across, down))
    at = np.stack(np.meshgrid(x, y), axis=-1).astype(np.float32)
    return np.nan_to_num(looked_up(np.asarray(found, np.float32), at, beyond=None), nan=-1e4)


def _extended(nodes: F32) -> F32:
    """A grid with one more node all round, where its edge leads."""
    wide = np.pad(nodes, ((1, 1), (1, 1), (0, 0)), mode="reflect", reflect_type="odd")
    return np.asarray(wide, np.float32)
