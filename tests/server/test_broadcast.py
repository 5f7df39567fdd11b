"""One encoder for everyone who watches: nobody gets a packet that means nothing to them."""

import asyncio
from collections.abc import Awaitable, Callable
from fractions import Fraction

import av
import numpy as np
import pytest
from aiortc.mediastreams import MediaStreamError

from server.broadcast import WAITING, Broadcast, PacketTrack
from streaming.frames import Size
from streaming.media.vp8 import LiveEncoder
from tests.media.figures import natural

FPS = 30


class Show:
    """A session's encoder and those who watch it."""

    def __init__(self) -> None:
        self.encoder = LiveEncoder()
        self.asked = 0
        self.broadcast = Broadcast(self._want_key)
        self._shown = 0

    def go_on(self, count: int) -> list[av.Packet]:
        """Encode and send the next pictures, a second apart, so that a key may come at once."""
        packets = []
        for _ in range(count):
            grey = natural_frame(self._shown)
            packets.append(self.encoder.encode(grey, Fraction(self._shown)))
            self.broadcast.packet(packets[-1])
            self._shown += 1
        return packets

    def _want_key(self) -> None:
        self.asked += 1
        self.encoder.want_key()


def natural_frame(turn: int) -> av.VideoFrame:
    pixels = np.roll(natural(Size(32, 32), 1), turn, axis=1)
    return av.VideoFrame.from_ndarray(pixels, "rgb24").reformat(format="yuv420p")


async def received(track: PacketTrack, count: int) -> list[av.Packet]:
    return [await track.recv() for _ in range(count)]


def run(check: Callable[[], Awaitable[None]]) -> None:
    async def within() -> None:
        async with asyncio.timeout(10):
            await check()

    asyncio.run(within())


def decoded(packets: list[av.Packet]) -> int:
    decoder = av.CodecContext.create("vp8", "r")
    return sum(len(decoder.decode(each)) for each in packets)


def test_a_viewer_that_joins_late_begins_with_a_key_frame() -> None:
    async def check() -> None:
        show = Show()
        early = show.broadcast.join()
        first = show.go_on(3)
        late = show.broadcast.join()
        second = show.go_on(3)
        assert second[0].is_keyframe  # asked for by the one who joined
        assert await received(early, 6) == [*first, *second]
        seen = await received(late, 3)
        assert seen == second
        assert decoded(seen) == 3
        assert (show.broadcast.viewers, show.broadcast.watched) == (2, True)

    run(check)


def test_before_the_key_frame_comes_nothing_is_sent_and_it_is_asked_for_again() -> None:
    async def check() -> None:
        show = Show()
        others = show.go_on(1)
        others += [show.encoder.encode(natural_frame(n), 1 + Fraction(n, 90)) for n in range(1, 4)]
        track = show.broadcast.join()
        asked = show.asked
        for packet in others[1:]:
            assert not packet.is_keyframe
            show.broadcast.packet(packet)
        assert show.asked == asked + 3
        (key,) = show.go_on(1)
        assert await track.recv() is key

    run(check)


def test_a_slow_viewer_skips_to_the_next_key_frame_and_others_do_not_notice() -> None:
    async def check() -> None:
        show = Show()
        slow, quick = show.broadcast.join(), show.broadcast.join()
        every = []
        for _ in range(WAITING + 4):
            every += show.go_on(1)
            assert await quick.recv() is every[-1]
        asked = [index for index, each in enumerate(every) if each.is_keyframe]
        assert asked == [0, WAITING + 1]  # the packet that did not fit made it ask
        seen = await received(slow, 3)
        assert seen == every[WAITING + 1 :]
        assert decoded(seen) == 3

    run(check)


def test_a_viewer_that_leaves_hears_the_end_and_costs_nothing() -> None:
    async def check() -> None:
        show = Show()
        gone, other = show.broadcast.join(), show.broadcast.join()
        waiting = asyncio.ensure_future(gone.recv())
        await asyncio.sleep(0)
        show.broadcast.leave(gone)
        with pytest.raises(MediaStreamError):
            await waiting
        (packet,) = show.go_on(1)
        assert await other.recv() is packet
        assert show.broadcast.viewers == 1
        show.broadcast.close()
        with pytest.raises(MediaStreamError):
            await other.recv()
        assert not show.broadcast.watched

    run(check)


def test_single_pictures_are_the_newest_and_end() -> None:
    async def check() -> None:
        show = Show()
        queue = show.broadcast.subscribe()
        assert (show.broadcast.pictured, show.broadcast.watched) == (True, False)
        for jpeg in (b"1", b"2", b"3"):
            show.broadcast.picture(jpeg)
        assert await queue.get() == b"3"
        assert queue.empty()
        show.broadcast.picture(b"4")
        show.broadcast.close()
        assert await queue.get() is None
        show.broadcast.unsubscribe(queue)
        assert (show.broadcast.pictured, show.broadcast.viewers) == (False, 0)

    run(check)
