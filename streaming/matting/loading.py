"""Weights into the network, from every form in which they are published.

- The ONNX file has batch norm folded already; its convolutions carry numbers for names and stand in
  the order in which the network runs them.
- The official `.pth` files hold batch norms, which are folded here.

Whatever the form, names and shapes must fit exactly: a file of another network, another variant or
another version is refused with the first difference named, never loaded in part.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import onnx
import torch
from onnx import numpy_helper
from torch import Tensor, nn

from streaming.errors import WeightsError
from streaming.matting.network import MattingNetwork

__all__ = ["fold_batch_norms", "load_network"]

MOBILE_EPSILON = 1e-3  # torchvision builds MobileNetV3 with this one, everything else with 1e-5
EPSILON = 1e-5
UNUSED = "project_seg."  # the published network's second head, for training on segmentation


def load_network(path: Path, variant: Literal["mobilenetv3", "resnet50"]) -> MattingNetwork:
    """Build the network and fill it from a weights file.

    Args:
        path: An `.onnx` or a `.pth` file.
        variant: What the file is expected to hold.

    Returns:
        The network in evaluation mode, fp32, on the CPU.

    Raises:
        WeightsError: The file cannot be read, or its names or shapes are not this network's.
    """
    network = MattingNetwork(variant)
    if path.suffix == ".onnx":
        state = _from_onnx(path, network)
    else:
        state = fold_batch_norms(_from_checkpoint(path), mobile=variant == "mobilenetv3")
    _check(state, network, path, variant)
    network.load_state_dict(state)
    return network.eval().requires_grad_(False)


def fold_batch_norms(state: Mapping[str, Tensor], *, mobile: bool) -> dict[str, Tensor]:
    """Fold every batch norm of a checkpoint into the convolution before it.

    Args:
        state: Official names to tensors.
        mobile: Whether the backbone is MobileNetV3, whose batch norms have their own epsilon.

    Returns:
        Names and tensors of the network without batch norm.
    """
    folded = {
        name: tensor
        for name, tensor in state.items()
        if not name.startswith(UNUSED) and not name.endswith("num_batches_tracked")
    }
    for mean_name in [name for name in folded if name.endswith(".running_mean")]:
        norm = mean_name.removesuffix(".running_mean")
        conv = _convolution_before(norm)
        if f"{conv}.weight" not in folded or f"{norm}.running_var" not in folded:
            continue  # `_check` names what is left over
        epsilon = MOBILE_EPSILON if mobile and norm.startswith("backbone.") else EPSILON
        mean, variance = folded.pop(mean_name), folded.pop(f"{norm}.running_var")
        gain, shift = folded.pop(f"{norm}.weight"), folded.pop(f"{norm}.bias")
        scale = gain / torch.sqrt(variance + epsilon)
        folded[f"{conv}.weight"] = folded[f"{conv}.weight"] * scale.view(-1, 1, 1, 1)
        folded[f"{conv}.bias"] = shift - mean * scale
    return folded


def _convolution_before(norm: str) -> str:
    parent, _, last = norm.rpartition(".")
    if last.isdigit():
        return f"{parent}.{int(last) - 1}"
    return f"{parent}.{last.replace('bn', 'conv')}" if parent else last.replace("bn", "conv")


def _from_checkpoint(path: Path) -> dict[str, Tensor]:
    try:
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except Exception as error:  # torch raises nearly anything on a damaged file
        raise WeightsError(
            f"{path}: cannot be read as a checkpoint ({error.__class__.__name__}); "
            "wanted the official rvm_mobilenetv3.pth or rvm_resnet50.pth; fetch it again"
        ) from error
    if not isinstance(loaded, dict) or not all(isinstance(v, Tensor) for v in loaded.values()):
        raise WeightsError(f"{path}: holds no state dict; wanted the official .pth of the network")
    return loaded


def _from_onnx(path: Path, network: nn.Module) -> dict[str, Tensor]:
    try:
        graph = onnx.load(path).graph
    except Exception as error:  # protobuf's own errors are not exported
        raise WeightsError(
            f"{path}: cannot be read as ONNX ({error.__class__.__name__}); fetch it again"
        ) from error
    tensors = {each.name: each for each in graph.initializer}
    convolutions: dict[str, str] = {}
    for node in graph.node:
        if node.op_type == "Conv":
            convolutions.setdefault(node.input[1], node.input[2] if len(node.input) > 2 else "")
    names = [n for n, module in network.named_modules() if isinstance(module, nn.Conv2d)]
    if len(names) != len(convolutions):
        raise WeightsError(
            f"{path}: holds {len(convolutions)} convolutions, the network has {len(names)}; "
            "wanted the published rvm_mobilenetv3_fp32.onnx"
        )
    state: dict[str, Tensor] = {}
    for name, (weight, bias) in zip(names, convolutions.items(), strict=True):
        state[f"{name}.weight"] = _tensor(tensors[weight])
        if bias:
            state[f"{name}.bias"] = _tensor(tensors[bias])
    return state


def _tensor(stored: onnx.TensorProto) -> Tensor:
    return torch.from_numpy(numpy_helper.to_array(stored).copy())


def _check(state: Mapping[str, Tensor], network: MattingNetwork, path: Path, variant: str) -> None:
    wanted = network.state_dict()
    missing = sorted(wanted.keys() - state.keys())
    unknown = sorted(state.keys() - wanted.keys())
    wrong = [
        f"{name} is {tuple(state[name].shape)}, wanted {tuple(wanted[name].shape)}"
        for name in wanted
        if name in state and state[name].shape != wanted[name].shape
    ]
    if missing or unknown or wrong:
        seen = "; ".join(
            [f"{name} is missing" for name in missing[:1]]
            + [f"{name} is not of this network" for name in unknown[:1]]
            + wrong[:1]
        )
        raise WeightsError(
            f"{path}: does not hold the {variant} network ({seen}; {len(missing)} missing, "
            f"{len(unknown)} unknown, {len(wrong)} of another shape); check --variant"
        )
