"""RAFT on a processor: sizes, order and what is said where it cannot run; not how well it sees."""

from pathlib import Path

import numpy as np
import pytest

from streaming.errors import RuntimeMissing, WeightsError
from streaming.frames import U8
from streaming.motion.flow import flow_by
from streaming.motion.raft import raft_flow


@pytest.fixture(scope="module")
def seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Weights that were never trained: what comes out is no motion, but always the same."""
    import torch  # here and not above: it takes seconds in each process that collects the tests
    from torchvision.models.optical_flow import raft_small

    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("raft") / "seeded.pth"
    torch.save(raft_small(weights=None).state_dict(), path)
    return path


def picture(seed: int, high: int, wide: int) -> U8:
    return np.random.default_rng(seed).integers(0, 255, (high, wide, 3), np.uint8)


def test_a_picture_of_any_size_is_padded_and_cut_back(seeded: Path) -> None:
    a, b = picture(1, 130, 141), picture(2, 130, 141)
    flow = raft_flow(a, b, device="cpu", variant="small", weights=seeded, passes=2)
    assert flow.shape == (130, 141, 2)
    assert flow.dtype == np.float32
    around = ((3, 3), (1, 2), (0, 0))  # to 136 x 144, which needs no padding
    whole = [np.pad(each, around, mode="edge") for each in (a, b)]
    same = raft_flow(*whole, device="cpu", variant="small", weights=seeded, passes=2)
    assert np.array_equal(same[3:-3, 1:-2], flow)


def test_a_picture_that_is_too_small_for_the_network_is_padded_too(seeded: Path) -> None:
    small = picture(1, 40, 24), picture(2, 40, 24)
    flow = raft_flow(*small, device="cpu", variant="small", weights=seeded, passes=1)
    assert flow.shape == (40, 24, 2)
    assert np.isfinite(flow).all()


def test_missing_or_foreign_weights_are_named_with_what_to_do(seeded: Path, tmp_path: Path) -> None:
    import torch

    a = picture(1, 128, 128)
    with pytest.raises(WeightsError, match=r"none\.pth.*DIS"):
        raft_flow(a, a, device="cpu", weights=tmp_path / "none.pth")
    with pytest.raises(WeightsError, match=r"seeded\.pth holds no weights of RAFT \(large\).*DIS"):
        raft_flow(a, a, device="cpu", variant="large", weights=seeded)
    (tmp_path / "text.pth").write_text("no weights")
    with pytest.raises(WeightsError, match=r"text\.pth.*DIS"):
        raft_flow(a, a, device="cpu", variant="small", weights=tmp_path / "text.pth")
    with pytest.raises(ValueError, match="both alike"):
        raft_flow(a, a[1:], device="cpu", weights=seeded)
    if not torch.cuda.is_available():
        with pytest.raises(RuntimeMissing, match="DIS"):
            raft_flow(a, a, device="cuda", variant="small", weights=seeded)


def test_flow_by_a_search_keeps_its_order_and_grows_with_the_picture() -> None:
    """A stand-in that says which picture it was given first, as many px to the right."""

    def search(a: U8, b: U8) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        assert max(a.shape) <= 224 and a.shape == b.shape
        return np.full((*a.shape[:2], 2), a[0, 0, 0], np.float32)

    a = np.full((300, 448, 4), (10, 0, 0, 255), np.float32)
    b = np.full((300, 448, 4), (20, 0, 0, 255), np.float32)
    flow = flow_by(search, a, b)
    assert flow.there.shape == (300, 448, 2)
    assert np.allclose(flow.there, (20, 20), atol=0.1)  # twice as large as what was searched
    assert np.allclose(flow.back, (40, 40), atol=0.2)
    assert np.array_equal(flow_by(search, b, a).there, flow.back)
