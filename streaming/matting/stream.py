"""The matting of one stream: frames in, the same frames with their mattes out.

The network sees each frame at a coarse size and remembers the ones before. Its memory belongs to
one stream and one scene: a cut makes it forget (what it remembers is no longer there), a change of
the picture's size builds it anew. An input that carries its own alpha needs no network at all.

The frame is shrunk with Lanczos: what averaging loses costs the matte up to 10 % of its accuracy
(MAD x1000 at 256 px on a dancer of known alpha: area 10.4, bicubic 9.8, Lanczos 9.3; at 512 px they
are equal).

What comes out holds the matte at the coarse size, which is all that the search for loops needs;
`Matted.cutout` makes the full-size one for whoever writes or shows the frame.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from streaming.frames import U8, Frame, Patch, Picture, Rect, Size, read_only
from streaming.matting.edges import cleaned
from streaming.matting.guided import Coefficients, refine, refine_matte
from streaming.matting.runtime import Runtime, Step
from streaming.settings import MattingSettings

__all__ = [
    "CutDetector",
    "Matted",
    "NetworkMatting",
    "SourceMatting",
    "coarse_size",
    "refined",
    "sketched",
]

LONG_SIDE = {"live": 384, "fast": 256, "balanced": 384, "best": 512}
"""Long side of the network's picture; the authors advise 256 to 512 px."""


def coarse_size(frame: Size, settings: MattingSettings) -> Size:
    """The size of the picture that the network sees; never larger than the frame."""
    ratio = settings.downsample_ratio
    if ratio is None:
        ratio = min(1.0, LONG_SIDE[settings.quality] / max(frame.width, frame.height))
    return Size(max(16, round(frame.width * ratio)), max(16, round(frame.height * ratio)))


@dataclass(frozen=True, slots=True, eq=False)
class Matted:
    """One frame and its matte.

    Attributes:
        frame: The frame as it came.
        look: (h, w, 4) uint8, the subject's colours and matte at the coarse size, straight alpha.
        coefficients: What full-size refinement needs; None where `look` has the full size or the
            matte is the source's own.
        runtime: Refines; None where the matte is the source's own.
        cut: Whether a new scene starts here.
        whole: Whether the whole picture is the subject, whatever alpha the source has.
    """

    frame: Frame
    look: U8
    coefficients: Coefficients | None
    runtime: Runtime | None
    cut: bool = False
    whole: bool = False

    @property
    def own(self) -> bool:
        """Whether the matte is the picture's own."""
        return self.runtime is None

    def cutout(self, size: Size) -> U8 | None:
        """The matte at `size`, if it must be calculated.

        Args:
            size: What is wanted; the frame is scaled to it first.

        Returns:
            (H, W, 4) uint8, the subject's colours and straight alpha. None where the picture
            itself is the answer.
        """
        subject = self.subject(size)
        return None if subject is None else subject.whole()

    def subject(self, size: Size) -> Patch | None:
        """The same as `cutout`, but only the part that can hold the subject."""
        if self.runtime is None:
            return None
        if self.coefficients is None:
            return Patch.of(self.look)
        return refined(self.frame.picture, size, self.coefficients, self.runtime)


def sketched(item: Matted, size: Size) -> tuple[U8, Rect] | None:
    """The matte of a frame at `size`, without colours, and the part of the frame that it is of.

    None where no guided filter is needed for it.
    """
    if item.runtime is None or item.coefficients is None:
        return None
    reach = item.coefficients.reach(size)
    rgb = _colours(item.frame.picture, size, reach)
    return refine_matte(rgb, item.coefficients, size), reach


def _colours(picture: Picture, size: Size, rect: Rect) -> U8:
    return picture.part(rect) if picture.size == size else picture.rgb(size)[rect.slices()]


def refined(
    picture: Picture, size: Size, coefficients: Coefficients, runtime: Runtime | None
) -> Patch:
    """A frame's matte at `size`, only where it can hold the subject.

    Args:
        picture: The frame; scaled to `size` first.
        size: What is wanted.
        coefficients: What the network left for it.
        runtime: Does the work; None for this core.
    """
    reach = coefficients.reach(size)
    rgb = _colours(picture, size, reach)
    by = refine if runtime is None else runtime.refine
    return Patch(cleaned(by(rgb, coefficients, size), size), reach, size)


class CutDetector:
    """Tells a new scene from motion by a jump in a tiny picture of the frame.

    A cut changes most of the picture at once; a person who moves changes a part of it, and a slow
    fade changes little at a time. So the step must be large, and large beside recent ones.
    """

    LEAST = 0.12  # mean change of all colours, 0..1
    TIMES = 4.0  # beside the running mean of ordinary steps
    SIDE = 32

    def __init__(self) -> None:
        self._before: np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None = None
        self._ordinary = 0.0

    @property
    def first(self) -> bool:
        """Whether nothing has been seen yet."""
        return self._before is None

    def is_cut(self, rgb: U8) -> bool:
        """Whether `rgb`, (h, w, 3) uint8, starts a new scene."""
        rows = np.linspace(0, rgb.shape[0], self.SIDE + 1).astype(int)[:-1]
        columns = np.linspace(0, rgb.shape[1], self.SIDE + 1).astype(int)[:-1]
        sums = np.add.reduceat(np.add.reduceat(rgb, rows, 0, np.float32), columns, 1)
        tiny = sums / (255 * rgb.shape[0] * rgb.shape[1] / self.SIDE**2)
        before, self._before = self._before, tiny
        if before is None or before.shape != tiny.shape:
            return before is not None
        step = float(np.abs(tiny - before).mean())
        cut = step > self.LEAST and step > self.TIMES * self._ordinary
        if not cut:
            self._ordinary += 0.2 * (step - self._ordinary)
        return cut


class NetworkMatting:
    """Mattes a stream with the network; a stage from `Frame` to `Matted`.

    Args:
        settings: Quality and the network's size.
        build: Makes the runtime for a coarse size; told whether coefficients are wanted. Called at
            the first frame and whenever the picture's size changes.
        pick: Chooses the coarse size for a size of frames; None goes by the settings.
    """

    def __init__(
        self,
        settings: MattingSettings,
        build: Callable[[Size, bool], Runtime],
        pick: Callable[[Size], Size] | None = None,
    ) -> None:
        self._build = build
        self._pick = pick or (lambda size: coarse_size(size, settings))
        self._size: Size | None = None
        self._coarse = Size(1, 1)
        self._runtime: Runtime | None = None
        self._cuts = CutDetector()
        self._waiting: deque[tuple[Frame, bool]] = deque()
        self.cuts = 0

    def prepare(self, size: Size) -> str:
        """Build the network for frames of `size`, before the first one comes; say what runs it."""
        return self._runtime_for(size).name

    def push(self, item: Frame, /) -> Iterator[Matted]:
        """Take one frame; give the one whose matte is ready."""
        if item.picture.size != self._size:
            yield from self.flush()
        runtime = self._runtime_for(item.picture.size)
        rgb = item.picture.rgb(self._coarse, sharp=True)
        first = self._cuts.first
        cut = self._cuts.is_cut(rgb)
        self.cuts += cut
        self._waiting.append((item, cut))
        yield from self._matted(runtime.push(rgb, fresh=cut or first))

    def flush(self) -> Iterator[Matted]:
        """Give the frame whose matte is still being made."""
        if self._runtime is not None:
            yield from self._matted(self._runtime.flush())

    def _matted(self, steps: Iterable[Step]) -> Iterator[Matted]:
        for step in steps:
            frame, cut = self._waiting.popleft()
            coefficients = None
            if step.planes is not None:
                coefficients = Coefficients.around(step.planes, step.rgba[:, :, 3])
            yield Matted(frame, step.rgba, coefficients, self._runtime, cut)

    def _runtime_for(self, size: Size) -> Runtime:
        if size != self._size or self._runtime is None:
            self._size = size
            self._coarse = self._pick(size)
            self._runtime = self._build(self._coarse, self._coarse != size)
            self._cuts = CutDetector()
        return self._runtime


class SourceMatting:
    """Takes the source's own alpha, or the whole picture; a stage from `Frame` to `Matted`.

    Args:
        settings: The size of the small matte.
        whole: Take the whole picture, even where the source has alpha.
    """

    def __init__(self, settings: MattingSettings, *, whole: bool) -> None:
        self._settings = settings
        self._whole = whole
        self._cuts = CutDetector()

    def prepare(self, size: Size) -> str:
        """Nothing to build; say where the matte comes from."""
        return "the whole picture" if self._whole else "the source's own alpha"

    def push(self, item: Frame, /) -> Iterable[Matted]:
        """Give one frame its own matte."""
        size = coarse_size(item.picture.size, self._settings)
        rgb, alpha = item.picture.rgb(size), item.picture.alpha(size)
        if self._whole:
            alpha = np.full_like(alpha, 255)
        look = read_only(np.dstack([rgb, alpha]))
        yield Matted(item, look, None, None, self._cuts.is_cut(rgb), self._whole)

    def flush(self) -> Iterable[Matted]:
        """Nothing is held back."""
        return ()
