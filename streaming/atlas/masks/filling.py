"""Weights into a network: every name and shape as wanted, or a refusal that names the first not."""

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from streaming.errors import WeightsError

__all__ = ["fill", "state_of"]


def state_of(path: Path, network: str) -> dict[str, Tensor]:
    """The tensors of a checkpoint.

    Args:
        path: The file.
        network: What it is expected to hold, for messages.

    Raises:
        WeightsError: It cannot be read, or holds something else.
    """
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises nearly anything on a damaged file
        raise WeightsError(
            f"{path}: cannot be read as weights of {network} ({error.__class__.__name__}); "
            "fetch it again, or make masks another way"
        ) from error
    if not isinstance(loaded, Mapping) or not all(isinstance(v, Tensor) for v in loaded.values()):
        raise WeightsError(f"{path}: holds no state dict; wanted the weights of {network}")
    return {name.removeprefix("module."): value for name, value in loaded.items()}


def fill(module: nn.Module, state: Mapping[str, Tensor], path: Path, network: str) -> None:
    """Fill a network, wholly or not at all.

    Raises:
        WeightsError: A name or a shape is not the network's.
    """
    wanted = module.state_dict()
    missing = [name for name in wanted if name not in state]
    unknown = [name for name in state if name not in wanted]
    wrong = [
        f"{name} is {tuple(state[name].shape)}, wanted {tuple(tensor.shape)}"
        for name, tensor in wanted.items()
        if name in state and state[name].shape != tensor.shape
    ]
    if missing or unknown or wrong:
        first = [f"{each} is missing" for each in missing[:1]]
        first += [f"{each} is not of this network" for each in unknown[:1]] + wrong[:1]
        raise WeightsError(
            f"{path}: does not hold {network} ({'; '.join(first)}; {len(missing)} missing, "
            f"{len(unknown)} unknown, {len(wrong)} of another shape)"
        )
    module.load_state_dict(dict(state))
