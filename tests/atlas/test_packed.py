"""The file that a page opens: every array comes back as it was, of the frames that were chosen."""

import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from streaming.atlas.model import Footage
from streaming.atlas.packed import MAGIC, Turn, pack
from streaming.atlas.removal import Plate, without_foreground
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


def test_what_is_behind_is_packed_where_it_is_another_and_progress_is_told(tmp_path: Path) -> None:
    fit, whole = SCENE.truth(), SCENE.footage()
    mattes = whole.mattes.copy()
    mattes[:, 3] = 0  # nobody is there
    footage = Footage(whole.frames, mattes)
    told: list[float] = []
    pack(fit, footage, TURN, tmp_path / "bundle.bin", told.append)
    assert told == [0, 1 / 3, 2 / 3]
    head, blobs = opened(tmp_path / "bundle.bin")
    assert [each is None for each in head["behind"]] == [False, True, False]
    for at in (0, 2):
        place, number = head["behind"][at], TURN.frames[at]
        frame = footage.frames[number]
        wanted = without_foreground(fit, Plate(fit), footage.shares(number), frame, number)
        left, top, right, bottom = place["box"]
        other = np.argwhere((wanted != frame).any(axis=2))
        assert other.min(axis=0).tolist() == [top, left]
        assert (other.max(axis=0) + 1).tolist() == [bottom, right]
        assert (right - left) * (bottom - top) < 0.8 * frame[..., 0].size
        with Image.open(io.BytesIO(cut(blobs, place))) as shown:
            off = np.asarray(shown).astype(int) - wanted[top:bottom, left:right]
        assert np.abs(off).mean() < 2


def test_large_frames_are_shown_small_and_too_many_layers_are_refused(tmp_path: Path) -> None:
    large = Scene(Size(1152, 768), 1)
    pack(large.truth(), large.footage(), Turn((0,), 0.04), tmp_path / "bundle.bin")
    head, _ = opened(tmp_path / "bundle.bin")
    assert (head["size"], head["shown"]) == ([1152, 768], [720, 480])
    assert 400 < head["behind"][0]["box"][2] <= 720
    footage = SCENE.footage()
    many = Footage(footage.frames, np.repeat(footage.mattes // 4, 4, axis=0))
    with pytest.raises(InputError, match="at most 3"):
        pack(SCENE.truth(), many, TURN, tmp_path / "other.bin")
    assert not (tmp_path / "other.bin").exists()
