"""From a decoder's frame to a picture that the engine keeps: upright, square pixels, 8 bit, SDR.

Most frames need nothing and pass untouched. The others go through at most two machines. A filter
graph deinterlaces and turns (it is built when the first such frame comes, and again when frames
change), then one pass of swscale changes format and size together.

High dynamic range is brought down by swscale itself, which since FFmpeg 8 maps tones and colours
when it is told a target transfer and target primaries: the wheel has no zscale, and the chain of
the `tonemap` filter through linear float costs ten times as much. Its table takes about two seconds
to make, once per stream, and then 25 ns per pixel. The target is sRGB's curve: frames are looked at
on screens and handed out as sRGB.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

import av
from av.filter import Graph
from av.video.reformatter import ColorPrimaries, ColorRange, ColorTrc, Interpolation
from av.video.reformatter import VideoReformatter as Scaler

from streaming.frames import U8, Size
from streaming.media.bleed import bleed
from streaming.media.filters import GRAPH_CLOCK, chain, filtered
from streaming.media.picture import (
    BT709,
    KEPT_FORMATS,
    TO_RGB_UNSCALED,
    TO_YUV,
    AvPicture,
    matrix_of,
)
from streaming.media.upright import AS_IT_IS, Pose, pose_of, square

__all__ = ["Shaper", "upright_size"]

HDR_CURVES = (int(ColorTrc.SMPTE2084), int(ColorTrc.ARIB_STD_B67))
WIDE_GAMUTS = (int(ColorPrimaries.BT2020),)
SAME_SHAPE = 0.02  # a change of aspect below this is stretched, not padded


@dataclass(frozen=True, slots=True)
class _Form:
    """What a filter graph is built for."""

    format: str
    size: Size
    aspect: Fraction
    deinterlace: bool
    pose: Pose

    @property
    def plain(self) -> bool:
        return not self.deinterlace and self.pose is AS_IT_IS


@dataclass(frozen=True, slots=True)
class _Colours:
    """The tags that a filter graph may drop."""

    matrix: int
    range: int
    curve: int
    primaries: int

    @classmethod
    def of(cls, frame: av.VideoFrame) -> "_Colours":
        full = "yuvj" in frame.format.name
        return cls(
            frame.colorspace,
            ColorRange.JPEG if full else frame.color_range,
            frame.color_trc,
            frame.color_primaries,
        )

    def put_on(self, frame: av.VideoFrame) -> None:
        frame.colorspace, frame.color_range = self.matrix, self.range
        frame.color_trc, frame.color_primaries = self.curve, self.primaries

    @property
    def beyond_sdr(self) -> bool:
        return self.curve in HDR_CURVES or self.primaries in WIDE_GAMUTS


def upright_size(frame: av.VideoFrame, aspect: Fraction | None) -> Size:
    """The size that a decoder's frame has once it is upright with square pixels."""
    flat = square(Size(frame.width, frame.height), aspect)
    return Size(flat.height, flat.width) if pose_of(frame).swaps else flat


class Shaper:
    """Turns frames into pictures of one size, one for one and in order.

    Args:
        size: What every picture is to measure.
        alpha: Whether pictures carry alpha.

    Attributes:
        deinterlaced: Whether interlaced frames were met.
        hdr: Whether frames beyond SDR were met.
        resized: The other sizes that were met.
        pose: How frames are turned.
    """

    def __init__(self, size: Size, *, alpha: bool) -> None:
        self.deinterlaced = False
        self.hdr = False
        self.resized: set[Size] = set()
        self.pose = AS_IT_IS
        self._size = size
        self._alpha = alpha
        self._form: _Form | None = None
        self._graph: Graph | None = None
        self._rotation: int | None = None
        self._colours: deque[_Colours] = deque()
        self._scaler = Scaler()  # one thread shapes, so its tables are kept

    def push(self, frame: av.VideoFrame, aspect: Fraction | None) -> Iterator[AvPicture]:
        """Take one frame; give those that are ready, which may be earlier ones.

        Args:
            frame: As decoded.
            aspect: Width of its pixels by their height, where known.
        """
        form = self._form_of(frame, aspect or Fraction(1))
        if form != self._form:
            yield from self.flush()
            self._form = form
            self._graph = None if form.plain else _graph_for(form)
        colours = _Colours.of(frame)
        if self._graph is None:
            yield self._kept(frame, colours)
            return
        self._colours.append(colours)
        frame.pts, frame.time_base = None, GRAPH_CLOCK
        self._graph.vpush(frame)
        yield from self._pull()

    def flush(self) -> Iterator[AvPicture]:
        """Give what the filters still hold."""
        if self._graph is not None:
            self._graph.vpush(None)
            yield from self._pull()
            self._graph = None
            self._form = None

    def _form_of(self, frame: av.VideoFrame, aspect: Fraction) -> _Form:
        if frame.rotation != self._rotation:  # see `pose_of` for why it is not called every time
            self._rotation = frame.rotation
            self.pose = pose_of(frame)
        self.deinterlaced = self.deinterlaced or frame.interlaced_frame
        size = Size(frame.width, frame.height)
        return _Form(frame.format.name, size, aspect, self.deinterlaced, self.pose)

    def _pull(self) -> Iterator[AvPicture]:
        assert self._graph is not None
        while True:
            try:
                frame = self._graph.vpull()
            except (av.error.BlockingIOError, av.error.EOFError):
                return
            yield self._kept(frame, self._colours.popleft())

    def _kept(self, frame: av.VideoFrame, colours: _Colours) -> AvPicture:
        assert self._form is not None
        frame = self._padded(frame)
        colours.put_on(frame)
        if colours.beyond_sdr and not _is_rgb(frame):
            self.hdr = True
            frame = self._toned(frame)
        wanted = self._format_for(frame)
        size = Size(frame.width, frame.height)
        if size != self._size or frame.format.name != wanted:
            frame = self._converted(frame, wanted)
        if wanted == "rgba":
            return AvPicture.of(bleed(cast(U8, frame.to_ndarray())))
        return AvPicture(frame)

    def _format_for(self, frame: av.VideoFrame) -> str:
        return KEPT_FORMATS[2 * _is_rgb(frame) + self._alpha]

    def _toned(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Map what is brighter or more colourful than a screen onto what it can show."""
        return self._scaler.reformat(
            frame,
            format="yuva420p" if self._alpha else "yuv420p",
            dst_colorspace=BT709,
            dst_color_range=ColorRange.MPEG,
            dst_color_trc=ColorTrc.IEC61966_2_1,
            dst_color_primaries=ColorPrimaries.BT709,
            interpolation=Interpolation.BILINEAR,
            threads=1,
        )

    def _converted(self, frame: av.VideoFrame, wanted: str) -> av.VideoFrame:
        rgb = _is_rgb(frame)
        matrix = matrix_of(frame.colorspace, frame.height)
        if not rgb:
            frame.colorspace = matrix
        return Scaler().reformat(
            frame,
            self._size.width,
            self._size.height,
            wanted,
            dst_colorspace=None if rgb else matrix,
            src_color_range=None if rgb else frame.color_range or ColorRange.MPEG,
            dst_color_range=None if rgb else ColorRange.MPEG,
            interpolation=TO_RGB_UNSCALED if rgb else TO_YUV,
            threads=1,
        )

    def _padded(self, frame: av.VideoFrame) -> av.VideoFrame:
        """Where the stream changed its shape, bars keep the proportions of what is seen."""
        assert self._form is not None
        flat = square(self._form.size, self._form.aspect)
        seen = Size(flat.height, flat.width) if self._form.pose.swaps else flat
        if seen == self._size:
            return frame
        self.resized.add(seen)
        ratio = Fraction(self._size.width * seen.height, self._size.height * seen.width)
        if abs(ratio - 1) < SAME_SHAPE:
            return frame
        width = max(frame.width, round(frame.width * ratio))
        height = max(frame.height, round(frame.height / ratio))
        return filtered(frame, f"pad={width}:{height}:-1:-1")


def _is_rgb(frame: av.VideoFrame) -> bool:
    """Whether the pixels are RGB or grey rather than YUV."""
    form = frame.format
    return bool(form.is_rgb) or form.has_palette or form.name.startswith(("gray", "ya", "mono"))


def _graph_for(form: _Form) -> Graph:
    filters = list(form.pose.filters)
    if form.deinterlace:
        filters.insert(0, "bwdif=mode=send_frame:parity=auto:deint=interlaced")
    return chain(form.format, form.size, filters)
