"""Small files with known answers, made for the tests of reading."""

import struct
from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from streaming.frames import U8, Frame, Size
from streaming.media.source import Source, open_source
from streaming.settings import SourceSettings

SMALL = Size(64, 48)
CORNERS = np.array([[200, 30, 30], [30, 200, 30], [30, 30, 200], [220, 220, 220]], np.uint8)


def quarters(size: Size = SMALL) -> U8:
    """Red top left, green top right, blue bottom left, white bottom right; (H, W, 3)."""
    pixels = np.zeros((size.height, size.width, 3), np.uint8)
    top, left = size.height // 2, size.width // 2
    pixels[:top, :left], pixels[:top, left:] = CORNERS[0], CORNERS[1]
    pixels[top:, :left], pixels[top:, left:] = CORNERS[2], CORNERS[3]
    return pixels


def corners_of(pixels: U8) -> str:
    """Which of the four colours of `quarters` stands where, from top left, as in "rgbw"."""
    height, width = pixels.shape[:2]
    places = [(h, w) for h in (height // 4, -height // 4) for w in (width // 4, -width // 4)]
    seen = [pixels[place].astype(int) for place in places]
    return "".join("rgbw"[int(np.abs(CORNERS.astype(int) - each).sum(1).argmin())] for each in seen)


def numbered(count: int, size: Size = SMALL) -> list[U8]:
    """Grey frames whose brightness tells their number: 20, 30, 40 ..."""
    return [np.full((size.height, size.width, 3), 20 + 10 * n, np.uint8) for n in range(count)]


def number_of(frame: Frame) -> int:
    """The number that `numbered` gave a frame."""
    return round((float(frame.picture.rgb(frame.picture.size).mean()) - 20) / 10)


def write(
    path: Path,
    pictures: Iterable[U8],
    *,
    codec: str = "libx264",
    pix_fmt: str = "yuv420p",
    times: Sequence[Fraction] | None = None,
    rate: int = 25,
    options: dict[str, str] | None = None,
    format: str | None = None,
    muxer: dict[str, str] | None = None,
    **attributes: object,
) -> Path:
    """Write pictures as a video; `attributes` are set on the encoder."""
    with av.open(f"file:{path}", "w", format=format, options=muxer or {}) as container:
        stream: VideoStream | None = None
        for index, pixels in enumerate(pictures):
            if stream is None:
                stream = container.add_stream(codec, rate=rate, options=options or {})
                stream.width, stream.height = pixels.shape[1], pixels.shape[0]
                stream.pix_fmt = pix_fmt
                turn = attributes.pop("turn", None)
                if isinstance(turn, list):
                    stream.set_display_matrix(turn)
                for name, value in attributes.items():
                    setattr(stream.codec_context, name, value)
                if times is not None:
                    stream.codec_context.time_base = Fraction(1, 1000)
            kind = "rgba" if pixels.shape[2] == 4 else "rgb24"
            frame = av.VideoFrame.from_ndarray(pixels, kind)
            if not pix_fmt.startswith(("rgb", "bgr", "pal", "argb")):
                frame = frame.reformat(format=pix_fmt, dst_colorspace=1, dst_color_range=1)
            frame.time_base = Fraction(1, rate) if times is None else Fraction(1, 1000)
            frame.pts = index if times is None else int(times[index] * 1000)
            container.mux(stream.encode(frame))
        assert stream is not None
        container.mux(stream.encode(None))
    return path


def opened(path: Path | str, **settings: object) -> Source:
    """The source with the given settings."""
    return open_source(str(path), SourceSettings(**settings))  # type: ignore[arg-type]


def read(path: Path | str, **settings: object) -> list[Frame]:
    """All frames."""
    with opened(path, **settings) as source:
        return list(source.frames())


def matrix(a: int, b: int, c: int, d: int) -> list[int]:
    """A display matrix in FFmpeg's fixed point."""
    return [a << 16, b << 16, 0, c << 16, d << 16, 0, 0, 0, 1 << 30]


def patch_turn(path: Path, a: int, b: int, c: int, d: int) -> None:
    """Write a display matrix into the track header of an MP4."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4 + 40
    data[at : at + 36] = struct.pack(">9i", *matrix(a, b, c, d))
    path.write_bytes(data)
