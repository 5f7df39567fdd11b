"""A film as VP9 with alpha, its colours and its matte pressed by encoders of their own.

FFmpeg's encoder gives both the same quality, and encodes both again for every try of a size. But
the two are different things: a matte that is half as exact looks the same long after a face has
turned to blocks. So each has its own crf here, what was encoded once is kept, and the two meet in
the container, where the matte rides along as each block's addition.

Measured on a dancer with the grain of a phone (512x512, 90 frames; luma PSNR within the subject,
whose grain alone is 32 dB; times of two threads on a shared machine, so read them against each
other):

    colours              kB     PSNR    s        matte              kB    |error| at soft edges  s
    good/5,  crf 32     317     33.6   2.9       good/4, crf 8     432    0.9 of 255            1.3
    good/4,  crf 32     394     33.9   2.4       good/4, crf 16    286    1.6                   1.5
    realtime/8, crf 32  439     33.9   0.5       good/4, crf 28    180    2.6                   1.5
    good/5,  crf 40     120     32.5   2.2       good/4, crf 36    120    3.8                   1.5
    realtime/8, crf 40  177     32.7   0.4       realtime/8, 28    199    2.8                   0.3

Over the whole subject the mean error of a matte is a tenth of that, so every crf up to
ALPHA_CRF_MOST keeps this mean well below 2/255. One pass of libvpx knows no hidden frames: neither
look-ahead nor alt-ref changes a byte.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from functools import cached_property, partial
from pathlib import Path
from typing import Literal, cast

import av
from av.packet import PacketSideData
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from streaming.frames import Patch, Rect, Size
from streaming.media.film import Film
from streaming.media.inlay import BLANK, Inlay, inlay_of, lay
from streaming.media.planes import BT709, LIMITED, plane, tag
from streaming.media.recipes import WebmRecipe
from streaming.media.reel import Reel, ReelWriter
from streaming.media.timing import MILLISECOND
from streaming.media.whole import telling
from streaming.threads import together

__all__ = ["ALPHA_CRF_MOST", "WebmPress", "write_webm"]

ALPHA_CRF_MOST = 40

BLOCK_ADDITION = 15  # FFmpeg's number of this kind of side data (libavcodec/packet.h)
ALPHA_ID = (1).to_bytes(8, "big")  # BlockAddID 1 is alpha (WebM's container guidelines)

Part = Literal["colours", "matte"]
SPEED = {
    ("colours", "good"): ("good", "5"),
    ("matte", "good"): ("good", "4"),
    ("colours", "fast"): ("realtime", "7"),
    ("matte", "fast"): ("realtime", "7"),
}


def write_webm(path: Path, film: Film, recipe: WebmRecipe, *, replace: bool = False) -> None:
    """Write a film as VP9 with alpha: bt709, no sound, times to the millisecond.

    Args:
        path: Its final name, ending in .webm.
        film: What to write.
        recipe: How.
        replace: Whether an existing file may be replaced.

    Raises:
        OutputError: The file cannot be written.
    """
    WebmPress(film).write(path, recipe, replace=replace)


class WebmPress:
    """Writes one film over and over, encoding only what another recipe changes.

    Args:
        film: What to write; its mattes are taken with nearly-nothing and nearly-all snapped.
    """

    def __init__(self, film: Film) -> None:
        self._film = film
        self._done: dict[tuple[Part, int, str], tuple[bytes, ...]] = {}

    def write(self, path: Path, recipe: WebmRecipe, *, replace: bool = False) -> None:
        """Write it once; see `write_webm`."""
        with telling(path):
            _ = self._inlays  # both encoders draw them
            colours, matte = together(
                partial(self._encoded, "colours", recipe.crf, recipe.effort),
                partial(self._encoded, "matte", recipe.alpha_crf, recipe.effort),
                name="matte",
            )
        with _WebmFile(path, self._film, replace=replace) as file:
            file.fill(colours, matte)

    def _encoded(self, part: Part, crf: int, effort: str) -> tuple[bytes, ...]:
        key = (part, crf, effort)
        if key not in self._done:
            draw = _colours if part == "colours" else _matte
            deadline, speed = SPEED[part, effort]
            frames = (draw(each, self._film.size) for each in self._inlays)
            self._done[key] = _encoded(frames, self._film, deadline, speed, crf)
        return self._done[key]

    @cached_property
    def _inlays(self) -> tuple[Inlay | None, ...]:
        return tuple(inlay_of(Patch.of(each)) for each in self._film.frames)


def _colours(subject: Inlay | None, size: Size) -> av.VideoFrame:
    frame = tag(av.VideoFrame(size.width, size.height, "yuv420p"))
    for index in range(3):
        plane(frame, index)[:] = BLANK[index]
    if subject is not None:
        lay(subject, frame, Rect.whole(size))
    return frame


def _matte(subject: Inlay | None, size: Size) -> av.VideoFrame:
    """The matte as brightness, as it is: a decoder of alpha knows no limited range."""
    frame = tag(av.VideoFrame(size.width, size.height, "yuv420p"))
    for index, value in enumerate((0, 128, 128)):
        plane(frame, index)[:] = value
    if subject is not None:
        seen = subject.rect.within(Rect.whole(size))
        plane(frame, 0)[seen.slices()] = subject.planes[3][seen.slices(of=subject.rect)]
    return frame


def _encoded(
    frames: Iterator[av.VideoFrame], film: Film, deadline: str, speed: str, crf: int
) -> tuple[bytes, ...]:
    """One packet for each frame, in order; the first alone needs no other."""
    codec = _encoder(film.size, deadline, speed, crf)
    packets: list[av.Packet] = []
    ticks = -1
    for frame, time_s in zip(frames, film.times_s, strict=True):
        ticks = max(round(time_s / MILLISECOND), ticks + 1)
        frame.pts, frame.time_base = ticks, MILLISECOND
        packets.extend(codec.encode(frame))
    packets.extend(codec.encode(None))
    return tuple(bytes(each) for each in packets)


def _encoder(size: Size, deadline: str, speed: str, crf: int) -> VideoCodecContext:
    codec: VideoCodecContext = av.CodecContext.create("libvpx-vp9", "w")
    codec.width, codec.height, codec.pix_fmt = size.width, size.height, "yuv420p"
    codec.time_base, codec.framerate = MILLISECOND, Fraction(0)
    codec.thread_count = 2
    codec.color_primaries = codec.color_trc = codec.colorspace = BT709
    codec.color_range = LIMITED
    quality = {"crf": str(crf), "b": "0", "g": "9999", "lag-in-frames": "0", "auto-alt-ref": "0"}
    threads = {"row-mt": "1", "tile-columns": "1"}
    codec.options = {"deadline": deadline, "cpu-used": speed, **quality, **threads}
    return codec


class _WebmFile(ReelWriter):
    """A WEBM that is being put together from packets; a context manager."""

    def __init__(self, path: Path, film: Film, *, replace: bool) -> None:
        self._durations = film.whole_durations(MILLISECOND)
        self._reel = Reel(path, format="webm", replace=replace)
        stream = self._reel.into.add_stream("libvpx-vp9")
        assert isinstance(stream, VideoStream)  # the name of an encoder for pictures was given
        context = stream.codec_context
        context.width, context.height, context.pix_fmt = (
            film.size.width,
            film.size.height,
            "yuva420p",
        )
        context.time_base, context.framerate = MILLISECOND, _rate(film)
        context.color_primaries = context.color_trc = context.colorspace = BT709
        context.color_range = LIMITED
        self._stream = stream

    def fill(self, colours: tuple[bytes, ...], matte: tuple[bytes, ...]) -> None:
        """Write every packet and give the file its name."""
        ticks = 0
        with telling(self._reel.path):
            for colour, alpha, duration in zip(colours, matte, self._durations, strict=True):
                packet = _block(colour, alpha)
                packet.stream, packet.time_base = self._stream, MILLISECOND
                packet.pts = packet.dts = ticks
                packet.duration, packet.is_keyframe = duration, ticks == 0
                self._reel.into.mux(packet)
                ticks += duration
        self._reel.keep()


def _rate(film: Film) -> Fraction:
    """Frames a second where they come evenly, to be stated in the file; else 0."""
    durations_s = film.durations_s
    even = len(durations_s) > 1 and max(durations_s) - min(durations_s) < MILLISECOND
    return len(durations_s) / film.duration_s if even else Fraction(0)


def _block(colour: bytes, alpha: bytes) -> av.Packet:
    packet: av.Packet = av.Packet(colour)
    make = cast(Callable[[int, int], PacketSideData], PacketSideData)  # its stub knows no arguments
    addition = make(BLOCK_ADDITION, len(ALPHA_ID) + len(alpha))
    addition.update(ALPHA_ID + alpha)
    addition.to_packet(packet)
    return packet
