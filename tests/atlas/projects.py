"""Small projects on disk, for tests of whatever reads one."""

from pathlib import Path

from PIL import Image

from streaming.atlas.project import CHECKPOINT
from streaming.atlas.store import save_fit
from streaming.frames import Size
from tests.atlas.scene import Scene

SMALL = Scene(Size(96, 64), 6)


def project_of(
    folder: Path, scene: Scene = SMALL, *, masks: bool = True, fitted: bool = True
) -> Path:
    """Write a scene as a project: frames, the user's masks, and the fit that nobody can better."""
    footage = scene.footage()
    kinds = {"frames": footage.frames, "masks": footage.mattes[0] if masks else ()}
    for name, pictures in kinds.items():
        for number, pixels in enumerate(pictures):
            (folder / name).mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(folder / name / f"{number:05d}.png", compress_level=1)
    if fitted:
        (folder / "results").mkdir()
        save_fit(scene.truth(), folder / "results" / CHECKPOINT)
    return folder
