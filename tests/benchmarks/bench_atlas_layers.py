"""How well scribbles over three frames tell two objects apart that cross.

    python -m tests.benchmarks.bench_atlas_layers

Target: what both call an object's, of what either does, at least 0.92 over all frames. Once the
objects differ in colour; once only their textures do, so that motion alone can tell.
"""

import time

import numpy as np

from streaming.atlas.scribbles import Palette, scribbles_of
from streaming.atlas.split import split
from streaming.frames import Size
from tests.atlas.crossing import Crossing

COLOURS = (230, 140, 30), (20, 120, 130)
GREY = np.array([0.5, 0.5, 0.5], np.float32)
CASES = ((Size(160, 120), 12), (Size(480, 270), 24))


def compared(name: str, scene: Crossing) -> None:
    """Print one row."""
    marked = (0, scene.count // 2 - 1, scene.count - 1)
    drawn = {each: scene.strokes(each, COLOURS) for each in marked}
    scribbles = scribbles_of(drawn, size=scene.size, layers=2, palette=Palette(COLOURS))
    frames, matte = scene.frames(), scene.matte()
    begun = time.process_time()
    made = split(frames, matte, scribbles, layers=2)
    spent = time.process_time() - begun
    found = []
    for thing in (0, 1):
        truth = np.stack([scene.shares(each)[thing] for each in range(scene.count)]) >= 0.5
        own = made[thing] >= 128
        found.append(float((own & truth).sum() / (own | truth).sum()))
    good = "yes" if min(found) >= 0.92 else "NO"
    print(f"{name:34} {found[0]:6.3f} {found[1]:6.3f}   0.92 {good:4} {spent:6.1f} s")


def main() -> None:
    """Print the table."""
    print(f"{'':34} {'front':>6} {'back':>6} target      core-s")
    for size, count in CASES:
        words = f"{size}, {count} frames"
        compared(f"{words}, colours differ", Crossing(size, count))
        compared(f"{words}, colours alike", Crossing(size, count, (GREY, GREY)))


if __name__ == "__main__":
    main()
