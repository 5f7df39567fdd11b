"""The light of a frame, by what it shows of an atlas."""

import numpy as np

from streaming.atlas.light import lights
from streaming.atlas.model import F32, LIGHT_PX, nodes_for
from streaming.frames import Rect, Size

SIZE = Size(96, 64)
CLOTH = np.array([0.8, 0.1, 0.2], np.float32)


def gain_of(seen: F32, *, crossed: bool = False) -> F32:
    """What an evenly coloured atlas is multiplied by, in the middle of the picture: (3,)."""
    made = shown(CLOTH)
    base = np.ones((*nodes_for(SIZE, LIGHT_PX), 3), np.float32)
    weight = np.ones(made.shape[:2], np.float32)
    found = lights(seen, made, weight, base, SIZE, Rect.whole(SIZE), crossed=crossed)
    return np.asarray(found[3, 3], np.float32)


def shown(colour: F32) -> F32:
    return np.full((SIZE.height, SIZE.width, 3), colour, np.float32)


def test_a_haze_on_a_dark_channel_hardly_colours_the_light() -> None:
    """0.03 of haze is a third of the cloth's green: by itself it would be a light of its own."""
    red, green, blue = gain_of(shown(0.8 * CLOTH + 0.03))
    assert abs(red - 0.83) < 0.02 and green < 1.0 and blue < 0.95


def test_what_no_light_explains_has_no_say_where_things_cross() -> None:
    seen = shown(0.8 * CLOTH)
    seen[16:48, 24:64] = (0.8, 0.63, 0.55)
    assert np.abs(gain_of(seen, crossed=True) - 0.8).max() < 0.05
    assert gain_of(seen)[1] > 1.2
