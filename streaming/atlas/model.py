"""What a layered atlas is made of: pictures, the maps into them, light, and how far to trust them.

A clip is taken apart into layers, foregrounds before a background. Each layer is one still picture,
its atlas, and for every frame a map that says which texel each pixel shows. Whatever is painted on
the atlas then stands in every frame, and whatever is painted on a frame is carried to the atlas.

A map is a grid of nodes between which it is bilinear. Explicit numbers rather than a network: a
frame's map is spread out in two milliseconds, can be drawn by a browser's graphics unit with the
same formula, and is known not to fold wherever the four corners of each of its cells turn the same
way. Nodes stand where the texels of a picture would stand that is `spacing_px` times smaller, with
one more all round, so that every pixel lies between four of them: node (i, j) at pixel
((j - 1/2) * spacing_px - 1/2, (i - 1/2) * spacing_px - 1/2). Spreading is then what every library
calls bilinear resizing, and what a GPU does by itself.

Everywhere in this room places are (x, y), x to the right and y down; pixels and texels have their
centres at whole numbers; colours are sRGB values 0..1 as they are coded; a map's values are texels
of its atlas, counted from its upper left one.

Shape letters: N frames, L foreground layers, H and W of a frame, h and w of an atlas, gh and gw of
a grid.

Source: Kasten, Ofri, Wang, Dekel, "Layered Neural Atlases for Consistent Video Editing", SIGGRAPH
Asia 2021; explicit grids in place of its networks after Ye et al., "Deformable Sprites", CVPR 2022.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from streaming.atlas.choices import Quality
from streaming.frames import U8, Size

__all__ = [
    "BACKGROUND",
    "F32",
    "LIGHT_PX",
    "Fit",
    "Footage",
    "Layer",
    "Pair",
    "Quality",
    "foreground",
    "nodes_for",
]

F32 = NDArray[np.float32]

BACKGROUND = "background"
LIGHT_PX = 16  # light changes slowly over a picture; a finer grid would learn its texture


def foreground(index: int) -> str:
    """The name of a foreground layer: its files begin with it."""
    return f"foreground_{index}"


def nodes_for(size: Size, spacing_px: int) -> tuple[int, int]:
    """Rows and columns of the grid that covers a picture."""
    return -(-size.height // spacing_px) + 2, -(-size.width // spacing_px) + 2


@dataclass(frozen=True, slots=True)
class Pair:
    """Two frames in which the same places are looked for.

    Attributes:
        first: Number of a frame.
        second: Number of another.
    """

    first: int
    second: int


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """A clip as it is fitted.

    Attributes:
        frames: (N, H, W, 3) uint8 sRGB.
        mattes: (L, N, H, W) uint8, what each foreground layer covers, the front one first; together
            at most 255. The background has the rest.
        seams: Pairs beyond neighbours that show (nearly) the same pose: a loop's end and its start,
            and whatever frames a mended loop lays over each other.
    """

    frames: U8
    mattes: U8
    seams: tuple[Pair, ...] = ()

    def __post_init__(self) -> None:
        if self.frames.ndim != 4 or self.frames.shape[3] != 3 or not len(self.frames):
            raise ValueError(f"frames of shape {self.frames.shape} are not (N, H, W, 3)")
        if self.mattes.ndim != 4 or self.mattes.shape[1:] != self.frames.shape[:3]:
            raise ValueError(f"mattes {self.mattes.shape} for frames {self.frames.shape}")

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self.frames)

    @property
    def size(self) -> Size:
        """Size of every frame."""
        return Size(self.frames.shape[2], self.frames.shape[1])

    def shares(self, frame: int) -> F32:
        """How much of each pixel each layer shows: (L + 1, H, W) float32, together 1."""
        own = self.mattes[:, frame].astype(np.float32) / 255
        rest = np.clip(1 - own.sum(axis=0, keepdims=True), 0, 1)
        return np.concatenate((own, rest))


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One layer of a clip.

    Attributes:
        name: `foreground_0` (the front one), `foreground_1`, ... or `background`.
        uv: (N, gh, gw, 2) float32, the texel that a node shows.
        spacing_px: Distance of its nodes.
        atlas: (h, w, 3) float32 0..1, its picture in the light that it has on average.
        cover: (h, w) float32 0..1, how much of the layer ever lands on a texel; 0 is never seen.
        light: (N, lh, lw, 3) float32 around 1, by what a frame's light multiplies the atlas, on
            nodes that are LIGHT_PX apart.
        trust: (N, gh, gw) float32 0..1, how far the map is to be believed: edits fade with it.
    """

    name: str
    uv: F32
    spacing_px: int
    atlas: F32
    cover: F32
    light: F32
    trust: F32

    def __post_init__(self) -> None:
        if self.uv.shape[:3] != self.trust.shape or self.atlas.shape[:2] != self.cover.shape:
            raise ValueError(f"{self.name}: maps {self.uv.shape}, trust {self.trust.shape}")

    @property
    def size(self) -> Size:
        """Size of its atlas."""
        return Size(self.atlas.shape[1], self.atlas.shape[0])


@dataclass(frozen=True, slots=True, eq=False)
class Fit:
    """A clip taken apart.

    Attributes:
        size: Of every frame.
        layers: Foregrounds, the front one first, then the background.
        reference: The frame that the atlases look like.
        engine: What made it: `grid` or `mlp`.
        quality: How far it was taken.
        seconds: How long that took.
    """

    size: Size
    layers: tuple[Layer, ...]
    reference: int
    engine: str
    quality: Quality
    seconds: float

    @property
    def count(self) -> int:
        """How many frames there are."""
        return len(self.layers[0].uv)

    def layer(self, name: str) -> Layer:
        """One layer by its name.

        Raises:
            KeyError: There is none of that name.
        """
        for each in self.layers:
            if each.name == name:
                return each
        raise KeyError(name)
