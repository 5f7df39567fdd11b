"""A clip taken apart on explicit grids: flow, one solve for all frames, atlases, light, refinement.

    flow -> plain motion -> maps of all frames -> atlases -> light
                                ^                      |
                                |                      v
                                +---- flow from what the atlases show to what the frame shows

A draft goes once through the upper line. The final fit goes round: what an atlas shows in a frame
is compared with that frame by the same optical flow, which tells where its map is off. An atlas is
every frame's memory, so nothing drifts; and a place that moves as flow says and looks as the atlas
says is where it belongs. Measured against gradients through a renderer (Adam, 300 steps), this
takes a fraction of the time; see the benchmark `atlas`.

Coordinates of the maps are the reference frame's pixels until all is known; then each layer's atlas
is cut to what it shows.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import cv2
import numpy as np

from streaming.atlas.flows import Match, Matcher, dis, matches, neighbours
from streaming.atlas.grids import looked_up, spread
from streaming.atlas.light import balanced, lights
from streaming.atlas.model import (
    BACKGROUND,
    F32,
    LIGHT_PX,
    Fit,
    Footage,
    Layer,
    Quality,
    foreground,
    nodes_for,
)
from streaming.atlas.solve import Anchor, Weights, solved
from streaming.atlas.splat import Canvas, View, averaged, continued, sharpened, views
from streaming.atlas.trust import trusted
from streaming.atlas.warps import followed, reference_of, started
from streaming.frames import Size

__all__ = ["Progress", "fit_grid"]

Progress = Callable[[str, float], object]

FRONT_PX, BACK_PX = 8, 16  # distance of nodes: a body bends, what is behind it seldom does
ROUNDS = {"draft": 0, "final": 3}
LATTICE_PX = 5  # of points at which an atlas is compared with a frame
FAR_PX = 4.0  # what an atlas shows further off than this is not the same place
MARGIN_PX = 8  # of an atlas around what it shows: room to paint over an edge
MOST_SIDES = 4  # an atlas's sides, in those of a frame
RIM_PX = 4  # of the foreground, which the background's atlas leaves out


@dataclass(slots=True)
class _Part:
    """One layer while it is fitted."""

    name: str
    spacing_px: int
    uv: F32
    light: F32
    size: Size = field(default_factory=lambda: Size(1, 1))
    canvas: Canvas | None = None
    seen: list[View] = field(default_factory=list)


def fit_grid(
    footage: Footage,
    *,
    quality: Quality = "final",
    progress: Progress = lambda words, share: None,
    match: Matcher | None = None,
) -> Fit:
    """Take a clip apart.

    Args:
        footage: Its frames and mattes.
        quality: `draft` to see and paint at once, `final` with refined maps.
        progress: Told what goes on, and about which share of it is done.
        match: Measures flow; OpenCV's DIS where None.
    """
    begun = time.monotonic()
    fitting = _Fitting(footage, match or dis(), progress)
    fitting.solve()
    rounds = ROUNDS[quality]
    for each in range(rounds):
        fitting.paint(f"atlas {each + 1}", 0.5 + 0.4 * each / rounds)
        fitting.refine(f"refinement {each + 1}", 0.6 + 0.4 * each / rounds)
    fitting.paint("atlas", 0.92)
    fitting.sharpen()
    layers = tuple(fitting.layer(each) for each in fitting.parts)
    progress("done", 1.0)
    return Fit(footage.size, layers, fitting.reference, "grid", quality, time.monotonic() - begun)


class _Fitting:
    """The state of one fit: layers whose maps, pictures and light become better."""

    def __init__(self, footage: Footage, match: Matcher, progress: Progress) -> None:
        self.footage, self._match, self._progress = footage, match, progress
        self.reference = reference_of(footage)
        self._matches: list[list[Match]] = []
        self.parts: list[_Part] = []

    def solve(self) -> None:
        """Flow of all pairs, and maps that agree with it."""
        footage, layers = self.footage, len(self.footage.mattes) + 1
        found: list[list[Match]] = [[] for _ in range(layers)]
        pairs = neighbours(footage)
        for number, each in enumerate(matches(footage, pairs, self._match)):
            self._progress("flow", 0.3 * number / len(pairs))
            for layer, match in zip(found, each, strict=True):
                layer.append(match)
        self._matches = found
        for index, each_layer in enumerate(found):
            self._progress("maps", 0.3 + 0.2 * index / layers)
            self.parts.append(self._begun(index, each_layer))

    def _begun(self, index: int, found: list[Match]) -> _Part:
        footage = self.footage
        behind = index == len(footage.mattes)
        spacing = BACK_PX if behind else FRONT_PX
        warps = followed(found, footage.count, self.reference, flat=behind)
        start = started(warps, spacing, footage.size)
        uv = solved(start, spacing, footage.size, found, reference=self.reference)
        lit = (footage.count, *nodes_for(footage.size, LIGHT_PX), 3)
        name = BACKGROUND if behind else foreground(index)
        return _Part(name, spacing, uv, np.ones(lit, np.float32))

    def paint(self, words: str, share: float) -> None:
        """Atlases and light for the maps as they are; the background first, which the rest needs."""
        self._progress(words, share)
        for index in reversed(range(len(self.parts))):
            part = self.parts[index]
            self._placed(index, part)
            part.seen = views(part.uv, part.spacing_px, self.footage.size, part.size, part.seen)
            part.canvas = averaged(part.seen, self._own(index), part.size)
            part.light = self._lit(index)
            part.light = balanced(
                part.light, part.uv, part.spacing_px, part.seen, self.footage.size, part.size
            )
            part.canvas = averaged(part.seen, self._own(index), part.size)

    def sharpen(self) -> None:
        """Give the atlases back what averaging took."""
        for _ in range(2):
            for index, part in enumerate(self.parts):
                assert part.canvas is not None
                part.canvas = sharpened(part.canvas, part.seen, self._lacks(index))
        for index, part in enumerate(self.parts):
            part.light = self._lit(index)

    def refine(self, words: str, share: float) -> None:
        """Move maps to where the atlases' pictures are found in the frames."""
        self._progress(words, share)
        anchors: list[list[Anchor]] = [[] for _ in self.parts]
        for frame in range(self.footage.count):
            for index, part in enumerate(self.parts):
                anchor = self._anchor(index, part, frame)
                if anchor is not None:
                    anchors[index].append(anchor)
        for part, found, own in zip(self.parts, self._matches, anchors, strict=True):
            part.uv = solved(
                part.uv, part.spacing_px, self.footage.size, found, own,
                reference=None, weights=Weights(doubt_px=0.7, keep=1e-2),
            )  # fmt: skip

    def layer(self, part: _Part) -> Layer:
        """What a part has become."""
        assert part.canvas is not None
        index = self.parts.index(part)
        colour = continued(part.canvas.colour, part.canvas.weight)
        errors = (self._error(index, frame) for frame in range(self.footage.count))
        trust = trusted(part.uv, part.spacing_px, self.footage.size, errors)
        return Layer(
            name=part.name,
            uv=part.uv,
            spacing_px=part.spacing_px,
            atlas=np.clip(colour, 0, 1),
            cover=np.clip(part.canvas.weight / 0.5, 0, 1),
            light=part.light,
            trust=trust,
        )

    def _placed(self, index: int, part: _Part) -> None:
        """Move a layer's texels so that its atlas begins at 0, and size it to what it shows."""
        size = self.footage.size
        low, high = np.full(2, np.inf), np.full(2, -np.inf)
        for frame in range(self.footage.count):
            dense = spread(part.uv[frame], part.spacing_px, size)
            shown = self._shares(frame)[index] > 0.02 if part.name != BACKGROUND else None
            spots = dense.reshape(-1, 2) if shown is None else dense[shown]
            if len(spots):
                low, high = np.minimum(low, spots.min(0)), np.maximum(high, spots.max(0))
        if not np.isfinite(low).all():
            low, high = np.zeros(2), np.ones(2)
        most = MOST_SIDES * np.array([size.width, size.height])
        low, high = np.floor(low) - MARGIN_PX, np.ceil(high) + MARGIN_PX + 1
        if (high - low > most).any():
            middle = np.median(part.uv.reshape(-1, 2), axis=0)
            low, high = np.maximum(low, middle - most / 2), np.minimum(high, middle + most / 2)
        low = np.floor(low)
        sides = np.ceil(high - low).astype(int)
        if (low != 0).any() or part.size != Size(*sides):
            part.uv = (part.uv - low).astype(np.float32)
            part.size, part.seen = Size(*sides), []

    def _shares(self, frame: int) -> F32:
        return self.footage.shares(frame)

    def _picture(self, frame: int) -> F32:
        return self.footage.frames[frame].astype(np.float32) / 255

    def _shown(self, index: int, frame: int) -> F32:
        """What a layer's atlas shows in a frame, in that frame's light."""
        part = self.parts[index]
        assert part.canvas is not None
        dense = spread(part.uv[frame], part.spacing_px, self.footage.size)
        gain = spread(part.light[frame], LIGHT_PX, self.footage.size)
        made: F32 = looked_up(part.canvas.colour, dense, beyond=None) * gain
        return made

    def _unmixed(self, index: int, frame: int) -> tuple[F32, F32]:
        """A layer's own colours in a frame, and how much each pixel says of them."""
        picture, shares = self._picture(frame), self._shares(frame)
        own = shares[index]
        if index == len(self.parts) - 1:
            side = 2 * RIM_PX + 1
            return picture, cv2.erode(own, np.ones((side, side), np.uint8)) ** 2
        rest = 1 - own
        if self.parts[-1].canvas is None:
            return picture, np.where(own > 0.98, own, 0).astype(np.float32)
        behind = self._shown(len(self.parts) - 1, frame)
        colour = (picture - rest[..., None] * behind) / np.maximum(own, 0.2)[..., None]
        return np.clip(colour, 0, 1), own**2

    def _own(self, index: int) -> Iterator[tuple[F32, F32]]:
        """Frames in an atlas's own light."""
        for frame in range(self.footage.count):
            colour, weight = self._unmixed(index, frame)
            gain = spread(self.parts[index].light[frame], LIGHT_PX, self.footage.size)
            yield (colour / gain).astype(np.float32), weight

    def _lit(self, index: int) -> F32:
        made = []
        for frame in range(self.footage.count):
            colour, weight = self._unmixed(index, frame)
            dense = spread(
                self.parts[index].uv[frame], self.parts[index].spacing_px, self.footage.size
            )
            canvas = self.parts[index].canvas
            assert canvas is not None
            made.append(lights(colour, looked_up(canvas.colour, dense, beyond=None), weight))
        return np.asarray(made, np.float32)

    def _lacks(self, index: int) -> Iterator[tuple[F32, F32]]:
        for frame in range(self.footage.count):
            colour, weight = self._unmixed(index, frame)
            yield (colour - self._shown(index, frame)).astype(np.float32), weight

    def _error(self, index: int, frame: int) -> F32:
        """How far a layer's atlas is from what it should show, (H, W) 0..1, 0 where it has no say."""
        colour, weight = self._unmixed(index, frame)
        far = np.abs(colour - self._shown(index, frame)).mean(axis=2)
        return np.asarray(far * (weight > 0.5), np.float32)

    def _anchor(self, index: int, part: _Part, frame: int) -> Anchor | None:
        """Where what an atlas shows is found in a frame."""
        own = self._shares(frame)[index]
        if own.max() < 0.5:
            return None
        shown = np.clip(self._shown(index, frame), 0, 1)
        colour, _ = self._unmixed(index, frame)
        wanted = own[..., None] * colour + (1 - own[..., None]) * shown
        rows, columns = _around(own, 16)
        first, second = (
            np.ascontiguousarray((each[rows, columns] * 255).astype(np.uint8))
            for each in (shown, wanted)
        )
        if min(first.shape[:2]) < 24:
            return None
        there, back = self._match(first, second)
        x, y = np.meshgrid(
            np.arange(LATTICE_PX // 2, first.shape[1], LATTICE_PX),
            np.arange(LATTICE_PX // 2, first.shape[0], LATTICE_PX),
        )
        here = np.stack((x, y), axis=-1).reshape(1, -1, 2).astype(np.float32)
        gone = looked_up(there, here)
        left = np.hypot(*np.moveaxis(gone + looked_up(back, here + gone, beyond=None), -1, 0))
        corner = np.array([columns.start, rows.start], np.float32)
        at = here + corner
        weight = looked_up(own, at) * looked_up(own, at + gone) * np.clip(1 - left, 0, 1)
        weight = weight * (np.hypot(*np.moveaxis(gone, -1, 0)) < FAR_PX)
        dense = spread(part.uv[frame], part.spacing_px, self.footage.size)
        kept = weight.ravel() > 0.1
        return Anchor(
            frame,
            (at + gone)[0][kept],
            looked_up(dense, at)[0][kept],
            weight.ravel()[kept],
        )


def _around(own: F32, margin: int) -> tuple[slice, slice]:
    """Rows and columns in which a layer has anything, and some more."""
    rows, columns = np.flatnonzero(own.max(1) > 0.05), np.flatnonzero(own.max(0) > 0.05)
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )
