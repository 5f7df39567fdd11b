"""Robust Video Matting as a torch network without batch norm.

Written from the paper (Lin, Yang, Saleemi, Sengupta 2021, arXiv 2108.11515): an encoder, LR-ASPP, a
decoder whose ConvGRUs carry a memory from frame to frame, and a deep guided filter. Batch norm is
folded into the convolutions when weights are loaded, so that one set of names serves every form in
which the weights are published, and the runtime has nothing left to fold.

Parameter names are those of the official checkpoints, as far as they survive folding.

Shape letters: N batch (1), C channels, H W coarse height and width, Y X full height and width.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from streaming.matting.encoders import MobileEncoder, ResNetEncoder

__all__ = [
    "STATE_CHANNELS",
    "MattingNetwork",
    "state_shapes",
    "with_grey",
]

STATE_CHANNELS = {"mobilenetv3": (16, 20, 40, 64), "resnet50": (16, 32, 64, 128)}
"""Channels of the recurrent state at 1/2, 1/4, 1/8 and 1/16 of the coarse size."""

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


def state_shapes(
    variant: Literal["mobilenetv3", "resnet50"], height: int, width: int
) -> list[tuple[int, int, int, int]]:
    """Shapes (N, C, h, w) of the four recurrent maps for a coarse picture of height x width px."""
    shapes = []
    for channels in STATE_CHANNELS[variant]:
        height, width = (height + 1) // 2, (width + 1) // 2
        shapes.append((1, channels, height, width))
    return shapes


class LRASPP(nn.Module):
    """Lite reduced atrous spatial pyramid pooling. Source: Howard et al. 2019, section 6.4."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.aspp1 = nn.Sequential(
            nn.Conv2d(channels_in, channels_out, 1), nn.Identity(), nn.ReLU()
        )
        self.aspp2 = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(channels_in, channels_out, 1, bias=False),
            nn.Sigmoid(),
        )

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Features gated by their global average."""
        gated: Tensor = self.aspp1(x_NCHW) * self.aspp2(x_NCHW)
        return gated


class ConvGRU(nn.Module):
    """A convolutional gated recurrent unit. Source: paper, equation 1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.ih = nn.Sequential(nn.Conv2d(2 * channels, 2 * channels, 3, padding=1), nn.Sigmoid())
        self.hh = nn.Sequential(nn.Conv2d(2 * channels, channels, 3, padding=1), nn.Tanh())

    def forward(self, x_NCHW: Tensor, h_NCHW: Tensor) -> Tensor:
        """The new memory, which is also the output."""
        reset, update = self.ih(torch.cat([x_NCHW, h_NCHW], dim=1)).chunk(2, dim=1)
        candidate = self.hh(torch.cat([x_NCHW, reset * h_NCHW], dim=1))
        remembered: Tensor = (1 - update) * h_NCHW + update * candidate
        return remembered


class Bottleneck16(nn.Module):
    """The decoder's entry at 1/16: half of the channels pass through a memory."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.gru = ConvGRU(channels // 2)

    def forward(self, x_NCHW: Tensor, h_NCHW: Tensor) -> tuple[Tensor, Tensor]:
        """Output and new memory."""
        plain, remembered = x_NCHW.chunk(2, dim=1)
        h_NCHW = self.gru(remembered, h_NCHW)
        return torch.cat([plain, h_NCHW], dim=1), h_NCHW


class Upsampling(nn.Module):
    """One decoder step: double, join with encoder features and picture, remember."""

    def __init__(self, channels_in: int, skip: int, channels_out: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(channels_in + skip + 3, channels_out, 3, padding=1), nn.Identity(), nn.ReLU()
        )
        self.gru = ConvGRU(channels_out // 2)

    def forward(
        self, x_NCHW: Tensor, skip_NCHW: Tensor, src_NCHW: Tensor, h_NCHW: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Output at twice the size of `x_NCHW`, and the new memory."""
        x_NCHW = _doubled(x_NCHW, src_NCHW)
        x_NCHW = self.conv(torch.cat([x_NCHW, skip_NCHW, src_NCHW], dim=1))
        plain, remembered = x_NCHW.chunk(2, dim=1)
        h_NCHW = self.gru(remembered, h_NCHW)
        return torch.cat([plain, h_NCHW], dim=1), h_NCHW


class Output(nn.Module):
    """The decoder's last step, at the size of the coarse picture, without a memory."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv = nn.Sequential(
            nn.Conv2d(channels_in + 3, channels_out, 3, padding=1),
            nn.Identity(),
            nn.ReLU(),
            nn.Conv2d(channels_out, channels_out, 3, padding=1),
            nn.Identity(),
            nn.ReLU(),
        )

    def forward(self, x_NCHW: Tensor, src_NCHW: Tensor) -> Tensor:
        """Hidden features from which matte and foreground are projected."""
        hidden: Tensor = self.conv(torch.cat([_doubled(x_NCHW, src_NCHW), src_NCHW], dim=1))
        return hidden


def _doubled(x_NCHW: Tensor, like_NCHW: Tensor) -> Tensor:
    doubled = F.interpolate(x_NCHW, scale_factor=2.0, mode="bilinear", align_corners=False)
    return doubled[:, :, : like_NCHW.shape[2], : like_NCHW.shape[3]]


class Decoder(nn.Module):
    """The recurrent decoder. Source: paper, section 3.1.2 and table 5."""

    def __init__(
        self, skips: tuple[int, int, int, int], channels: tuple[int, int, int, int]
    ) -> None:
        super().__init__()
        self.halve = nn.AvgPool2d(2, 2, count_include_pad=False, ceil_mode=True)
        self.decode4 = Bottleneck16(skips[3])
        self.decode3 = Upsampling(skips[3], skips[2], channels[0])
        self.decode2 = Upsampling(channels[0], skips[1], channels[1])
        self.decode1 = Upsampling(channels[1], skips[0], channels[2])
        self.decode0 = Output(channels[2], channels[3])

    def deep(
        self, src_NCHW: Tensor, skips: list[Tensor], r2: Tensor, r3: Tensor, r4: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """From 1/16 up to 1/4: features there, and three new memories."""
        quarter = self.halve(self.halve(src_NCHW))
        x, r4 = self.decode4(skips[3], r4)
        x, r3 = self.decode3(x, skips[2], self.halve(quarter), r3)
        x, r2 = self.decode2(x, skips[1], quarter, r2)
        return x, r2, r3, r4

    def shallow(
        self, src_NCHW: Tensor, x_NCHW: Tensor, skip_NCHW: Tensor, r1: Tensor
    ) -> tuple[Tensor, Tensor]:
        """From 1/4 up to the coarse size: hidden features, and the last new memory."""
        x, r1 = self.decode1(x_NCHW, skip_NCHW, self.halve(src_NCHW), r1)
        return self.decode0(x, src_NCHW), r1


class Projection(nn.Module):
    """A 1x1 projection of the hidden features."""

    def __init__(self, channels_in: int, channels_out: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels_in, channels_out, 1)

    def forward(self, x_NCHW: Tensor) -> Tensor:
        """Projected features."""
        projected: Tensor = self.conv(x_NCHW)
        return projected


class GuidedFilter(nn.Module):
    """The learned half of the deep guided filter: coarse maps in, linear coefficients out.

    Source: Wu et al. 2018 (arXiv 1803.05619), as used by the paper, section 3.1.3.
    """

    def __init__(self, hidden: int) -> None:
        super().__init__()
        self.box_filter = nn.Conv2d(4, 4, 3, padding=1, bias=False, groups=4)
        self.conv = nn.Sequential(
            nn.Conv2d(8 + hidden, hidden, 1),
            nn.Identity(),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 1),
            nn.Identity(),
            nn.ReLU(),
            nn.Conv2d(hidden, 4, 1),
        )

    def forward(
        self, src_NCHW: Tensor, out_NCHW: Tensor, hidden_NCHW: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Slope and offset of the four outputs as functions of red, green, blue and grey."""
        x_NCHW = with_grey(src_NCHW)
        mean_x, mean_y = self.box_filter(x_NCHW), self.box_filter(out_NCHW)
        covariance = self.box_filter(x_NCHW * out_NCHW) - mean_x * mean_y
        variance = self.box_filter(x_NCHW * x_NCHW) - mean_x * mean_x
        slope_NCHW = self.conv(torch.cat([covariance, variance, hidden_NCHW], dim=1))
        return slope_NCHW, mean_y - slope_NCHW * mean_x


def with_grey(rgb_NCHW: Tensor) -> Tensor:
    """The picture with the mean of its colours as a fourth channel: what guides the filter."""
    return torch.cat([rgb_NCHW, rgb_NCHW.mean(dim=1, keepdim=True)], dim=1)


class MattingNetwork(nn.Module):
    """The recurrent network at its coarse size, and the filter's coefficients.

    Args:
        variant: Which encoder; the decoder's widths follow.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, variant: Literal["mobilenetv3", "resnet50"] = "mobilenetv3") -> None:
        super().__init__()
        mobile = variant == "mobilenetv3"
        self.backbone: nn.Module = MobileEncoder() if mobile else ResNetEncoder()
        self.aspp = LRASPP(960, 128) if mobile else LRASPP(2048, 256)
        self.decoder = (
            Decoder((16, 24, 40, 128), (80, 40, 32, 16))
            if mobile
            else Decoder((64, 256, 512, 256), (128, 64, 32, 16))
        )
        self.project_mat = Projection(16, 4)
        self.refiner = GuidedFilter(16)
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1), persistent=False)

    def deep(
        self, src_NCHW: Tensor, r2: Tensor, r3: Tensor, r4: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """The first half of one frame's work: encoder, and decoder up to 1/4.

        Returns:
            Features at 1/4; the encoder's at 1/2; new memories at 1/4, 1/8 and 1/16.
        """
        skips = self.backbone((src_NCHW - self.mean) / self.std)
        skips[3] = self.aspp(skips[3])
        x_NCHW, r2, r3, r4 = self.decoder.deep(src_NCHW, skips, r2, r3, r4)
        return x_NCHW, skips[0], r2, r3, r4

    def shallow(
        self, src_NCHW: Tensor, x_NCHW: Tensor, skip_NCHW: Tensor, r1: Tensor
    ) -> tuple[Tensor, Tensor, Tensor]:
        """The second half: from 1/4 to foreground residual and matte.

        Returns:
            Residual and matte (N, 4, H, W), not clamped; the hidden features (N, 16, H, W) that
            the filter needs; the new memory at 1/2.
        """
        hidden_NCHW, r1 = self.decoder.shallow(src_NCHW, x_NCHW, skip_NCHW, r1)
        return self.project_mat(hidden_NCHW), hidden_NCHW, r1

    def forward(self, src_NCHW: Tensor, state: list[Tensor]) -> tuple[Tensor, Tensor, list[Tensor]]:
        """One frame.

        Args:
            src_NCHW: Coarse picture, RGB in 0..1.
            state: Four memories, zeros at the start of a stream (see `state_shapes`).

        Returns:
            Foreground residual and matte (N, 4, H, W), not clamped; the hidden features
            (N, 16, H, W), which the filter needs; the four new memories.
        """
        r1, r2, r3, r4 = state
        x_NCHW, skip_NCHW, r2, r3, r4 = self.deep(src_NCHW, r2, r3, r4)
        out_NCHW, hidden_NCHW, r1 = self.shallow(src_NCHW, x_NCHW, skip_NCHW, r1)
        return out_NCHW, hidden_NCHW, [r1, r2, r3, r4]
