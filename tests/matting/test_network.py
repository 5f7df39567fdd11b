"""The network against the published one, run by somebody else's runtime on the same weights."""

from pathlib import Path

import pytest
import torch

from streaming.errors import WeightsError
from streaming.matting.loading import fold_batch_norms, load_network
from streaming.matting.network import MattingNetwork
from tests.matting.reference import Official, Ours, furthest_apart

LIMIT = 1e-4


@pytest.mark.parametrize(("height", "width", "ratio"), [(240, 320, 0.5), (243, 331, 0.4)])
def test_three_recurrent_frames_agree_with_onnxruntime(
    weights: Path, height: int, width: int, ratio: float
) -> None:
    ours = Ours(load_network(weights, "mobilenetv3"))
    assert furthest_apart(ours, Official(weights), height, width, ratio) <= LIMIT


@pytest.mark.parametrize("variant", ["mobilenetv3", "resnet50"])
def test_an_official_checkpoint_with_batch_norms_folds_to_the_same_answer(
    variant: str, tmp_path: Path
) -> None:
    """The folded network answers as convolution and batch norm apart do, computed here."""
    torch.manual_seed(5)
    mobile = variant == "mobilenetv3"
    network = MattingNetwork(variant)  # type: ignore[arg-type] # a literal of the two
    checkpoint, expected = _with_batch_norms(network, mobile=mobile)
    checkpoint["project_seg.conv.weight"] = torch.zeros(1, 16, 1, 1)
    path = tmp_path / "official.pth"
    torch.save(checkpoint, path)
    loaded = load_network(path, variant).state_dict()  # type: ignore[arg-type] # as above
    for name, tensor in expected.items():
        torch.testing.assert_close(loaded[name], tensor, rtol=1e-4, atol=1e-5)


def _with_batch_norms(
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


def test_a_checkpoint_of_the_other_variant_is_refused_by_name(tmp_path: Path) -> None:
    checkpoint, _ = _with_batch_norms(MattingNetwork("mobilenetv3"), mobile=True)
    path = tmp_path / "small.pth"
    torch.save(checkpoint, path)
    with pytest.raises(WeightsError, match=r"does not hold the resnet50 network .* --variant"):
        load_network(path, "resnet50")


def test_one_wrong_shape_is_named(tmp_path: Path) -> None:
    checkpoint, _ = _with_batch_norms(MattingNetwork("mobilenetv3"), mobile=True)
    checkpoint["project_mat.conv.weight"] = torch.zeros(5, 16, 1, 1)
    path = tmp_path / "odd.pth"
    torch.save(checkpoint, path)
    with pytest.raises(WeightsError, match=r"project_mat\.conv\.weight is \(5, 16, 1, 1\)"):
        load_network(path, "mobilenetv3")


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    for name in ("noise.pth", "noise.onnx"):
        (tmp_path / name).write_bytes(b"not a network")
        with pytest.raises(WeightsError, match="cannot be read"):
            load_network(tmp_path / name, "mobilenetv3")


def test_folding_leaves_no_batch_norm_behind() -> None:
    checkpoint, _ = _with_batch_norms(MattingNetwork("resnet50"), mobile=False)
    folded = fold_batch_norms(checkpoint, mobile=False)
    assert not [name for name in folded if "running" in name or "bn" in name]
