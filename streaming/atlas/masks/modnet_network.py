"""MODNet: a matte of people from a single picture, in three branches.

A coarse branch says where somebody is (at 1/32 of the size, with channels weighed by what they see
of the whole), a fine one looks at edges (at 1/4 and 1/2), and a third puts both together. Written
from the paper; the encoder is torchvision's MobileNetV2, its blocks laid flat, which gives
parameters the names that the official checkpoints have. The two heads that only training looks at
are left out.

Shape letters: N batch, C channels, H W of the picture; a name ends in the fraction of that size.

Source: Ke, Sun, Li, Yan, Lau, "MODNet: Real-Time Trimap-Free Portrait Matting via Objective
Decomposition", AAAI 2022; the norm after Pan et al., "Two at Once", ECCV 2018; the weighing of
channels after Hu et al., "Squeeze-and-Excitation Networks", CVPR 2018.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit
from torchvision.models import mobilenet_v2

__all__ = ["UNUSED", "ModNet"]

SEEN = (16, 24, 32, 96, 1280)  # channels of the encoder at 1/2, 1/4, 1/8, 1/16 and 1/32
ENDS = (2, 4, 7, 14, 19)  # its layers, up to which each of these goes
FINE = 32  # channels of the branch that looks at edges
SQUEEZED = 4
UNUSED = ("lr_branch.backbone.", "lr_branch.conv_lr.", "hr_branch.conv_hr.")
"""Names in a checkpoint that are not wanted: the encoder a second time, and heads for training."""


class HalfInstanceNorm(nn.Module):
    """Batch norm on one half of the channels, each picture's own on the other."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self._half = channels // 2
        self.bnorm = nn.BatchNorm2d(self._half)
        self.inorm = nn.InstanceNorm2d(channels - self._half)

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Normed features."""
        one, other = x_NCHW[:, : self._half], x_NCHW[:, self._half :]
        return torch.cat((self.bnorm(one), self.inorm(other)), dim=1)


class Unit(nn.Module):
    """A convolution, its norm and what is above zero; `bare` is the convolution alone."""

    def __init__(
        self, channels_in: int, channels_out: int, side: int, *, stride: int = 1, bare: bool = False
    ) -> None:
        super().__init__()
        convolution = nn.Conv2d(channels_in, channels_out, side, stride, side // 2)
        rest = () if bare else (HalfInstanceNorm(channels_out), nn.ReLU(inplace=True))
        self.layers = nn.Sequential(convolution, *rest)

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Features, or for a bare unit any numbers."""
        made: Tensor = self.layers(x_NCHW)
        return made


class ChannelGate(nn.Module):
    """Channels weighed by what they say of the whole picture."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.fc = nn.Sequential(
            nn.Linear(channels, channels // SQUEEZED, bias=False),
            nn.ReLU(inplace=True),
            nn.Linear(channels // SQUEEZED, channels, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Weighed features."""
        gate: Tensor = self.fc(x_NCHW.mean(dim=(2, 3)))
        return x_NCHW * gate[:, :, None, None]


class Encoder(nn.Module):
    """MobileNetV2 up to its last features."""

    def __init__(self) -> None:
        super().__init__()
        layers = mobilenet_v2(weights=None).features
        for block in layers[1:18]:
            parts = block.get_submodule("conv").modules()
            block.conv = nn.Sequential(*(each for each in parts if not any(each.children())))
        self.model = nn.ModuleDict({"features": layers})

    def forward(self, x_NCHW: Tensor) -> list[Tensor]:
        """Features at 1/2, 1/4, 1/8, 1/16 and 1/32."""
        made: list[Tensor] = []
        for number, layer in enumerate(self.model["features"].children(), 1):
            x_NCHW = layer(x_NCHW)
            if number in ENDS:
                made.append(x_NCHW)
        return made


class Coarse(nn.Module):
    """Where somebody is."""

    def __init__(self) -> None:
        super().__init__()
        self.se_block = ChannelGate(SEEN[4])
        self.conv_lr16x = Unit(SEEN[4], SEEN[3], 5)
        self.conv_lr8x = Unit(SEEN[3], SEEN[2], 5)

    def forward(self, x_32: Tensor) -> Tensor:
        """Features at 1/8."""
        x_16 = self.conv_lr16x(_doubled(self.se_block(x_32)))
        made: Tensor = self.conv_lr8x(_doubled(x_16))
        return made


class Fine(nn.Module):
    """What its edges look like."""

    def __init__(self) -> None:
        super().__init__()
        self.tohr_enc2x = Unit(SEEN[0], FINE, 1)
        self.conv_enc2x = Unit(FINE + 3, FINE, 3, stride=2)
        self.tohr_enc4x = Unit(SEEN[1], FINE, 1)
        self.conv_enc4x = Unit(2 * FINE, 2 * FINE, 3)
        self.conv_hr4x = nn.Sequential(
            Unit(3 * FINE + 3, 2 * FINE, 3), Unit(2 * FINE, 2 * FINE, 3), Unit(2 * FINE, FINE, 3)
        )
        self.conv_hr2x = nn.Sequential(
            Unit(2 * FINE, 2 * FINE, 3), Unit(2 * FINE, FINE, 3),
            Unit(FINE, FINE, 3), Unit(FINE, FINE, 3),
        )  # fmt: skip

    def forward(self, rgb_NCHW: Tensor, x_2: Tensor, x_4: Tensor, x_8: Tensor) -> Tensor:
        """Features at 1/2."""
        rgb_2, rgb_4 = (_scaled(rgb_NCHW, 1 / each) for each in (2, 4))
        x_2 = self.tohr_enc2x(x_2)
        y_4 = self.conv_enc2x(torch.cat((rgb_2, x_2), dim=1))
        y_4 = self.conv_enc4x(torch.cat((y_4, self.tohr_enc4x(x_4)), dim=1))
        y_4 = self.conv_hr4x(torch.cat((y_4, _doubled(x_8), rgb_4), dim=1))
        made: Tensor = self.conv_hr2x(torch.cat((_doubled(y_4), x_2), dim=1))
        return made


class Fusion(nn.Module):
    """The matte from both."""

    def __init__(self) -> None:
        super().__init__()
        self.conv_lr4x = Unit(SEEN[2], FINE, 5)
        self.conv_f2x = Unit(2 * FINE, FINE, 3)
        self.conv_f = nn.Sequential(Unit(FINE + 3, FINE // 2, 3), Unit(FINE // 2, 1, 1, bare=True))

    def forward(self, rgb_NCHW: Tensor, x_8: Tensor, y_2: Tensor) -> Tensor:
        """The matte, (N, 1, H, W) in 0..1."""
        x_4 = self.conv_lr4x(_doubled(x_8))
        both = self.conv_f2x(torch.cat((_doubled(x_4), y_2), dim=1))
        return torch.sigmoid(self.conv_f(torch.cat((_doubled(both), rgb_NCHW), dim=1)))


class ModNet(nn.Module):
    """The whole network."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = Encoder()
        self.lr_branch = Coarse()
        self.hr_branch = Fine()
        self.f_branch = Fusion()

    def forward(self, rgb_NCHW: Tensor) -> Tensor:
        """Mattes of pictures.

        Args:
            rgb_NCHW: (N, 3, H, W), -1..1, both sides multiples of 32.

        Returns:
            (N, 1, H, W), 0..1.
        """
        x_2, x_4, _, _, x_32 = self.backbone(rgb_NCHW)
        x_8 = self.lr_branch(x_32)
        y_2 = self.hr_branch(rgb_NCHW, x_2, x_4, x_8)
        matte: Tensor = self.f_branch(rgb_NCHW, x_8, y_2)
        return matte


def _doubled(x_NCHW: Tensor) -> Tensor:
    return _scaled(x_NCHW, 2.0)


def _scaled(x_NCHW: Tensor, factor: float) -> Tensor:
    return F.interpolate(x_NCHW, scale_factor=factor, mode="bilinear", align_corners=False)
