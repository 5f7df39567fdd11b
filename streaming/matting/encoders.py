"""The two encoders of the matting network, down to 1/16 of the picture.

Built of torchvision's own blocks with their batch norm left out, so that the names of official
checkpoints fit. Shape letters: N batch, C channels, H W height and width.
"""

import torch
from torch import Tensor, nn
from torchvision.models.mobilenetv3 import InvertedResidual, _mobilenet_v3_conf
from torchvision.models.resnet import Bottleneck, ResNet
from torchvision.ops.misc import Conv2dNormActivation

__all__ = ["MobileEncoder", "ResNetEncoder"]


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
