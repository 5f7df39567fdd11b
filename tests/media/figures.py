"""Pictures with known answers for the tests of this folder's writers."""

from fractions import Fraction

import numpy as np

from streaming.frames import U8, Size

UNEVEN = [Fraction(n, 1000) for n in (0, 33, 67, 100, 180, 181, 240, 307, 350, 401, 433, 500)]
END = Fraction(567, 1000)  # when the last of the UNEVEN frames goes


def soft_disc(size: Size, centre: tuple[float, float], radius: float, colour: U8) -> U8:
    """A disc with an edge 4 px wide on pure green, (H, W, 4) with straight alpha."""
    y, x = np.indices((size.height, size.width)).astype(np.float64)
    away = np.hypot(x - centre[0], y - centre[1])
    rgba = np.empty((size.height, size.width, 4), np.uint8)
    rgba[..., :3] = np.where((away < radius + 4)[..., None], colour, (0, 255, 0))
    rgba[..., 3] = (np.clip((radius + 2 - away) / 4, 0, 1) * 255).round()
    return rgba


def orbit(size: Size, count: int, colour: U8) -> list[U8]:
    """The disc going once around the middle."""
    middle = (size.width / 2, size.height / 2)
    reach = min(size.width, size.height) * 0.2
    turns = [2 * np.pi * index / count for index in range(count)]
    places = [(middle[0] + reach * np.cos(a), middle[1] + reach * np.sin(a)) for a in turns]
    return [soft_disc(size, place, reach, colour) for place in places]


def natural(size: Size, seed: int) -> U8:
    """Something as smooth and as rough as a photograph, (H, W, 3)."""
    y, x = np.indices((size.height, size.width)).astype(np.float64)
    waves = [
        128 + 60 * np.sin(x / 9 + seed / 3) + 50 * np.cos(y / 7 + x / 23 + channel)
        for channel in range(3)
    ]
    grain = np.random.default_rng(seed).normal(0, 2, (size.height, size.width, 1))
    return (np.stack(waves, axis=2) + grain).clip(0, 255).round().astype(np.uint8)


def psnr(seen: U8, wanted: U8) -> float:
    """Peak signal to noise ratio in dB."""
    error = float(np.mean((seen.astype(np.float64) - wanted) ** 2))
    return float(10 * np.log10(255**2 / max(error, 1e-9)))
