"""Sprite sheets: sides, cells that do not bleed, and the JSON that engines read."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from streaming.errors import OutputError, SettingsError
from streaming.media.recipes import SheetRecipe
from streaming.media.sheet import write_sheet
from tests.media.films_out import gappy_film, orbit_film


def written(path: Path, recipe: SheetRecipe) -> tuple[np.ndarray, dict]:  # type: ignore[type-arg]
    write_sheet(path, gappy_film(), recipe)
    with Image.open(path) as image:
        return np.asarray(image.convert("RGBA")), json.loads(path.with_suffix(".json").read_text())


@pytest.mark.parametrize("trim", [False, True])
def test_the_json_says_where_each_frame_is(tmp_path: Path, trim: bool) -> None:
    sheet, told = written(tmp_path / "s.png", SheetRecipe(trim=trim))
    assert told["meta"]["size"] == {"w": sheet.shape[1], "h": sheet.shape[0]}
    assert all(side & (side - 1) == 0 for side in sheet.shape[:2])
    assert list(told["frames"]) == [f"s_{n:04d}.png" for n in range(6)]
    for each, frame in zip(told["frames"].values(), gappy_film().frames, strict=True):
        cell, place = each["frame"], each["spriteSourceSize"]
        assert each["sourceSize"] == {"w": 97, "h": 61} and each["rotated"] is False
        assert each["trimmed"] == (cell["w"] < 97) == trim
        found = sheet[cell["y"] :, cell["x"] :][: cell["h"], : cell["w"], 3]
        wanted = frame[place["y"] :, place["x"] :][: cell["h"], : cell["w"], 3]
        assert (found == wanted).all()
    assert sum(each["duration"] for each in told["frames"].values()) == 200


def test_neighbours_repeat_a_cells_own_edge(tmp_path: Path) -> None:
    sheet, told = written(tmp_path / "s.png", SheetRecipe(trim=True, padding_px=2, form="array"))
    for each in told["frames"]:
        x, y, w, h = (each["frame"][key] for key in "xywh")
        for shift in (1, 2):
            assert (sheet[y : y + h, x - shift] == sheet[y : y + h, x]).all()
            assert (sheet[y + h - 1 + shift, x : x + w] == sheet[y + h - 1, x : x + w]).all()


def test_what_does_not_fit_is_refused_with_what_would(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"256x256 px, and 128 px .* fewer frames or .* small"):
        write_sheet(tmp_path / "s.png", orbit_film(6), SheetRecipe(most_px=128))
    assert list(tmp_path.iterdir()) == []


def test_a_json_that_is_there_already_stays(tmp_path: Path) -> None:
    (tmp_path / "s.json").write_text("mine")
    with pytest.raises(OutputError, match="exists"):
        write_sheet(tmp_path / "s.png", orbit_film(2), SheetRecipe())
    assert [each.name for each in tmp_path.iterdir()] == ["s.json"]
