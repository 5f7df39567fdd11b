"""Milliseconds per 720p frame for everything that is written, beside what else was possible.

    python -m tests.benchmarks.bench_encode

The figure is drawn here (a textured disc with a soft edge over a fifth of the picture), so that it
needs no footage. Times are CPU time of this process, one thread, medians of three rounds.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np

from streaming.frames import U8, Patch, Size
from streaming.media.composite import over
from streaming.media.cutout import cut_out
from streaming.media.master import MasterFrame, MasterWriter
from streaming.media.picture import AvPicture
from streaming.media.video import VideoWriter
from streaming.media.webm import Effort, LoopWriter
from tests.media.figures import natural, orbit

SIZE = Size(1280, 720)
FRAMES = 20
ROUNDS = 3
FLAT = np.array([90, 80, 70], np.uint8)


def main() -> None:
    texture = natural(SIZE, 1)
    frames = [
        np.dstack((np.roll(texture, 3 * index, 1), each[..., 3]))
        for index, each in enumerate(orbit(SIZE, FRAMES, FLAT))
    ]
    green = np.full((SIZE.height, SIZE.width, 3), (0, 177, 64), np.uint8)
    on_green = [over(each, green) for each in frames]
    sources = [AvPicture.of(np.roll(texture, index, 0)).packed(SIZE) for index in range(FRAMES)]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "made"
        print(f"{'what':32}{'ms/frame':>10}{'kB/frame':>10}")
        show(
            "cut out, colours continued",
            lambda: [cut_out(Patch.of(each), FLAT) for each in frames],
            None,
        )
        show("composite over green", lambda: [over(each, green) for each in frames], None)
        efforts: tuple[Effort, Effort] = ("fast", "good")
        for effort in efforts:
            webm = path.with_suffix(".webm")
            show(f"loop webm, {effort}", partial(loop, webm, frames, effort), webm)
        for crf in (18, 23):
            mp4 = path.with_suffix(".mp4")
            show(f"no_background.mp4, crf {crf}", partial(video, mp4, on_green, crf), mp4)
        mkv = path.with_suffix(".mkv")
        show("master", lambda: master(mkv, frames, sources), mkv)


def show(name: str, work: Callable[[], object], path: Path | None) -> None:
    rounds = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        rounds.append((time.process_time() - began) * 1000 / FRAMES)
    size = f"{path.stat().st_size / 1000 / FRAMES:10.1f}" if path else ""
    print(f"{name:32}{statistics.median(rounds):10.1f}{size}", flush=True)


def loop(path: Path, frames: list[U8], effort: Effort) -> None:
    with LoopWriter(path, size=SIZE, effort=effort, replace=True) as writer:
        for index, rgba in enumerate(frames):
            writer.write(rgba, Fraction(index, 30))
        writer.close(Fraction(FRAMES, 30))


def video(path: Path, frames: list[U8], crf: int) -> None:
    with VideoWriter(path, size=SIZE, crf=crf, replace=True) as writer:
        for index, rgb in enumerate(frames):
            writer.write(rgb, Fraction(index, 30))
        writer.close(Fraction(FRAMES, 30))


def master(path: Path, frames: list[U8], sources: list[AvPicture]) -> None:
    with MasterWriter(path, size=SIZE, start=0, end=FRAMES, about={}, replace=True) as writer:
        for index, rgba in enumerate(frames):
            writer.write(MasterFrame(index, Fraction(index, 30), sources[index], rgba))
        writer.close(Fraction(FRAMES, 30))


if __name__ == "__main__":
    main()
