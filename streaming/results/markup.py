"""HTML and SVG that are safe by construction.

The page shows names that strangers chose. Instead of remembering to escape each of them, every
piece of the page is made by `tag`, which escapes whatever is not itself made by `tag`.
"""

from html import escape
from urllib.parse import quote

__all__ = ["Markup", "join", "tag", "url"]


class Markup(str):
    """Text that is HTML already and is not escaped again."""

    __slots__ = ()


def tag(name: str, *children: str, **attributes: str | int | float | bool | None) -> Markup:
    """One element.

    Args:
        name: Its name.
        children: What it holds: text, which is escaped, or markup, which is not.
        attributes: `_` is written as `-` and a trailing one is dropped (`class_`); True gives an
            attribute without a value, False and None leave it out; numbers are kept short.
    """
    written = "".join(
        f" {key.rstrip('_').replace('_', '-')}{_value(value)}"
        for key, value in attributes.items()
        if value is not None and value is not False
    )
    inside = join(*children)
    if name in {"img", "input", "meta", "link", "br"}:
        return Markup(f"<{name}{written}>")
    return Markup(f"<{name}{written}>{inside}</{name}>")


def join(*parts: str) -> Markup:
    """Several pieces after each other; text among them is escaped."""
    return Markup("".join(p if isinstance(p, Markup) else escape(p) for p in parts))


def url(relative: str) -> str:
    """A path inside the result folder as a URL that no browser takes for anything else."""
    return "./" + quote(relative, safe="/")


def _value(value: str | float | bool) -> str:
    if value is True:
        return ""
    text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return f'="{escape(text)}"'
