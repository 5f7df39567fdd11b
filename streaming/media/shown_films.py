"""Video files read back as they are shown, with their transparency.

WEBM goes through the decoder that keeps alpha. ProRes keeps it by itself. In a stacked MP4 it
stands below the colours, and the file's comment says where.
"""

import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.reformatter import ColorRange, Interpolation, VideoReformatter

from streaming.errors import InputError
from streaming.frames import U8, Size, read_only
from streaming.media.alpha import read_rgba
from streaming.media.picture import AvPicture
from streaming.media.planes import BT709, plane
from streaming.media.shown import Facts, Shown
from streaming.media.stacked import Stack, stack_of

__all__ = ["mov_facts", "stacked_facts", "webm_facts"]

EXACT = Interpolation.BICUBIC | Interpolation.FULL_CHR_H_INT | Interpolation.ACCURATE_RND


def webm_facts(path: Path) -> Facts:
    """Look at a WEBM.

    Raises:
        InputError: It is no VP8 or VP9 file.
    """
    with _opened(path) as source:
        stream = source.streams.video[0]
        context = stream.codec_context
        end_s = Fraction(source.duration or 0, av.time_base)
        return Facts(
            container="webm",
            codec=context.name,
            pixels="yuva420p" if stream.metadata.get("alpha_mode") == "1" else "yuv420p",
            size=Size(context.width, context.height),
            plays=1,
            has_audio=bool(source.streams.audio),
            bytes=path.stat().st_size,
            shown=lambda: _webm(path, end_s),
        )


def _webm(path: Path, end_s: Fraction) -> Iterator[Shown]:
    before = None
    for each in read_rgba(path):
        if before is not None:
            yield Shown(before.rgba, each.time_s - before.time_s)
        before = each
    if before is not None:
        yield Shown(before.rgba, end_s - before.time_s)


def mov_facts(path: Path) -> Facts:
    """Look at a ProRes file.

    Raises:
        InputError: It is none.
    """
    with _opened(path) as source:
        context = source.streams.video[0].codec_context
        size, pixels = Size(context.width, context.height), str(context.pix_fmt)
        return Facts(
            container="mov",
            codec=context.name,
            pixels=pixels,
            size=size,
            plays=1,
            has_audio=bool(source.streams.audio),
            bytes=path.stat().st_size,
            shown=lambda: (Shown(_deep(frame), s) for frame, s in _decoded(path)),
        )


def stacked_facts(path: Path) -> Facts:
    """Look at a stacked MP4; one without a comment is taken for two even halves.

    Raises:
        InputError: It cannot be read.
    """
    with _opened(path) as source:
        stream = source.streams.video[0]
        context = stream.codec_context
        stack = stack_of(source.metadata.get("comment", ""), Size(context.width, context.height))
        return Facts(
            container="mp4",
            codec=context.name,
            pixels=str(context.pix_fmt),
            size=stack.size,
            plays=1,
            has_audio=bool(source.streams.audio),
            bytes=path.stat().st_size,
            shown=lambda: (Shown(_split(frame, stack), s) for frame, s in _decoded(path)),
        )


def _opened(path: Path) -> av.container.InputContainer:
    options = {"format_whitelist": "matroska,webm,mov,mp4", "protocol_whitelist": "file"}
    try:
        source = av.open(f"file:{path}", options=options, metadata_errors="replace")
    except (OSError, av.FFmpegError) as error:
        raise InputError(f"cannot read {path}: {error}") from error
    if not source.streams.video:
        source.close()
        raise InputError(f"{path} holds no video; export it again")
    return source


def _decoded(path: Path) -> Iterator[tuple[av.VideoFrame, Fraction]]:
    """Every frame and how long it is shown, as its own packet says."""
    with _opened(path) as source:
        stream = source.streams.video[0]
        lasting: dict[int | None, Fraction] = {}
        try:
            for packet in source.demux(stream):
                lasting[packet.pts] = Fraction((packet.duration or 0) * packet.time_base)
                for frame in packet.decode():
                    yield cast(av.VideoFrame, frame), lasting.pop(frame.pts, Fraction(0))
        except (OSError, av.FFmpegError) as error:
            raise InputError(f"{path} is damaged: {error}") from error


def _deep(frame: av.VideoFrame) -> U8:
    """(H, W, 4) of a frame of more than 8 bits with alpha."""
    size = Size(frame.width, frame.height)
    made = VideoReformatter().reformat(
        frame,
        format="gbrp",
        src_colorspace=BT709,
        src_color_range=ColorRange.MPEG,
        dst_color_range=ColorRange.JPEG,
        interpolation=EXACT,
        threads=1,
    )
    colours = [plane(made, index) for index in (2, 0, 1)]
    return read_only(np.dstack((*colours, _alpha(frame, size))))


def _alpha(frame: av.VideoFrame, size: Size) -> U8:
    if len(frame.planes) < 4:
        return np.full((size.height, size.width), 255, np.uint8)
    bits = int(re.sub(r"\D*(\d+)le$", r"\1", frame.format.name.partition("p")[2]) or 8)
    own = frame.planes[3]
    deep = np.frombuffer(own, "<u2").reshape(size.height, own.line_size // 2)[:, : size.width]
    return np.rint(deep * (255 / ((1 << bits) - 1))).astype(np.uint8)


def _split(frame: av.VideoFrame, stack: Stack) -> U8:
    """(H, W, 4): what stands above with what stands below as its alpha."""
    whole = AvPicture(frame)
    pixels = whole.rgb(whole.size)
    height, width = stack.size.height, stack.size.width
    matte = pixels[stack.matte_row : stack.matte_row + height, :width, 1]
    return read_only(np.dstack((pixels[:height, :width], matte)))
