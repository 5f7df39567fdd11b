"""One video stream of a file being written, with the times its frames really have.

A frame's duration is known when the next one comes, so one frame is held back; the last one lasts
until the end that the caller names. That makes a container's duration exact, which is what decides
whether a loop that plays over and over stumbles. Nothing is ever rounded to a frame rate.
"""

from collections.abc import Mapping
from fractions import Fraction

import av
from av.container import OutputContainer
from av.video.stream import VideoStream

from streaming.frames import Size
from streaming.media.planes import BT709, FULL, LIMITED

__all__ = ["VideoTrack"]


class VideoTrack:
    """Encodes frames into one stream of an open container.

    Args:
        into: The container; it must outlive the track.
        codec: FFmpeg's name of the encoder.
        size: Size of the frames.
        pixels: Their pixel format.
        options: The encoder's options.
        time_base_s: Unit of the stream's times.
        full_range: Whether values span 0..255 rather than 16..235.
    """

    def __init__(
        self,
        into: OutputContainer,
        codec: str,
        *,
        size: Size,
        pixels: str,
        options: Mapping[str, str],
        time_base_s: Fraction,
        full_range: bool = False,
    ) -> None:
        self._into = into
        self._base = time_base_s
        self._held: av.VideoFrame | None = None
        self._last = -1
        self._durations: dict[int, int] = {}
        self._stream = _video_stream(into, codec, options)
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = size.width, size.height, pixels
        context.time_base = time_base_s
        context.thread_count = 1  # encoding shares the machine with the network
        context.colorspace = context.color_primaries = context.color_trc = BT709
        context.color_range = FULL if full_range else LIMITED

    def write(self, frame: av.VideoFrame, time_s: Fraction) -> None:
        """Take the next frame.

        Args:
            frame: Its pixels, which must not change until the next call has returned.
            time_s: When it is shown; later than the one before.

        Raises:
            ValueError: Two frames fall on the same tick, or go backwards.
        """
        ticks = round(time_s / self._base)
        if ticks <= self._last:
            raise ValueError(f"frame at {float(time_s):.6f} s does not come after the one before")
        self._encode_held(ticks)
        frame.pts, frame.time_base = ticks, self._base
        self._held, self._last = frame, ticks

    def end(self, end_s: Fraction) -> None:
        """Write what is held; the last frame is shown until `end_s`."""
        self._encode_held(max(round(end_s / self._base), self._last + 1))
        self._held = None
        self._mux(self._stream.encode(None))

    def _encode_held(self, until: int) -> None:
        if self._held is None:
            return
        self._held.duration = until - self._last
        self._durations[self._last] = until - self._last
        self._mux(self._stream.encode(self._held))

    def _mux(self, packets: list[av.Packet]) -> None:
        for packet in packets:
            ticks = round(packet.pts * packet.time_base / self._base)
            known = self._durations.pop(ticks) * self._base
            packet.duration = round(known / packet.time_base)
            self._into.mux(packet)


def _video_stream(into: OutputContainer, codec: str, options: Mapping[str, str]) -> VideoStream:
    stream = into.add_stream(codec, options=dict(options))
    assert isinstance(stream, VideoStream)  # the name of an encoder for pictures was given
    return stream
