"""A kept frame costs no more than was planned, and gives the cut-out that it would have given."""

from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from streaming.demo import demo_frame, demo_person
from streaming.frames import U8, Frame, Size
from streaming.keeping import Keeper, Kept, box_of
from streaming.loops.anchor import Box
from streaming.matting.stream import Matted, SourceMatting, coarse_size
from streaming.media.picture import AvPicture
from streaming.media.source import SourceInfo
from streaming.planning import matting_for, plan_for
from streaming.settings import MattingSettings, OutputSettings, RunSettings
from tests.runs import FAST, OWN, WHOLE

DEMO, LARGE = Size(640, 360), Size(1280, 720)


def frame_of(pixels: U8, index: int = 0) -> Frame:
    return Frame(index, Fraction(index, 30), Fraction(1, 30), AvPicture.of(pixels))


def info_of(size: Size) -> SourceInfo:
    """An ordinary clip of this size."""
    second = Fraction(1)
    return SourceInfo(
        name="clip",
        kind="file",
        path=None,
        size=size,
        rate=Fraction(30),
        frames=30,
        duration_s=second,
        has_alpha=False,
        has_audio=False,
        live=False,
        origin_s=0 * second,
    )


def matted_by_network(pixels: U8, cache: Path) -> Matted:
    size = Size(pixels.shape[1], pixels.shape[0])
    stage = matting_for(info_of(size), FAST, cache)
    matted: list[Matted] = []
    for index in range(3):  # its memory needs a few frames to settle
        matted = list(stage.push(frame_of(pixels, index)))
    return matted[0]


def kept_at(size: Size, matted: Matted, settings: MattingSettings = FAST) -> Kept:
    network = not matted.own
    coarse = coarse_size(matted.frame.picture.size, settings) if network else None
    keeper = Keeper(size, AvPicture.of)
    kept = keeper.keep(matted)
    assert kept.nbytes <= keeper.bytes_per_frame(size, coarse) * 1.02  # rows are padded
    return kept


def differs(kept: U8, direct: U8) -> tuple[float, float]:
    """Mean difference of the mattes, and of the colours where both are solid."""
    solid = (kept[..., 3] > 200) & (direct[..., 3] > 200)
    assert solid.any()
    apart = np.abs(kept.astype(int) - direct)
    return float(apart[..., 3].mean()), float(apart[..., :3][solid].mean())


def test_a_large_frame_waits_as_coefficients_and_gives_the_same_cutout(
    weights: Path, cache: Path
) -> None:
    matted = matted_by_network(demo_frame(5).repeat(2, 0).repeat(2, 1), cache)
    kept = kept_at(LARGE, matted)
    assert kept.cutout is None
    assert kept.coefficients is not None
    direct = matted.cutout(LARGE)
    assert direct is not None
    matte, colours = differs(kept.subject().whole(), direct)
    assert matte < 0.5
    assert colours < 3


def test_a_small_frame_waits_as_its_cutout(weights: Path, cache: Path) -> None:
    matted = matted_by_network(np.ascontiguousarray(demo_frame(5)[::2, ::2]), cache)
    kept = kept_at(Size(320, 180), matted)
    assert kept.cutout is not None
    assert kept.coefficients is None
    direct = matted.cutout(Size(320, 180))
    assert direct is not None
    matte, colours = differs(kept.subject().whole(), direct)
    assert matte < 0.5
    assert colours < 4


def test_a_source_with_its_own_alpha_is_kept_once(cache: Path) -> None:
    person = demo_person(7)
    (matted,) = SourceMatting(OWN, whole=False).push(frame_of(person))
    kept = kept_at(DEMO, matted)
    assert kept.cutout is kept.picture
    assert kept.nbytes == kept.picture.nbytes
    matte, colours = differs(kept.subject().whole(), person)
    assert matte < 0.1
    assert colours < 4


def test_the_whole_picture_has_no_alpha_whatever_the_source_says() -> None:
    (matted,) = SourceMatting(WHOLE, whole=True).push(frame_of(demo_person(7)))
    kept = kept_at(DEMO, matted)
    assert not kept.picture.has_alpha
    assert kept.subject().whole()[..., 3].min() == 255


def test_a_frame_is_kept_at_the_size_of_the_loops() -> None:
    (matted,) = SourceMatting(OWN, whole=False).push(frame_of(demo_person(7)))
    kept = kept_at(Size(160, 90), matted)
    assert kept.subject().whole().shape == (90, 160, 4)
    assert (kept.index, kept.time_s) == (0, Fraction(0))


@pytest.mark.parametrize("ring_mb", [16, 100, 900])
@pytest.mark.parametrize("size", [DEMO, LARGE, Size(3840, 2160), Size(1081, 1920)])
def test_the_plan_stays_within_its_budget_and_says_so(size: Size, ring_mb: int) -> None:
    settings = RunSettings("x", Path(), output=OutputSettings(ring_mb=ring_mb))
    plan = plan_for(info_of(size), settings)
    assert plan.worst_bytes <= plan.ring_bytes == ring_mb * 1_000_000
    assert min(plan.loop_size.width, plan.loop_size.height) <= 720
    share = plan.loop_size.width * size.height / (plan.loop_size.height * size.width)
    assert share == pytest.approx(1, abs=0.08)
    per_frame = Keeper.bytes_per_frame(plan.loop_size, plan.coarse)
    assert per_frame <= 4.5 * plan.loop_size.pixels


def test_a_box_holds_the_subject_and_nothing_else() -> None:
    look = np.zeros((10, 20, 4), np.uint8)
    look[2:5, 4:8, 3] = 255
    look[9, 19, 3] = 5  # a breath of nothing
    assert box_of(look) == Box(0.2, 0.2, 0.4, 0.5)
    assert box_of(np.zeros((10, 20, 4), np.uint8)) is None
