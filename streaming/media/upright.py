"""How a coded picture is turned, mirrored and stretched to be what a person should see.

Phones store the sensor's picture and a 3x3 display matrix beside it. FFmpeg's `rotation` reads one
angle off that matrix and loses the mirror, so the matrix is read here: a video turns in right
angles, which leaves eight positions, and each is at most two filters.
"""

import struct
from dataclasses import dataclass
from fractions import Fraction

import av

from streaming.frames import Size

__all__ = ["Pose", "pose_of", "square"]

# Beyond this a sample aspect ratio is damage, not a format.
MOST_STRETCH = 8


@dataclass(frozen=True, slots=True)
class Pose:
    """One of the eight ways in which a rectangle can lie.

    Attributes:
        done: What is done to the picture, in words.
        filters: FFmpeg's filters that bring it upright.
        swaps: Whether width and height change places.
    """

    done: str = "left as it is"
    filters: tuple[str, ...] = ()
    swaps: bool = False


AS_IT_IS = Pose()
# By where the picture's right (a, b) and down (c, d) point on the screen.
POSES = {
    ("straight", True, True): AS_IT_IS,
    ("straight", False, True): Pose("mirrored", ("hflip",)),
    ("straight", True, False): Pose("mirrored upside down", ("vflip",)),
    ("straight", False, False): Pose("turned upside down", ("hflip", "vflip")),
    ("across", True, False): Pose("turned right", ("transpose=clock",), swaps=True),
    ("across", False, True): Pose("turned left", ("transpose=cclock",), swaps=True),
    ("across", True, True): Pose(
        "turned left and mirrored", ("transpose=cclock_flip",), swaps=True
    ),
    ("across", False, False): Pose(
        "turned right and mirrored", ("transpose=clock_flip",), swaps=True
    ),
}
# By the angle that is left when the matrix cannot be had, counter-clockwise.
TURNS = {
    90: POSES["across", False, True],
    180: POSES["straight", False, False],
    270: POSES["across", True, False],
}


def pose_of(frame: av.VideoFrame) -> Pose:
    """How the frame has to be turned, from its display matrix.

    Call it once per stream, not once per frame: PyAV ties a frame and its side data into a circle,
    which keeps the frame until Python's garbage collector comes by, hundreds of frames later.

    Source: ISO/IEC 14496-12, 6.2.2: (p, q, 1) times the matrix is the position on the screen;
        FFmpeg hands it on as nine native 32-bit integers.
    """
    try:
        data = frame.side_data.get("DISPLAYMATRIX")
    except ValueError:  # PyAV knows not every kind of side data (MV-HEVC's views) and gives up
        return TURNS.get(frame.rotation % 360, AS_IT_IS)
    if data is None or data.buffer_size < 36:
        return AS_IT_IS
    a, b, _, c, d, *_ = struct.unpack("=9i", bytes(data)[:36])
    straight, across = abs(a) + abs(d), abs(b) + abs(c)
    if straight == across:  # all zero in damaged files, or exactly diagonal
        return AS_IT_IS
    if straight > across:
        return POSES["straight", a > 0, d > 0]
    return POSES["across", b > 0, c > 0]


def square(size: Size, aspect: Fraction | None) -> Size:
    """The size in square pixels of a picture whose pixels are `aspect` times as wide as high.

    The width changes and the lines stay, as players do it; it comes out even where it changes.
    An aspect ratio beyond 8 in either direction is taken for damage.
    """
    if not aspect or aspect == 1 or not Fraction(1, MOST_STRETCH) <= aspect <= MOST_STRETCH:
        return size
    width = size.width * aspect
    if abs(width - size.width) < 1:  # 1280/1281 and the like only hide a rounded size
        return size
    return Size(max(2, round(width / 2) * 2), size.height)
