"""Trained networks as explicit maps and pictures, which is what everything else works with.

A map network is asked at the nodes of a grid, an atlas network at the texels that the map reaches,
one texel for a pixel where the map keeps lengths. A texel is asked exactly where it stands (the
published code samples its ends and reads between, up to a texel off), its alpha is the most that
any frame shows of it, and the two axes have each their own offset. Light and trust, which the
published formulation does not know, are measured as for the other engine.
"""

from collections.abc import Iterator

import numpy as np
import torch

from streaming.atlas.grids import looked_up, nodes_at, places, spread
from streaming.atlas.light import lights
from streaming.atlas.mlp.clip import normal
from streaming.atlas.mlp.networks import Networks
from streaming.atlas.mlp.settings import MlpSettings
from streaming.atlas.model import (
    BACKGROUND,
    F32,
    LIGHT_PX,
    Footage,
    Layer,
    foreground,
    nodes_for,
)
from streaming.atlas.trust import trusted
from streaming.frames import Rect, Size

__all__ = ["layers_of"]

SPACING_PX = 8
MARGIN_PX = 8  # of an atlas around what any frame shows
MOST_SIDES = 4  # an atlas's sides, in those of a frame
ASKED = 1 << 16  # points at once
SHOWN = 0.05  # of a pixel, from which on it counts as showing its layer


def layers_of(networks: Networks, footage: Footage, settings: MlpSettings) -> tuple[Layer, ...]:
    """Everything that the networks know of a clip.

    Args:
        networks: Trained.
        footage: The clip.
        settings: With which they were.
    """
    return tuple(_layer(networks, footage, settings, n) for n in range(networks.layers + 1))


def _layer(networks: Networks, footage: Footage, settings: MlpSettings, index: int) -> Layer:
    uv = _maps(networks, footage, index)
    density = max(footage.size.width, footage.size.height) / 2 / settings.uv_mapping_scale
    shares = np.stack([footage.shares(each)[index] for each in range(footage.count)])
    low, atlas_size = _window(uv * density, shares, footage.size)
    uv = (uv * density - low).astype(np.float32)
    picture = _picture(networks, (places(atlas_size) + low) / density, index)
    light = _light(picture, uv, shares, footage)
    return Layer(
        name=BACKGROUND if index == networks.layers else foreground(index),
        uv=uv,
        spacing_px=SPACING_PX,
        atlas=picture,
        cover=_cover(uv, shares, footage.size, atlas_size),
        light=light,
        trust=trusted(uv, SPACING_PX, footage.size, _errors(picture, uv, shares, footage)),
    )


def _maps(networks: Networks, footage: Footage, index: int) -> F32:
    """The map at every node, -1..1: (N, gh, gw, 2)."""
    rows, columns = nodes_for(footage.size, SPACING_PX)
    spots = nodes_at((rows, columns), SPACING_PX).reshape(-1, 2)
    made = []
    for frame in range(footage.count):
        xyt = np.column_stack((spots, np.full(len(spots), frame))).astype(np.float32)
        made.append(_asked(networks, xyt, footage, index).reshape(rows, columns, 2))
    return np.stack(made)


@torch.no_grad()
def _asked(networks: Networks, xyt_P3: F32, footage: Footage, index: int) -> F32:
    device = next(networks.background.parameters()).device
    seen = normal(torch.from_numpy(xyt_P3).to(device), footage.size, footage.count)
    made: F32 = networks.uv(index, seen).cpu().numpy()
    return made


@torch.no_grad()
def _picture(networks: Networks, uv: F32, index: int) -> F32:
    """Colours at places of a layer's atlas, (h, w, 3)."""
    device = next(networks.background.parameters()).device
    flat = torch.from_numpy(np.ascontiguousarray(uv, np.float32).reshape(-1, 2)).clamp(-1, 1)
    parts = [networks.colour(index, each.to(device)).cpu() for each in torch.split(flat, ASKED)]
    made: F32 = torch.cat(parts).numpy().reshape(*uv.shape[:2], 3)
    return made


def _window(texels: F32, shares: F32, size: Size) -> tuple[F32, Size]:
    """The part of the plane that frames show of a layer: its corner and its size."""
    shown = [
        spread(nodes, SPACING_PX, size)[own > SHOWN]
        for nodes, own in zip(texels, shares, strict=True)
    ]
    points = np.concatenate(shown)
    if not len(points):
        points = texels.reshape(-1, 2)
    low, high = points.min(axis=0) - MARGIN_PX, points.max(axis=0) + MARGIN_PX
    most = MOST_SIDES * np.array([size.width, size.height])
    middle = np.median(points, axis=0)
    low, high = np.maximum(low, middle - most / 2), np.minimum(high, middle + most / 2)
    corner = np.floor(low).astype(np.float32)
    wide, high_px = (int(each) + 1 for each in np.ceil(high - corner))
    return corner, Size(wide, high_px)


def _cover(uv: F32, shares: F32, size: Size, atlas: Size) -> F32:
    """The most that any frame shows of each texel, (h, w)."""
    made = np.zeros((atlas.height, atlas.width), np.float32)
    for nodes, own in zip(uv, shares, strict=True):
        at = np.floor(spread(nodes, SPACING_PX, size)).astype(np.int64)
        for down in (0, 1):
            for right in (0, 1):
                x, y = at[..., 0] + right, at[..., 1] + down
                kept = (x >= 0) & (y >= 0) & (x < atlas.width) & (y < atlas.height)
                np.maximum.at(made, (y[kept], x[kept]), own[kept])
    return made


def _light(picture: F32, uv: F32, shares: F32, footage: Footage) -> F32:
    made, size = [], footage.size
    even = np.ones((*nodes_for(size, LIGHT_PX), 3), np.float32)
    for frame, (nodes, own) in enumerate(zip(uv, shares, strict=True)):
        seen = footage.frames[frame].astype(np.float32) / 255
        shown = looked_up(picture, spread(nodes, SPACING_PX, size), beyond=None)
        made.append(lights(seen, shown, own**4, even, size, Rect.whole(size)))
    return np.stack(made)


def _errors(picture: F32, uv: F32, shares: F32, footage: Footage) -> Iterator[F32]:
    for frame, (nodes, own) in enumerate(zip(uv, shares, strict=True)):
        seen = footage.frames[frame].astype(np.float32) / 255
        shown = looked_up(picture, spread(nodes, SPACING_PX, footage.size), beyond=None)
        yield np.asarray(np.abs(seen - shown).mean(axis=2) * (own > 0.9), np.float32)
