"""Robust Video Matting as a torch network without batch norm.

Written from the paper (Lin, Yang, Saleemi, Sengupta 2021, arXiv 2108.11515): an encoder, LR-ASPP, a
decoder whose ConvGRUs carry a memory from frame to frame, and a deep guided filter. Batch norm is
folded into the convolutions when weights are loaded, so that one set of names serves every form in
which the weights are published, and the runtime has nothing left to fold.

The published network is one function from a frame to a full-size matte. Here it is two, because
most frames never need the second: the recurrent network runs on a small picture and gives the matte
at that size together with the guided filter's linear coefficients; `Refine` applies these
coefficients to the full-size frame, and runs only for frames that somebody looks at. The recurrent
network itself comes in two halves of equal cost, so that two processors can each do one.

Parameter names are those of the official checkpoints, as far as they survive folding.

Shape letters: N batch (1), C channels, H W coarse height and width, Y X full height and width.
"""

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit
from torchvision.models.mobilenetv3 import InvertedResidual, _mobilenet_v3_conf
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.ops.misc import Conv2dNormActivation

__all__ = [
    "STATE_CHANNELS",
    "DeepHalf",
    "MattingNetwork",
    "Refine",
    "ShallowHalf",
    "state_shapes",
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


class MobileEncoder(nn.Module):
    """MobileNetV3-Large down to 1/16 with a dilated last stage. Source: paper, section 3.1.1."""

    def __init__(self) -> None:
        super().__init__()
        blocks, _ = _mobilenet_v3_conf("mobilenet_v3_large", dilated=True)
        last = blocks[-1].out_channels
        self.features = nn.Sequential(
            _plain_conv(3, blocks[0].input_channels, kernel_size=3, stride=2),
            *(InvertedResidual(block, norm_layer=None) for block in blocks),
            _plain_conv(last, 6 * last, kernel_size=1),
        )

    def forward(self, x_NCHW: Tensor) -> list[Tensor]:
        """Features at 1/2, 1/4, 1/8 and 1/16 of a normalised picture."""
        kept = []
        for number, layer in enumerate(self.features):
            x_NCHW = layer(x_NCHW)
            if number in (1, 3, 6, 16):
                kept.append(x_NCHW)
        return kept


def _plain_conv(
    channels_in: int, channels_out: int, *, kernel_size: int, stride: int = 1
) -> nn.Module:
    conv: nn.Module = Conv2dNormActivation(
        channels_in,
        channels_out,
        kernel_size=kernel_size,
        stride=stride,
        norm_layer=None,
        activation_layer=nn.Hardswish,
    )
    return conv


class ResNetEncoder(ResNet):  # type: ignore[misc] # torchvision ships no types
    """ResNet50 down to 1/16 with a dilated last stage. Source: paper, section 3.1.1."""

    def __init__(self) -> None:
        super().__init__(
            Bottleneck,
            [3, 4, 6, 3],
            replace_stride_with_dilation=[False, False, True],
            norm_layer=nn.Identity,
        )
        del self.avgpool, self.fc
        for module in self.modules():  # what batch norm leaves behind when it is folded
            if isinstance(module, nn.Conv2d):
                module.bias = nn.Parameter(torch.zeros(module.out_channels))

    def forward(self, x_NCHW: Tensor) -> list[Tensor]:
        """Features at 1/2, 1/4, 1/8 and 1/16 of a normalised picture."""
        half = self.relu(self.conv1(x_NCHW))
        quarter = self.layer1(self.maxpool(half))
        eighth = self.layer2(quarter)
        return [half, quarter, eighth, self.layer4(self.layer3(eighth))]


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
        x_NCHW = _with_grey(src_NCHW)
        mean_x, mean_y = self.box_filter(x_NCHW), self.box_filter(out_NCHW)
        covariance = self.box_filter(x_NCHW * out_NCHW) - mean_x * mean_y
        variance = self.box_filter(x_NCHW * x_NCHW) - mean_x * mean_x
        slope_NCHW = self.conv(torch.cat([covariance, variance, hidden_NCHW], dim=1))
        return slope_NCHW, mean_y - slope_NCHW * mean_x


def _with_grey(rgb_NCHW: Tensor) -> Tensor:
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


class DeepHalf(nn.Module):
    """The first half of the network from bytes on, as a runtime calls it once per frame.

    The network is cut where both halves cost the same, and no recurrent memory crosses the cut:
    one half can work on a frame while the other finishes the frame before.
    """

    def __init__(self, network: MattingNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(
        self, rgb_NHWC: Tensor, r2: Tensor, r3: Tensor, r4: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """One frame.

        Args:
            rgb_NHWC: uint8 (1, H, W, 3), sRGB.
            r2: Memory at 1/4 of the coarse size.
            r3: At 1/8.
            r4: At 1/16.

        Returns:
            Features at 1/4 and at 1/2, for the other half; the three new memories.
        """
        return self.network.deep(_from_bytes(rgb_NHWC, r2), r2, r3, r4)


class ShallowHalf(nn.Module):
    """The second half of the network, to bytes.

    Args:
        network: The network; shared, not copied.
        refined: Whether the filter's coefficients are wanted (not where the coarse picture already
            has the full size).
    """

    def __init__(self, network: MattingNetwork, *, refined: bool) -> None:
        super().__init__()
        self.network = network
        self.refined = refined

    def forward(
        self, rgb_NHWC: Tensor, x_NCHW: Tensor, skip_NCHW: Tensor, r1: Tensor
    ) -> tuple[Tensor, ...]:
        """One frame.

        Args:
            rgb_NHWC: uint8 (1, H, W, 3), the same picture.
            x_NCHW: Features at 1/4.
            skip_NCHW: Features at 1/2.
            r1: Memory at 1/2 of the coarse size.

        Returns:
            uint8 (1, H, W, 4) subject colours and matte with straight alpha; the new memory; and,
            if `refined`, the filter's slope and offset, (1, 8, H, W) float16.
        """
        src_NCHW = _from_bytes(rgb_NHWC, r1)
        out_NCHW, hidden_NCHW, r1 = self.network.shallow(src_NCHW, x_NCHW, skip_NCHW, r1)
        rgba_NHWC = _to_bytes(_with_source(out_NCHW, src_NCHW))
        if not self.refined:
            return rgba_NHWC, r1
        slope_NCHW, offset_NCHW = self.network.refiner(src_NCHW, out_NCHW, hidden_NCHW)
        planes_NCHW = torch.cat([slope_NCHW, offset_NCHW], dim=1)
        return rgba_NHWC, r1, planes_NCHW.to(torch.float16)


class Refine(nn.Module):
    """The filter's cheap half: coarse coefficients applied to the full-size frame."""

    def forward(self, rgb_NYXC: Tensor, planes_NCHW: Tensor) -> Tensor:
        """One frame.

        Args:
            rgb_NYXC: uint8 (1, Y, X, 3), sRGB.
            planes_NCHW: (1, 8, H, W) slope and offset from `Coarse`, in the arithmetic to use.

        Returns:
            uint8 (1, Y, X, 4) subject colours and matte, straight alpha.
        """
        src_NCYX = rgb_NYXC.to(planes_NCHW.dtype).permute(0, 3, 1, 2) / 255
        full_NCYX = F.interpolate(
            planes_NCHW,
            size=[src_NCYX.shape[2], src_NCYX.shape[3]],
            mode="bilinear",
            align_corners=False,
        )
        out_NCYX = full_NCYX[:, :4] * _with_grey(src_NCYX) + full_NCYX[:, 4:]
        return _to_bytes(_with_source(out_NCYX, src_NCYX))


def _with_source(out_NCHW: Tensor, src_NCHW: Tensor) -> Tensor:
    return torch.cat([out_NCHW[:, :3] + src_NCHW, out_NCHW[:, 3:]], dim=1).clamp(0, 1)


def _from_bytes(rgb_NHWC: Tensor, like: Tensor) -> Tensor:
    return rgb_NHWC.to(like.dtype).permute(0, 3, 1, 2) / 255


def _to_bytes(rgba_NCHW: Tensor) -> Tensor:
    return (rgba_NCHW * 255 + 0.5).to(torch.uint8).permute(0, 2, 3, 1)
