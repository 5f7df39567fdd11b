"""Encoding pictures for people who watch now: VP8, every picture out at once, key frames on demand.

One encoder serves all who watch a stream, so its rate is fixed: there is no single receiver whose
bandwidth it could follow. A key frame comes when somebody asks for one (a new viewer, a lost
packet), and no more often than twice a second, because it costs as much as ten other frames.
"""

from fractions import Fraction

import av
from av.video.codeccontext import VideoCodecContext
from av.video.frame import PictureType

from streaming.errors import OutputError

__all__ = ["CLOCK_S", "LiveEncoder", "Packet"]

Packet = av.Packet  # for whoever hands one on without opening it

CLOCK_S = Fraction(1, 90_000)  # what RTP counts video in
KEY_GAP_S = Fraction(1, 2)
OPTIONS = {
    "deadline": "realtime",
    "cpu-used": "-12",  # below zero the speed is fixed: half the time of 8, and 2 dB of 47
    "lag-in-frames": "0",
    "error-resilient": "1",
    "static-thresh": "100",
    "undershoot-pct": "100",
    "qmin": "4",
    "qmax": "48",
}


class LiveEncoder:
    """Encodes pictures as they come; one instance per stream and thread.

    Args:
        bits_per_pixel: Rate at 30 frames a second, in bits per pixel of the whole picture.
    """

    def __init__(self, *, bits_per_pixel: float = 0.09) -> None:
        self._bits_per_pixel = bits_per_pixel
        self._codec: VideoCodecContext | None = None
        self._key_wanted = True
        self._last_key_s: Fraction | None = None

    def want_key(self) -> None:
        """Make the next picture one that needs none before it; safe to call from any thread."""
        self._key_wanted = True

    def encode(self, frame: av.VideoFrame, time_s: Fraction) -> av.Packet:
        """Encode one picture.

        Args:
            frame: yuv420p with even sides; a new size starts anew, with a key frame.
            time_s: Its time in seconds, rising.

        Returns:
            Its packet, with times in units of `CLOCK_S`.

        Raises:
            OutputError: The encoder failed.
        """
        codec = self._codec_for(frame)
        frame.pts, frame.time_base = round(time_s / CLOCK_S), CLOCK_S
        frame.pict_type = PictureType.I if self._key_now(time_s) else PictureType.NONE
        try:
            packets = codec.encode(frame)
        except av.FFmpegError as error:
            raise OutputError(f"the preview's encoder failed: {error}") from error
        packet = packets[0]
        packet.pts, packet.time_base = frame.pts, CLOCK_S
        return packet

    def _key_now(self, time_s: Fraction) -> bool:
        if not self._key_wanted:
            return False
        if self._last_key_s is not None and time_s - self._last_key_s < KEY_GAP_S:
            return False
        self._key_wanted, self._last_key_s = False, time_s
        return True

    def _codec_for(self, frame: av.VideoFrame) -> VideoCodecContext:
        codec = self._codec
        if codec is not None and (codec.width, codec.height) == (frame.width, frame.height):
            return codec
        fresh: VideoCodecContext = av.CodecContext.create("libvpx", "w")
        fresh.width, fresh.height, fresh.pix_fmt = frame.width, frame.height, "yuv420p"
        fresh.time_base, fresh.framerate = CLOCK_S, Fraction(30)
        fresh.bit_rate = round(frame.width * frame.height * 30 * self._bits_per_pixel)
        fresh.thread_count = 1
        fresh.gop_size = 9999
        fresh.options = OPTIONS
        self._codec = fresh
        self._key_wanted, self._last_key_s = True, None
        return fresh
