"""Small films with known answers for the page: a disc over nothing, and what a camera sees."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from streaming.demo import PERIOD, RATE, demo_frame
from streaming.frames import U8, Size
from tests.media.figures import soft_disc
from tests.runs import clip_of

__all__ = ["DISC", "DISC_PERIOD", "camera_film", "disc_film"]

DISC = Size(192, 128)
DISC_PERIOD = 36  # frames: 1.2 s
COLOUR = np.array([220, 40, 60], np.uint8)
CAMERA = Size(320, 240)


def disc_film(path: Path, *, frames: int) -> Path:
    """A disc on a small circle over nothing: the middle is always covered, the corners never.

    Its colour is one that is nowhere on the page, so that pixels tell what they are of.
    """

    def pictures() -> Iterator[U8]:
        turn = [disc(2 * np.pi * index / DISC_PERIOD) for index in range(DISC_PERIOD)]
        for index in range(frames):
            yield turn[index % DISC_PERIOD]

    return clip_of(path, pictures(), fps=RATE)


def disc(angle: float) -> U8:
    """One picture of it, (128, 192, 4) with straight alpha."""
    reach = DISC.height * 0.15
    place = (DISC.width / 2 + reach * np.cos(angle), DISC.height / 2 + reach * np.sin(angle))
    return soft_disc(DISC, place, DISC.height * 0.3, COLOUR)


def camera_film(path: Path) -> Path:
    """What the fake camera shows again and again, as Y4M: a person who sways once round.

    Every second frame of it, at half the rate: cheaper, and as good a camera.
    """
    with path.open("wb") as file:
        file.write(
            f"YUV4MPEG2 W{CAMERA.width} H{CAMERA.height} F{RATE // 2}:1 Ip A1:1 C420\n".encode()
        )
        for index in range(0, PERIOD, 2):
            file.write(b"FRAME\n" + planes(demo_frame(index)))
    return path


def planes(picture: U8) -> bytes:
    """A picture cropped to 4:3 and made small, as the three planes of 4:2:0."""
    image = Image.fromarray(picture)
    wide = image.height * CAMERA.width / CAMERA.height
    left = (image.width - wide) / 2
    box = (left, 0, left + wide, image.height)
    small = image.resize((CAMERA.width, CAMERA.height), Image.Resampling.BILINEAR, box=box)
    luma, blue, red = small.convert("YCbCr").split()
    half = (CAMERA.width // 2, CAMERA.height // 2)
    return luma.tobytes() + b"".join(each.resize(half).tobytes() for each in (blue, red))
