"""The matting network as runtimes call it: from bytes to bytes, in pieces.

The published network is one function from a frame to a full-size matte. Here it is two, because
most frames never need the second: the recurrent network runs on a small picture and gives the matte
at that size together with the guided filter's linear coefficients; `Refine` applies these
coefficients to the full-size frame, and runs only for frames that somebody looks at. The recurrent
network itself comes in two halves of equal cost, so that two processors can each do one.

Shape letters: N batch (1), C channels, H W coarse height and width, Y X full height and width.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - torch's own habit

from streaming.matting.network import MattingNetwork, with_grey

__all__ = ["DeepHalf", "Refine", "ShallowHalf"]


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
        out_NCYX = full_NCYX[:, :4] * with_grey(src_NCYX) + full_NCYX[:, 4:]
        return _to_bytes(_with_source(out_NCYX, src_NCYX))


def _with_source(out_NCHW: Tensor, src_NCHW: Tensor) -> Tensor:
    return torch.cat([out_NCHW[:, :3] + src_NCHW, out_NCHW[:, 3:]], dim=1).clamp(0, 1)


def _from_bytes(rgb_NHWC: Tensor, like: Tensor) -> Tensor:
    return rgb_NHWC.to(like.dtype).permute(0, 3, 1, 2) / 255


def _to_bytes(rgba_NCHW: Tensor) -> Tensor:
    return (rgba_NCHW * 255 + 0.5).to(torch.uint8).permute(0, 2, 3, 1)
