"""The pictures of a mended loop: source frames led back, toned, and where need be made of two.

Everything happens with colours multiplied by alpha, so that a soft edge stays one: moved, carried
along its motion or faded, what is transparent weighs nothing. The same code makes the small
pictures that a mend is judged by and the large ones that are written.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from streaming.frames import U8, Rect, Size
from streaming.mending.lead import Lead
from streaming.mending.model import Blend
from streaming.motion.flow import F32, Flow, carried, flow_between, unsure
from streaming.motion.warp import moved, softened

__all__ = ["Renderer", "Two", "lit", "straight"]

SURE = 0.15  # difference of two pixels, of 0..1, up to which they are one thing and may be mixed
APART = 0.5  # and from which on they are two: then one of them is shown, not both
TURN = 0.42  # where it goes from one to the other there,
SWIFT = 6.0  # and how much faster than elsewhere
ASTRAY = 0.006  # share of the height by which flow may contradict itself; twice as much is wrong
ALONE = 60.0  # how much faster still where it is: there one picture is shown alone


@dataclass(frozen=True, slots=True, eq=False)
class Two:
    """Two pictures that stand over each other, and the motion between them.

    Attributes:
        near: (H, W, 4) float32, the picture that the loop comes from.
        far: The one that it goes over into.
        flow: From the first to the second; None where they are faded without it.
    """

    near: F32
    far: F32
    flow: Flow | None

    def carried(self, weight: float) -> tuple[F32, F32]:
        """Both brought to the same place, so much of the way from the first to the second."""
        if self.flow is None:
            return self.near, self.far
        return (
            carried(self.near, self.flow.there, weight),
            carried(self.far, self.flow.back, 1 - weight),
        )

    def mixed(self, weight: float) -> F32:
        """The picture so much of the way from the first to the second, (H, W, 4) float32.

        Where flow that goes there and back does not come back, what it carries is torn, a ball or
        a hand that is quick mostly. Two torn pictures over each other are specks; one is a smear
        of a single frame. So there the nearer of the two is shown alone.
        """
        near, far = self.carried(weight)
        if self.flow is None:
            return mixed(near, far, weight)
        doubt = self._doubt(self.flow, weight)
        return mixed(near, far, weight, doubt)

    def _doubt(self, flow: Flow, weight: float) -> F32:
        """(H, W, 1) how wrong the motion is that carries either here, 0..1."""
        most = ASTRAY * flow.there.shape[0]
        there = (unsure(flow) / most - 1).clip(0, 1)
        back = (unsure(Flow(flow.back, flow.there)) / most - 1).clip(0, 1)
        both = np.maximum(carried(there, flow.there, weight), carried(back, flow.back, 1 - weight))
        return softened(both, both.shape[0] / 90)[..., None]


@dataclass(slots=True)
class Renderer:
    """Makes pictures of one loop.

    Attributes:
        take: Gives a source frame: (h, w, 4) float32, 0..255, colours multiplied by alpha.
        share: How much of the loop has passed at a source frame.
        lead: How frames are moved and toned.
        part: The part of the picture that frames show.
        size: Size of the whole picture.
        keep: Whether what was made is kept for the next time: small pictures, looked at often.
    """

    take: Callable[[int], F32]
    share: Callable[[int], float]
    lead: Lead
    part: Rect
    size: Size
    keep: bool = False
    _led: dict[int, F32] = field(default_factory=dict)
    _two: dict[tuple[int, int, bool], Two] = field(default_factory=dict)

    def __call__(self, blend: Blend) -> F32:
        """One frame as it is shown, (h, w, 4) float32."""
        if blend.other is None or blend.weight == 0:
            return self.led(blend.frame)
        return self.two(blend).mixed(blend.weight)

    def two(self, blend: Blend) -> Two:
        """The two pictures that a frame is made of."""
        assert blend.other is not None
        key = blend.frame, blend.other, blend.warped
        if key in self._two:
            return self._two[key]
        near, far = self.led(blend.frame), self.led(blend.other)
        two = Two(near, far, flow_between(near, far) if blend.warped else None)
        if self.keep:
            self._two[key] = two
        return two

    def rough(self, blend: Blend) -> Two:
        """The same half as large, for a first look: flow costs by the pixel."""
        assert blend.other is not None
        near, far = halved(self.led(blend.frame)), halved(self.led(blend.other))
        return Two(near, far, flow_between(near, far) if blend.warped else None)

    def led(self, frame: int) -> F32:
        """A source frame, led back and toned."""
        if frame in self._led:
            return self._led[frame]
        made = self._moved(self.take(frame), self.share(frame))
        if self.keep:
            self._led[frame] = made
        return made

    def _moved(self, picture: F32, share: float) -> F32:
        if self.lead.tones:
            picture = toned(picture, self.lead.gains(share))
        matrix = self.lead.matrix(share, self.size)
        if matrix is None:
            return picture
        x, y = self.part.x0, self.part.y0
        inner = matrix.copy()
        inner[:, 2] += matrix[:, :2] @ (x, y) - (x, y)
        return moved(picture, inner)


def mixed(near: F32, far: F32, weight: float, doubt: F32 | None = None) -> F32:
    """Go over from one picture to another that shows the same in the same place.

    Where they differ so much that they cannot show the same, both at once would be a ghost: there
    it goes over quickly, a little before half way, so that the frame half way is no ghost either.

    Args:
        near: (H, W, 4) float32, 0..255, colours multiplied by alpha.
        far: The same, as large.
        weight: How much of the way, 0..1.
        doubt: (H, W, 1) 0..1, how little it is believed that they show the same in the same place.
    """
    apart = np.abs(near - far).max(axis=2, keepdims=True) * np.float32(1 / 255)
    haste = ((apart - np.float32(SURE)) / np.float32(APART - SURE)).clip(0, 1)
    haste = softened(haste, near.shape[0] / 90) * np.float32(SWIFT - 1) + np.float32(1)
    if doubt is not None:
        haste += np.float32(ALONE) * softened(apart * doubt, near.shape[0] / 45)
    share = (weight + (haste - 1) * (weight - TURN)).clip(0, 1)
    made: F32 = near + share * (far - near)
    return made


def halved(picture: F32) -> F32:
    """A picture half as large, (H // 2, W // 2, 4) float32; one of a single pixel stays."""
    high, wide = (max(1, side // 2) for side in picture.shape[:2])
    if min(picture.shape[:2]) < 2:
        return picture
    cells = picture[: 2 * high, : 2 * wide].reshape(high, 2, wide, 2, 4)
    made: F32 = cells.mean(axis=(1, 3))
    return made


def toned(picture: F32, gains: F32) -> F32:
    """Colours multiplied by (3,) gains, no brighter than their alpha allows."""
    made = picture.copy()
    made[..., :3] = np.minimum(picture[..., :3] * gains, picture[..., 3:])
    return made


def lit(rgba: U8) -> F32:
    """Straight alpha to colours multiplied by it; (H, W, 4) uint8 to float32, 0..255."""
    made = rgba.astype(np.float32)
    made[..., :3] *= made[..., 3:] * np.float32(1 / 255)
    return made


def straight(picture: F32) -> U8:
    """Colours multiplied by alpha to straight alpha; (H, W, 4) float32 to uint8."""
    alpha = picture[..., 3:].clip(0, 255)
    colours = picture[..., :3] * (np.float32(255) / np.maximum(alpha, np.float32(1)))
    made: U8 = (np.dstack((colours, alpha)).clip(0, 255) + np.float32(0.5)).astype(np.uint8)
    return made
