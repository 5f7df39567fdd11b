from pathlib import Path

import pytest

from streaming.errors import OutputError
from streaming.exports.delivery import deliver, workplace


def made_in(place: Path, *names: str) -> Path:
    (place / "1").mkdir()
    for name in names:
        (place / "1" / name).write_text(name)
    return place / "1" / names[0]


def test_all_files_of_an_export_appear_and_nothing_else_stays(tmp_path: Path) -> None:
    to = tmp_path / "new" / "a.png"
    with workplace(to) as place:
        done = deliver(made_in(place, "a.png", "a.json"), to)
    assert done == (to, tmp_path / "new" / "a.json")
    assert sorted(each.name for each in to.parent.iterdir()) == ["a.json", "a.png"]


def test_when_one_name_is_taken_nothing_is_delivered_or_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("mine")
    with pytest.raises(OutputError, match=r"a\.json is there already.*--force"):
        with workplace(tmp_path / "a.png") as place:
            deliver(made_in(place, "a.png", "a.json"), tmp_path / "a.png")
    assert [each.name for each in tmp_path.iterdir()] == ["a.json"]
    assert (tmp_path / "a.json").read_text() == "mine"
    with workplace(tmp_path / "a.png") as place:
        deliver(made_in(place, "a.png", "a.json"), tmp_path / "a.png", replace=True)
    assert (tmp_path / "a.json").read_text() == "a.json"


def test_a_folder_is_delivered_whole(tmp_path: Path) -> None:
    with workplace(tmp_path / "frames") as place:
        folder = place / "1" / "frames"
        folder.mkdir(parents=True)
        (folder / "frame_0000.png").write_text("x")
        deliver(folder, tmp_path / "frames")
    assert [each.name for each in tmp_path.rglob("*")] == ["frames", "frame_0000.png"]
