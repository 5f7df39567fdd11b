"""A written loop's frames, read back from its master."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streaming.cycles import recorded_cycle
from streaming.errors import InputError
from streaming.frames import U8, Size
from streaming.settings import LoopSettings
from tests.runs import OWN, Played, clip_of, play

PERIOD, FRAMES, FPS = 18, 60, 30
SMALL = Size(128, 64)
ONE = LoopSettings(loops=1, max_duration_s=Fraction(7, 10))


def disc(number: int) -> U8:
    """A disc that orbits and drifts to the right by a quarter of a pixel a frame."""
    y, x = np.mgrid[: SMALL.height, : SMALL.width]
    turn = 2 * np.pi * number / PERIOD
    away = np.hypot(x - 40 - 0.25 * number - 12 * np.cos(turn), y - 32 - 14 * np.sin(turn))
    rgba = np.full((SMALL.height, SMALL.width, 4), (200, 60, 40, 0), np.uint8)
    rgba[..., 3] = np.clip((9 - away) * 255, 0, 255)
    return rgba


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("cycles")
    clip = clip_of(folder / "disc.webm", (disc(index) for index in range(FRAMES)))
    return play(clip, folder / "out", matting=OWN, loops=ONE)


def test_a_cycle_shows_what_the_loop_shows(played: Played) -> None:
    told: dict[str, Any] = played.json["loops"][0]
    assert told["anchored"]
    cycle = recorded_cycle(played.folder / told["master"], told)
    assert cycle.size == SMALL
    assert cycle.frames == told["written_frames"]
    assert cycle.duration_s == Fraction(told["period_exact"])
    shown = played.frames(told["file"])
    for mine, theirs in zip(cycle.read(), shown, strict=True):
        assert np.abs(mine[..., 3].astype(int) - theirs[..., 3]).mean() < 1
    assert len(list(cycle.read())) == cycle.frames  # and again


def test_a_record_of_another_loop_is_refused_in_words(played: Played, tmp_path: Path) -> None:
    told = dict(played.json["loops"][0])
    master = played.folder / told["master"]
    with pytest.raises(InputError, match="holds"):
        recorded_cycle(master, {**told, "end_frame": 1000})
    with pytest.raises(InputError, match="run again"):
        recorded_cycle(master, {})
    with pytest.raises(InputError):
        recorded_cycle(tmp_path / "gone.mkv", told)
