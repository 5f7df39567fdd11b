"""Exports: are limits kept, how much of them is used, how long does it take, are edges clean.

    python -m tests.benchmarks exports

Every file is opened afresh and held against its target's row; `within` counts what a second reading
of the file says, not what the writer says.
"""

import math
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

from streaming.errors import LoopmatteError
from streaming.events import Done
from streaming.exporting import Exported, export_cycle
from streaming.exports.cycle import Cycle
from streaming.exports.targets import TARGETS, Target, target_called
from streaming.exports.timing import TooFewError, TooLongError, fits, timing_for
from streaming.frames import U8, Size, read_only
from streaming.loops.seam import seam_of
from streaming.matting.weights import default_cache
from streaming.media.alpha import read_rgba
from streaming.media.composite import over
from streaming.media.master import MasterFrame, read_master
from streaming.media.played import played
from streaming.media.video import VideoWriter
from streaming.pipeline import run
from streaming.sending import origin_of, send
from streaming.settings import (
    ExportSettings,
    LoopSettings,
    MattingSettings,
    OutputSettings,
    RunSettings,
)
from tests.benchmarks.measuring import footage, row, title
from tests.exports.cycles import drawn, orbit

PX, FPS = 512, Fraction(30)
SKIN = np.array([168, 112, 90])
GRAIN = 2.5  # as a phone's: WebP at quality 80 takes 16 kB a frame of it
CLIPS = (
    ("loops", "tfjs_pose_squats.mp4"),
    ("loops", "sam2_05_default_juggle.mp4"),
    ("alpha", "dancer.webm"),
)
NOISY = (("telegram-sticker", 15), ("whatsapp-sticker", 30), ("discord-sticker", 30))
QUIET = OutputSettings(video=False, copy=False)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        noisy_loop(Path(folder))
        rates()
        synthetic(Path(folder))
        for number, parts in enumerate(CLIPS):
            clip = footage(*parts)
            if clip is not None:
                real(clip, Path(folder) / f"run{number}")
        dancer = footage("alpha", "dancer.webm")
        if dancer is not None:
            edges(dancer, Path(folder))


def noisy_loop(folder: Path) -> None:
    """The hardest ordinary case: grain that no two frames share."""
    title("3 s of a noisy subject, 512 px, 30 fps")
    cycle = grainy(90)
    for name, most_s in (
        ("telegram-sticker", 15),
        ("whatsapp-sticker", 30),
        ("discord-sticker", 30),
    ):
        target = target_called(name)
        began, worked = time.perf_counter(), time.process_time()
        made = export_cycle(cycle, target, folder / f"noisy-{name}{target.suffix}")
        spent = time.perf_counter() - began
        used = made.path.stat().st_size / (target.most_bytes or 1)
        row(f"{name}: {', '.join(made.words)}", f"{made.path.stat().st_size:,} bytes")
        row("  share of the limit that is used", f"{used:.1%}", "90 to 100 %")
        row("  subject's PSNR", f"{made.proof.psnr_db:.1f} dB", ">= 27 dB")
        row(f"  seconds ({made.encodes} encodes)", f"{spent:.1f}", f"<= {most_s}")
        row("  seconds of all cores together", f"{time.process_time() - worked:.1f}")


def grainy(count: int) -> Cycle:
    """A textured subject that goes round, with new grain in every frame."""
    rng = np.random.default_rng(1)
    room = PX + 200
    fine, broad = (
        np.asarray(
            Image.fromarray(rng.integers(0, 255, (room, room, 3), np.uint8)).filter(
                ImageFilter.GaussianBlur(radius)
            )
        ).astype(np.float64)
        for radius in (4, 16)
    )
    light = (fine.mean(axis=2, keepdims=True) - fine.mean()) * 6
    skin = np.clip(SKIN + light + (broad - broad.mean(axis=(0, 1))) * 12, 0, 255)
    y, x = np.indices((PX, PX)).astype(np.float64)

    def draw(phase: float) -> U8:
        right, down = 50 * math.cos(2 * math.pi * phase), 25 * math.sin(4 * math.pi * phase)
        top, left = round(60 - down), round(60 - right)
        grain = np.random.default_rng(round(phase * count)).normal(0, GRAIN, (PX, PX, 1))
        rgb = np.clip(skin[top : top + PX, left : left + PX] + grain, 0, 255)
        away = np.hypot(x - PX / 2 - right, (y - PX / 2 - down) / 1.2)
        alpha = np.clip((0.36 * PX - away) / 3 * 255, 0, 255)
        return np.dstack((rgb, alpha)).astype(np.uint8)

    kept = [read_only(draw(each / count)) for each in range(count)]
    return drawn(Size(PX, PX), count, FPS, lambda phase: kept[round(phase * count)].copy())


def rates() -> None:
    """What another rate does to a perfect loop's seam."""
    title("30 -> 25 fps of a perfect loop")
    for count in (60, 61, 90):
        cycle = orbit(Size(256, 256), count)
        frames = list(cycle.read())
        timing = timing_for(cycle, target_called("web"), rate=Fraction(25))
        ratio = seam_of(frames[each] for each in timing.frames).ratio
        row(
            f"{count} frames as {len(timing.frames)}: seam, ordinary steps",
            f"{ratio:.2f}",
            "<= 1.1",
        )


def synthetic(folder: Path) -> None:
    """Every target, for loops that tend to go wrong."""
    title("every target, synthetic loops")
    loops = {
        "a disc, 1 s": orbit(Size(320, 240), 30),
        "odd sides, 60 fps, noisy": orbit(Size(321, 243), 60, Fraction(60), noisy=True),
        "two frames": orbit(Size(96, 64), 2, Fraction(2)),
        "longer than most": orbit(Size(96, 64), 240, Fraction(20)),
    }
    for number, (name, cycle) in enumerate(loops.items()):
        counted = Tally()
        for target in TARGETS:
            to = folder / f"synthetic{number}-{target.name}{target.suffix}"
            counted.add(target, partial(export_cycle, cycle, target, to))
        counted.show(name)


def real(clip: Path, folder: Path) -> None:
    """Every target, for the best loop of a clip that fits it."""
    title(f"every target, {clip.name}")
    output = replace(QUIET, output=folder)
    *_, done = run(RunSettings(str(clip), default_cache(), output=output))
    assert isinstance(done, Done)
    record = done.record
    counted = Tally()
    for target in TARGETS:
        fitting = [each for each in record.loops if each.master and fits(each.duration_s, target)]
        if not fitting:
            counted.skipped.append(target.name)
            continue
        origin = origin_of(folder / fitting[0].file)
        to = folder / f"{target.name}{target.suffix}"
        counted.add(target, partial(send, origin, target, to, ExportSettings()))
    counted.show(f"{len(record.loops)} loops and near-loops")


class Tally:
    """Counts what is within limits by a second reading of the files."""

    def __init__(self) -> None:
        self.good = 0
        self.made = 0
        self.bad: list[str] = []
        self.skipped: list[str] = []

    def add(self, target: Target, make: Callable[[], Exported]) -> None:
        try:
            made = make()
        except (TooLongError, TooFewError):
            self.skipped.append(target.name)
            return
        except LoopmatteError as error:
            self.made += 1
            self.bad.append(f"{target.name}: {error}")
            return
        self.made += 1
        faults = list(second_reading(made, target))
        self.good += not faults
        self.bad.extend(f"{target.name}: {each}" for each in faults)

    def show(self, name: str) -> None:
        row(f"{name}: within limits", f"{self.good} of {self.made}", "all")
        if self.skipped:
            row(f"  no loop fits: {', '.join(self.skipped)}", "")
        for each in self.bad:
            row(f"  {each}", "")


def second_reading(made: Exported, target: Target) -> Iterator[str]:
    """What is beyond the row in a file that was delivered."""
    seen = played(made.path)
    if target.most_bytes and made.path.stat().st_size > target.most_bytes:
        yield f"{made.path.stat().st_size} bytes"
    if target.pixels.fault(seen.size):
        yield target.pixels.fault(seen.size)
    if target.most_s and seen.duration_s * max(1, seen.plays) > target.most_s:
        yield f"{float(seen.duration_s)} s"
    if target.most_frames and not target.least_frames <= seen.frames <= target.most_frames:
        yield f"{seen.frames} frames"
    if seen.has_audio:
        yield "sound"
    if seen.alpha_min > 127 or seen.alpha_max < 128:
        yield "no transparency"


def edges(dancer: Path, folder: Path) -> None:
    """Colours of soft edges, cut from over saturated green and red, against the dancer's own."""
    title("edge colours, dancer over green and red, true alpha 5 to 95 %")
    truth = [each.rgba for _, each in zip(range(150), read_rgba(dancer), strict=False)]
    size = Size(truth[0].shape[1], truth[0].shape[0])
    for name, colour in (("green", (0, 220, 0)), ("red", (220, 0, 0))):
        behind = np.full((size.height, size.width, 3), colour, np.uint8)
        clip, out = folder / f"{name}.mp4", folder / f"cut-{name}"
        with VideoWriter(clip, size=size, crf=12) as writer:
            for index, each in enumerate(truth):
                writer.write(over(each, behind), index / FPS)
            writer.close(len(truth) / FPS)
        settings = RunSettings(
            str(clip),
            default_cache(),
            matting=MattingSettings(matte="network"),
            loops=LoopSettings(repair="none"),
            output=replace(QUIET, output=out),
        )
        for _ in run(settings):
            pass
        master = read_master(sorted((out / "masters").glob("*.mkv"))[0])
        ours, direct = _edge_errors(master.frames(), truth, behind)
        share = ours / direct
        row(f"over {name}: ours {ours:.1f}, a direct cut {direct:.1f}", f"{share:.2f}", "<= 0.5")


def _edge_errors(frames: Iterable[MasterFrame], truth: list[U8], behind: U8) -> tuple[float, float]:
    """Mean absolute error of colours, 0..255: ours, and of the source's own colours."""
    ours = direct = count = 0.0
    for frame in frames:
        true = truth[frame.index]
        band = (true[..., 3] > 13) & (true[..., 3] < 242) & (frame.rgba[..., 3] > 13)
        wanted = true[band][:, :3].astype(np.float64)
        ours += float(np.abs(frame.rgba[band][:, :3] - wanted).sum())
        direct += float(np.abs(over(true, behind)[band] - wanted).sum())
        count += 3 * band.sum()
    return ours / count, direct / count


if __name__ == "__main__":
    main()
