"""What an evaluation says where an edit would not be seen."""

from dataclasses import replace

import numpy as np

from streaming.atlas_evaluate import faded
from tests.atlas.projects import SMALL


def test_where_edits_fade_is_counted_by_what_is_seen() -> None:
    truth, footage = SMALL.truth(), SMALL.footage()
    front = truth.layers[0]
    doubted = front.trust.copy()
    doubted[: SMALL.count // 2] = 0.2
    fit = replace(truth, layers=(replace(front, trust=doubted), *truth.layers[1:]))
    shares = faded(fit, footage)
    first = footage.mattes[0][: SMALL.count // 2].sum(dtype=float)
    assert np.isclose(shares[0], first / footage.mattes[0].sum(dtype=float), atol=1e-3)
    assert shares[1] == 0
