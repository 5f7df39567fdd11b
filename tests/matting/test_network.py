"""The network against the published one, run by somebody else's runtime on the same weights.

Torch, and what uses it, is loaded where it is used: it takes seconds in each process that merely
collects the tests.
"""

from pathlib import Path

import pytest

from streaming.errors import WeightsError

LIMIT = 1e-4


@pytest.mark.parametrize(("height", "width", "ratio"), [(240, 320, 0.5), (243, 331, 0.4)])
def test_three_recurrent_frames_agree_with_onnxruntime(
    weights: Path, height: int, width: int, ratio: float
) -> None:
    from streaming.matting.loading import load_network
    from tests.matting.reference import Official, Ours, furthest_apart

    ours = Ours(load_network(weights, "mobilenetv3"))
    assert furthest_apart(ours, Official(weights), height, width, ratio) <= LIMIT


@pytest.mark.parametrize("variant", ["mobilenetv3", "resnet50"])
def test_an_official_checkpoint_with_batch_norms_folds_to_the_same_answer(
    variant: str, tmp_path: Path
) -> None:
    """The folded network answers as convolution and batch norm apart do, computed here."""
    import torch

    from streaming.matting.loading import load_network
    from streaming.matting.network import MattingNetwork
    from tests.matting.checkpoints import with_batch_norms

    torch.manual_seed(5)
    mobile = variant == "mobilenetv3"
    network = MattingNetwork(variant)  # type: ignore[arg-type] # a literal of the two
    checkpoint, expected = with_batch_norms(network, mobile=mobile)
    checkpoint["project_seg.conv.weight"] = torch.zeros(1, 16, 1, 1)
    path = tmp_path / "official.pth"
    torch.save(checkpoint, path)
    loaded = load_network(path, variant).state_dict()  # type: ignore[arg-type] # as above
    for name, tensor in expected.items():
        torch.testing.assert_close(loaded[name], tensor, rtol=1e-4, atol=1e-5)


def test_a_checkpoint_of_the_other_variant_is_refused_by_name(tmp_path: Path) -> None:
    import torch

    from streaming.matting.loading import load_network
    from streaming.matting.network import MattingNetwork
    from tests.matting.checkpoints import with_batch_norms

    checkpoint, _ = with_batch_norms(MattingNetwork("mobilenetv3"), mobile=True)
    path = tmp_path / "small.pth"
    torch.save(checkpoint, path)
    with pytest.raises(WeightsError, match=r"does not hold the resnet50 network .* --variant"):
        load_network(path, "resnet50")


def test_one_wrong_shape_is_named(tmp_path: Path) -> None:
    import torch

    from streaming.matting.loading import load_network
    from streaming.matting.network import MattingNetwork
    from tests.matting.checkpoints import with_batch_norms

    checkpoint, _ = with_batch_norms(MattingNetwork("mobilenetv3"), mobile=True)
    checkpoint["project_mat.conv.weight"] = torch.zeros(5, 16, 1, 1)
    path = tmp_path / "odd.pth"
    torch.save(checkpoint, path)
    with pytest.raises(WeightsError, match=r"project_mat\.conv\.weight is \(5, 16, 1, 1\)"):
        load_network(path, "mobilenetv3")


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path: Path) -> None:
    from streaming.matting.loading import load_network

    for name in ("noise.pth", "noise.onnx"):
        (tmp_path / name).write_bytes(b"not a network")
        with pytest.raises(WeightsError, match="cannot be read"):
            load_network(tmp_path / name, "mobilenetv3")


def test_folding_leaves_no_batch_norm_behind() -> None:
    from streaming.matting.loading import fold_batch_norms
    from streaming.matting.network import MattingNetwork
    from tests.matting.checkpoints import with_batch_norms

    checkpoint, _ = with_batch_norms(MattingNetwork("resnet50"), mobile=False)
    folded = fold_batch_norms(checkpoint, mobile=False)
    assert not [name for name in folded if "running" in name or "bn" in name]
