"""Finds the files of `static/`: the page's parts and the demo's picture.

They lie at the top of a checkout, where whoever works on the page looks for them, and inside the
package once it is installed. Only this function knows both places.
"""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

__all__ = ["asset"]


def asset(name: str) -> Traversable:
    """A file of `static/`, to be opened or read.

    Args:
        name: Its name there, for example "report.html".

    Raises:
        FileNotFoundError: If the installation is incomplete.
    """
    checkout = Path(__file__).resolve().parent.parent / "static"
    for folder in (files("streaming") / "static", checkout):
        found = folder / name
        if found.is_file():
            return found
    raise FileNotFoundError(f"static/{name} is missing: install loopmatte again")
