"""A clip taken apart by networks, as published: the way in to this room for everybody else.

On a CPU this takes days for what the other engine does in a minute; it is here for a GPU, for
parity with projects that were trained elsewhere, and to compare with. torch is imported only when
it is asked for.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from streaming.atlas.flows import Matcher, dis
from streaming.atlas.mlp.settings import MlpSettings
from streaming.atlas.model import Fit, Footage, Quality

__all__ = ["fit_mlp"]

GRID = ", or `--engine grid`, which needs no such device"


def fit_mlp(
    footage: Footage,
    *,
    settings: MlpSettings,
    checkpoint: Path,
    quality: Quality = "final",
    match: Matcher | None = None,
    progress: Callable[[str, float], object] = lambda _words, _share: None,
) -> Fit:
    """Train networks on a clip, or train them on, and make a fit of them.

    Args:
        footage: The clip.
        settings: How; its `steps` count from the very first, so a finished training is only read.
        checkpoint: Where the networks are kept between runs.
        quality: What the fit is to be called.
        match: Measures flow; OpenCV's where None.
        progress: Told what is done and which share of all.

    Raises:
        InputError: The checkpoint is damaged or of something else.
        OutputError: It cannot be written.
        RuntimeMissing: The device is not there.
    """
    from streaming.atlas.devices import device_called
    from streaming.atlas.mlp.clip import Clip
    from streaming.atlas.mlp.converting import layers_of
    from streaming.atlas.mlp.training import Training

    device = device_called(settings.device, otherwise=GRID)
    progress("measure motion", 0.0)
    clip = Clip(footage, match or dis(), device)
    training = Training(clip, len(footage.mattes), settings, checkpoint)
    training.run(progress)
    progress("read maps and atlases", 1.0)
    layers = layers_of(training.networks, footage, settings)
    largest = int(np.argmax(footage.mattes.sum(axis=(0, 2, 3), dtype=np.int64)))
    return Fit(footage.size, layers, largest, "mlp", quality, training.seconds)
