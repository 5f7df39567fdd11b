"""The file that a page opens: every array comes back as it was, of the frames that were chosen."""

import io
import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from streaming.atlas.model import Footage
from streaming.atlas.packed import MAGIC, Turn, pack
from streaming.errors import InputError
from streaming.frames import Size
from tests.atlas.scene import Scene

SCENE = Scene(Size(96, 64), 6)
TURN = Turn((2, 3, 4), 0.1)


def opened(path: Path) -> tuple[dict, bytes]:  # type: ignore[type-arg]
    data = path.read_bytes()
    assert data[:8] == MAGIC
    (length,) = struct.unpack("<I", data[8:12])
    assert length % 4 == 0
    return json.loads(data[12 : 12 + length]), data[12 + length :]


def cut(blobs: bytes, place: dict) -> bytes:  # type: ignore[type-arg]
    return blobs[place["at"] :][: place["bytes"]]


def test_maps_pictures_and_mattes_come_back(tmp_path: Path) -> None:
    fit, footage = SCENE.truth(), SCENE.footage()
    pack(fit, footage, TURN, tmp_path / "bundle.bin")
    head, blobs = opened(tmp_path / "bundle.bin")
    assert [head["size"], head["shown"], head["count"], head["fps"]] == [[96, 64], [96, 64], 3, 30]
    for layer, told in zip(fit.layers, head["layers"], strict=True):
        for name, most in (("uv", 0.01), ("light", 1e-4)):
            place = told[name]
            wanted = np.moveaxis(getattr(layer, name)[2:5], -1, 0)
            stored = np.frombuffer(cut(blobs, place), "<u2").reshape(wanted.shape)
            ends = [np.array(place[each]).reshape(-1, 1, 1, 1) for each in ("low", "step")]
            assert np.abs(ends[0] + ends[1] * stored - wanted).max() < most
        with Image.open(io.BytesIO(cut(blobs, told["picture"]))) as picture:
            rgba = np.asarray(picture)
        assert np.abs(rgba[..., :3] / 255 - layer.atlas).max() < 0.003
        assert (rgba[..., 3] == layer.cover * 255).all()
    for at, frame in enumerate(TURN.frames):
        with Image.open(io.BytesIO(cut(blobs, head["mattes"][at]))) as matte:
            assert (np.asarray(matte) == footage.mattes[0, frame]).all()
        with Image.open(io.BytesIO(cut(blobs, head["frames"][at]))) as shown:
            off = np.asarray(shown).astype(int) - footage.frames[frame]
        assert np.abs(off).mean() < 2


def test_large_frames_are_shown_small_and_too_many_layers_are_refused(tmp_path: Path) -> None:
    footage = SCENE.footage()
    large = np.kron(footage.frames[:1], np.ones((1, 12, 12, 1), np.uint8))
    mattes = np.kron(footage.mattes[:, :1], np.ones((1, 1, 12, 12), np.uint8))
    fit = replace(SCENE.truth(), size=Size(1152, 768))
    pack(fit, Footage(large, mattes), Turn((0,), 0.04), tmp_path / "bundle.bin")
    head, _ = opened(tmp_path / "bundle.bin")
    assert (head["size"], head["shown"]) == ([1152, 768], [720, 480])
    many = Footage(footage.frames, np.repeat(footage.mattes // 4, 4, axis=0))
    with pytest.raises(InputError, match="at most 3"):
        pack(SCENE.truth(), many, TURN, tmp_path / "other.bin")
    assert not (tmp_path / "other.bin").exists()
