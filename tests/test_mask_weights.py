"""Weights of networks that make masks: taken where they are, checked, or refused with a way out."""

from dataclasses import replace
from pathlib import Path

import pytest

from streaming import mask_weights as module
from streaming.errors import WeightsError
from streaming.mask_weights import PUBLISHED, MaskNetwork, weights_for

BOTH: tuple[MaskNetwork, ...] = ("modnet", "maskrcnn")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A home without weights, and files on this machine as what is published."""
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "home")
    for name in BOTH:
        origin = (tmp_path / f"{name}.pth").as_uri()
        monkeypatch.setitem(module.PUBLISHED, name, replace(PUBLISHED[name], origin=origin))


@pytest.mark.parametrize("name", BOTH)
def test_without_a_way_to_them_what_else_makes_masks_is_named(
    name: MaskNetwork, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match=r"cannot be fetched.*--mask-from rvm.*masks/"):
        weights_for(name, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_a_file_that_is_not_the_published_one_is_not_kept(tmp_path: Path) -> None:
    (tmp_path / "modnet.pth").write_bytes(b"something else")
    with pytest.raises(WeightsError, match="nothing was kept"):
        weights_for("modnet", tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_a_right_file_is_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "modnet.pth").write_bytes(b"weights")
    right = replace(module.PUBLISHED["modnet"], sha256="9a129038")
    monkeypatch.setitem(module.PUBLISHED, "modnet", right)
    first = weights_for("modnet", tmp_path / "cache")
    (tmp_path / "modnet.pth").unlink()
    assert weights_for("modnet", tmp_path / "cache") == first
    assert first.read_bytes() == b"weights"


def test_what_torchvision_left_at_home_is_taken(tmp_path: Path) -> None:
    left = tmp_path / "home" / ".cache" / "torch" / "hub" / "checkpoints" / "maskrcnn.pth"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"weights")
    assert weights_for("maskrcnn", tmp_path / "cache") == left


def test_a_user_s_own_file_is_taken_and_a_missing_one_named(tmp_path: Path) -> None:
    own = tmp_path / "own.ckpt"
    with pytest.raises(WeightsError, match=r"own\.ckpt: no such weights file.*MODNet"):
        weights_for("modnet", tmp_path, own=own)
    own.write_bytes(b"weights")
    assert weights_for("modnet", tmp_path, own=own) == own
