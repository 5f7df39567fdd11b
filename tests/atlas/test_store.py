"""A fit on disk comes back as it was; a damaged one says so."""

from pathlib import Path

import numpy as np
import pytest

from streaming.atlas.store import load_fit, save_fit
from streaming.errors import InputError
from tests.atlas.scene import Scene


def test_a_fit_comes_back(tmp_path: Path) -> None:
    fit = Scene().truth()
    save_fit(fit, tmp_path / "fit.npz")
    again = load_fit(tmp_path / "fit.npz")
    assert (again.size, again.engine, again.reference) == (fit.size, fit.engine, fit.reference)
    for old, new in zip(fit.layers, again.layers, strict=True):
        assert old.name == new.name and np.array_equal(old.uv, new.uv)
        assert np.array_equal(old.atlas, new.atlas) and np.array_equal(old.light, new.light)


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_half_a_file_is_an_error_that_says_what_to_do(tmp_path: Path, kept: float) -> None:
    path = tmp_path / "fit.npz"
    save_fit(Scene().truth(), path)
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(InputError, match="train again"):
        load_fit(path)


def test_no_fit_says_to_train(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="atlas train"):
        load_fit(tmp_path / "fit.npz")
