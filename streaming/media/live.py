"""Frames that somebody else decodes and pushes: a WebRTC peer, a script's own camera.

A sender may change the size of its pictures at any moment (a browser does so whenever its idea of
the network changes), while whoever cuts loops needs one size from the first frame to the last. So
every picture is brought to the size that the sender announced, or else to that of the first frame.
"""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain

import av
from av.video.reformatter import VideoReformatter

from streaming.errors import InputError
from streaming.frames import Size
from streaming.media.picture import KEPT_FORMATS, AvPicture
from streaming.media.reader import FALLBACK_RATE, Shot, SourceInfo, check_pixels
from streaming.media.source import Source
from streaming.settings import SourceSettings
from streaming.threads import Inbox

__all__ = ["Feed"]

WAITING = 2  # frames; the pipeline's own queue is where they are dropped and counted
PATIENCE_S = 10.0


class Feed:
    """The way in for decoded frames, from any thread.

    Args:
        name: What to call the source in messages.
        size: What the sender announced; None takes the first frame's size.
        rate: Frames per second that the sender announced.
        patience_s: How long a silent sender is waited for.
    """

    def __init__(
        self,
        name: str,
        *,
        size: Size | None = None,
        rate: Fraction = FALLBACK_RATE,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.name = name
        self._size = size
        self._rate = rate
        self._inbox: Inbox[tuple[av.VideoFrame, Fraction]] = Inbox(
            WAITING, patience_s=patience_s, late=lambda: _silent(name, patience_s)
        )

    def put(self, frame: av.VideoFrame, time_s: Fraction) -> None:
        """Hand over the next frame; never waits.

        Args:
            frame: Decoded and upright, of any size and format. It belongs to the feed from here on.
            time_s: Its time in seconds on any clock that rises.
        """
        self._inbox.put((frame, time_s))

    def close(self) -> None:
        """The sender has gone: the source ends."""
        self._inbox.close()

    def open(self, settings: SourceSettings) -> Source:
        """Wait for the first frame and give the source. To be called once.

        Raises:
            InputError: No frame came, or it is larger than allowed.
        """
        frames = iter(self._inbox)
        for frame, time_s in frames:
            size = self._size or Size(frame.width, frame.height)
            check_pixels(self.name, Size(frame.width, frame.height), settings.max_pixels)
            reader = _FeedReader(
                self.name, size, self._rate, chain([(frame, time_s)], frames), time_s, self
            )
            return Source(reader, settings)
        raise InputError(f"{self.name}: the sender left before its first frame; connect it again")


class _FeedReader:
    """Reads what was pushed; a `Reader`.

    Args:
        name: What to call it.
        size: Size of every picture.
        rate: Nominal frames per second.
        frames: What comes, with its times.
        origin_s: Time of the first frame.
        feed: Closed with the reader, so that nothing piles up behind it.
    """

    skipped = 0
    format = "live"

    def __init__(
        self,
        name: str,
        size: Size,
        rate: Fraction,
        frames: Iterator[tuple[av.VideoFrame, Fraction]],
        origin_s: Fraction,
        feed: Feed,
    ) -> None:
        self.info = SourceInfo(
            name=name,
            kind="stream",
            path=None,
            size=size,
            rate=rate,
            frames=None,
            duration_s=None,
            has_alpha=False,
            has_audio=False,
            live=True,
            origin_s=origin_s,
        )
        self._frames = frames
        self._feed = feed
        self._scaler = VideoReformatter()

    def shots(self) -> Iterator[Shot]:
        """Every picture as it comes."""
        for frame, time_s in self._frames:
            yield Shot(time_s - self.info.origin_s, None, self._picture(frame))

    def notes(self) -> list[str]:
        """Nothing is odd about a live source."""
        return []

    def close(self) -> None:
        """Take no more frames."""
        self._feed.close()

    def _picture(self, frame: av.VideoFrame) -> AvPicture:
        size = self.info.size
        same = (frame.width, frame.height) == (size.width, size.height)
        if not same or frame.format.name not in KEPT_FORMATS:
            frame = self._scaler.reformat(
                frame, size.width, size.height, "yuv420p", interpolation="AREA"
            )
        return AvPicture(frame)


def _silent(name: str, patience_s: float) -> InputError:
    return InputError(
        f"{name}: no frame came for {patience_s:g} s; is the camera on and the sender connected?"
    )
