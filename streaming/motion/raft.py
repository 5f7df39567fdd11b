"""Optical flow by RAFT, where a graphics card and the network's weights are there.

RAFT finds a limb again that has moved by several times its width, which no local search does. On a
processor it takes a hundred times as long as DIS (two busy cores, 224 px, one way: 26 s, the small
one 14 s, DIS 0.08 s), so nothing uses it there unasked. Nothing is downloaded either: the weights
are taken from where torchvision leaves them, or from a file that is named. Torch is loaded when the
first pair is compared, and not merely to learn that there are no weights.

What was seen to run is the processor: shapes, padding, both variants, with seeded weights. No
card and no published weights were at hand when this was written, so how much better than by DIS a
seam closes by RAFT has not been measured.

Source: Teed, Deng, "RAFT: Recurrent All-Pairs Field Transforms for Optical Flow", ECCV 2020; the
network is torchvision's.
"""

import pickle
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from streaming.errors import RuntimeMissing, WeightsError
from streaming.frames import U8

if TYPE_CHECKING:
    import torch

__all__ = ["Device", "Variant", "at_hand", "cached", "raft_flow"]

Device = Literal["cpu", "cuda"]
Variant = Literal["large", "small"]

F32 = NDArray[np.float32]

NAMES: dict[Variant, str] = {
    "large": "raft_large_C_T_SKHT_V2-ff5fadd5.pth",
    "small": "raft_small_C_T_V2-01064c6d.pth",
}
HUB = Path(".cache/torch/hub/checkpoints")  # in the home folder, where torch leaves weights
GRID = 8  # both sides are a multiple of it
LEAST_PX = 128  # the coarsest of its four correlation maps has two cells then
PASSES = 12  # rounds of refinement, as the network was trained
ELSE = "let DIS measure flow instead, which needs neither weights nor a card"


def raft_flow(
    a: U8,
    b: U8,
    *,
    device: Device = "cuda",
    variant: Variant = "large",
    weights: Path | None = None,
    passes: int = PASSES,
) -> F32:
    """Where every pixel of one picture is in another.

    Args:
        a: (H, W, 3) uint8 RGB.
        b: The same, as large.
        device: What computes it.
        variant: The large network, or the small one, which is quicker and sees less.
        weights: The network's file; None for where torchvision leaves it.
        passes: Rounds of refinement.

    Returns:
        (H, W, 2) float32, to the right and down in px, from a pixel of `a`.

    Raises:
        RuntimeMissing: There is no such device.
        WeightsError: The weights are missing, damaged or another network's.
        ValueError: The pictures are not such pictures, or not of one size.
    """
    if a.shape != b.shape or a.ndim != 3 or a.shape[2] != 3 or a.dtype != np.uint8:
        raise ValueError(f"pictures of {a.shape} and {b.shape}: wanted (H, W, 3) uint8, both alike")
    network = _network(device, variant, weights or cached(variant))
    import torch

    high, wide = a.shape[:2]
    top, left = _before(high), _before(wide)
    with torch.inference_mode():
        one, other = (_padded(each).to(device) for each in (a, b))
        flow = network(one, other, num_flow_updates=passes)[-1]
        made: F32 = flow[0].permute(1, 2, 0).float().cpu().numpy()
    return np.ascontiguousarray(made[top : top + high, left : left + wide])


def cached(variant: Variant = "large") -> Path:
    """Where torchvision leaves a network's weights in the user's home, there or not."""
    return Path.home() / HUB / NAMES[variant]


@cache
def at_hand() -> bool:
    """Whether the large network's weights and a card are there; torch is not loaded for a no."""
    if not cached().is_file():
        return False
    import torch

    return bool(torch.cuda.is_available())


@lru_cache(maxsize=2)
def _network(device: Device, variant: Variant, weights: Path) -> "torch.nn.Module":
    if not weights.is_file():
        raise WeightsError(
            f"no weights of RAFT ({variant}) in {weights}: put them there, or {ELSE}"
        )
    import torch
    from torchvision.models import optical_flow

    if device == "cuda" and not torch.cuda.is_available():
        raise RuntimeMissing(f"RAFT was to run on a graphics card, and torch sees none: {ELSE}")
    make = optical_flow.raft_large if variant == "large" else optical_flow.raft_small
    network = make(weights=None)
    try:
        network.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    except (
        OSError,
        EOFError,
        RuntimeError,
        AttributeError,
        TypeError,
        pickle.UnpicklingError,
    ) as error:
        raise WeightsError(
            f"{weights} holds no weights of RAFT ({variant}): put the published ones there, "
            f"or {ELSE}"
        ) from error
    made: torch.nn.Module = network.eval().to(device)
    return made


def _padded(picture: U8) -> "torch.Tensor":
    """(1, 3, H', W') float32, -1..1, its edges going on to a size that the network takes."""
    import torch

    high, wide = picture.shape[:2]
    around = [(_before(each), _whole(each) - each - _before(each)) for each in (high, wide)]
    framed = np.pad(picture, (*around, (0, 0)), mode="edge")
    rgb = torch.from_numpy(framed.transpose(2, 0, 1)[None].copy()).float()
    return rgb / 127.5 - 1


def _whole(side: int) -> int:
    return max(LEAST_PX, -(-side // GRID) * GRID)


def _before(side: int) -> int:
    return (_whole(side) - side) // 2
