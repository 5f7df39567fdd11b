"""A clip on the computing device, from which batches of pixels are drawn.

Everything lies on the device before the first step: a step that waits for pixels from the host
takes several times as long. The flow from a loop's last frame to its first counts as any other.

Shape letters: P points, N frames, H and W of a frame.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from streaming.atlas.flows import Matcher
from streaming.atlas.grids import looked_up, places
from streaming.atlas.model import F32, Footage
from streaming.frames import Size

__all__ = ["Batch", "Clip", "normal"]

SURE_PX = 1.0  # there and back ends within this of where it began


@dataclass(frozen=True, slots=True, eq=False)
class Way:
    """Where every pixel is in another frame.

    Attributes:
        other: (N,) int64, which frame that is; the frame itself where there is none.
        flow: (N, H, W, 2) float16 px.
        sure: (N, H, W) bool.
    """

    other: Tensor
    flow: Tensor
    sure: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Some pixels.

    Attributes:
        xyt: (P, 3) float32: x, y in px, number of the frame.
        rgb: (P, 3) float32 0..1.
        right: (P, 3), by how much the next pixel to the right is brighter.
        down: (P, 3), the same of the pixel below.
        inner: (P, 2) float32, 1 where there is a pixel to the right, below.
        shares: (P, L + 1) of each layer, the background last.
        ahead: (P, 3), where the pixel is in a later frame.
        behind: (P, 3), where it is in an earlier one.
        sure: (P, 2) float32, 1 where these two can be believed.
    """

    xyt: Tensor
    rgb: Tensor
    right: Tensor
    down: Tensor
    inner: Tensor
    shares: Tensor
    ahead: Tensor
    behind: Tensor
    sure: Tensor


def normal(xyt_P3: Tensor, size: Size, count: int) -> Tensor:
    """Pixels and frames as the networks see them, all about -1..1; the longer side is the unit."""
    half = max(size.width, size.height) / 2
    return xyt_P3 / xyt_P3.new_tensor((half, half, count / 2)) - 1


class Clip:
    """Frames, mattes and flow on a device.

    Args:
        footage: The clip.
        match: Measures flow.
        device: Where all of it is kept.
    """

    def __init__(self, footage: Footage, match: Matcher, device: torch.device) -> None:
        self.size, self.count = footage.size, footage.count
        self.device = device
        self._frames = torch.from_numpy(np.array(footage.frames)).to(device)
        self._mattes = torch.from_numpy(np.array(footage.mattes)).to(device)
        self._ahead, self._behind = _ways(footage, match, device)

    def drawn(self, count: int, generator: torch.Generator) -> Batch:
        """Pixels drawn evenly from all frames.

        Args:
            count: How many.
            generator: What draws them, on the clip's device.
        """
        t, y, x = (
            torch.randint(limit, (count,), generator=generator, device=self.device)
            for limit in (self.count, self.size.height, self.size.width)
        )
        right, down = (
            (x + 1).clamp(max=self.size.width - 1),
            (y + 1).clamp(max=self.size.height - 1),
        )
        rgb = self._colours(t, y, x)
        own = self._mattes[:, t, y, x].T.float() / 255
        rest = (1 - own.sum(dim=1, keepdim=True)).clamp(0, 1)
        xyt = torch.stack((x, y, t), dim=1).float()
        return Batch(
            xyt=xyt,
            rgb=rgb,
            right=self._colours(t, y, right) - rgb,
            down=self._colours(t, down, x) - rgb,
            inner=torch.stack((right > x, down > y), dim=1).float(),
            shares=torch.cat((own, rest), dim=1),
            ahead=_gone(self._ahead, t, y, x),
            behind=_gone(self._behind, t, y, x),
            sure=torch.stack(
                (self._ahead.sure[t, y, x], self._behind.sure[t, y, x]), dim=1
            ).float(),
        )

    def normal(self, xyt_P3: Tensor) -> Tensor:
        """Pixels and frames as the networks see them."""
        return normal(xyt_P3, self.size, self.count)

    def _colours(self, t: Tensor, y: Tensor, x: Tensor) -> Tensor:
        return self._frames[t, y, x].float() / 255


def _gone(way: Way, t: Tensor, y: Tensor, x: Tensor) -> Tensor:
    flow = way.flow[t, y, x].float()
    return torch.stack((x + flow[:, 0], y + flow[:, 1], way.other[t].float()), dim=1)


def _ways(footage: Footage, match: Matcher, device: torch.device) -> tuple[Way, Way]:
    """Flow of every frame to the next and to the one before."""
    count, size = footage.count, footage.size
    after = {each: each + 1 for each in range(count - 1)}
    for seam in footage.seams:
        after.setdefault(seam.first, seam.second)
    shape = (count, size.height, size.width)
    others = [np.arange(count) for _ in range(2)]
    flows = [np.zeros((*shape, 2), np.float16) for _ in range(2)]
    sures = [np.zeros(shape, bool) for _ in range(2)]
    for first, second in after.items():
        a, b = footage.frames[first], footage.frames[second]
        there, back = match(a, b), match(b, a)
        for n, (frame, other, go, come) in enumerate(
            ((first, second, there, back), (second, first, back, there))
        ):
            if not sures[n][frame].any():
                others[n][frame], flows[n][frame] = other, go
                sures[n][frame] = _returns(go, come)
    made = [
        Way(*(torch.from_numpy(each).to(device) for each in both))
        for both in zip(others, flows, sures, strict=True)
    ]
    return made[0], made[1]


def _returns(flow: F32, back: F32) -> np.ndarray:
    at = places(Size(flow.shape[1], flow.shape[0])) + flow
    left: np.ndarray = np.hypot(*np.moveaxis(flow + looked_up(back, at, beyond=1e3), -1, 0))
    return left < SURE_PX
