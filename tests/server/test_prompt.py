"""A picture goes on with its last packet; what comes late, twice or not at all loses no other."""

import pytest
from aiortc import RTCRtpReceiver
from aiortc.jitterbuffer import JitterBuffer
from aiortc.rtp import RtpPacket

from server.prompt import PLACE, PromptBuffer, make_prompt


def packets(*sizes: int, first: int = 65_530) -> list[RtpPacket]:
    """Pictures of so many packets each; numbers run over 65535."""
    made: list[RtpPacket] = []
    for picture, size in enumerate(sizes):
        for place in range(size):
            packet = RtpPacket(
                sequence_number=(first + len(made)) & 0xFFFF,
                timestamp=3000 * picture,
                marker=int(place == size - 1),
            )
            packet._data = bytes([picture, place])  # type: ignore[attr-defined]
            made.append(packet)
    return made


def given(buffer: JitterBuffer, order: list[RtpPacket]) -> list[tuple[int, int]]:
    """Which picture came out after how many packets."""
    out = []
    for count, packet in enumerate(order, 1):
        _, frame = buffer.add(packet)
        if frame is not None:
            assert len(frame.data) % 2 == 0
            out.append((frame.data[0], count))
    return out


def test_a_picture_comes_with_its_own_last_packet() -> None:
    sent = packets(3, 1, 2)
    assert given(PromptBuffer(), sent) == [(0, 3), (1, 4), (2, 6)]
    assert given(JitterBuffer(512, is_video=True), sent) == [(0, 4), (1, 5)]  # aiortc's own way


def test_packets_out_of_order_are_waited_for() -> None:
    a, b, c, d, e = packets(3, 2)
    assert given(PromptBuffer(), [a, c, b, d, e]) == [(0, 3), (1, 5)]
    assert given(PromptBuffer(), [a, d, c, b, e]) == [(0, 4), (1, 5)]


def test_without_its_marker_a_picture_ends_where_the_next_begins() -> None:
    sent = packets(2, 2)
    sent[1].marker = 0
    assert given(PromptBuffer(), sent) == [(0, 3), (1, 4)]


def test_it_takes_the_place_of_aiortcs_own() -> None:
    receiver = RTCRtpReceiver.__new__(RTCRtpReceiver)
    with pytest.raises(AttributeError):
        make_prompt(receiver)
    setattr(receiver, PLACE, JitterBuffer(512, is_video=True))
    make_prompt(receiver)
    assert isinstance(getattr(receiver, PLACE), PromptBuffer)
