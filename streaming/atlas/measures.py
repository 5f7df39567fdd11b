"""How good a fit is: how like the clip, how still an edit stands on it, whether maps fold.

Likeness alone says little: a map may slide along a texture that it follows badly and still show the
right colours. So edits are measured, too: a point is carried as an edit is, and what optical flow
says of the same point, measured between two neighbouring frames alone, should be the same. What is
left is how far an edit swims.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from streaming.atlas.flows import Matcher, dis, matches
from streaming.atlas.grids import looked_up, spread, turned
from streaming.atlas.model import F32, LIGHT_PX, Fit, Footage, Layer, Pair
from streaming.atlas.render import edited
from streaming.atlas.transfer import closure, transferred

__all__ = [
    "Folds",
    "Likeness",
    "Seam",
    "Swim",
    "closing",
    "errors_at",
    "folds",
    "likenesses",
    "reconstructed",
    "seam_of",
    "swims",
]

OWN = 0.5  # share of a pixel from which on it counts as a layer's
POINTS_PX = 8  # distance of points that go round


@dataclass(frozen=True, slots=True)
class Likeness:
    """How like the clip its layers are; PSNR in dB, mean over frames, at most 99.

    Attributes:
        name: A layer, where more than half of each pixel is its; or `all`.
        atlas: Of the atlases alone.
        lit: With the light of each frame.
        exact: Of whole frames that are rendered without an edit.
    """

    name: str
    atlas: float
    lit: float
    exact: float


@dataclass(frozen=True, slots=True)
class Swim:
    """How far an edit moves otherwise than flow says, per step from a frame to the next.

    Attributes:
        name: The layer.
        rms_px: Root of the mean of squares.
        median_px: Of half of the points it is less.
        points: How many there were.
    """

    name: str
    rms_px: float
    median_px: float
    points: int


@dataclass(frozen=True, slots=True)
class Seam:
    """How an edit crosses a seam, beside how it makes any other step.

    Attributes:
        name: The layer.
        step_px: How far it moves there, median.
        usual_px: How far it moves per step, median over all others.
        off_px: How far that is from what flow says, RMS.
        usual_off_px: The same for a usual step, median over all others.
    """

    name: str
    step_px: float
    usual_px: float
    off_px: float
    usual_off_px: float

    @property
    def ratio(self) -> float:
        """How much worse the edit stands over the seam than elsewhere; 1 is alike."""
        return self.off_px / max(self.usual_off_px, 1e-3)


@dataclass(frozen=True, slots=True)
class Folds:
    """Cells whose map is not one to one, where a layer shows.

    Attributes:
        name: The layer.
        folded: How many.
        cells: Of how many.
    """

    name: str
    folded: int
    cells: int


def reconstructed(fit: Fit, shares: F32, index: int, *, lit: bool) -> F32:
    """A frame made of its layers alone, (H, W, 3) float32 0..1.

    Args:
        fit: The clip taken apart.
        shares: (L + 1, H, W) float32.
        index: The frame's number.
        lit: In the light of that frame.
    """
    made = np.zeros((fit.size.height, fit.size.width, 3), np.float32)
    for layer, share in zip(fit.layers, shares, strict=True):
        uv = spread(layer.uv[index], layer.spacing_px, fit.size)
        shown = looked_up(layer.atlas, uv, beyond=None)
        if lit:
            shown = shown * spread(layer.light[index], LIGHT_PX, fit.size)
        made += shown * share[..., None]
    return np.asarray(np.clip(made, 0, 1), np.float32)


def errors_at(fit: Fit, footage: Footage, index: int, *, lit: bool = True) -> F32:
    """How far a frame is from its layers, per pixel, (H, W) float32 0..1: the mean over colours."""
    made = reconstructed(fit, footage.shares(index), index, lit=lit)
    frame = footage.frames[index].astype(np.float32) / np.float32(255)
    return np.asarray(np.abs(made - frame).mean(axis=2), np.float32)


def likenesses(fit: Fit, footage: Footage) -> list[Likeness]:
    """How like the clip everything is together, and each layer by itself.

    Returns:
        `all` first, then the layers. A layer that no frame shows has 0.
    """
    names = ["all", *(each.name for each in fit.layers)]
    found: dict[tuple[str, bool], list[float]] = {(a, b): [] for a in names for b in (False, True)}
    exact: list[float] = []
    for index in range(fit.count):
        shares = footage.shares(index)
        frame = footage.frames[index].astype(np.float32) / np.float32(255)
        plain = edited(fit, shares, footage.frames[index], index, [None] * len(fit.layers))
        same = (plain / np.float32(255) - frame) ** 2
        exact.append(_psnr(float(same.mean())))
        for lit in (False, True):
            off = ((reconstructed(fit, shares, index, lit=lit) - frame) ** 2).mean(axis=2)
            found["all", lit].append(_psnr(float(off.mean())))
            for layer, share in zip(fit.layers, shares, strict=True):
                if (own := share > OWN).any():
                    found[layer.name, lit].append(_psnr(float(off[own].mean())))
    return [Likeness(each, _mean(found[each, False]), _mean(found[each, True]), _mean(exact))
            for each in names]  # fmt: skip


def folds(fit: Fit, footage: Footage) -> list[Folds]:
    """Cells that fold, of those whose middle shows more than half of their layer."""
    made = []
    for number, layer in enumerate(fit.layers):
        bad, cells = 0, 0
        for index in range(fit.count):
            turn = turned(layer.uv[index])
            own = _own_cells(footage.shares(index)[number], layer, turn.shape)
            bad += int(((turn <= 0) & own).sum())
            cells += int(own.sum())
        made.append(Folds(layer.name, bad, cells))
    return made


def swims(fit: Fit, footage: Footage, match: Matcher | None = None) -> list[Swim]:
    """How far an edit of each layer swims over all steps, those across seams too.

    Args:
        fit: The clip taken apart.
        footage: The clip.
        match: Measures flow; OpenCV's DIS where None.
    """
    gathered: list[list[F32]] = [[] for _ in fit.layers]
    for offs in _steps(fit, footage, _pairs(footage), match):
        for all_of, (off, _) in zip(gathered, offs, strict=True):
            all_of.append(off)
    return [
        Swim(layer.name, *_rms_and_median(np.concatenate(offs)))
        for layer, offs in zip(fit.layers, gathered, strict=True)
        if offs
    ]


def seam_of(fit: Fit, footage: Footage, match: Matcher | None = None) -> list[Seam]:
    """How an edit of each layer crosses the clip's first seam; nothing for a clip without one.

    Args:
        fit: The clip taken apart.
        footage: The clip.
        match: Measures flow; OpenCV's DIS where None.
    """
    if not footage.seams:
        return []
    plain = [Pair(each, each + 1) for each in range(footage.count - 1)]
    pairs = [*plain, footage.seams[0]]
    found: list[list[tuple[float, float]]] = [[] for _ in fit.layers]
    for offs in _steps(fit, footage, pairs, match):
        for steps, (off, step) in zip(found, offs, strict=True):
            median = float(np.median(step)) if len(step) else 0.0
            steps.append((_rms_and_median(off)[0], median))
    made = []
    for layer, steps in zip(fit.layers, found, strict=True):
        usual = [float(np.median(each)) for each in zip(*steps[:-1], strict=True)] or [0.0, 0.0]
        made.append(Seam(layer.name, steps[-1][1], usual[1], steps[-1][0], usual[0]))
    return made


def closing(fit: Fit, footage: Footage, frames: list[int] | None = None) -> dict[str, float]:
    """How far points of each layer are, on average, from where they began after one turn, px.

    Args:
        fit: The clip taken apart.
        footage: The clip.
        frames: Those of one turn, in order; all where None.
    """
    turn = frames or list(range(fit.count))
    shares = footage.shares(turn[0])
    made = {}
    for layer, share in zip(fit.layers, shares, strict=True):
        rows, columns = np.nonzero(share[::POINTS_PX, ::POINTS_PX] > OWN)
        points = np.stack((columns, rows), axis=-1).astype(np.float32) * POINTS_PX
        away = closure(layer, fit.size, turn, points) if len(points) else np.zeros(1)
        made[layer.name] = float(away.mean()) if len(away) else 0.0
    return made


def _pairs(footage: Footage) -> list[Pair]:
    return [*(Pair(each, each + 1) for each in range(footage.count - 1)), *footage.seams]


def _steps(
    fit: Fit, footage: Footage, pairs: list[Pair], match: Matcher | None
) -> Iterator[list[tuple[F32, F32]]]:
    """For every pair and layer: how far off points are, and how far they go, px.

    Only where a map is trusted: elsewhere an edit has faded.
    """
    for pair, found in zip(pairs, matches(footage, tuple(pairs), match or dis()), strict=True):
        made = []
        for layer, each in zip(fit.layers, found, strict=True):
            if not len(each.here):
                made.append((np.zeros(0, np.float32), np.zeros(0, np.float32)))
                continue
            at = transferred(layer, fit.size, pair.first, pair.second, each.here)
            off = np.hypot(*(at - each.there).T)
            trust = spread(layer.trust[pair.first], layer.spacing_px, fit.size)
            known = np.isfinite(off) & (looked_up(trust, each.here[None])[0] > OWN)
            gone = np.hypot(*(at - each.here).T)
            made.append((off[known].astype(np.float32), gone[known].astype(np.float32)))
        yield made


def _own_cells(share: F32, layer: Layer, shape: tuple[int, ...]) -> np.ndarray:
    """Which cells of a map show more than half of the layer, at their middle or a corner."""
    step = layer.spacing_px
    rows, columns = (np.clip(np.arange(each) * step, 0, None) for each in shape)
    rows, columns = np.minimum(rows, share.shape[0] - 1), np.minimum(columns, share.shape[1] - 1)
    return np.asarray(share[np.ix_(rows, columns)] > OWN)


def _psnr(square: float) -> float:
    return min(99.0, -10 * float(np.log10(max(square, 1e-12))))


def _mean(values: list[float]) -> float:
    return float(np.mean(values)) if values else 0.0


def _rms_and_median(off: F32) -> tuple[float, float, int]:
    if not len(off):
        return 0.0, 0.0, 0
    return float(np.sqrt((off.astype(np.float64) ** 2).mean())), float(np.median(off)), len(off)
