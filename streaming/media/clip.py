"""Reading a container with FFmpeg: a video file, an animation, a stream or a camera.

Size, turn, transparency and rate are not all written in a header, so opening reads a few packets
and decodes the first frame; both are handed on when the frames are asked for, and nothing is read
twice (a stream could not be). From then on one packet is read at a time.
"""

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice

import av
import numpy as np
from av.packet import Packet
from av.video.stream import VideoStream

from streaming.frames import Size
from streaming.media.declared import best_video, expected_frames, length_of, origin_of, rate_of
from streaming.media.decoding import Decoder, carries_alpha
from streaming.media.opening import FOREIGN, Address, open_container, telling_input
from streaming.media.reader import Shot, SourceInfo, check_pixels
from streaming.media.shaping import Shaper, upright_size
from streaming.media.timing import InOrder
from streaming.media.upright import AS_IT_IS
from streaming.settings import SourceSettings

__all__ = ["ClipReader"]

PEEKED_PACKETS = 12
ALPHA_LOOK = 8  # frames of an animation that are looked at for a transparent pixel
SEEK_MARGIN_S = Fraction(1, 2)  # some containers land behind the key frame that was asked for
# These formats decode to RGBA whether or not any pixel is transparent.
ALWAYS_RGBA = ("gif", "apng", "png")


@dataclass(frozen=True, slots=True, eq=False)
class _Decoded:
    """A frame out of the decoder with its stated time."""

    frame: av.VideoFrame
    time_s: Fraction | None
    duration_s: Fraction | None


class ClipReader:
    """A container, opened; frames come out upright and in order of showing.

    Args:
        address: Where it is.
        settings: What of it to read, and how large its pictures may be.

    Raises:
        InputError: It cannot be opened, holds no video, or its pictures are too large.
    """

    def __init__(self, address: Address, settings: SourceSettings) -> None:
        self._address = address
        self._settings = settings
        self._container = open_container(address)
        try:
            with telling_input(address):
                self._prepare()
        except BaseException:
            self._container.close()
            raise

    @property
    def info(self) -> SourceInfo:
        """What is known beforehand."""
        return self._info

    @property
    def skipped(self) -> int:
        """Damaged frames so far."""
        return self._decoder.skipped

    @property
    def format(self) -> str:
        """The container's format and the codec in it."""
        short = self._container.format.name.split(",")[0]
        return f"{short}, {self._stream.codec_context.name}"

    def shots(self) -> Iterator[Shot]:
        """Every picture from about the start on, in order of showing."""
        waiting: deque[_Decoded] = deque()
        while True:
            decoded = self._primed.popleft() if self._primed else next(self._frames, None)
            if decoded is None:
                break
            seen = Size(decoded.frame.width, decoded.frame.height)
            check_pixels(self._info.name, seen, self._settings.max_pixels)
            waiting.append(decoded)
            for picture in self._shaper.push(decoded.frame, self._aspect()):
                stated = waiting.popleft()
                yield Shot(stated.time_s, stated.duration_s, picture)
        for picture in self._shaper.flush():
            stated = waiting.popleft()
            yield Shot(stated.time_s, stated.duration_s, picture)

    def notes(self) -> list[str]:
        """What was odd, in sentences."""
        notes = []
        if self._shaper.pose is not AS_IT_IS:
            notes.append(f"The picture is {self._shaper.pose.done}, as the file asks.")
        if self._shaper.deinterlaced:
            notes.append("The video is interlaced; its frames were deinterlaced.")
        if self._shaper.hdr:
            notes.append("The video is HDR or wide-gamut; its colours were mapped to SDR.")
        if self._shaper.resized:
            sizes = ", ".join(sorted(str(each) for each in self._shaper.resized))
            notes.append(f"The frame size changes ({sizes}); all were fitted to {self._info.size}.")
        if self._broken is not None:
            notes.append(f"Reading stopped early: {self._broken}.")
        return notes

    def close(self) -> None:
        """Let go of the input, and of the decoder's threads with the last of us."""
        self._frames.close()
        self._packets.close()  # one that waits holds on to us, as we do to it
        self._container.close()

    def _prepare(self) -> None:
        self._broken: str | None = None
        stream = best_video(self._container, self._address.name)
        self._stream = stream
        if stream.width and stream.height:
            coded = Size(stream.width, stream.height)
            check_pixels(self._address.name, coded, self._settings.max_pixels)
        self._origin_s = origin_of(self._container, stream)
        self._seek()
        self._packets = self._demuxed()
        self._peeked = deque(islice(self._packets, PEEKED_PACKETS))
        self._rate = rate_of(self._stream, self._peeked)
        alpha = carries_alpha(self._stream, self._peeked)
        self._decoder = Decoder(self._stream, alpha=alpha, max_pixels=self._settings.max_pixels)
        self._in_order = InOrder() if self._container.format.name == "avi" else None
        self._frames = self._decoded()
        self._primed = self._prime()
        size = self._true_size()
        check_pixels(self._address.name, size, self._settings.max_pixels)
        self._info = self._known(size, alpha or self._sees_alpha())
        self._shaper = Shaper(size, alpha=self._info.has_alpha)

    def _seek(self) -> None:
        """Go to the key frame before the start; where that fails, frames are dropped instead."""
        start = self._settings.start_s
        tick = self._stream.time_base
        if start is None or start <= SEEK_MARGIN_S or tick is None or self._address.live:
            return
        target = start - SEEK_MARGIN_S + self._origin_s
        try:
            self._container.seek(int(target / tick), stream=self._stream)
        except FOREIGN:
            self._container.close()
            self._container = open_container(self._address)
            self._stream = best_video(self._container, self._address.name)

    def _demuxed(self) -> Generator["Packet[VideoStream]", None, None]:
        """Packets until the end or until the container breaks."""
        packets = self._container.demux(self._stream)
        while True:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except FOREIGN as error:
                said = getattr(error, "strerror", None) or str(error)
                self._broken = f"the {self._address.kind} cannot be read further ({said})"
                return
            if packet.size:
                yield packet

    def _decoded(self) -> Generator[_Decoded, None, None]:
        """Frames of the peeked packets, of those that follow, and of what was held back."""
        peeked = self._peeked
        while peeked:
            yield from self._sent(peeked.popleft())
        for packet in self._packets:
            if self._decoder.hopeless:
                self._broken = f"{self._decoder.skipped} damaged frames in a row"
                break
            yield from self._sent(packet)
        yield from self._timed(self._decoder.decode(None))

    def _sent(self, packet: "Packet[VideoStream]") -> Iterator[_Decoded]:
        if self._in_order is not None and packet.dts is not None:
            self._in_order.sent(packet.dts)
        before = self._decoder.skipped
        yield from self._timed(self._decoder.decode(packet))
        if self._in_order is not None and self._decoder.skipped > before:
            self._in_order.lost()

    def _timed(self, frames: Iterator[av.VideoFrame]) -> Iterator[_Decoded]:
        tick = self._stream.time_base or Fraction(1, 1000)
        for frame in frames:
            stamp = frame.pts if self._in_order is None else self._in_order.shown()
            time = None if stamp is None else stamp * tick - self._origin_s
            yield _Decoded(frame, time, frame.duration * tick if frame.duration else None)

    def _prime(self) -> deque[_Decoded]:
        """The first frame, or as many as it takes to know whether an animation has holes."""
        wanted = ALPHA_LOOK if self._stream.codec_context.name in ALWAYS_RGBA else 1
        primed: deque[_Decoded] = deque()
        while len(primed) < wanted:
            decoded = next(self._frames, None)
            if decoded is None:
                break
            primed.append(decoded)
        return primed

    def _sees_alpha(self) -> bool:
        """Whether the decoded format has alpha, and for animations whether it is used."""
        if not self._primed:
            return False
        if self._stream.codec_context.name in ALWAYS_RGBA:
            return any(_has_holes(each.frame) for each in self._primed)
        return any(part.is_alpha for part in self._primed[0].frame.format.components)

    def _true_size(self) -> Size:
        if self._primed:
            return upright_size(self._primed[0].frame, self._aspect())
        return Size(max(1, self._stream.width), max(1, self._stream.height))

    def _aspect(self) -> Fraction | None:
        stated = self._stream.sample_aspect_ratio or self._stream.codec_context.sample_aspect_ratio
        return Fraction(stated) if stated else None

    def _known(self, size: Size, alpha: bool) -> SourceInfo:
        length = None if self._address.live else length_of(self._container, self._stream)
        return SourceInfo(
            name=self._address.name,
            kind=self._address.kind,
            path=self._address.path,
            size=size,
            rate=self._rate,
            frames=expected_frames(self._stream.frames, length, self._rate, self._settings),
            duration_s=length,
            has_alpha=alpha,
            has_audio=bool(self._container.streams.audio),
            live=self._address.live,
            origin_s=self._origin_s,
        )


def _has_holes(frame: av.VideoFrame) -> bool:
    """Whether any pixel of an RGBA or palette frame is not opaque."""
    if not (frame.format.has_palette or any(each.is_alpha for each in frame.format.components)):
        return False
    return bool(np.any(frame.to_ndarray(format="rgba")[..., 3] < 255))
