"""From packets to frames: the right decoder, bounded threads, damage counted instead of raised.

The decoders that FFmpeg picks for VP8 and VP9 drop the alpha that WebM carries beside each frame;
libvpx's read it. Whether a file has such alpha is told by its header (`alpha_mode`) or, where a
muxer forgot that, by the additional data of its first packets.

A frame-threaded decoder holds one frame per thread beside its references, which for 8K is 50 MB
each: the number of threads follows from the size of a frame.
"""

import os
from collections.abc import Iterable, Iterator

import av
from av.codec.context import CodecContext
from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from streaming.media.opening import FOREIGN

__all__ = ["Decoder", "carries_alpha"]

ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
THREADS_MB = 192  # for the frames that threads hold
ALIGNED_PIXELS = 1 << 16  # decoders round sizes up, small ones the most; frames are checked again
MOST_THREADS = 8  # beyond it, decoding is no longer what a run waits for
MOST_FAILURES = 100  # in a row: three to four seconds of video, after which nothing will come


def carries_alpha(stream: VideoStream, packets: Iterable["Packet[VideoStream]"]) -> bool:
    """Whether a VP8 or VP9 stream has an alpha channel beside its colours.

    Args:
        stream: The stream.
        packets: Its first packets.
    """
    if stream.codec_context.codec.canonical_name not in ALPHA_DECODERS:
        return False
    if stream.metadata.get("alpha_mode") == "1":
        return True
    return any(each.has_sidedata("matroska_block_additional") for each in packets)


class Decoder:
    """Decodes one stream; what cannot be decoded is skipped and counted.

    Args:
        stream: The stream whose packets will come.
        alpha: Whether it carries alpha beside its colours (`carries_alpha`).
        max_pixels: Larger pictures fail before memory is taken for them, should the stream hold
            others than its container declares.

    Attributes:
        skipped: Packets that gave an error instead of a frame.
        hopeless: Whether so many failed in a row that the rest is not worth reading.
    """

    def __init__(self, stream: VideoStream, *, alpha: bool, max_pixels: int) -> None:
        self.skipped = 0
        self._in_a_row = 0
        context = stream.codec_context
        if alpha:
            name = ALPHA_DECODERS[context.codec.canonical_name]
            made = CodecContext.create(name, "r")
            assert isinstance(made, VideoCodecContext)
            made.extradata = context.extradata
            context = made
        context.options = {"max_pixels": str(max_pixels + max_pixels // 8 + ALIGNED_PIXELS)}
        context.thread_count = _threads(stream)
        context.thread_type = "AUTO"
        self._context = context

    @property
    def hopeless(self) -> bool:
        """Whether too many packets failed in a row."""
        return self._in_a_row >= MOST_FAILURES

    def decode(self, packet: "Packet[VideoStream] | None") -> Iterator[av.VideoFrame]:
        """Give the frames that are ready; None for the packet asks for the rest."""
        try:
            frames = self._context.decode(packet)
        except av.error.EOFError:
            return
        except FOREIGN:
            self.failed()
            return
        if frames:
            self._in_a_row = 0
        yield from frames

    def failed(self) -> None:
        """Count one packet that could not be read or decoded."""
        self.skipped += 1
        self._in_a_row += 1


def _threads(stream: VideoStream) -> int:
    """As many as the machine has and the memory for their frames allows."""
    frame_mb = max(1, stream.width * stream.height) * 3 / 1e6  # 10-bit 4:2:0; half of it for 8
    return max(1, min(os.cpu_count() or 1, MOST_THREADS, int(THREADS_MB / frame_mb)))
