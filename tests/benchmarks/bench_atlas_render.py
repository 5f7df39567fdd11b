"""What it costs to lay an edit over a frame, to carry paint from a frame, and to remove a layer.

    python -m tests.benchmarks.bench_atlas_render

Targets, on two cores: 25 rendered frames a second at 768x432, the first of them 0.3 s after an edit
was given; paint carried from a frame of 854x480, files written, in 1.5 s. Time is that of the
process, so that neighbours on the machine count for their caches alone; `wall` stands beside it.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from streaming.atlas.animation import given_edits
from streaming.atlas.atlases import picture_of, write_atlases, write_picture
from streaming.atlas.edits import Edit, Place, split
from streaming.atlas.frame_edit import carried, layers_for, painted_on, write_carried
from streaming.atlas.model import Layer
from streaming.atlas.removal import Plate, foreground_alone, without_foreground
from streaming.atlas.render import edited
from streaming.atlas.sidecar import card_of
from streaming.frames import Size
from tests.atlas.scene import Scene

AGAIN = 9


def told(name: str, work: Callable[[], object], again: int = AGAIN) -> None:
    """Print the median cost of some work in ms."""
    spent = []
    for _ in range(again):
        wall, own = time.perf_counter(), time.process_time()
        work()
        spent.append(((time.process_time() - own) * 1e3, (time.perf_counter() - wall) * 1e3))
    own_ms, wall_ms = (statistics.median(each) for each in zip(*spent, strict=True))
    print(f"{name:58} {own_ms:8.1f} {wall_ms:8.1f}")


def marked(layer: Layer) -> Edit | None:
    """A mark of 120x80 texels."""
    atlas = picture_of(layer, fill=True)
    given, high, wide = atlas.copy(), *layer.cover.shape
    given[high // 2 - 40 : high // 2 + 40, wide // 2 - 60 : wide // 2 + 60, :3] = (255, 0, 0)
    return split(given, atlas, Place())


def repainted(layer: Layer) -> Edit | None:
    """Every texel retouched, and every second row painted over."""
    atlas = picture_of(layer, fill=True)
    given = atlas.copy()
    given[..., 0] = np.minimum(given[..., 0].astype(int) + 20, 255)
    given[::2, :, 1] = 0
    return split(given, atlas, Place())


def render() -> None:
    scene = Scene(Size(768, 432), count=2)
    fit, footage = scene.truth(), scene.footage()
    frame = footage.frames[1]
    for name, edit in (("a mark on the front", marked), ("all of both layers", repainted)):
        edits = [edit(each) for each in fit.layers]
        edits = edits if edit is repainted else [edits[0], None]
        told(
            f"768x432, {name}",
            lambda edits=edits: edited(fit, footage.shares(1), frame, 1, edits),  # type: ignore[misc]
        )
    plate, shares = Plate(fit), footage.shares(1)
    told("768x432, foreground removed", lambda: without_foreground(fit, plate, shares, frame, 1))
    told("768x432, background removed", lambda: foreground_alone(fit, plate, shares, frame, 1))
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        front, _ = write_atlases(fit, folder, clip="")
        layer = fit.layers[0]
        given = picture_of(layer)
        given[200:300, 300:420] = 255
        write_picture(given, card_of(fit, layer, "", clip=""), folder / "painted.png")

        def first() -> object:
            edits = given_edits(folder / "painted.png", fit, layer, folder=folder, clip="")
            return edited(fit, footage.shares(1), frame, 1, [edits.at(1), None])

        told("768x432, first frame after an edit, file read", first)
        assert front.exists()


def carry() -> None:
    scene = Scene(Size(854, 480), count=2)
    fit, footage = scene.truth(), scene.footage()
    frame = footage.frames[1]
    some, whole = frame.copy(), frame ^ np.uint8(0x40)
    some[200:300, 300:420] = 255

    for name, given in (("120x100 px", some), ("all of it", whole)):
        with tempfile.TemporaryDirectory() as place:
            folder = Path(place)

            def work(given=given, folder=folder) -> None:  # type: ignore[no-untyped-def]
                paint = painted_on(given, frame, "", lossy=False)
                layers = layers_for(fit, "both")
                for each in carried(paint, fit, footage.shares(1), 1, layers):
                    write_carried(each, fit, 1, folder, clip="")

            told(f"854x480, paint carried to both layers and written, {name}", work, 3)


def main() -> None:
    """Print the table."""
    print(f"{'':58} {'process':>8} {'wall, ms':>8}")
    render()
    carry()


if __name__ == "__main__":
    main()
