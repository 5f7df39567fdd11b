import numpy as np
import pytest
from PIL import Image, ImageFilter

from streaming.errors import SettingsError
from streaming.exports.phase import best_still, calmest, first_frame
from streaming.exports.survey import survey_of
from streaming.frames import U8, Size
from tests.exports.cycles import cycle_of, disc

SIZE = Size(96, 96)


def face(x: float = 48, radius: float = 30, *, blurred: bool = False) -> U8:
    """A disc with a fine pattern in it."""
    rgba = disc(SIZE, x, 48, radius)
    rows, columns = np.indices((96, 96))
    rgba[..., :3] = np.where(
        ((rows // 3 + columns // 3) % 2)[..., None], (220, 90, 60), (60, 30, 20)
    )
    if blurred:
        rgb = Image.fromarray(np.ascontiguousarray(rgba[..., :3]))
        rgba[..., :3] = np.asarray(rgb.filter(ImageFilter.GaussianBlur(2)))
    return rgba


@pytest.mark.parametrize(
    "worse",
    [
        lambda: face(radius=14),  # mostly away
        lambda: face(blurred=True),
        lambda: face(88),  # beside the middle, and cut by the edge
    ],
)
@pytest.mark.parametrize("best", [0, 2, 4])
def test_the_still_is_whole_sharp_and_in_the_middle(worse: object, best: int) -> None:
    assert callable(worse)
    frames = [face() if each == best else worse() for each in range(5)]
    assert best_still(survey_of(cycle_of(frames))) == best


def test_elsewhere_a_loop_begins_where_least_moves() -> None:
    places = [48 + 20 * np.cos(2 * np.pi * (each / 24) ** 1.0) for each in range(24)]
    survey = survey_of(cycle_of([disc(SIZE, x, 48, 20) for x in places]))
    assert calmest(survey) in (0, 12)  # where the swing turns back


def test_the_users_frame_comes_first() -> None:
    survey = survey_of(cycle_of([face(40 + each) for each in range(4)]))
    assert first_frame(survey, still=True, asked=3) == 3
    with pytest.raises(SettingsError, match="frames 0 to 3"):
        first_frame(survey, still=True, asked=4)
