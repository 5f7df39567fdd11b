"""A clip taken apart on grids: points carried, light told, nothing folded, odd clips fitted."""

import numpy as np
import pytest

from streaming.atlas.grid_engine import fit_grid
from streaming.atlas.grids import looked_up
from streaming.atlas.measures import closing, folds, likenesses
from streaming.atlas.model import Fit, Footage
from streaming.atlas.transfer import transferred
from tests.atlas.scene import Motion, Scene

SCENE = Scene(motion=Motion(6.0, 0.1, 2.0, 8.0, 0.15))


@pytest.fixture(scope="module")
def clip() -> Footage:
    return SCENE.footage()


@pytest.fixture(scope="module")
def final(clip: Footage) -> Fit:
    return fit_grid(clip)


def off_px(fit: Fit, number: int, a: int, b: int) -> np.ndarray:
    """How far points of frame `a` are carried from where the scene shows them in `b`."""
    at = (SCENE.uv_front, SCENE.uv_back)[number]
    own = SCENE.matte(a) > 0.95 if number == 0 else SCENE.matte(a) < 0.02
    rows, columns = np.nonzero(own[::4, ::4])
    points = np.stack((columns, rows), axis=-1).astype(np.float32) * 4
    true = points.copy()
    for _ in range(60):
        true = true - 0.9 * (at(b, true) - at(a, points))
    there = looked_up(SCENE.matte(b), true[None], beyond=None)[0]
    seen = (there > 0.9 if number == 0 else there < 0.05) & (true > 2).all(1)
    seen &= (true < np.array([SCENE.size.width, SCENE.size.height]) - 3).all(1)
    off = np.hypot(*(transferred(fit.layers[number], SCENE.size, a, b, points) - true).T)
    return np.asarray(off[seen & np.isfinite(off)])


@pytest.mark.parametrize("number", [0, 1])
def test_points_are_carried_to_where_they_are(final: Fit, number: int) -> None:
    off = np.concatenate(
        [off_px(final, number, a, b) for a, b in ((0, 3), (0, 6), (3, 9), (11, 0))]
    )
    assert off.mean() < 0.4 and np.percentile(off, 95) < 1.2


def test_the_step_over_the_seam_is_like_any_other(final: Fit) -> None:
    for number in (0, 1):
        usual = np.median([off_px(final, number, t, t + 1).mean() for t in range(11)])
        assert off_px(final, number, 11, 0).mean() < max(1.5 * usual, 0.1)
    assert max(closing(final, SCENE.footage()).values()) < 0.3


def test_what_is_put_together_again_is_the_clip(final: Fit, clip: Footage) -> None:
    everything, front, _ = likenesses(final, clip)
    assert everything.lit > 40 and front.lit > 38
    assert sum(each.folded for each in folds(final, clip)) == 0


def test_light_is_told_from_colour(final: Fit) -> None:
    """One frame's gain against another's, in the middle of the picture."""
    back = final.layers[1].light[:, 4, 2].mean(axis=1)
    there = np.array([(1.5 * 16 - 0.5, 3.5 * 16 - 0.5)], np.float32)
    true = np.array([SCENE.light(t, there)[0, 0] for t in range(SCENE.count)])
    assert np.abs(back / back.mean() - true / true.mean()).max() < 0.02


def test_a_draft_and_the_final_fit_carry_alike(clip: Footage, final: Fit) -> None:
    draft = fit_grid(clip, quality="draft")
    assert draft.quality == "draft" and draft.reference == final.reference
    assert off_px(draft, 0, 0, 6).mean() < 0.5


def test_a_matte_with_noise_all_over_gives_no_wider_atlas(clip: Footage) -> None:
    noise = np.random.default_rng(1).integers(3, 9, clip.mattes.shape).astype(np.uint8)
    noisy = Footage(clip.frames, np.maximum(clip.mattes, noise), clip.seams)
    clean, other = (fit_grid(each, quality="draft").layers[0] for each in (clip, noisy))
    assert np.abs(np.subtract(other.cover.shape, clean.cover.shape)).max() < 6
    assert abs((other.cover > 0.5).mean() - (clean.cover > 0.5).mean()) < 0.02


def test_a_part_that_is_hidden_and_moves_otherwise_is_not_trusted(clip: Footage) -> None:
    frames = clip.frames.copy()
    noise = np.random.default_rng(3)
    for frame in frames:
        frame[80:, :60] = noise.integers(0, 255, (40, 60, 3))
    fit = fit_grid(Footage(frames, clip.mattes, clip.seams), quality="draft")
    back = fit.layers[1].trust
    assert back[:, 7, 2].mean() < 0.3 and back[:, 2, 8].mean() > 0.9


@pytest.mark.parametrize("until", [8, 9], ids=["third", "longer"])
def test_an_arm_before_a_shirt_is_not_that_shirt_in_another_light(until: int) -> None:
    """So long something of another colour lies before the body; the atlas shows the body whole."""
    clip, shirt = SCENE.footage(), np.array([150, 30, 50], np.uint8)
    frames = np.where(clip.mattes[0][..., None] > 128, shirt, clip.frames)
    frames[4:until, 50:74, 60:100] = (205, 160, 140)
    fit = fit_grid(Footage(frames, clip.mattes, clip.seams), quality="draft")
    layer, part = fit.layers[0], np.s_[7:9, 9:12]
    there = layer.trust[(slice(None), *part)].mean(axis=(1, 2))
    without = np.delete(there, np.s_[3 : until + 1])
    assert there[5 : until - 1].max() < 0.1 and without.min() > 0.9, there
    assert np.abs(np.log(layer.light[5 : until - 1, 4, 5])).max() < 0.25
    x, y = np.moveaxis(layer.uv[(5, *part)].round().astype(int), -1, 0)
    assert np.abs(layer.atlas[y, x] - shirt / 255).max() < 0.1


def test_clips_of_one_frame_without_a_subject_and_one_that_it_leaves(clip: Footage) -> None:
    one = fit_grid(Footage(clip.frames[:1], clip.mattes[:, :1]))
    assert (
        one.count == 1 and likenesses(one, Footage(clip.frames[:1], clip.mattes[:, :1]))[0].lit > 30
    )
    empty = Footage(clip.frames, np.zeros_like(clip.mattes), clip.seams)
    assert likenesses(fit_grid(empty, quality="draft"), empty)[2].lit > 15
    mattes = clip.mattes.copy()
    mattes[:, 6:] = 0
    gone = Footage(clip.frames, mattes)
    assert np.isfinite(fit_grid(gone, quality="draft").layers[0].atlas).all()


def test_progress_rises_to_the_end(clip: Footage) -> None:
    told: list[float] = []
    fit_grid(clip, quality="draft", progress=lambda words, share: told.append(share))
    assert told == sorted(told) and told[-1] == 1.0 and len(told) > 5
