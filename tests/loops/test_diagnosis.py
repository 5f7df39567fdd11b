"""Why there is no loop, in words."""

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np

from streaming.frames import U8
from streaming.loops.diagnosis import few
from streaming.settings import LoopSettings
from tests.loops.figures import Swing, body, draw, looks_of
from tests.loops.runs import detect


def test_a_loop_that_was_found_needs_no_excuse() -> None:
    assert detect(Swing(20, frames=50).looks()).diagnosis.reason == "found"


def test_no_subject_suggests_the_whole_picture() -> None:
    empty = np.zeros((72, 128, 4), np.uint8)
    diagnosis = detect(looks_of(empty for _ in range(60))).diagnosis
    assert diagnosis.reason == "no subject"
    assert "--matte none" in diagnosis.text


def test_specks_in_a_few_frames_are_no_subject() -> None:
    empty, speck = np.zeros((72, 128, 4), np.uint8), np.zeros((72, 128, 4), np.uint8)
    speck[30:36, 40:50] = 200
    diagnosis = detect(looks_of(speck if k % 6 == 0 else empty for k in range(60))).diagnosis
    assert diagnosis.reason == "no subject" and "10 of 60 frames" in diagnosis.text


def test_a_motion_that_takes_longer_than_asked_for() -> None:
    settings = LoopSettings(max_duration_s=Fraction(1))
    diagnosis = detect(Swing(200, frames=90).looks(), settings).diagnosis
    assert diagnosis.reason == "no return"


def test_the_nearest_miss_names_its_time_and_what_stopped_it() -> None:
    def flashing() -> Iterator[U8]:
        for k in range(60):
            picture = draw(body(2 * math.pi * k / 40, 58), 64, 40, (128, 72))
            if k in (20, 21):
                picture[..., :3] = 255
            yield picture

    diagnosis = detect(looks_of(flashing())).diagnosis
    assert diagnosis.reason == "no return"
    assert diagnosis.nearest is not None
    assert "flash" in diagnosis.nearest.stopped_by
    assert diagnosis.nearest.end_s - diagnosis.nearest.start_s == Fraction(40, 30)
    assert "flash" in diagnosis.text


def test_mending_is_named_only_where_it_was_tried() -> None:
    back = detect(Swing(200, frames=90).looks()).diagnosis
    assert "not mended, either: the motion turns back at the seam" in back.text
    away = detect(Swing(400, frames=90).looks()).diagnosis
    assert "not mended, either: it is too far from closing" in away.text
    assert "Mending was tried" not in back.text + away.text


def test_few_loops_say_how_many_and_what_became_of_the_others() -> None:
    tried = few(2, LoopSettings(loops=5))
    cut = few(2, LoopSettings(loops=5, repair="none"))
    assert tried.text.startswith("2 of 5 loops") and "when mended" in tried.text
    assert "nothing was to be mended" in cut.text and tried.reason == "few"
