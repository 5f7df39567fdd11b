"""The whole clip with its background replaced, and the other full-size videos that were asked for.

A stage that only writes: it refines every frame to the source's own size, so it is by far the most
work beside the network, and it does not run at all where nothing of it is wanted.
"""

import contextlib
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import numpy as np

from streaming.frames import Patch, Size
from streaming.matting.stream import Matted
from streaming.media.audio import Sound, open_sound
from streaming.media.background import Background, open_background
from streaming.media.composite import foreground
from streaming.media.inlay import inlay_of
from streaming.media.source import SourceInfo
from streaming.media.video import VideoWriter
from streaming.media.webm import LoopWriter
from streaming.results import ResultFolder
from streaming.settings import OutputSettings

__all__ = ["FullFrames"]

GREY = np.full(3, 128, np.uint8)
Writer = TypeVar("Writer", VideoWriter, LoopWriter)


class FullFrames:
    """A stage that writes full-size videos and gives nothing on; a context manager.

    Args:
        folder: Where they go.
        info: What is read.
        settings: Which videos, and the background.

    Attributes:
        wanted: Whether there is anything to write.
        result: Name of the clip with its background replaced, None without; after `flush`.
        extras: Names of the other videos; after `flush`.

    Raises:
        SettingsError: The background is not a known word, colour or file.
    """

    def __init__(self, folder: ResultFolder, info: SourceInfo, settings: OutputSettings) -> None:
        self._folder = folder
        self._info = info
        self._settings = settings
        self.wanted = settings.video or settings.alpha or settings.foreground
        self.result: str | None = None
        self.extras: tuple[str, ...] = ()
        self._opened = contextlib.ExitStack()
        self._background: Background | None = None
        if settings.video:
            self._background = self._opened.enter_context(
                open_background(settings.background, info.size)
            )
        self._first_s: Fraction | None = None
        self._end_s = Fraction(0)
        self._writers: list[VideoWriter | LoopWriter] = []
        self._names: list[str] = []
        self._draw: list[Callable[[Matted, Patch, Fraction], None]] = []

    def __enter__(self) -> "FullFrames":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.close()

    def push(self, item: Matted, /) -> tuple[()]:
        """Write one frame into every video."""
        if not self.wanted:
            return ()
        size = self._info.size
        frame = item.frame
        if self._first_s is None:
            self._first_s = frame.time_s
            self._open(frame.time_s, size)
        subject = item.subject(size)
        if subject is None:
            alpha = np.full((size.height, size.width), 255, np.uint8)
            if not item.whole:
                alpha = frame.picture.alpha(size)
            subject = Patch.of(np.dstack([frame.picture.rgb(size), alpha]))
        for draw in self._draw:
            draw(item, subject, frame.time_s - self._first_s)
        self._end_s = frame.time_s + frame.duration_s - self._first_s
        return ()

    def flush(self) -> tuple[()]:
        """Finish the videos and give them their names."""
        for writer in self._writers:
            writer.close(self._end_s)
        names = tuple(self._names) if self._writers else ()
        self.result = next((name for name in names if name.startswith("no_background")), None)
        self.extras = tuple(name for name in names if name != self.result)
        return ()

    def _open(self, first_s: Fraction, size: Size) -> None:
        if self._background is not None and self._background.transparent:
            path = self._named("no_background.webm")
            clear = self._keep(LoopWriter(path, size=size, sound=self._sound(first_s)))
            self._draw.append(lambda item, subject, time_s: clear.lay(inlay_of(subject), time_s))
        elif self._background is not None:
            behind = self._background
            path = self._named("no_background.mp4")
            video = self._keep(VideoWriter(path, size=size, sound=self._sound(first_s)))
            self._draw.append(
                lambda item, subject, time_s: video.lay(
                    subject, behind.at(time_s, item.frame, item.look[:, :, 3]), time_s
                )
            )
        if self._settings.alpha:
            grey = self._keep(VideoWriter(self._named("alpha.mp4"), size=size))
            self._draw.append(
                lambda item, subject, time_s: grey.write(subject.whole()[:, :, 3], time_s)
            )
        if self._settings.foreground:
            front = self._keep(VideoWriter(self._named("foreground.mp4"), size=size))
            self._draw.append(
                lambda item, subject, time_s: front.write(foreground(subject, GREY), time_s)
            )

    def _named(self, name: str) -> Path:
        self._names.append(name)
        return self._folder.path / name

    def _keep(self, writer: Writer) -> Writer:
        self._opened.enter_context(writer)
        self._writers.append(writer)
        return writer

    def _sound(self, first_s: Fraction) -> Sound | None:
        info = self._info
        if not info.has_audio or info.live:
            return None
        what = str(info.path) if info.path is not None else info.name
        sound = open_sound(what, zero_s=info.origin_s + first_s)
        return None if sound is None else self._opened.enter_context(sound)
