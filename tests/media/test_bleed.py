import numpy as np

from streaming.frames import U8, Size
from streaming.media.bleed import bleed
from streaming.media.picture import AvPicture


def island(under: int) -> U8:
    """An orange square on transparency that hides the grey `under`."""
    pixels = np.full((60, 90, 4), under, np.uint8)
    pixels[..., 3] = 0
    pixels[20:41, 30:61] = (240, 140, 20, 255)
    return pixels


def test_what_is_seen_stays_and_what_is_hidden_takes_its_colour() -> None:
    pixels = island(0)
    filled = bleed(pixels)
    np.testing.assert_array_equal(filled[20:41, 30:61], pixels[20:41, 30:61])
    np.testing.assert_array_equal(filled[..., 3], pixels[..., 3])
    assert np.abs(filled[..., :3].astype(int) - [240, 140, 20]).max() <= 1
    assert pixels[0, 0].tolist() == [0, 0, 0, 0]


def test_edges_keep_their_colour_at_every_size_and_as_video() -> None:
    for under in (0, 255):
        picture = AvPicture.of(bleed(island(under)))
        for size in (Size(45, 30), Size(37, 23)):
            for each in (picture, picture.packed(size)):
                seen = each.rgb(size)[each.alpha(size) > 8].astype(int)
                assert np.abs(seen - [240, 140, 20]).max() <= 6


def test_nothing_to_do_is_nothing_done() -> None:
    opaque = np.full((9, 9, 4), 255, np.uint8)
    assert bleed(opaque) is opaque
    gone = np.zeros((9, 9, 4), np.uint8)
    assert bleed(gone) is gone
