"""The networks' engine on a tiny clip: it learns, resumes exactly, and its maps are maps.

Torch, and what uses it, is loaded where it is used: it takes seconds in each process that merely
collects the tests.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from streaming.atlas.flows import dis
from streaming.atlas.grids import looked_up, spread, turned
from streaming.atlas.mlp.engine import fit_mlp
from streaming.atlas.mlp.settings import MlpSettings
from streaming.atlas.model import Footage, Pair
from streaming.atlas_masks import Cutting
from streaming.atlas_train import Training as Wish
from streaming.atlas_train import train
from streaming.errors import InputError, RuntimeMissing, SettingsError
from streaming.frames import Size
from tests.atlas.projects import project_of
from tests.atlas.scene import Motion, Scene, eighted

if TYPE_CHECKING:
    from streaming.atlas.mlp.clip import Clip
    from streaming.atlas.mlp.networks import Networks

TINY = MlpSettings(
    steps=40, pretrain_steps=25, bootstrapping_steps=30, global_rigidity_steps=15,
    batch_size=192, global_derivative_amount=12, learning_rate=4e-3, device="cpu",
    number_of_channels_atlas=48, number_of_channels_alpha=32, number_of_channels_foreground=32,
    number_of_channels_background=32, number_of_layers_foreground=3,
    number_of_layers_background=3, number_of_layers_alpha=4, positional_encoding_num_atlas=4,
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    """Networks this small only wait for a second one."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def footage() -> Footage:
    return Scene(Size(64, 48), 4, Motion(sway_px=2, bend_px=0.5, pan_px=2, turn=0.02)).footage()


@pytest.fixture(scope="module")
def clip(footage: Footage) -> "Clip":
    import torch

    from streaming.atlas.mlp.clip import Clip

    return Clip(footage, dis(), torch.device("cpu"))


def test_a_clip_is_learnt_and_its_maps_stay_near_where_they_begin(
    footage: Footage, clip: "Clip", tmp_path: Path
) -> None:
    import torch

    from streaming.atlas.mlp.networks import Networks
    from streaming.atlas.mlp.training import Training

    told: list[float] = []
    settings, path = replace(TINY, steps=30), tmp_path / "checkpoints.pth"
    fit = fit_mlp(
        footage,
        settings=settings,
        checkpoint=path,
        progress=lambda words, share: told.append(share),
    )
    assert [each.name for each in fit.layers] == ["foreground_0", "background"]
    assert (fit.engine, fit.count, fit.size, told[-1]) == ("mlp", 4, Size(64, 48), 1.0)
    learnt = loss(Training(clip, 1, settings, path).networks, clip)
    assert learnt < 0.5 * loss(Networks(settings, 1, torch.device("cpu")), clip)
    ground = fit.layer("background")
    assert turned(ground.uv).min() > 0
    dense = spread(ground.uv[0], ground.spacing_px, fit.size)
    assert 0.8 < np.diff(dense, axis=1)[..., 0].mean() < 1.2  # a texel for a pixel
    assert 0.8 < np.diff(dense, axis=0)[..., 1].mean() < 1.2
    off = looked_up(ground.atlas, dense, beyond=None) - footage.frames[0] / 255.0
    assert np.abs(off[:, :8]).mean() < 0.15
    assert ground.cover.max() == 1.0
    assert 0.2 < ground.cover.mean() < 1.0


def loss(networks: "Networks", clip: "Clip") -> float:
    import torch

    from streaming.atlas.mlp.losses import terms

    drawer = torch.Generator().manual_seed(5)
    batch = clip.drawn(500, drawer)
    return terms(networks, clip, batch, TINY, 0, drawer).total().item()


def test_a_training_that_was_stopped_goes_on_exactly(clip: "Clip", tmp_path: Path) -> None:
    import torch

    from streaming.atlas.mlp.training import Training

    whole = Training(clip, 1, replace(TINY, steps=8, pretrain_steps=1), tmp_path / "a.pth")
    whole.run(lambda *_: None)
    path = tmp_path / "b.pth"
    Training(clip, 1, replace(TINY, steps=3, pretrain_steps=1), path).run(lambda *_: None)
    later = Training(clip, 1, replace(TINY, steps=8, pretrain_steps=1), path)
    assert later.step == 3
    later.run(lambda *_: None)
    for one, other in zip(whole.networks.each(), later.networks.each(), strict=True):
        for a, b in zip(one.parameters(), other.parameters(), strict=True):
            assert torch.equal(a, b)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a.pth", "b.pth"]


def test_a_checkpoint_that_is_no_use_is_refused_and_left_alone(
    clip: "Clip", tmp_path: Path
) -> None:
    from streaming.atlas.mlp.training import Training

    path = tmp_path / "checkpoints.pth"
    training = Training(clip, 1, TINY, path)
    training.keep()
    whole = path.read_bytes()
    with pytest.raises(InputError, match=r"atlas_model has hidden\.0\.weight"):
        Training(clip, 1, replace(TINY, number_of_channels_atlas=40), path)
    with pytest.raises(InputError, match=r"foreground_model has models\.1"):
        Training(clip, 2, TINY, path)
    path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError, match=r"damaged.*remove it to train from the start"):
        Training(clip, 1, TINY, path)
    assert path.read_bytes() == whole[: len(whole) // 2]


def test_a_checkpoint_of_the_published_code_goes_on(clip: "Clip", tmp_path: Path) -> None:
    """Its names, and its sizes at the default settings (from the published parameter counts)."""
    import torch

    from streaming.atlas.mlp.networks import Networks
    from streaming.atlas.mlp.training import Training

    networks = Networks(MlpSettings(), 1, torch.device("cpu"))
    counts = [sum(p.numel() for p in each.parameters()) for each in networks.each()]
    assert counts == [264_706, 133_122, 402_945, 416_379]
    names = list(networks.foreground.state_dict()) + list(networks.atlas.state_dict())
    assert names[:2] == ["models.0.hidden.0.weight", "models.0.hidden.0.bias"]
    assert "hidden.7.bias" in names
    training = Training(clip, 1, TINY, tmp_path / "x.pth")
    training.keep()
    stored = torch.load(tmp_path / "x.pth", weights_only=True)
    del stored["loopmatte"]
    torch.save({**stored, "current_step": 1234}, tmp_path / "x.pth")
    assert Training(clip, 1, TINY, tmp_path / "x.pth").step == 1234


@pytest.mark.parametrize("layers", [1, 2, 3, 5])
def test_no_two_layers_share_texture(layers: int) -> None:
    """Parts lie apart, and within one period of the atlas network's waves."""
    from streaming.atlas.mlp.networks import part_of

    parts = [part_of(each, layers) for each in (-1, *range(layers))]
    for number, a in enumerate(parts):
        assert max(abs(a.u), abs(a.v)) + a.half <= 1 + 1e-9
        for b in parts[:number]:
            assert max(abs(a.u - b.u), abs(a.v - b.v)) >= a.half + b.half - 1e-9


def test_a_single_frame_without_any_flow_has_a_loss(tmp_path: Path) -> None:
    import torch

    from streaming.atlas.mlp.clip import Clip
    from streaming.atlas.mlp.training import Training

    footage = Scene(Size(32, 24), 1).footage(looped=False)
    clip = Clip(footage, dis(), torch.device("cpu"))
    training = Training(clip, 1, replace(TINY, steps=2, pretrain_steps=1), tmp_path / "a.pth")
    assert np.isfinite(training.run(lambda *_: None))


def test_a_map_that_keeps_lengths_costs_least(
    clip: "Clip", monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    from streaming.atlas.mlp.losses import terms
    from streaming.atlas.mlp.networks import Networks

    networks = Networks(TINY, 1, torch.device("cpu"))
    drawer = torch.Generator().manual_seed(1)
    batch = clip.drawn(512, drawer)

    def cost(stretch: float, shear: float = 0.0) -> float:
        move = torch.tensor([[stretch, 0], [shear, stretch]]) * 0.8
        monkeypatch.setattr(networks, "uv", lambda _layer, xyt: xyt[:, :2] @ move)
        return terms(networks, clip, batch, TINY, 0, drawer).rigidity.item()

    least = (TINY.rigidity_coeff * 2 + 5 + 50) * 8**0.5
    assert cost(1.0) == pytest.approx(least, rel=0.01)
    assert cost(1.3) > 1.1 * least
    assert cost(0.8) > 1.05 * least
    assert cost(1.0, 0.5) > 1.05 * least


def test_a_map_that_moves_with_the_footage_costs_least(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    from streaming.atlas.mlp.clip import Clip
    from streaming.atlas.mlp.losses import terms
    from streaming.atlas.mlp.networks import Networks

    scene = Scene(Size(64, 48), 4, Motion(pan_px=2))
    frames = np.stack([eighted(scene.behind(each)) for each in range(4)])
    footage = Footage(frames, np.zeros((1, 4, 48, 64), np.uint8), (Pair(3, 0),))
    clip = Clip(footage, dis(), torch.device("cpu"))
    networks = Networks(TINY, 1, torch.device("cpu"))
    drawer = torch.Generator().manual_seed(1)
    batch = clip.drawn(256, drawer)

    def true(_layer: int, xyt: torch.Tensor) -> torch.Tensor:
        spots = ((xyt + 1) * torch.tensor([32.0, 32, 2])).numpy()
        made = [scene.uv_back(t, np.array([[x, y]]))[0] for x, y, t in spots]
        return torch.from_numpy(np.stack(made)) / 40 - 1

    def cost(uv: Callable[[int, torch.Tensor], torch.Tensor]) -> float:
        monkeypatch.setattr(networks, "uv", uv)
        return terms(networks, clip, batch, still, 0, drawer).flow.item()

    still = replace(TINY, alpha_flow_coeff=0.0)
    assert cost(true) < 0.25 * cost(lambda _layer, xyt: xyt[:, :2] * 0.8)


def test_without_its_device_the_other_engine_is_named(tmp_path: Path) -> None:
    settings = replace(TINY, device="cuda:99")
    with pytest.raises(RuntimeMissing, match=r"cuda:99: .*use auto or cpu, or `--engine grid`"):
        fit_mlp(Scene(Size(32, 24), 2).footage(), settings=settings, checkpoint=tmp_path / "c.pth")


def test_numbers_of_a_configuration_become_settings() -> None:
    made = MlpSettings.of({"steps": 500.0, "rgb_coeff": 10, "scribbles_coeff": 3}, device="cpu")
    assert (made.steps, made.rgb_coeff, made.device) == (500, 10.0, "cpu")
    with pytest.raises(SettingsError, match="batch_size is 0"):
        MlpSettings.of({"batch_size": 0})


def test_what_networks_learnt_and_what_was_painted_stay_beside_the_new(tmp_path: Path) -> None:
    folder = project_of(tmp_path / "p", Scene(Size(32, 24), 2), fitted=False)
    kinds = ("atlas", "alpha", "foreground", "background")
    channels = dict.fromkeys((f"number_of_channels_{each}" for each in kinds), 4)
    told = {"engine": "mlp", "batch_size": 20, "pretrain_steps": 1, "steps": 2, **channels}
    (folder / "config.json").write_text(json.dumps(told))
    train(folder, Wish(Cutting(tmp_path, "cpu")))
    learnt = folder / "results" / "checkpoints.pth"
    before = learnt.read_bytes()
    painted = folder / "results" / "atlases" / "background_atlas.png"
    painted.write_bytes(b"painted")
    said: list[str] = []
    train(folder, Wish(Cutting(tmp_path, "cpu"), force=True), say=said.append)
    assert learnt.with_name("checkpoints.pth.old1").read_bytes() == before
    assert painted.read_bytes() == b"painted"
    words = " ".join(said)
    assert "networks had learnt is in" in words
    assert "background_atlas.new.png: what was there before was painted on" in words
    assert "no networks" not in words
