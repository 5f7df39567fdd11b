"""The published networks beside the grids, on one synthetic clip: seconds, and what is shown of it.

    python -m tests.benchmarks.bench_atlas_mlp [STEPS]

With a graphics card 10,000 steps of the published size; without one only what a step costs is
measured, for all of them would take a day.
"""

import sys
import tempfile
import time
from pathlib import Path

from streaming.atlas.grid_engine import fit_grid
from streaming.atlas.measures import likenesses
from streaming.atlas.mlp.engine import fit_mlp
from streaming.atlas.mlp.settings import MlpSettings
from streaming.atlas.model import Fit, Footage
from streaming.frames import Size
from tests.atlas.scene import Scene


def told(name: str, fit: Fit, footage: Footage, seconds: float) -> None:
    """Print one row."""
    whole = next(each for each in likenesses(fit, footage) if each.name == "all")
    print(f"{name:28} {whole.atlas:8.2f} {whole.lit:8.2f} {seconds:9.1f}")


def main() -> None:
    """Print the table."""
    import torch

    card = torch.cuda.is_available()
    given = [int(each) for each in sys.argv[1:] if each.isdecimal()]
    steps = given[0] if given else 10_000 if card else 2
    footage = Scene(Size(320, 240), 24).footage()
    print(f"{'320x240, 24 frames':28} {'dB':>8} {'dB, lit':>8} {'s':>9}")
    begun = time.perf_counter()
    fit = fit_grid(footage, quality="final", progress=lambda *_: None)
    told("grid", fit, footage, time.perf_counter() - begun)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "checkpoints.pth"
        settings = MlpSettings(steps=steps, pretrain_steps=100 if card else 1)
        begun = time.perf_counter()
        fit = fit_mlp(footage, settings=settings, checkpoint=path, progress=lambda *_: None)
        seconds = time.perf_counter() - begun
        told(f"mlp, {steps} steps", fit, footage, seconds)


if __name__ == "__main__":
    main()
