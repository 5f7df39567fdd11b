"""One video stream of a file being written, with the times its frames really have.

A frame's duration is known when the next one comes, so one frame is held back; the last one lasts
until the end that the caller names. That makes a container's duration exact, which is what decides
whether a loop that plays over and over stumbles. Nothing is ever rounded to a frame rate.
"""

from collections.abc import Callable, Mapping
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
        matrix: The colour matrix, as H.273 numbers them.
        full_range: Whether values span 0..255 rather than 16..235.
        mux: Where packets go, straight into the container unless told otherwise.
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
        matrix: int = BT709,
        full_range: bool = False,
        mux: Callable[[av.Packet], object] | None = None,
    ) -> None:
        self._mux_one = mux or into.mux
        self._base = time_base_s
        self._held: av.VideoFrame | None = None
        self._last = -1
        self._last_s: Fraction | None = None
        self._durations: dict[int, int] = {}
        self._stream = _video_stream(into, codec, options)
        context = self._stream.codec_context
        context.width, context.height, context.pix_fmt = size.width, size.height, pixels
        context.time_base = time_base_s
        context.framerate = Fraction(0)  # PyAV says 24 unless told, and the file would state it
        context.thread_count = 1  # encoding shares the machine with the network
        context.color_primaries = context.color_trc = BT709
        context.colorspace = matrix
        context.color_range = FULL if full_range else LIMITED

    def write(self, frame: av.VideoFrame, time_s: Fraction) -> None:
        """Take the next frame.

        Args:
            frame: Its pixels, which must not change until the next call has returned.
            time_s: When it is shown; later than the one before.

        Raises:
            ValueError: It is not.
        """
        if self._last_s is not None and time_s <= self._last_s:
            raise ValueError(f"frame at {float(time_s):.6f} s does not come after the one before")
        ticks = max(round(time_s / self._base), self._last + 1)  # no two on one tick
        self._encode_held(ticks)
        frame.pts, frame.time_base = ticks, self._base
        self._held, self._last, self._last_s = frame, ticks, time_s

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
            self._mux_one(packet)


def _video_stream(into: OutputContainer, codec: str, options: Mapping[str, str]) -> VideoStream:
    stream = into.add_stream(codec, options=dict(options))
    assert isinstance(stream, VideoStream)  # the name of an encoder for pictures was given
    return stream
