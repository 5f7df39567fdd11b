"""A container that is being written under its part name: opened, kept whole, or dropped.

Every writer of this folder holds one. `bitexact` leaves out random identifiers and dates, so that
the same frames give the same bytes.
"""

import contextlib
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.container import OutputContainer

from streaming.media.whole import PartFile, telling

__all__ = ["Reel", "ReelWriter"]


class Reel:
    """An open container beside its final name.

    Args:
        path: The final name.
        format: FFmpeg's name of the container.
        options: The container's own options.
        replace: Whether an existing file may be replaced.

    Attributes:
        path: The final name.
        into: The container to add streams to.

    Raises:
        OutputError: The file cannot be written.
    """

    def __init__(
        self,
        path: Path,
        *,
        format: str,
        options: Mapping[str, str] | None = None,
        replace: bool = False,
    ) -> None:
        self.path = path
        self._part = PartFile(path, replace=replace)
        self._done = False
        with telling(path):
            self.into: OutputContainer = av.open(
                f"file:{self._part.path}",
                "w",
                format=format,
                options={"fflags": "bitexact", **(options or {})},
            )

    def keep(self) -> None:
        """Close the container and give the file its name.

        Raises:
            OutputError: It could not be finished; nothing is left then.
        """
        with telling(self.path):
            self.into.close()
        self._done = True
        self._part.keep()

    def drop(self) -> None:
        """Leave no file, unless it was kept; a disk that is full may say so again, unheard."""
        if self._done:
            return
        self._done = True
        try:
            with contextlib.suppress(OSError, av.FFmpegError):
                self.into.close()
        finally:
            self._part.drop()


class ReelWriter:
    """A context manager that holds a reel: leaving the block before it was kept leaves no file."""

    _reel: Reel

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reel.drop()
