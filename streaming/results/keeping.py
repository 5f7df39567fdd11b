"""A copy of the input beside its results, as cheaply as the file system allows.

A reflink shares the blocks and costs nothing, whatever the size; where there is none, a real copy
up to a bound; above it, a relative link, so that the folder can be moved together with its input.
The input itself is only ever read. A copy is a convenience: where none of the three works, the run
goes on without one.
"""

import logging
import os
import shutil
import sys
from pathlib import Path

from streaming.results.naming import safe_name

__all__ = ["keep_input"]

log = logging.getLogger(__name__)

COPY_BYTES = 500_000_000
FICLONE = 0x40049409  # linux/fs.h: share all blocks of another file


def keep_input(source: Path, folder: Path, *, copy_bytes: int = COPY_BYTES) -> str | None:
    """Put a copy of or a link to `source` into `folder`.

    Args:
        source: The input file, or a folder of pictures, which is linked.
        folder: The result folder.
        copy_bytes: Largest file that is really copied.

    Returns:
        Its name in the folder, None where it could not be kept.
    """
    target = _free_name(source, folder)
    if target.exists():
        return target.name
    try:
        if source.is_dir():
            _link(source, target)
        else:
            _copy_or_link(source, target, copy_bytes)
    except OSError as error:
        log.warning("%s is not kept beside the results: %s", source.name, error)
        return None
    return target.name


def _free_name(source: Path, folder: Path) -> Path:
    """The first name that is free, or that already holds this very input from an earlier run."""
    name = Path(safe_name(source.name))
    target, number = folder / name, 1
    while os.path.lexists(target) and not _same(source, target):
        target = folder / f"{name.stem}-{number}{name.suffix}"
        number += 1
    return target


def _same(source: Path, target: Path) -> bool:
    if not target.exists():
        return False
    if target.is_symlink():
        return target.samefile(source)
    if source.is_dir() or target.is_dir():
        return False
    mine, other = source.stat(), target.stat()
    return (mine.st_size, mine.st_mtime_ns) == (other.st_size, other.st_mtime_ns)


def _copy_or_link(source: Path, target: Path, copy_bytes: int) -> None:
    part = target.with_name(f".{target.name}.part")
    try:
        if not _reflink(source, part):
            if source.stat().st_size > copy_bytes:
                part.unlink(missing_ok=True)
                _link(source, target)
                return
            shutil.copyfile(source, part)
        shutil.copystat(source, part)
        part.replace(target)
    except OSError:
        part.unlink(missing_ok=True)
        raise


def _reflink(source: Path, target: Path) -> bool:
    if not sys.platform.startswith("linux"):
        return False
    import fcntl  # exists on Unix only

    with source.open("rb") as old, target.open("wb") as new:
        try:
            fcntl.ioctl(new.fileno(), FICLONE, old.fileno())
        except OSError:
            return False
    return True


def _link(source: Path, target: Path) -> None:
    target.symlink_to(
        os.path.relpath(source.resolve(), target.parent.resolve()),
        target_is_directory=source.is_dir(),
    )
