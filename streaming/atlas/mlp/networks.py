"""The four networks of a layered neural atlas.

- a map for each layer: place and time to a place in its atlas,
- mattes: place and time to each layer's share,
- one atlas network that paints all layers, each in a part of the plane of its own.

Parameters are named as in published checkpoints, which therefore load.

The atlas network sees its places through sines and cosines that repeat after 2, so the parts of the
plane have to lie within one period. In the published code every further foreground went one step
further down, and the third had the texture of the first. Here the square from -1 to 1 is cut into
as many parts as are needed; with one or two foregrounds these are the published ones.

Shape letters: P points, 2 u and v, 3 colours or x, y and time, L foreground layers.

Source: Kasten, Ofri, Wang, Dekel, "Layered Neural Atlases for Consistent Video Editing", SIGGRAPH
Asia 2021, section 3 and the appendix.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from streaming.atlas.mlp.settings import MlpSettings

__all__ = ["Networks", "Part", "part_of"]

ALPHA_LEAST, ALPHA_SPAN = 0.001, 0.99  # so that no logarithm of a share is endless
SKIPS = (4, 7)  # layers of the atlas network that see its input again


@dataclass(frozen=True, slots=True)
class Part:
    """The part of the atlas network's plane that one layer has.

    Attributes:
        u: Its middle.
        v: Its middle.
        half: Half its side.
    """

    u: float
    v: float
    half: float

    def placed(self, uv_P2: Tensor) -> Tensor:
        """Map values -1..1 to places of the plane, (P, 2)."""
        return uv_P2 * self.half + uv_P2.new_tensor((self.u, self.v))


def part_of(layer: int, layers: int) -> Part:
    """Where a layer is painted.

    Args:
        layer: Number of a foreground; -1 is the background.
        layers: How many foregrounds there are.
    """
    side = max(2, math.ceil(math.sqrt(layers + 1)))
    if side == 2:
        u, v = {-1: (-0.5, -0.5), 0: (0.5, 0.5), 1: (0.5, -0.5), 2: (-0.5, 0.5)}[layer]
        return Part(u, v, 0.5)
    row, column = divmod(layer + 1, side)
    return Part((2 * column + 1) / side - 1, (2 * row + 1) / side - 1, 1 / side)


class Perceptron(nn.Module):
    """Fully connected layers over places, some of which see the input again."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        channels: int,
        layers: int,
        *,
        waves: int = 0,
        skips: tuple[int, ...] = (),
    ) -> None:
        super().__init__()
        self._waves, self._skips = waves, skips
        seen = 2 * inputs * waves if waves else inputs
        widths = [seen] + [channels + seen * (each in skips) for each in range(1, layers)]
        self.hidden = nn.ModuleList(
            nn.Linear(width, outputs if each == layers - 1 else channels)
            for each, width in enumerate(widths)
        )

    def forward(self, x_PC: Tensor) -> Tensor:
        """Values of each point before they are squeezed into their range."""
        seen = self._encoded(x_PC) if self._waves else x_PC
        again, value = seen.detach(), seen
        for number, layer in enumerate(self.hidden):
            value = torch.relu(value) if number else value
            value = torch.cat((value, again), dim=1) if number in self._skips else value
            value = layer(value)
        return value

    def _encoded(self, x_PC: Tensor) -> Tensor:
        """Sines and cosines of each coordinate, from slow to fast."""
        speeds = math.pi * 2.0 ** torch.arange(self._waves, device=x_PC.device)
        turns = x_PC[:, None, :] * speeds[:, None]
        return torch.cat((torch.sin(turns), torch.cos(turns)), dim=2).flatten(1)


class Maps(nn.Module):
    """One map network for each foreground."""

    def __init__(self, count: int, channels: int, layers: int) -> None:
        super().__init__()
        self.models = nn.ModuleList(Perceptron(3, 2, channels, layers) for _ in range(count))


class Networks:
    """All networks of a clip.

    Args:
        settings: Their shapes.
        layers: How many foregrounds.
        device: Where they live.
    """

    def __init__(self, settings: MlpSettings, layers: int, device: torch.device) -> None:
        s = settings
        self.layers = layers
        self.parts = tuple(part_of(each, layers) for each in (*range(layers), -1))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(s.seed)
            self.foreground = Maps(
                layers, s.number_of_channels_foreground, s.number_of_layers_foreground
            )
            self.background = Perceptron(
                3, 2, s.number_of_channels_background, s.number_of_layers_background
            )
            self.atlas = Perceptron(
                2, 3, s.number_of_channels_atlas, s.number_of_layers_atlas,
                waves=s.positional_encoding_num_atlas, skips=SKIPS,
            )  # fmt: skip
            self.alpha = Perceptron(
                3, layers + 1 if layers > 1 else 1, s.number_of_channels_alpha,
                s.number_of_layers_alpha, waves=s.positional_encoding_num_alpha,
            )  # fmt: skip
        for each in self.each():
            each.to(device)

    def each(self) -> tuple[nn.Module, ...]:
        """In the order in which checkpoints list their parameters."""
        return self.foreground, self.background, self.alpha, self.atlas

    def map(self, layer: int) -> nn.Module:
        """The map network of a layer; the last is the background's."""
        if layer == self.layers:
            return self.background
        return self.foreground.models[layer]

    def uv(self, layer: int, xyt_P3: Tensor) -> Tensor:
        """Where points are in a layer's atlas, (P, 2) in -1..1."""
        return torch.tanh(self.map(layer)(xyt_P3))

    def colour(self, layer: int, uv_P2: Tensor) -> Tensor:
        """What a layer's atlas shows, (P, 3) in 0..1."""
        return (torch.tanh(self.atlas(self.parts[layer].placed(uv_P2))) + 1) / 2

    def shares(self, xyt_P3: Tensor) -> Tensor:
        """Each layer's share of points, (P, L + 1), the background last."""
        raw = self.alpha(xyt_P3)
        if self.layers > 1:
            return torch.roll(torch.softmax(raw, dim=1), -1, dims=1)  # published: background first
        front = (torch.tanh(raw) + 1) / 2 * ALPHA_SPAN + ALPHA_LEAST
        return torch.cat((front, 1 - front), dim=1)
