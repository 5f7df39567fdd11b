"""Names inside a result folder: which are ours, and what an input's copy may be called.

A folder that is written into again (`--force`) may hold things of the user's. So "ours" is a closed
list of patterns, and only what matches it is ever replaced or removed. An input's file name is
whatever somebody chose, so its copy gets a name of plain characters: then no page, shell or player
that meets it has anything to escape. What is shown to people is the real name, as text.
"""

import re
from pathlib import Path

__all__ = ["display_name", "is_ours", "safe_name"]

OURS = re.compile(
    r"(?:loop_\d+\.web[mp]|near/near_\d+\.web[mp]|more/more_\d+\.webm"
    r"|exports/(?:loop|near|more)_\d+-[a-z]+(?:-[a-z]+)*\.\w+"
    r"|masters/(?:(?:loop|near|more)_\d+|owed_[LNH]\d+)\.mkv"
    r"|loops\.json|index\.html|no_background\.(?:mp4|webm)|alpha\.mp4|foreground\.mp4)"
    r"(?:\.parked)?"
    r"|(?:(?:near|more|masters)/)?\.(?:loops?|near|more|no_background|alpha|foreground|index)"
    r"(?:_\d+)?-[0-9a-f]{8}\.part\.\w+",  # what a killed run leaves: see media/whole.py
    re.IGNORECASE,
)
LONGEST = 60  # characters; at most 240 bytes, and file systems allow 255
LOGIN = re.compile(r"(?<=//)[^/@\s]*@")


def is_ours(relative: str) -> bool:
    """Whether a file of this name, relative to the result folder, is one that a run writes."""
    return OURS.fullmatch(relative) is not None


def safe_name(name: str) -> str:
    """A file name that means the same to a person and nothing to a program.

    Args:
        name: Any file name, without folders.

    Returns:
        Letters and digits of any script, `_`, `.` and `-` only, not starting with a dot or dash,
        at most 60 characters, the suffix kept, and never one of our own names.
    """
    suffix = re.sub(r"[^\w.]", "", Path(name).suffix, flags=re.ASCII)[:12]
    stem = Path(name).stem if suffix else name
    plain = re.sub(r"[^\w.-]+", "_", stem).strip("._-")[: LONGEST - len(suffix)]
    made = (plain or "input") + suffix
    return f"input_{made}" if is_ours(made) else made


def display_name(name: str) -> str:
    """The name as text for people: valid Unicode on one line, nothing that steers a terminal.

    A login inside a URL is left out: results are passed on.

    Args:
        name: A file name or URL, possibly with bytes that are no UTF-8 (as surrogates).
    """
    shown = LOGIN.sub("", name).encode("utf-8", "replace").decode("utf-8")
    return "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in shown)
