"""How much what is far from the rest still counts, in every mean and every fit of this room.

Most of what frames say of a place agrees, and some is of another thing altogether. So nothing is
thrown out by a bound, and nothing far off can pull: a say falls from all to a quarter at the
distance from which there is doubt, and on towards nothing, with the fourth power.

Source: the weights of Geman and McClure's error norm, as in Black and Rangarajan, "On the
Unification of Line Processes, Outlier Rejection, and Robust Statistics", 1996.
"""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["credence"]

Real = TypeVar("Real", np.float32, np.float64)


def credence(squared: NDArray[Real]) -> NDArray[Real]:
    """What is left of each say: 1 at 0, a quarter at 1.

    Args:
        squared: Squares of distances from the rest, each in units of where doubt begins.
    """
    return np.asarray(1 / (1 + squared) ** 2, squared.dtype)
