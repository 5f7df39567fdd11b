"""Atlases go out as pictures, come back as edits, and are never written over once painted."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from streaming.atlas.animation import given_edits
from streaming.atlas.atlases import (
    HANDED_OUT,
    atlas_name,
    picture_of,
    write_animated,
    write_atlases,
)
from streaming.atlas.edits import Edit
from streaming.atlas.model import Fit
from streaming.errors import InputError
from tests.atlas.scene import Scene

CLIP = "this clip"


@pytest.fixture(scope="module")
def fit() -> Fit:
    return Scene().truth()


def paint(path: Path, *, to: Path | None = None, scale: int = 1) -> Path:
    """A user paints a square, 20 texels wide."""
    picture = Image.open(path).convert("RGBA")
    if scale > 1:
        picture = picture.resize((picture.width * scale, picture.height * scale))
    pixels = np.array(picture)
    pixels[70 * scale : 90 * scale, 90 * scale : 110 * scale] = (255, 0, 0, 255)
    Image.fromarray(pixels).convert("RGB" if to and to.suffix == ".jpg" else "RGBA").save(
        to or path, quality=92
    )
    return to or path


def require_square(edit: Edit | None, *, slack: float = 0.01) -> None:
    assert edit is not None and edit.paint is not None
    middle = np.round(edit.place.of(np.array([[[99.5, 79.5]]], np.float32))[0, 0]).astype(int)
    assert np.allclose(edit.paint[middle[1], middle[0]], (1, 0, 0, 1), atol=slack)
    x, y, wide, high = cv2.boundingRect((edit.paint[..., 3] > 0.5).astype(np.uint8))
    start = edit.place.of(np.array([[[89.5, 69.5]]], np.float32))[0, 0]
    assert np.abs(start - (x - 0.5, y - 0.5)).max() < 2 * edit.place.across
    assert np.abs(np.array([wide, high]) / edit.place.across - 20).max() <= 2


def test_names_are_those_of_neuralatlases() -> None:
    assert [atlas_name(each) for each in ("foreground_0", "foreground_2", "background")] == [
        "foreground_atlas_0", "foreground_atlas_2", "background_atlas",
    ]  # fmt: skip


def test_a_picture_has_straight_alpha_and_goes_on_beside_it(fit: Fit) -> None:
    layer = fit.layers[0]
    picture = picture_of(layer)
    seen = layer.cover > 0.9
    assert np.array_equal(picture[..., 3] == 255, seen) and not picture[0, 0, 3]
    assert np.abs(picture[seen][:, :3] - layer.atlas[seen] * 255).max() <= 0.51
    inside = picture[seen][:, :3].mean(axis=0)
    assert np.abs(picture[~seen][:, :3].mean(axis=0) - inside).max() < 20
    assert picture_of(layer, fill=True)[..., 3].min() == 255


def test_what_was_painted_is_kept_and_the_new_one_stands_beside(fit: Fit, tmp_path: Path) -> None:
    first, back = write_atlases(fit, tmp_path, clip=CLIP)
    assert first.name == "foreground_atlas_0.png" and back.name == "background_atlas.png"
    assert write_atlases(fit, tmp_path, clip=CLIP, fill=True) == [first, back]
    painted = paint(first).read_bytes()
    names = [write_atlases(fit, tmp_path, clip=CLIP)[0].name for _ in range(2)]
    assert names == ["foreground_atlas_0.new.png"] * 2 and first.read_bytes() == painted
    paint(tmp_path / names[0])
    assert write_atlases(fit, tmp_path, clip=CLIP)[0].name == "foreground_atlas_0.new2.png"


def test_a_strangers_picture_without_a_card_is_not_written_over(fit: Fit, tmp_path: Path) -> None:
    (tmp_path / "background_atlas.png").write_bytes(b"mine")
    assert write_atlases(fit, tmp_path, clip=CLIP)[1].name == "background_atlas.new.png"
    assert (tmp_path / "background_atlas.png").read_bytes() == b"mine"


@pytest.mark.parametrize("scale", [1, 2, 4])
def test_a_painted_atlas_comes_back_as_what_was_painted(
    fit: Fit, tmp_path: Path, scale: int
) -> None:
    first, _ = write_atlases(fit, tmp_path, clip=CLIP)
    paint(first, scale=scale)
    edits = given_edits(first, fit, fit.layers[0], folder=tmp_path, clip=CLIP)
    require_square(edits.at(0))
    assert edits.at(0) is edits.at(11)


@pytest.mark.parametrize("name", ["mine.png", "mine.jpg"])
def test_a_copy_under_another_name_is_known_again(fit: Fit, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "atlases"
    filled, _ = write_atlases(fit, folder, clip=CLIP, fill=True)
    copy = paint(filled, to=tmp_path / name)
    edits = given_edits(copy, fit, fit.layers[0], folder=folder, clip=CLIP)
    require_square(edits.at(3), slack=0.05)


def test_an_untouched_atlas_does_nothing(fit: Fit, tmp_path: Path) -> None:
    for path, layer in zip(write_atlases(fit, tmp_path, clip=CLIP), fit.layers, strict=True):
        assert given_edits(path, fit, layer, folder=tmp_path, clip=CLIP).at(0) is None


def test_what_was_painted_on_a_draft_stands_where_it_was_on_the_final_fit(
    fit: Fit, tmp_path: Path
) -> None:
    first, _ = write_atlases(fit, tmp_path, clip=CLIP)
    paint(first)
    front = fit.layers[0]
    cut = type(front)(
        front.name, front.uv - 7, front.spacing_px, front.atlas[7:150, 7:190] * 0.9,
        front.cover[7:150, 7:190], front.light, front.trust,
    )  # fmt: skip
    later = Fit(fit.size, (cut, fit.layers[1]), 0, "grid", "final", 0)
    edit = given_edits(first, later, cut, folder=tmp_path, clip=CLIP).at(0)
    assert edit is not None and edit.change is None
    low, high = edit.span
    assert np.abs(low - (82, 62)).max() < 2 and np.abs(high - (103, 83)).max() < 2


def test_animated_atlases_play_once_while_the_clip_does(fit: Fit, tmp_path: Path) -> None:
    folder, _ = write_animated(fit, tmp_path, clip=CLIP)
    assert sorted(each.name for each in folder.iterdir())[11] == "00011.png"
    for number in range(6, 12):
        (folder / f"{number:05d}.png").unlink()
    paint(folder / "00002.png")
    edits = given_edits(folder, fit, fit.layers[0], folder=tmp_path, clip=CLIP)
    assert [edits.at(each) is not None for each in range(12)] == [
        4 <= each < 6 for each in range(12)
    ]
    require_square(edits.at(4))
    assert write_animated(fit, tmp_path, clip=CLIP)[0].name == "foreground_atlas_0.new"


def test_a_film_is_an_animated_atlas(fit: Fit, tmp_path: Path) -> None:
    first, _ = write_atlases(fit, tmp_path, clip=CLIP, fill=True)
    plain = Image.open(first).convert("RGB")
    frames = [plain, Image.open(paint(first, to=tmp_path / "p.png")).convert("RGB"), plain]
    film = tmp_path / "film.webp"
    frames[0].save(film, save_all=True, append_images=frames[1:], lossless=True, duration=100)
    edits = given_edits(film, fit, fit.layers[0], folder=tmp_path, clip=CLIP)
    assert edits.at(0) is None and edits.at(11) is None
    require_square(edits.at(4), slack=0.05)
    require_square(edits.at(5), slack=0.05)
    assert edits.at(0) is None


def test_what_does_not_belong_here_says_so(fit: Fit, tmp_path: Path) -> None:
    first, back = write_atlases(fit, tmp_path, clip=CLIP)
    front = fit.layers[0]
    with pytest.raises(InputError, match="another clip"):
        given_edits(first, fit, front, folder=tmp_path, clip="another")
    with pytest.raises(InputError, match="atlas of background and was given for foreground_0"):
        given_edits(back, fit, front, folder=tmp_path, clip=CLIP)
    Image.new("RGBA", (1000, 1000)).save(tmp_path / "square.png")
    with pytest.raises(InputError, match=r"1000x1000, and the atlas of foreground_0 is 208x168"):
        given_edits(tmp_path / "square.png", fit, front, folder=tmp_path, clip=CLIP)
    (tmp_path / "broken.png").write_bytes(first.read_bytes()[:500])
    with pytest.raises(InputError, match="cannot be read"):
        given_edits(tmp_path / "broken.png", fit, front, folder=tmp_path, clip=CLIP)
    with pytest.raises(InputError, match="is not there"):
        given_edits(tmp_path / "none.png", fit, front, folder=tmp_path, clip=CLIP)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no pictures"):
        given_edits(tmp_path / "empty", fit, front, folder=tmp_path, clip=CLIP)


def test_a_card_tells_where_an_atlas_lies(fit: Fit, tmp_path: Path) -> None:
    _, back = write_atlases(fit, tmp_path, clip=CLIP)
    card = json.loads(back.with_suffix(".json").read_text())
    assert (card["width"], card["height"]) == (208, 168) and card["scale"] == pytest.approx(1, 1e-3)
    assert card["left"] == pytest.approx(-24, abs=0.01)
    assert card["top"] == pytest.approx(-26.4, abs=0.01)
    assert (tmp_path / HANDED_OUT / f"{card['sha256']}.png").read_bytes() == back.read_bytes()
