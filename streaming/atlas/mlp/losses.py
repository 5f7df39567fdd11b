"""What the networks are held to: the sum of the published terms, one number for a batch.

Each network is asked once for all the points that any term needs; a step is then a dozen calls
instead of sixty, which is what its time goes into.

Repaired beside what `networks` says: the last row and column have no neighbour and take no part in
the gradient term; where no pixel's flow can be believed its terms are nothing and not a division by
it; flow counts by distance and not by the sum of x and y.

Shape letters: P points, 2 u and v, 3 x, y and time or colours, K layers with the background last.

Source: Kasten et al. 2021, equations 1 and 4 to 14, and their published code for the weights.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from streaming.atlas.mlp.clip import Batch, Clip
from streaming.atlas.mlp.networks import Networks
from streaming.atlas.mlp.settings import MlpSettings

__all__ = ["Terms", "terms"]

ROUND = 1e-3  # keeps the inverse of a map's metric finite
LEAST = 1e-8


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """A batch's loss and what it is made of, each weighed.

    Attributes:
        colour: Of pixels and of their differences.
        rigidity: Lengths and angles that maps do not keep, near and far.
        flow: Maps and mattes that do not move with the footage.
        sparsity: Texture where a foreground does not show.
        bootstrap: Mattes that are not the given ones.
    """

    colour: Tensor
    rigidity: Tensor
    flow: Tensor
    sparsity: Tensor
    bootstrap: Tensor

    def total(self) -> Tensor:
        """Their sum."""
        return self.colour + self.rigidity + self.flow + self.sparsity + self.bootstrap


@dataclass(frozen=True, slots=True, eq=False)
class _Asked:
    """What the networks say of a batch, in K layers."""

    uv: list[list[Tensor]]  # by layer: at p, right, down, before in x, in y, ahead, behind, (far)
    shares: list[Tensor]  # at p, right, down, ahead, behind
    colours: list[list[Tensor]]  # by layer: at p, right, down


def terms(
    networks: Networks,
    clip: Clip,
    batch: Batch,
    settings: MlpSettings,
    step: int,
    generator: torch.Generator,
) -> Terms:
    """The loss of a batch.

    Args:
        networks: What is trained.
        clip: Where the batch is from.
        batch: Some pixels.
        settings: Weights of the terms, and until when they count.
        step: Number of this one, from 0.
        generator: Draws texels for the sparsity of several foregrounds.
    """
    far = step < settings.global_rigidity_steps
    asked = _asked(networks, clip, batch, settings, far=far)
    nothing = batch.rgb.new_zeros(())
    return Terms(
        colour=_colour(asked, batch, settings),
        rigidity=_rigidity(asked, clip, settings, far=far),
        flow=_flow(asked, batch, clip, settings),
        sparsity=settings.sparsity_coeff * _sparsity(networks, asked, settings, generator),
        bootstrap=settings.alpha_bootstrapping_coeff * _bootstrap(asked.shares[0], batch)
        if step < settings.bootstrapping_steps
        else nothing,
    )


def _asked(
    networks: Networks, clip: Clip, batch: Batch, settings: MlpSettings, *, far: bool
) -> _Asked:
    x, y = batch.xyt.new_tensor((1.0, 0, 0)), batch.xyt.new_tensor((0, 1.0, 0))
    steps = [settings.derivative_amount, *[settings.global_derivative_amount] * far]
    here = [batch.xyt, batch.xyt + x, batch.xyt + y]
    near, *beyond = ([batch.xyt - d * x, batch.xyt - d * y] for d in steps)
    moved = [batch.ahead, batch.behind]
    points = [*here, *near, *moved, *(each for both in beyond for each in both)]
    seen = clip.normal(torch.cat(points))
    layers = range(networks.layers + 1)
    uv = [list(networks.uv(each, seen).chunk(len(points))) for each in layers]
    shares = networks.shares(clip.normal(torch.cat([*here, *moved]))).chunk(5)
    colours = [list(networks.colour(n, torch.cat(uv[n][:3])).chunk(3)) for n in layers]
    return _Asked(uv, list(shares), colours)


def _colour(asked: _Asked, batch: Batch, settings: MlpSettings) -> Tensor:
    """Source: equations 4 to 7."""
    shown = [
        sum(
            asked.shares[place][:, n : n + 1] * layer[place]
            for n, layer in enumerate(asked.colours)
        )
        for place in range(3)
    ]
    off = (shown[0] - batch.rgb).square().sum(dim=1).mean()
    right = (shown[1] - shown[0] - batch.right).square().sum(dim=1) * batch.inner[:, 0]
    down = (shown[2] - shown[0] - batch.down).square().sum(dim=1) * batch.inner[:, 1]
    edges = (right + down).mean()
    made: Tensor = settings.rgb_coeff * off + settings.gradient_coeff * edges
    return made


def _rigidity(asked: _Asked, clip: Clip, settings: MlpSettings, *, far: bool) -> Tensor:
    """Source: equations 9 and 10; far apart as in the published code."""
    unit = _unit(clip, settings)
    last = len(asked.uv) - 1
    total = asked.shares[0].new_zeros(())
    for number, uv in enumerate(asked.uv):
        near = _bent(uv[0], uv[3], uv[4], unit / settings.derivative_amount)
        total = total + settings.rigidity_coeff * near
        if far:
            own = (
                settings.global_rigidity_coeff_bg
                if number == last
                else settings.global_rigidity_coeff_fg
            )
            total = total + own * _bent(
                uv[0], uv[7], uv[8], unit / settings.global_derivative_amount
            )
    return total


def _bent(uv_P2: Tensor, left_P2: Tensor, above_P2: Tensor, unit: float) -> Tensor:
    """How far a map is from turning and moving only; least, the root of 8, where it does."""
    across, along = (uv_P2 - left_P2) * unit, (uv_P2 - above_P2) * unit
    a, d = across.square().sum(dim=1), along.square().sum(dim=1)
    b = (across * along).sum(dim=1)
    metric = (a.square() + d.square() + 2 * b.square() + LEAST).sqrt()
    a, d = a + ROUND, d + ROUND
    inverse = (a.square() + d.square() + 2 * b.square()).sqrt() / (a * d - b.square())
    return (metric + inverse).mean()


def _flow(asked: _Asked, batch: Batch, clip: Clip, settings: MlpSettings) -> Tensor:
    """Source: equations 11 to 13."""
    unit = _unit(clip, settings)
    moved, kept = batch.rgb.new_zeros(()), batch.rgb.new_zeros(())
    for way in (0, 1):
        sure = batch.sure[:, way]
        for number, uv in enumerate(asked.uv):
            apart = ((uv[5 + way] - uv[0]).square().sum(dim=1) + LEAST).sqrt() * unit
            moved = moved + _mean(apart * asked.shares[0][:, number], sure) / 2
        fronts = slice(None, -1)
        change = (asked.shares[3 + way][:, fronts] - asked.shares[0][:, fronts]).abs().mean(dim=1)
        kept = kept + _mean(change, sure) / 2
    return settings.optical_flow_coeff * moved + settings.alpha_flow_coeff * kept


def _sparsity(
    networks: Networks, asked: _Asked, settings: MlpSettings, generator: torch.Generator
) -> Tensor:
    """Source: equation 14; for several foregrounds the published code."""
    if networks.layers == 1:
        return ((1 - asked.shares[0][:, :1]) * asked.colours[0][0]).square().sum(dim=1).mean()
    device = asked.shares[0].device
    many = max(1, settings.sparsity_batch_size // networks.layers)
    spots = torch.rand((many, 2), generator=generator, device=device) * 2 - 1
    dark = [networks.colour(each, spots).mean() for each in range(networks.layers)]
    return torch.stack(dark).mean()


def _bootstrap(shares_PK: Tensor, batch: Batch) -> Tensor:
    """Cross entropy of each layer's share against the given one."""
    return -(batch.shares * (shares_PK + LEAST).log()).sum(dim=1).mean()


def _mean(values: Tensor, counted: Tensor) -> Tensor:
    return (values * counted).sum() / counted.sum().clamp(min=1)


def _unit(clip: Clip, settings: MlpSettings) -> float:
    """Pixels for a step of 1 in a map."""
    return max(clip.size.width, clip.size.height) / 2 / settings.uv_mapping_scale
