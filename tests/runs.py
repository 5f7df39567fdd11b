"""Whole runs of the engine for tests, and small inputs for them with known answers."""

import itertools
import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

from streaming.events import Done, Event, LoopFound, LoopWritten, Started
from streaming.frames import U8, Size
from streaming.matting.weights import default_cache
from streaming.media.alpha import read_rgba
from streaming.media.planes import size_of
from streaming.media.video import VideoWriter
from streaming.media.webm import LoopWriter
from streaming.pipeline import run
from streaming.settings import LoopSettings, MattingSettings, OutputSettings, RunSettings

FAST = MattingSettings(quality="fast")
OWN = MattingSettings(quality="fast", matte="source")
WHOLE = MattingSettings(quality="fast", matte="none")
TWO = LoopSettings(loops=2)
LOOPS_ONLY = OutputSettings(video=False)
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@dataclass(frozen=True, slots=True, eq=False)
class Played:
    """A run that is over.

    Attributes:
        folder: Its results.
        events: All that it told, in order.
        at: How many frames had been processed when each loop was found, by the loop's id.
        whole: The loops whose file was there when it was announced.
    """

    folder: Path
    events: tuple[Event, ...]
    at: dict[str, int]
    whole: tuple[str, ...]

    @property
    def started(self) -> Started:
        first = self.events[0]
        assert isinstance(first, Started)
        return first

    @property
    def done(self) -> Done:
        last = self.events[-1]
        assert isinstance(last, Done)
        return last

    @property
    def json(self) -> dict[str, Any]:
        """What `loops.json` holds."""
        read: dict[str, Any] = json.loads((self.folder / "loops.json").read_text("utf-8"))
        return read

    def frames(self, name: str) -> list[U8]:
        """A transparent file of the result, decoded."""
        return [each.rgba for each in read_rgba(self.folder / name)]

    def files(self) -> set[str]:
        """Names of everything in the folder."""
        return {
            each.relative_to(self.folder).as_posix()
            for each in self.folder.rglob("*")
            if not each.is_dir()
        }


def play(
    what: Path,
    folder: Path,
    *,
    matting: MattingSettings = FAST,
    loops: LoopSettings = TWO,
    output: OutputSettings = LOOPS_ONLY,
    stop_after: int | None = None,
) -> Played:
    """Run the whole engine on a file, and stop it after so many frames."""
    output = replace(output, output=folder)
    settings = RunSettings(str(what), default_cache(), matting=matting, loops=loops, output=output)
    frames = itertools.count()
    done = 0

    def stop() -> bool:
        nonlocal done
        done = next(frames) + 1
        return done == stop_after

    events: list[Event] = []
    at: dict[str, int] = {}
    whole: list[str] = []
    for event in run(settings, stop=stop, now=lambda: NOW):
        events.append(event)
        if isinstance(event, LoopFound):
            at[event.loop.id] = done
        if isinstance(event, LoopWritten) and event.path.is_file():
            whole.append(event.record.loop.id)
    return Played(folder, tuple(events), at, tuple(whole))


def clip_of(path: Path, pictures: Iterable[U8], *, fps: int = 30) -> Path:
    """Write RGB pictures as MP4, RGBA ones as transparent WEBM."""
    writer: VideoWriter | LoopWriter | None = None
    count = 0
    for rgba in pictures:
        if writer is None:
            size: Size = size_of(rgba)
            clear = rgba.shape[2] == 4
            writer = LoopWriter(path, size=size, crf=10) if clear else VideoWriter(path, size=size)
        writer.write(rgba, Fraction(count, fps))
        count += 1
    assert writer is not None
    writer.close(Fraction(count, fps))
    return path


def sounding(path: Path, pictures: Iterable[U8], *, fps: int = 30) -> Path:
    """A clip with a tone of 440 Hz as long as it is."""
    shown = list(pictures)
    with av.open(str(path), "w") as file:
        video, audio = file.add_stream("libx264", rate=fps), file.add_stream("aac", rate=48000)
        video.height, video.width = shown[0].shape[:2]
        video.pix_fmt = "yuv420p"
        for picture in shown:
            file.mux(video.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        file.mux(video.encode(None))
        seconds = np.arange(48000 * len(shown) // fps) / 48000
        tone = (0.3 * np.sin(2 * np.pi * 440 * seconds)).astype(np.float32)[None]
        for start in range(0, tone.shape[1], 1024):
            part = av.AudioFrame.from_ndarray(tone[:, start : start + 1024], "fltp", "mono")
            part.sample_rate, part.pts = 48000, start
            file.mux(audio.encode(part))
        file.mux(audio.encode(None))
    return path
