"""With which frame a loop begins: a closed cycle may begin anywhere.

Where the first frame stands for the whole as a still, it is the one that shows the subject best:
whole, sharp, and in the middle. Elsewhere it is the calmest: players that hesitate when they begin
anew do so where least would have moved.
"""

import numpy as np
from numpy.typing import NDArray

from streaming.errors import SettingsError
from streaming.exports.survey import Survey
from streaming.frames import U8

__all__ = ["best_still", "calmest", "first_frame"]

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # BT.601
ASIDE = 0.5  # what it costs to stand a whole half-width beside the middle


def first_frame(survey: Survey, *, still: bool, asked: int | None) -> int:
    """The frame to begin with.

    Args:
        survey: The loop.
        still: Whether the first frame is shown as a still.
        asked: What the user wants, None for our choice.

    Raises:
        SettingsError: There is no such frame.
    """
    count = len(survey.small)
    if asked is not None:
        if not 0 <= asked < count:
            raise SettingsError(
                f"--start-frame {asked}: the loop has frames 0 to {count - 1}; choose one of them"
            )
        return asked
    return best_still(survey) if still else calmest(survey)


def calmest(survey: Survey) -> int:
    """The frame around which least moves."""
    steps = survey.steps()
    return int(np.argmin(steps + np.roll(steps, 1)))


def best_still(survey: Survey) -> int:
    """The frame that shows the subject best, by the product of what makes a good still."""
    areas = np.array([float(each[..., 3].mean()) for each in survey.small])
    sharp = np.array([_sharpness(each) for each in survey.small])
    aside = np.array([_aside(each) for each in survey.small])
    cut = np.array(survey.cut_share)
    whole = 1 - cut / (cut.max() + 1e-9) if cut.max() > cut.min() else np.ones(len(cut))
    score = _share(areas) * _share(sharp) * (1 - ASIDE * aside) * (0.5 + 0.5 * whole)
    return int(np.argmax(score))


def _share(values: F64) -> F64:
    most = float(values.max())
    return values / most if most > 0 else np.ones_like(values)


def _sharpness(small: U8) -> float:
    """Contrast of the finest detail within the subject; its outline says nothing."""
    inside = small[..., 3] > 250
    if inside.sum() < 16:
        return 0.0
    luma = small[..., :3] @ LUMA
    across = np.abs(np.diff(luma, axis=1))[inside[:, 1:] & inside[:, :-1]]
    down = np.abs(np.diff(luma, axis=0))[inside[1:] & inside[:-1]]
    return float(across.mean() + down.mean()) if len(across) and len(down) else 0.0


def _aside(small: U8) -> float:
    """How far the subject's middle is from the window's, as a share of half the window, 0..1."""
    alpha = small[..., 3].astype(np.float64)
    total = alpha.sum()
    if total == 0:
        return 1.0
    high, wide = alpha.shape
    x = (alpha.sum(axis=0) @ (np.arange(wide) + 0.5)) / total
    y = (alpha.sum(axis=1) @ (np.arange(high) + 0.5)) / total
    return float(min(1.0, np.hypot(2 * x / wide - 1, 2 * y / high - 1)))
