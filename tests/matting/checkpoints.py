"""Checkpoints as the authors publish them: with their batch norms apart, and seeded."""

import torch

from streaming.matting.network import MattingNetwork

__all__ = ["with_batch_norms"]


def with_batch_norms(
    network: MattingNetwork, *, mobile: bool
) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """A seeded checkpoint in the official form, and what folding it must give."""
    checkpoint, expected = {}, {}
    plain = ("gru", "fc1", "fc2", "project_mat", "refiner.conv.6", "box_filter", "aspp2")
    for name, module in network.named_modules():
        if not isinstance(module, torch.nn.Conv2d):
            continue
        weight = module.weight.detach() * 1.5
        checkpoint[f"{name}.weight"] = expected[f"{name}.weight"] = weight
        if any(part in name for part in plain):
            if module.bias is not None:
                bias = torch.randn_like(module.bias)
                checkpoint[f"{name}.bias"] = expected[f"{name}.bias"] = bias
            continue
        norm = torch.nn.BatchNorm2d(
            module.out_channels, eps=1e-3 if mobile and name.startswith("backbone.") else 1e-5
        )
        for each in (norm.weight, norm.bias, norm.running_mean):
            each.data.normal_()  # type: ignore[union-attr] # batch norms track their statistics
        norm.running_var.data.uniform_(0.1, 2)  # type: ignore[union-attr]
        parent, _, last = name.rpartition(".")
        own = str(int(last) + 1) if last.isdigit() else last.replace("conv", "bn")
        checkpoint |= {f"{parent}.{own}.{k}": v.detach() for k, v in norm.state_dict().items()}
        zero = norm.eval()(torch.zeros(1, module.out_channels, 1, 1)).detach().flatten()
        one = norm(torch.ones(1, module.out_channels, 1, 1)).detach().flatten()
        expected[f"{name}.weight"] = weight * (one - zero).view(-1, 1, 1, 1)
        expected[f"{name}.bias"] = zero
    return checkpoint, expected
