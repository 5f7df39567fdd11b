"""Reading back what was written: WEBM with its alpha channel.

FFmpeg's own VP8 and VP9 decoders drop alpha without a word. libvpx's keep it, so packets are taken
from the container and handed to that decoder by name. This reader is for the files that this
program wrote (and others like them): it checks them, shows them and measures their seams, often at
a small size, which is then scaled down while still in the decoder's planes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from streaming.errors import InputError
from streaming.frames import U8, Size, read_only
from streaming.media.picture import AvPicture
from streaming.media.planes import plane

__all__ = ["TimedRgba", "WebmFacts", "first_frame", "probe_webm", "read_rgba"]

DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}


@dataclass(frozen=True, slots=True, eq=False)
class TimedRgba:
    """A decoded frame.

    Attributes:
        time_s: When it is shown, from the start of the file, to the millisecond.
        rgba: (H, W, 4) uint8, straight alpha.
    """

    time_s: Fraction
    rgba: U8


@dataclass(frozen=True, slots=True)
class WebmFacts:
    """What a written file really holds, counted by decoding all of it.

    Attributes:
        frames: Number of frames.
        duration_s: The container's duration.
        size: Size in pixels.
        bytes: Size of the file.
        has_alpha: Whether the frames carry an alpha channel.
        alpha_min: Smallest alpha of any pixel of any frame, 255 without alpha.
        alpha_max: Largest.
        has_audio: Whether there is sound as well.
    """

    frames: int
    duration_s: Fraction
    size: Size
    bytes: int
    has_alpha: bool
    alpha_min: int
    alpha_max: int
    has_audio: bool


def read_rgba(path: Path, size: Size | None = None) -> Iterator[TimedRgba]:
    """Decode a VP8 or VP9 file with its alpha, frame by frame.

    Args:
        path: A WEBM or MKV file.
        size: Give frames of this size instead of the file's own.

    Yields:
        Every frame in order; alpha is 255 where the file has none.

    Raises:
        InputError: The file is not one, or is damaged.
    """
    with _opened(path) as source:
        for frame in _decoded(source, path):
            yield TimedRgba(_time_of(frame), _rgba(frame, size))


def first_frame(path: Path) -> U8:
    """The first picture of a VP8 or VP9 file, (H, W, 4) uint8, straight alpha.

    Raises:
        InputError: It holds none.
    """
    for frame in read_rgba(path):
        return frame.rgba
    raise InputError(f"{path}: holds no picture; write it again")


def probe_webm(
    path: Path, *, look: Callable[[U8], object] | None = None, size: Size | None = None
) -> WebmFacts:
    """Decode a whole file once and say what is in it.

    Args:
        path: A WEBM or MKV file.
        look: Shown every frame as (H, W, 4) uint8 with straight alpha.
        size: Size of these pictures, the file's own where it is None.

    Raises:
        InputError: The file is no VP8 or VP9 file, or is damaged.
    """
    frames, lowest, highest, has_alpha = 0, 255, 0, False
    with _opened(path) as source:
        context = source.streams.video[0].codec_context
        own = Size(context.width, context.height)
        has_audio = bool(source.streams.audio)
        duration_s = Fraction(source.duration or 0, av.time_base)
        for frame in _decoded(source, path):
            frames += 1
            has_alpha = frame.format.name == "yuva420p"
            alpha = plane(frame, 3) if has_alpha else np.full(1, 255, np.uint8)
            lowest, highest = min(lowest, int(alpha.min())), max(highest, int(alpha.max()))
            if look is not None:
                look(_rgba(frame, size))
    return WebmFacts(
        frames, duration_s, own, path.stat().st_size, has_alpha, lowest, highest, has_audio
    )


def _rgba(frame: av.VideoFrame, size: Size | None) -> U8:
    picture = AvPicture(frame)
    wanted = size or picture.size
    made = np.empty((wanted.height, wanted.width, 4), np.uint8)
    rgb = picture.rgb(wanted)
    for each in range(3):  # ten times as fast as all three at once
        made[..., each] = rgb[..., each]
    made[..., 3] = picture.alpha(wanted)
    return read_only(made)


def _opened(path: Path) -> av.container.InputContainer:
    options = {"format_whitelist": "matroska,webm", "protocol_whitelist": "file"}
    try:
        source = av.open(f"file:{path}", options=options, metadata_errors="replace")
    except (OSError, av.FFmpegError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    if not source.streams.video or source.streams.video[0].codec_context.name not in DECODERS:
        source.close()
        raise InputError(f"{path} holds no VP8 or VP9 video; give a WEBM file of this program")
    return source


def _decoded(source: av.container.InputContainer, path: Path) -> Iterator[av.VideoFrame]:
    stream = source.streams.video[0]
    decoder = av.CodecContext.create(DECODERS[stream.codec_context.name], "r")
    decoder.thread_count = 1
    try:
        for packet in source.demux(stream):
            yield from decoder.decode(packet)
    except (OSError, av.FFmpegError) as error:
        raise InputError(f"{path} is damaged: {error}") from error


def _time_of(frame: av.VideoFrame) -> Fraction:
    if frame.pts is None or frame.time_base is None:
        return Fraction(0)
    return Fraction(frame.pts * frame.time_base)
