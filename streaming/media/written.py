"""One door to all writers of exports: the recipe's type says which."""

from pathlib import Path

from streaming.media.apng import write_apng
from streaming.media.avif import write_avif
from streaming.media.film import Film
from streaming.media.gif import write_gif
from streaming.media.pngs import write_pngs
from streaming.media.prores import write_prores
from streaming.media.recipes import (
    ApngRecipe,
    AvifRecipe,
    GifRecipe,
    PngsRecipe,
    ProResRecipe,
    Recipe,
    SheetRecipe,
    StackedRecipe,
    WebmRecipe,
    WebpRecipe,
)
from streaming.media.sheet import write_sheet
from streaming.media.stacked import write_stacked
from streaming.media.vp9 import write_webm
from streaming.media.webp import write_webp

__all__ = ["write"]


def write(path: Path, film: Film, recipe: Recipe, *, replace: bool = False) -> None:
    """Write a film in the form that the recipe is for.

    Args:
        path: Its final name, with the suffix of that form; a folder's for `PngsRecipe`.
        film: What to write.
        recipe: How.
        replace: Whether what has that name already may be replaced.

    Raises:
        OutputError: It cannot be written.
        SettingsError: The form cannot hold it.
    """
    match recipe:
        case WebmRecipe():
            write_webm(path, film, recipe, replace=replace)
        case WebpRecipe():
            write_webp(path, film, recipe, replace=replace)
        case ApngRecipe():
            write_apng(path, film, recipe, replace=replace)
        case GifRecipe():
            write_gif(path, film, recipe, replace=replace)
        case AvifRecipe():
            write_avif(path, film, recipe, replace=replace)
        case ProResRecipe():
            write_prores(path, film, recipe, replace=replace)
        case StackedRecipe():
            write_stacked(path, film, recipe, replace=replace)
        case PngsRecipe():
            write_pngs(path, film, recipe, replace=replace)
        case SheetRecipe():
            write_sheet(path, film, recipe, replace=replace)
