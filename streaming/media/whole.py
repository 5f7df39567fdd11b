"""Files that appear only when they are complete.

Everything is written to a hidden neighbour of the final name and renamed at the very end, so that
whoever watches the folder, and whoever finds it after a crash, sees whole files only. The neighbour
keeps the suffix, because muxers are chosen by it, and lies in the same folder, because a rename
between file systems is a copy. An existing file is never replaced unless the caller says so: the
final step is a hard link where the file system has them, which fails where the name is taken.

A full disk, a size limit or a missing permission is the user's to mend, so it becomes an
`OutputError` here, whether Python or FFmpeg met it first (FFmpeg's errors carry the same errno).
"""

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import av

from streaming.errors import OutputError

__all__ = ["PartFile", "telling", "whole_file"]

REMEDIES = {
    errno.ENOSPC: "free some space or choose another folder",
    errno.EDQUOT: "free some of your quota or choose another folder",
    errno.EFBIG: "raise the file size limit (ulimit -f) or choose another folder",
    errno.EACCES: "choose a folder that you may write to",
    errno.EPERM: "choose a folder that you may write to",
    errno.EROFS: "choose a folder that you may write to",
    errno.ENOENT: "make the folder first or choose another one",
    errno.ENOTDIR: "make the folder first or choose another one",
    errno.EEXIST: "choose another name, or --force to replace it",
}


def output_error(path: Path, error: Exception) -> OutputError:
    """Say in one line why `path` could not be written and what to do."""
    number = getattr(error, "errno", None)
    cause = os.strerror(number) if number in REMEDIES else str(error)
    remedy = REMEDIES.get(number or 0, "choose another folder")
    words = f"cannot write {path}: {cause.lower()}; {remedy}"
    return OutputError(words, elsewhere=number != errno.EEXIST)


@contextlib.contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn what goes wrong while `path` is written into an `OutputError` that names it.

    Raises:
        OutputError: For every OSError and every error of FFmpeg inside the block.
    """
    try:
        yield
    except (OSError, av.FFmpegError) as error:
        raise output_error(path, error) from error


class PartFile:
    """A file on its way to its name.

    Args:
        final: The name it gets in the end.
        replace: Whether a file that has that name already may be replaced.

    Attributes:
        path: Where to write until then: it exists, is empty, and has the suffix of `final`.

    Raises:
        OutputError: The name is taken, or the folder cannot be written to.
    """

    def __init__(self, final: Path, *, replace: bool = False) -> None:
        self.final = final
        self._replace = replace
        name = f".{final.stem[:40]}-{secrets.token_hex(4)}.part{final.suffix}"
        self.path = final.with_name(name)
        with telling(final):
            if not replace and os.path.lexists(final):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            flags = os.O_CREAT | os.O_EXCL | os.O_WRONLY
            os.close(os.open(self.path, flags, 0o666))

    def keep(self) -> None:
        """Flush the file to the disk and give it its final name.

        Raises:
            OutputError: It could not be; nothing is left behind then.
        """
        try:
            with telling(self.final):
                with self.path.open("rb+") as file:
                    os.fsync(file.fileno())
                self._rename()
        except OutputError:
            self.drop()
            raise

    def drop(self) -> None:
        """Remove the file; do nothing where it is gone already."""
        self.path.unlink(missing_ok=True)

    def _rename(self) -> None:
        if self._replace:
            self.path.replace(self.final)
            return
        try:
            os.link(self.path, self.final)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links: look, then rename
            if os.path.lexists(self.final):
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)) from None
            self.path.replace(self.final)
            return
        self.path.unlink()


@contextlib.contextmanager
def whole_file(final: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a path to write to; rename it to `final` when the block ends well.

    Args:
        final: The name the file gets in the end.
        replace: Whether a file that has that name already may be replaced.

    Yields:
        An existing, empty, hidden file beside `final` with the same suffix.

    Raises:
        OutputError: The file could not be written or renamed. It is removed then, as it is on any
            other exception in the block.
    """
    part = PartFile(final, replace=replace)
    try:
        with telling(final):
            yield part.path
    except BaseException:
        part.drop()
        raise
    part.keep()
