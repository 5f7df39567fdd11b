"""Networks that make masks: their names and shapes, what goes in, and one object kept in time.

Torch, and what uses it, is loaded where it is used: it takes seconds in each process that merely
collects the tests.
"""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from streaming.atlas.flows import dis
from streaming.atlas.masks.maskrcnn import classes, detected, mask_rcnn, network_for, require_class
from streaming.atlas.masks.modnet import modnet, shown_at
from streaming.atlas.masks.tracking import Detection, tracked
from streaming.errors import InputError, SettingsError, WeightsError
from streaming.frames import U8, Size
from tests.atlas.crossing import Crossing

# Names and shapes of the official checkpoint, one or two of every kind of layer.
OFFICIAL = {
    "backbone.model.features.0.0.weight": (32, 3, 3, 3),
    "backbone.model.features.1.conv.0.weight": (32, 1, 3, 3),
    "backbone.model.features.1.conv.3.weight": (16, 32, 1, 1),
    "backbone.model.features.2.conv.0.weight": (96, 16, 1, 1),
    "backbone.model.features.17.conv.6.weight": (320, 960, 1, 1),
    "backbone.model.features.17.conv.7.running_var": (320,),
    "backbone.model.features.18.0.weight": (1280, 320, 1, 1),
    "backbone.model.features.18.1.num_batches_tracked": (),
    "lr_branch.se_block.fc.0.weight": (320, 1280),
    "lr_branch.se_block.fc.2.weight": (1280, 320),
    "lr_branch.conv_lr16x.layers.0.weight": (96, 1280, 5, 5),
    "lr_branch.conv_lr16x.layers.1.bnorm.weight": (48,),
    "lr_branch.conv_lr8x.layers.0.bias": (32,),
    "hr_branch.tohr_enc2x.layers.0.weight": (32, 16, 1, 1),
    "hr_branch.conv_enc2x.layers.0.weight": (32, 35, 3, 3),
    "hr_branch.conv_enc4x.layers.0.weight": (64, 64, 3, 3),
    "hr_branch.conv_hr4x.0.layers.0.weight": (64, 99, 3, 3),
    "hr_branch.conv_hr4x.2.layers.0.weight": (32, 64, 3, 3),
    "hr_branch.conv_hr2x.3.layers.1.bnorm.running_mean": (16,),
    "f_branch.conv_lr4x.layers.0.weight": (32, 32, 5, 5),
    "f_branch.conv_f2x.layers.0.weight": (32, 64, 3, 3),
    "f_branch.conv_f.0.layers.0.weight": (16, 35, 3, 3),
    "f_branch.conv_f.1.layers.0.weight": (1, 16, 1, 1),
}
KEPT = 26_046_180  # bytes of all tensors that are kept: of the checkpoint's, less the unused


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Pictures this small only wait for a second one."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seeded weights as the official file holds them: with its prefix, and what is unused."""
    import torch

    from streaming.atlas.masks.modnet_network import ModNet

    torch.manual_seed(3)
    state = ModNet().state_dict()
    doubled = {f"lr_branch.{name}": each for name, each in state.items() if "backbone" in name}
    unused = {"lr_branch.conv_lr.layers.0.bias": torch.zeros(1)}
    path = tmp_path_factory.mktemp("modnet") / "modnet.ckpt"
    whole = {**state, **doubled, **unused}
    torch.save({f"module.{name}": each for name, each in whole.items()}, path)
    return path


def test_modnet_has_the_official_names_and_shapes() -> None:
    import torch

    from streaming.atlas.masks.modnet_network import ModNet

    with torch.device("meta"):
        state = ModNet().state_dict()
    assert {name: tuple(state[name].shape) for name in OFFICIAL} == OFFICIAL
    assert sum(each.numel() * each.element_size() for each in state.values()) == KEPT


def test_modnet_gives_a_matte_of_the_frame_s_size(checkpoint: Path) -> None:
    frames = Crossing(Size(90, 70), 2).frames()
    made = modnet(frames, weights=checkpoint, device="cpu", reference_px=64)
    assert made.shape == (2, 70, 90)
    assert made.dtype == np.uint8
    assert made.std() > 0.1


def test_modnet_sees_sizes_as_its_authors_show_them() -> None:
    assert shown_at(Size(1280, 720)) == Size(896, 512)
    assert shown_at(Size(854, 480)) == Size(832, 480)
    assert shown_at(Size(320, 240)) == Size(672, 512)
    assert shown_at(Size(240, 320)) == Size(512, 672)


def test_weights_of_another_network_are_refused(checkpoint: Path, tmp_path: Path) -> None:
    import torch

    from streaming.atlas.masks.filling import fill, state_of

    with torch.device("meta"):
        older, newer = network_for({"roi_heads.box_head.fc6.weight": 1}), network_for({})
    state = state_of(checkpoint, "MODNet")
    with pytest.raises(WeightsError, match="does not hold Mask R-CNN"):
        fill(newer, state, checkpoint, "Mask R-CNN")
    assert "roi_heads.box_head.fc6.weight" in older.state_dict()
    assert "roi_heads.box_head.0.0.weight" in newer.state_dict()
    half = tmp_path / "half.ckpt"
    half.write_bytes(checkpoint.read_bytes()[:100_000])
    frames = np.zeros((1, 32, 32, 3), np.uint8)
    with pytest.raises(WeightsError, match="fetch it again"):
        modnet(frames, weights=half)
    with pytest.raises(WeightsError, match="no such file"):
        mask_rcnn(frames, weights=tmp_path / "none.pth")


def test_an_unknown_class_is_answered_with_known_ones() -> None:
    require_class("person")
    require_class("anything")
    with pytest.raises(SettingsError, match="horse"):
        require_class("hors")


def test_a_detector_is_shown_red_green_and_blue_in_0_to_1() -> None:
    import torch
    from torchvision.models.detection import MaskRCNN
    from torchvision.models.detection.backbone_utils import resnet_fpn_backbone

    torch.manual_seed(2)
    backbone = resnet_fpn_backbone(backbone_name="resnet18", weights=None)
    network = MaskRCNN(backbone, 91, min_size=64, max_size=96, box_detections_per_img=4).eval()
    network.roi_heads.score_thresh = 0.0
    shown: list[torch.Tensor] = []
    network.transform.register_forward_pre_hook(lambda _, given: shown.append(given[0][0]))
    frame = np.zeros((48, 64, 3), np.uint8)
    frame[..., 0] = 255
    found = detected(network, frame, classes())
    assert shown[0][:, 0, 0].tolist() == [1.0, 0.0, 0.0]
    assert found
    assert found[0].mask.shape == (48, 64)
    assert found[0].label in classes()


def seen_in(scene: Crossing) -> list[list[Detection]]:
    """Both objects in every frame, the other one first every second time; one frame without."""
    made = []
    for frame in range(scene.count):
        both = [Detection("dog", 0.9, each) for each in scene.shares(frame)]
        made.append(both if frame % 2 else both[::-1])
    made[3] = [made[3][1]]  # the front one is missed
    return made


def overlap(found: U8, wanted: np.ndarray) -> float:
    a, b = found >= 128, wanted >= 0.5
    return float((a & b).sum() / (a | b).sum())


def test_the_same_object_is_kept_whichever_is_listed_first() -> None:
    scene = Crossing(Size(120, 90), 8)
    made = tracked(scene.frames(), seen_in(scene), wanted="dog", match=dis())
    for frame in range(scene.count):
        front, back = scene.shares(frame)
        assert overlap(made[frame], front) > (0.75 if frame == 3 else 0.99), frame
        assert overlap(made[frame], back) < 0.3


def test_as_many_objects_are_kept_as_are_wanted() -> None:
    scene = Crossing(Size(120, 90), 8)
    made = tracked(scene.frames(), seen_in(scene), wanted="anything", match=dis(), count=2)
    for frame in (0, 1, 7):
        assert overlap(made[frame], np.add(*scene.shares(frame))) > 0.97


def test_what_was_seen_instead_is_said() -> None:
    blank = cv2.circle(np.zeros((20, 20), np.float32), (10, 10), 5, 1.0, -1)
    seen = [[Detection("dog", 0.9, blank), Detection("cat", 0.3, blank)]]
    frames = np.zeros((1, 20, 20, 3), np.uint8)
    with pytest.raises(InputError, match=r"no person was seen .*what was: dog\).*masks/"):
        tracked(frames, seen, wanted="person", match=dis())
