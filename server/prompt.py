"""A camera's picture handed on with its own last packet, not with the next picture's first.

aiortc's buffer calls a picture whole once a packet of the following one has come, which at 30
frames a second makes everything 33 ms older. But the last packet of a picture says that it is the
last (RFC 7741, section 4.1: the marker bit), so nothing need be waited for. Where that packet is
lost, aiortc's way finds the end as before.
"""

from aiortc import RTCRtpReceiver
from aiortc.jitterbuffer import JitterBuffer, JitterFrame
from aiortc.rtp import RtpPacket

__all__ = ["PromptBuffer", "make_prompt"]

CAPACITY = 512  # packets, as aiortc has it for video
PLACE = "_RTCRtpReceiver__jitter_buffer"  # aiortc has no other way in; a test holds it


class PromptBuffer(JitterBuffer):
    """aiortc's buffer for video, which also gives a picture as soon as it is complete."""

    def __init__(self) -> None:
        super().__init__(capacity=CAPACITY, is_video=True)

    def add(self, packet: RtpPacket) -> tuple[bool, JitterFrame | None]:
        """Take a packet; say whether a key frame is needed, and give the picture that is whole."""
        key_needed, frame = super().add(packet)
        return key_needed, frame or self._complete()

    def _complete(self) -> JitterFrame | None:
        """The oldest picture, if all of it is there and its last packet says so."""
        data = []
        for count in range(self.capacity):
            packet = self._packets[((self._origin or 0) + count) % self.capacity]
            if packet is None:
                return None
            # what the depacketizer left of its payload, set by the receiver before
            data.append(packet._data)  # type: ignore[attr-defined]
            if packet.marker:
                self.remove(count + 1)
                return JitterFrame(data=b"".join(data), timestamp=packet.timestamp)
        return None


def make_prompt(receiver: RTCRtpReceiver) -> None:
    """Give a receiver of video a prompt buffer, before its first packet.

    Raises:
        AttributeError: This aiortc keeps its buffer elsewhere.
    """
    getattr(receiver, PLACE)
    setattr(receiver, PLACE, PromptBuffer())
