"""Networks on disk, under the names that published checkpoints have.

Written beside its name and renamed, so a run that is stopped while it writes leaves the checkpoint
before. Read as plain tensors and numbers only: a checkpoint from elsewhere cannot run anything.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from streaming.atlas.mlp.networks import Networks
from streaming.errors import InputError, OutputError
from streaming.frames import Size

__all__ = ["Stand", "load_checkpoint", "save_checkpoint"]

TRAIN = "remove it to train from the start"


@dataclass(frozen=True, slots=True, eq=False)
class Stand:
    """How far a training has come.

    Attributes:
        step: Steps that are done.
        drawn: State of what draws batches; None in a checkpoint of another program.
        seconds: That they took.
    """

    step: int
    drawn: Tensor | None
    seconds: float


def save_checkpoint(
    path: Path, networks: Networks, optimiser: torch.optim.Optimizer, stand: Stand, size: Size
) -> None:
    """Write a checkpoint.

    Args:
        path: Its name.
        networks: What is trained.
        optimiser: With what.
        stand: How far.
        size: Of the clip's frames.

    Raises:
        OutputError: It cannot be written.
    """
    beside = path.with_name(f".{path.name}.part")
    content = {
        **{name: each.state_dict() for name, each in _named(networks)},
        "optimizer": optimiser.state_dict(),
        "current_step": stand.step,
        "loopmatte": {
            "drawn": stand.drawn,
            "seconds": stand.seconds,
            "size": [size.width, size.height],
        },
    }
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with beside.open("wb") as file:
            torch.save(content, file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        raise OutputError(f"cannot write {path}: {error}") from error
    finally:
        beside.unlink(missing_ok=True)


def load_checkpoint(
    path: Path, networks: Networks, optimiser: torch.optim.Optimizer, size: Size
) -> Stand:
    """Fill networks from a checkpoint, this program's or the published code's.

    Args:
        path: The file.
        networks: Filled in place.
        optimiser: Likewise.
        size: Of the clip's frames.

    Raises:
        InputError: It is damaged, or of other networks or another clip.
    """
    content = _read(path)
    own = content.get("loopmatte")
    own = own if isinstance(own, Mapping) else {}
    if own and list(own.get("size", ())) != [size.width, size.height]:
        raise InputError(
            f"{path} was trained on frames of {'x'.join(map(str, own.get('size', ())))} and these "
            f"are {size.width}x{size.height}: it belongs to another clip or size; {TRAIN}"
        )
    for name, network in _named(networks):
        _fill(network, content.get(name), name, path)
    try:
        optimiser.load_state_dict(content["optimizer"])
        step = int(content["current_step"])
    except (KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"{path} does not say how far it was trained ({error}); {TRAIN}"
        ) from error
    drawn = own.get("drawn")
    return Stand(step, drawn if isinstance(drawn, Tensor) else None, float(own.get("seconds", 0)))


def _named(networks: Networks) -> tuple[tuple[str, nn.Module], ...]:
    return (
        ("foreground_model", networks.foreground),
        ("background_model", networks.background),
        ("atlas_model", networks.atlas),
        ("alpha_model", networks.alpha),
    )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises nearly anything on a damaged file
        raise InputError(
            f"{path} is damaged or no checkpoint ({error.__class__.__name__}); {TRAIN}"
        ) from error
    if not isinstance(content, dict):
        raise InputError(f"{path} holds no checkpoint of an atlas; {TRAIN}")
    return content


def _fill(network: nn.Module, state: object, name: str, path: Path) -> None:
    if not isinstance(state, Mapping):
        raise InputError(f"{path} holds no {name}; {TRAIN}")
    wanted = {key: tuple(value.shape) for key, value in network.state_dict().items()}
    seen = {key: tuple(value.shape) for key, value in state.items() if isinstance(value, Tensor)}
    if seen != wanted:
        key = next(each for each in (*wanted, *seen) if wanted.get(each) != seen.get(each))
        raise InputError(
            f"{path}: {name} has {key} {seen.get(key, 'not at all')}, wanted "
            f"{wanted.get(key, 'none')}: it was trained with other layers or channels; "
            f"use its configuration, or {TRAIN}"
        )
    network.load_state_dict(dict(state))
