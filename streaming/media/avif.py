"""Writing animated AVIF: the smallest of the animated pictures, where it is taken.

Times are exact to 1/1000 s. A file plays for ever: Pillow leaves the number of plays to libavif,
whose default that is.
"""

from pathlib import Path

from PIL import Image

from streaming.media.animated import save_animation
from streaming.media.bleed import bleed
from streaming.media.film import Film
from streaming.media.recipes import AvifRecipe
from streaming.media.timing import MILLISECOND

__all__ = ["write_avif"]


def write_avif(path: Path, film: Film, recipe: AvifRecipe, *, replace: bool = False) -> None:
    """Write a film as an animated AVIF.

    Args:
        path: Its final name, ending in .avif.
        film: What to write.
        recipe: How.
        replace: Whether an existing file may be replaced.

    Raises:
        OutputError: The file cannot be written.
    """
    save_animation(
        path,
        (Image.fromarray(bleed(each)) for each in film.frames),
        "AVIF",
        replace=replace,
        duration=list(film.whole_durations(MILLISECOND)),
        quality=recipe.quality,
        speed=recipe.speed,
    )
