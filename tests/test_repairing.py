"""Near-loops mended in a run, and by hand later, on a figure that never comes back the same."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from streaming.cycles import recorded_cycle
from streaming.errors import InputError
from streaming.frames import Rect
from streaming.media.alpha import probe_webm
from streaming.media.cutout import snapped
from streaming.media.master import read_master
from streaming.mending.lead import Lead
from streaming.mending.model import INVISIBLE, Mend
from streaming.mending.render import Renderer, lit, straight
from streaming.recut import recut
from streaming.repairing import shown
from streaming.settings import LoopSettings
from tests.mending.footage import PERIOD, Faulty
from tests.runs import OWN, Played, clip_of, play

ONE = LoopSettings(loops=1, seam=0.2, max_duration_s=Fraction(1))


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Played:
    folder = tmp_path_factory.mktemp("repairing")
    footage = Faulty(lean=0.41)
    clip = clip_of(folder / "lean.webm", (footage.picture(n) for n in range(footage.frames)))
    return play(clip, folder / "out", matting=OWN, loops=ONE)


@pytest.fixture(scope="module")
def told(played: Played) -> dict[str, Any]:
    (loop,) = played.json["loops"]
    return dict(loop)


def test_a_mended_near_loop_is_delivered_as_a_loop_and_says_so(
    played: Played, told: dict[str, Any]
) -> None:
    assert (told["kind"], told["file"]) == ("near", "loop_0.webm")
    assert played.json["near"] == []
    assert played.json["diagnosis"] is None
    mending = told["mending"]
    assert mending["method"] in ("cut", "morph")
    assert told["seam_worst"] <= INVISIBLE
    assert len(mending["frames"]) == told["written_frames"]
    assert mending["words"] in (played.folder / "index.html").read_text("utf-8")
    facts = probe_webm(played.folder / told["file"])
    assert abs(facts.duration_s - Fraction(told["period_exact"])) < Fraction(2, 1000)


def test_its_frames_come_back_from_the_master_as_its_file_shows_them(
    played: Played, told: dict[str, Any]
) -> None:
    cycle = recorded_cycle(played.folder / told["master"], told)
    for mine, theirs in zip(cycle.read(), played.frames(told["file"]), strict=True):
        assert np.abs(mine[..., 3].astype(int) - theirs[..., 3]).mean() < 1
    with pytest.raises(InputError, match=r"how .* is mended"):
        recorded_cycle(played.folder / told["master"], {**told, "mending": {"method": "glue"}})


def test_a_turned_and_toned_frame_is_the_same_as_if_all_of_the_picture_were_made(
    played: Played, told: dict[str, Any]
) -> None:
    master = read_master(played.folder / told["master"])
    plain = Mend.of_json(told["mending"])
    lead = Lead(drift_x=0.1, growth=0.1, turn=0.2, pivot_x=0.3, tone=(0.2, -0.1, 0.0))
    mend = replace(plain, lead=lead, frames=tuple(each for each in plain.frames if not each.other))
    long_px = max(master.size.width, master.size.height)
    subjects = dict(zip(master.indices, master.subjects(long_px), strict=True))
    length = mend.end - mend.start
    whole = Renderer(
        take=lambda frame: lit(subjects[frame].whole()),
        share=lambda frame: (frame - mend.start) / length,
        lead=lead,
        part=Rect.whole(master.size),
        size=master.size,
    )
    for blend, made in zip(mend.frames, shown(master, mend), strict=True):
        wanted = straight(whole(blend))
        assert wanted[..., 3].max() == 255
        wanted[..., 3] = snapped(wanted[..., 3])
        assert np.abs(lit(made) - lit(wanted)).max() <= 9  # its places are 1/32 px apart


def test_nothing_is_mended_that_nobody_wants_mended(played: Played, tmp_path: Path) -> None:
    clip = Path(played.json["settings"]["input"])
    clip = played.folder.parent / clip.name
    plain = LoopSettings(loops=1, seam=0.2, max_duration_s=Fraction(1), repair="none")
    left = play(clip, tmp_path / "out", matting=OWN, loops=plain).json
    assert left["loops"] == []
    assert [each["mending"] for each in left["near"]] == [None]


def test_by_hand_another_way_is_taken_or_refused_in_words(
    played: Played, told: dict[str, Any], tmp_path: Path
) -> None:
    master = played.folder / told["master"]
    start, end = told["start_frame"], told["end_frame"]
    made = recut(master, tmp_path / "m.webm", start=start, end=end, id="L1.2", repair="morph")
    assert made.mending is not None
    assert made.mending.method == "morph"
    assert made.seam_worst is not None and made.seam_worst <= INVISIBLE
    assert abs(made.loop.frames - PERIOD) <= 4
    with pytest.raises(InputError, match="try auto"):
        recut(master, tmp_path / "n.webm", start=start, end=end, id="L1.3", repair="crossfade")
    assert [each.name for each in tmp_path.iterdir()] == ["m.webm"]
