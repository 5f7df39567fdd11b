"""Giving finished exports their names: all of a target's files, or none.

Tries lie in a hidden folder beside the final name, on the same disk; a file moves to its name by a
link, which fails where the name is taken, so that nothing is replaced unasked.
"""

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from streaming.errors import OutputError
from streaming.media.whole import telling

__all__ = ["deliver", "require_free", "workplace"]


@contextlib.contextmanager
def workplace(to: Path) -> Iterator[Path]:
    """A hidden folder beside a final name, gone at the end with whatever is in it.

    Raises:
        OutputError: It cannot be made there.
    """
    with telling(to):
        to.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=".export-", suffix=".part", dir=to.parent))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def require_free(to: Path, *, replace: bool) -> None:
    """Say before hours of work, not after, that a name is taken.

    Raises:
        OutputError: It is, and may not be replaced.
    """
    if not replace and os.path.lexists(to):
        raise OutputError(f"{to} is there already: choose another name, or --force to replace it")


def deliver(made: Path, to: Path, *, replace: bool = False) -> tuple[Path, ...]:
    """Move a finished file to its name, with what belongs to it: all that lies in its folder.

    Args:
        made: The file, or a folder that is the export itself; it has the final name already, and
            what lies beside it has the same stem.
        to: The final name.
        replace: Whether what has these names may be replaced.

    Returns:
        Everything that was delivered, `to` first.

    Raises:
        OutputError: A name is taken, or cannot be written; nothing was delivered then.
    """
    beside = sorted(each for each in made.parent.iterdir() if each != made)
    pairs = [(made, to), *((each, to.with_name(each.name)) for each in beside)]
    done: list[Path] = []
    try:
        for source, final in pairs:
            require_free(final, replace=replace)
            with telling(final):
                _move(source, final, replace=replace)
            done.append(final)
    except OutputError:
        for each in done:
            shutil.rmtree(each) if each.is_dir() else each.unlink(missing_ok=True)
        raise
    return tuple(done)


def _move(source: Path, final: Path, *, replace: bool) -> None:
    if source.is_dir():
        if replace and final.is_dir():
            shutil.rmtree(final)
        source.rename(final)
        return
    if replace:
        source.replace(final)
        return
    try:
        os.link(source, final)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links: look, then rename
        if os.path.lexists(final):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
        source.rename(final)
