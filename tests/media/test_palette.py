"""A loop's one palette: what it keeps, and that nothing flickers or crawls."""

import numpy as np

from streaming.frames import U8, Size
from streaming.media.palette import Indexer, palette_of
from tests.media.figures import natural
from tests.media.films_out import orbit_film


def photograph(seed: int = 1) -> U8:
    """A photograph in a soft-edged disc."""
    disc = orbit_film(1, size=Size(80, 64)).frames[0]
    return np.dstack((natural(Size(80, 64), seed), disc[..., 3]))


def test_what_is_wholly_there_or_gone_stays_so() -> None:
    frame = photograph()
    for colours in (8, 64, 256):
        palette = palette_of([frame], colours)
        assert 2 <= len(palette.entries) <= colours
        shown = palette.entries[Indexer(palette, 1.0, 12.0)(frame)]
        assert (shown[..., 3][frame[..., 3] >= 253] == 255).all()
        assert (shown[..., 3][frame[..., 3] == 0] == 0).all()


def test_more_entries_are_nearer_and_few_colours_are_kept_exactly() -> None:
    errors = [palette_of([photograph()], n).error for n in (4, 16, 64, 256)]
    assert errors == sorted(errors, reverse=True)
    plain = np.zeros((8, 8, 4), np.uint8)
    plain[:, 2:5], plain[:, 5:] = (200, 30, 40, 255), (10, 250, 90, 255)
    palette = palette_of([plain], 8)
    assert (palette.entries[Indexer(palette, 1.0)(plain)] == plain).all()


def test_a_pixel_that_does_not_change_keeps_its_entry_whatever_changes_elsewhere() -> None:
    one, two = photograph(), photograph()
    two[:, :40] = photograph(seed=9)[:, :40]
    indexer = Indexer(palette_of([one, two], 16), 1.0)
    assert (indexer(one)[:, 40:] == indexer(two)[:, 40:]).all()


def test_dither_brings_out_a_gradient_that_the_palette_has_not() -> None:
    ramp = np.full((64, 64, 4), 255, np.uint8)
    ramp[..., :3] = np.linspace(40, 200, 64).round().astype(np.uint8)[:, None, None]
    palette = palette_of([ramp], 5)

    def off(dither: float) -> float:
        shown = palette.entries[Indexer(palette, dither)(ramp)][..., 0].astype(float)
        rows = shown.mean(axis=1)  # what an eye makes of a row
        return float(np.abs(rows - ramp[:, 0, 0]).mean())

    assert off(1.0) < off(0.0) / 2


def test_runs_are_longer_where_some_loss_is_allowed_and_stay_near() -> None:
    frame = np.full((48, 64, 4), 255, np.uint8)
    grain = np.random.default_rng(3).normal(0, 5, (48, 64, 3))
    frame[..., :3] = (np.array([150, 90, 60]) + grain).round()
    palette = palette_of([frame], 64)

    def changes(indices: U8) -> int:
        return int((np.diff(indices.astype(int), axis=1) != 0).sum())

    plain, lossy = Indexer(palette, 0.0)(frame), Indexer(palette, 0.0, 8.0)(frame)
    assert changes(lossy) < 0.8 * changes(plain)
    gap = palette.entries[lossy].astype(int) - palette.entries[plain]
    assert np.sqrt((gap[..., :3] ** 2).mean()) < 12
