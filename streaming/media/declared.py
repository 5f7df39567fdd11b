"""What a container says of itself, and how far it is believed.

Every number here is a hint. Matroska counts no frames, states 1000 frames a second where it means
its clock, and a file that was cut short still declares what it once was. So a rate is believed only
in the range of real ones, and otherwise measured on the first packets.
"""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import pairwise
from statistics import median

import av
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.stream import VideoStream

from streaming.errors import InputError
from streaming.media.reader import FALLBACK_RATE
from streaming.settings import SourceSettings

__all__ = ["best_video", "expected_frames", "length_of", "origin_of", "rate_of"]

MOST_RATE = 250  # above it a "rate" is a clock: Matroska's 1000, MP4's 90000
SAME_RATE = Fraction(1, 2000)  # keeps 30000/1001, which is 1/1000 below 30, apart
ROUNDED_CLOCK = Fraction(1, 80)  # 12 frames on a clock of milliseconds tell no more
GAP = 1.5  # a step this much longer than the usual one is two
MICROSECOND = Fraction(1, av.time_base)
SAME_START_S = Fraction(1, 1000)  # FFmpeg rounds the container's start to microseconds
NOT_THE_VIDEO = Disposition.attached_pic | Disposition.timed_thumbnails


def best_video(container: InputContainer, name: str) -> VideoStream:
    """The video stream to read: FFmpeg's choice, cover pictures left aside.

    Raises:
        InputError: There is none.
    """
    videos = [each for each in container.streams.video if not each.disposition & NOT_THE_VIDEO]
    if not videos:
        heard = " but sound" if container.streams.audio else ""
        raise InputError(f"{name}: there is no video in it{heard}; give a video or an animation")
    best = container.streams.best("video")
    return next(
        (each for each in videos if best is not None and each.index == best.index), videos[0]
    )


def origin_of(container: InputContainer, stream: VideoStream) -> Fraction:
    """The container's start in seconds, exactly where a stream's own clock says the same."""
    starts = [
        each.start_time * each.time_base
        for each in (stream, *container.streams.audio)
        if each.start_time is not None and each.time_base
    ]
    stated: int | None = getattr(container, "start_time", None)  # its stub knows no None
    if stated is None:
        return min(starts, default=Fraction(0))
    rounded = stated * MICROSECOND
    exact = [each for each in starts if abs(each - rounded) <= SAME_START_S]
    return min(exact, default=rounded)


def length_of(container: InputContainer, stream: VideoStream) -> Fraction | None:
    """The declared length in seconds, None where nothing is declared."""
    if stream.duration and stream.duration > 0 and stream.time_base:
        return Fraction(stream.duration * stream.time_base)
    if container.duration and container.duration > 0:
        return container.duration * MICROSECOND
    return None


def rate_of(stream: VideoStream, packets: Iterable["Packet[VideoStream]"]) -> Fraction:
    """Frames per second: as stated where that is believable, else as the first packets show.

    Args:
        stream: The stream.
        packets: Its first packets, in any order.
    """
    if (stated := _believable(stream.average_rate, SAME_RATE)) is not None:
        return stated
    stamps = sorted({each.pts for each in packets if each.pts is not None})
    steps = [later - earlier for earlier, later in pairwise(stamps)]
    if steps and stream.time_base:
        measured = _believable(_measured(steps) / stream.time_base, ROUNDED_CLOCK)
        if measured is not None:
            return measured
    return _believable(stream.guessed_rate, SAME_RATE) or FALLBACK_RATE


def _measured(steps: Sequence[int]) -> Fraction:
    """Frames per tick, from steps in ticks; packets not yet seen leave a few of them too long."""
    usual = median(steps)
    near = [each for each in steps if each < usual * GAP]
    return Fraction(len(near), sum(near))


def _believable(rate: Fraction | None, tolerance: Fraction) -> Fraction | None:
    """The rate if it is one; a whole one where it is that but for `tolerance`."""
    if not rate or not 0 < rate <= MOST_RATE:
        return None
    whole = Fraction(round(rate))
    return whole if whole and 0 < abs(rate - whole) < rate * tolerance else Fraction(rate)


def expected_frames(
    declared: int, length_s: Fraction | None, rate: Fraction, settings: SourceSettings
) -> int | None:
    """How many frames lie between start and end, as far as can be told.

    Args:
        declared: The header's count for the whole stream, 0 where it has none.
        length_s: The declared length.
        rate: Frames per second.
        settings: Start and end.
    """
    if settings.start_s is None and settings.end_s is None and declared:
        timed = 0 if length_s is None else round(length_s * rate)
        return (
            declared if timed < 2 * declared else timed
        )  # a fragmented file counts its first part
    ends = [each for each in (settings.end_s, length_s) if each is not None]
    if not ends:
        return None
    return max(0, round((min(ends) - (settings.start_s or 0)) * rate))
