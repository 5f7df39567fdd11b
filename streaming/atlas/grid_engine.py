"""A clip taken apart on explicit grids: flow, one solve for all frames, atlases, light, refinement.

    flow -> plain motion -> maps of all frames -> atlases -> light
                                ^                      |
                                |                      v
                                +---- where what the atlases show is in the frames

A draft goes round once, the final fit three times: what an atlas shows in a frame is looked for in
that frame through small windows, which tell where its map is off. An atlas is every frame's memory,
so nothing drifts; and a place that moves as flow says and looks as the atlas says is where it
belongs. A draft of a large clip does so on pictures half as large, and paints its atlases from the
clip itself. What this takes and reaches is told by the benchmark `atlas`.

Coordinates of the maps are the reference frame's pixels until they are painted; then each layer's
atlas is cut to what it shows.
"""

import time
from collections.abc import Callable

import numpy as np

from streaming.atlas.abreast import for_each
from streaming.atlas.flows import Match, Matcher, dis, matches, neighbours
from streaming.atlas.grids import looked_up, spread
from streaming.atlas.halving import doubled, halved
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
from streaming.atlas.nudge import nudges
from streaming.atlas.painting import Painter, Part, Tell, rects_of
from streaming.atlas.solve import Anchor, Weights, solved
from streaming.atlas.splat import continued
from streaming.atlas.trust import trusted
from streaming.atlas.unfolding import unfolded
from streaming.atlas.warps import followed, reference_of, started

__all__ = ["Progress", "fit_grid"]

Progress = Callable[[str, float], object]

FRONT_PX, BACK_PX = 8, 16  # distance of nodes: a body bends, what is behind it seldom does
ROUNDS: dict[Quality, int] = {"draft": 1, "final": 3}
SHARPER: dict[Quality, int] = {"draft": 0, "final": 2}  # times that atlases get what they lack
LATTICE_PX = (
    5  # of points at which an atlas is compared with a frame; the background's half as many
)
FAR_PX = 4.0  # what an atlas shows further off than this is not the same place
UNLIKE = 0.12  # difference in colour, 0..1, at which a place found again is not believed
LEAST_PX = 24  # least side of pictures that are compared
LARGE_PX = 640  # long side from which a draft looks at pictures half as large
SEEN = 0.05  # weight in all frames together from which a texel is known
REFINED = Weights(doubt_px=1.0, keep=1e-3, bend=0.04)


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
    small = quality == "draft" and max(footage.size.width, footage.size.height) > LARGE_PX
    fitting = _Fitting(halved(footage) if small else footage, match or dis(), progress)
    rounds = ROUNDS[quality]
    for each in range(rounds):
        words = f"refinement {each + 1} of {rounds}"
        begin, middle = (0.4 + 0.5 * (each + done) / rounds for done in (0, 0.4))
        fitting.paint(_within(progress, words, begin, 0.2 / rounds))
        fitting.refine(_within(progress, words, middle, 0.3 / rounds), close=each > 0)
    if small:
        fitting.grow(footage)
    layers = fitting.layers(SHARPER[quality], _within(progress, "atlases", 0.9, 0.1))
    progress("done", 1.0)
    seconds = time.monotonic() - begun
    return Fit(footage.size, layers, fitting.reference, "grid", quality, seconds)


class _Fitting:
    """The state of one fit: layers whose maps, pictures and light become better."""

    def __init__(self, footage: Footage, match: Matcher, progress: Progress) -> None:
        self._footage = footage
        self.reference = reference_of(footage)
        self._found: list[list[Match]] = [[] for _ in range(len(footage.mattes) + 1)]
        pairs = neighbours(footage)
        for number, each in enumerate(matches(footage, pairs, match)):
            progress("flow", 0.2 * number / len(pairs))
            for layer, one in zip(self._found, each, strict=True):
                layer.append(one)
        self._parts = []
        for index in range(len(self._found)):
            progress("maps", 0.2 + 0.2 * index / len(self._found))
            self._parts.append(self._begun(index))
        self._painter = Painter(footage, self._parts)

    def paint(self, tell: Tell) -> None:
        """Make the atlases of the maps as they are."""
        self._painter.paint(tell, last=False)

    def refine(self, tell: Tell, *, close: bool) -> None:
        """Move maps to where the atlases' pictures are found in the frames.

        Args:
            tell: Told which share of it is done.
            close: Whether they are nearly there.
        """
        anchors = []
        for number, part in enumerate(self._parts):
            tell(0.7 * number / len(self._parts))
            anchors.append(self._anchors(part, close))
        tell(0.7)
        moved = for_each(
            len(self._parts), lambda index: self._refined(self._parts[index], anchors[index])
        )
        for part, uv in zip(self._parts, moved, strict=True):
            part.uv = uv

    def _anchors(self, part: Part, close: bool) -> list[Anchor]:
        found = for_each(self._footage.count, lambda frame: self._anchor(part, frame, close))
        return [each for each in found if each is not None]

    def _refined(self, part: Part, anchors: list[Anchor]) -> F32:
        moved = solved(
            part.uv,
            part.spacing_px,
            self._footage.size,
            self._found[part.index],
            anchors,
            reference=None,
            weights=REFINED,
        )
        return unfolded(moved)

    def grow(self, footage: Footage) -> None:
        """Take what was found on a clip half as large to the clip itself."""
        self._footage = footage
        self._found = [[_grown(each) for each in layer] for layer in self._found]
        self._parts = [
            self._part(each.index, 2 * each.spacing_px, doubled(each.uv)) for each in self._parts
        ]
        self._painter = Painter(footage, self._parts)

    def layers(self, sharper: int, tell: Tell) -> tuple[Layer, ...]:
        """What has become of them, with atlases that were made sharper so often."""
        self._painter.paint(tell, last=True, sharper=sharper)
        return tuple(self._layer(each) for each in self._parts)

    def _begun(self, index: int) -> Part:
        """A layer whose maps agree with the flow of all pairs."""
        footage, found = self._footage, self._found[index]
        behind = index == len(footage.mattes)
        spacing = BACK_PX if behind else FRONT_PX
        warps = followed(found, footage.count, self.reference, flat=behind)
        start = started(warps, spacing, footage.size)
        uv = unfolded(solved(start, spacing, footage.size, found, reference=self.reference))
        return self._part(index, spacing, uv)

    def _part(self, index: int, spacing_px: int, uv: F32) -> Part:
        """A layer whose maps are known, and nothing else yet."""
        count, size = self._footage.count, self._footage.size
        light = np.ones((count, *nodes_for(size, LIGHT_PX), 3), np.float32)
        return Part(
            name=BACKGROUND if index == len(self._footage.mattes) else foreground(index),
            index=index,
            spacing_px=spacing_px,
            uv=uv,
            base=light,
            light=light,
            rects=rects_of(self._footage, index),
        )

    def _layer(self, part: Part) -> Layer:
        assert part.canvas is not None
        errors = for_each(self._footage.count, lambda each: self._painter.error(part, each))
        self._painter.tint(part)
        return Layer(
            name=part.name,
            uv=part.uv,
            spacing_px=part.spacing_px,
            atlas=np.clip(continued(part.canvas.colour, part.canvas.weight), 0, 1),
            cover=np.clip(part.canvas.weight / SEEN, 0, 1),
            light=part.light,
            trust=trusted(
                part.uv, part.spacing_px, self._footage.size, iter(errors), self._found[part.index]
            ),
        )

    def _anchor(self, part: Part, frame: int, close: bool) -> Anchor | None:
        """Where what an atlas shows is found in a frame."""
        sight = self._painter.sight(part, frame)
        if not sight.share.size or min(sight.share.shape) < LEAST_PX or sight.share.max() < 0.5:
            return None
        shown = np.clip(self._painter.shown(part, frame, sight.rect), 0, 1)
        gone, sure = nudges(shown, sight.colour, sight.share, coarse=1 if close else 4)
        step = 2 * LATTICE_PX if part.behind else LATTICE_PX
        x, y = np.meshgrid(*(np.arange(step // 2, each, step) for each in gone.shape[1::-1]))
        here = np.stack((x, y), axis=-1).reshape(1, -1, 2).astype(np.float32)
        move = looked_up(gone, here)
        there = looked_up(sight.colour, here + move, beyond=None)
        far = np.abs(there - looked_up(shown, here)).mean(-1)
        weight = looked_up(sure, here) * looked_up(sight.share, here + move)
        weight = weight * (np.hypot(*np.moveaxis(move, -1, 0)) < FAR_PX)
        weight = (weight * np.clip(1.5 - far / UNLIKE, 0, 1)).ravel()
        kept = weight > 0.05
        at = spread(part.uv[frame], part.spacing_px, self._footage.size, sight.rect)
        corner = np.array([sight.rect.x0, sight.rect.y0], np.float32)
        return Anchor(
            frame, (here + move + corner)[0][kept], looked_up(at, here)[0][kept], weight[kept]
        )


def _within(progress: Progress, words: str, begin: float, share: float) -> Tell:
    """What to tell of a part of the work that is done."""
    return lambda done: progress(words, begin + share * done)


def _grown(match: Match) -> Match:
    return Match(match.pair, doubled(match.here), doubled(match.there), match.weight)
