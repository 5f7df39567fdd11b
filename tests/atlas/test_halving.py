"""A draft of a large clip is fitted on half of it, and its places are the clip's own."""

import numpy as np

from streaming.atlas import grid_engine
from streaming.atlas.grid_engine import fit_grid
from streaming.atlas.halving import doubled, halved
from streaming.atlas.measures import likenesses
from streaming.atlas.model import Footage
from streaming.frames import Size
from tests.atlas.scene import Scene, node_places


def test_nodes_of_the_small_grid_are_nodes_of_the_large_one() -> None:
    assert np.array_equal(doubled(node_places(Size(81, 60), 8)), node_places(Size(162, 120), 16))


def test_odd_sides_keep_their_last_row_and_column() -> None:
    clip = Scene().footage()
    odd = Footage(clip.frames[:, :119, :157], clip.mattes[:, :, :119, :157])
    assert halved(odd).frames.shape == (12, 60, 79, 3)


def test_a_draft_of_a_large_clip_is_the_clip(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    monkeypatch.setattr(grid_engine, "LARGE_PX", 100)
    clip = Scene().footage()
    fit = fit_grid(clip, quality="draft")
    assert [each.spacing_px for each in fit.layers] == [16, 32] and fit.size == clip.size
    everything, front, _ = likenesses(fit, clip)
    assert everything.lit > 33 and front.lit > 28
