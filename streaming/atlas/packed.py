"""A fitted loop as one file that a page can open: maps, light, atlases, mattes and small frames.

A page that draws an edited loop itself needs everything the renderer has, and nothing twice: one
request, one buffer, arrays that lie in it as the graphics unit takes them. Frames are shown small,
which costs the maps nothing: a grid is asked at places, not at pixels. A 4 s loop of 720p is about
23 MB so, of which what is behind takes an eighth.

    "LMATLAS1" | length of the head, 4 bytes | head, JSON | padding to 4 bytes | blobs

All numbers are little endian, and a blob's `at` counts from the first byte after the padding. The
head holds

    size, shown     width and height of the clip, and of the frames in here
    count, fps, duration_s, reference
    frames          one JPEG each
    mattes          one PNG each; red, green and blue are the first three foregrounds
    behind          one JPEG each of the same frame without its foregrounds, of that part alone in
                    which it is another: box is left, top, right, bottom in pixels of the small
                    frame; null where there is no such part. Older files have none
    layers          front to back: name, spacing_px, light_px, grid and light_grid as rows, columns;
                    uv, light: uint16, value = low + step * stored, a channel's frames together
                    (channel, frame, row, column); trust: uint8 of 255 (frame, row, column);
                    atlas: width, height; picture: a PNG, straight alpha, which is its cover

A quarter of a millipixel would be wasted on a map that is known to a tenth of a pixel: 16 bits over
the few thousand texels of an atlas step by less than a thirtieth.
"""

import io
import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from streaming.atlas.model import F32, LIGHT_PX, Fit, Footage, Layer
from streaming.atlas.removal import Plate, without_foreground
from streaming.errors import InputError, OutputError
from streaming.frames import U8, Size

__all__ = ["MAGIC", "Turn", "pack"]

MAGIC = b"LMATLAS1"
SHOWN_PX = 720  # longest side: 145 such frames are 60 MB once a browser has decoded them
QUALITY = 92
MOST_MATTES = 3
STEPS = 65535

Tell = Callable[[float], object]  # told which share of something is done, 0..1


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn of a loop, as it is shown.

    Attributes:
        frames: Their numbers in the footage, in order.
        duration_s: How long it lasts.
    """

    frames: tuple[int, ...]
    duration_s: float


class _Blobs:
    """Bytes one after the other, and where each of them begins."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self._at = 0

    def add(self, data: bytes) -> dict[str, int]:
        """Add some; gives where they lie."""
        place = {"at": self._at, "bytes": len(data)}
        padded = data + b"\0" * (-len(data) % 4)
        self.parts.append(padded)
        self._at += len(padded)
        return place


def pack(fit: Fit, footage: Footage, turn: Turn, to: Path, tell: Tell = lambda share: None) -> None:
    """Write what a page needs to edit a loop; the file appears when it is whole.

    Args:
        fit: The clip taken apart.
        footage: The clip, of the size that was fitted.
        turn: The frames that the page is to show.
        to: The file.
        tell: Told how far it is.

    Raises:
        InputError: There are more foregrounds than a page can show.
        OutputError: It cannot be written.
    """
    if len(footage.mattes) > MOST_MATTES:
        raise InputError(
            f"{len(footage.mattes)} foregrounds: a page edits at most {MOST_MATTES}; "
            "edit the atlases in a paint program"
        )
    blobs, shown = _Blobs(), _shown(fit.size)
    head = {
        "size": [fit.size.width, fit.size.height],
        "shown": [shown.width, shown.height],
        "count": len(turn.frames),
        "fps": len(turn.frames) / turn.duration_s,
        "duration_s": turn.duration_s,
        "reference": fit.reference,
        **_pictures(fit, footage, turn.frames, shown, blobs, tell),
        "layers": [_layer(each, list(turn.frames), blobs) for each in fit.layers],
    }
    text = json.dumps(head).encode()
    text += b" " * (-(len(MAGIC) + 4 + len(text)) % 4)
    _write(to, [MAGIC, struct.pack("<I", len(text)), text, *blobs.parts])


def _pictures(
    fit: Fit, footage: Footage, frames: Sequence[int], shown: Size, blobs: _Blobs, tell: Tell
) -> dict[str, list[object]]:
    """Everything that is there once for every frame, small."""
    made: dict[str, list[object]] = {"frames": [], "mattes": [], "behind": []}
    plate = Plate(fit)
    for done, each in enumerate(frames):
        tell(done / len(frames))
        own = _small(footage.frames[each], shown)
        shares = footage.shares(each)
        clean = without_foreground(fit, plate, shares, footage.frames[each], each)
        made["frames"].append(blobs.add(_jpeg(own)))
        made["mattes"].append(blobs.add(_matte(footage.mattes[:, each], shown)))
        made["behind"].append(_patch(own, _small(clean, shown), blobs))
    return made


def _patch(own: U8, clean: U8, blobs: _Blobs) -> dict[str, object] | None:
    """The part of a picture in which it differs from another."""
    x, y, wide, high = cv2.boundingRect((own != clean).any(axis=2).astype(np.uint8))
    if not wide:
        return None
    box = [x, y, x + wide, y + high]
    return {**blobs.add(_jpeg(clean[y : box[3], x : box[2]])), "box": box}


def _shown(size: Size) -> Size:
    scale = min(1.0, SHOWN_PX / max(size.width, size.height))
    return Size(max(1, round(size.width * scale)), max(1, round(size.height * scale)))


def _layer(layer: Layer, frames: Sequence[int], blobs: _Blobs) -> dict[str, object]:
    return {
        "name": layer.name,
        "spacing_px": layer.spacing_px,
        "light_px": LIGHT_PX,
        "grid": list(layer.uv.shape[1:3]),
        "light_grid": list(layer.light.shape[1:3]),
        "uv": _stepped(layer.uv[frames], blobs),
        "light": _stepped(layer.light[frames], blobs),
        "trust": blobs.add(_eighted(layer.trust[frames]).tobytes()),
        "atlas": [layer.size.width, layer.size.height],
        "picture": blobs.add(_png(np.dstack((_eighted(layer.atlas), _eighted(layer.cover))))),
    }


def _stepped(values: F32, blobs: _Blobs) -> dict[str, object]:
    """Values of (N, rows, columns, C) as 16-bit steps between each channel's ends."""
    low = values.min(axis=(0, 1, 2)).astype(np.float64)
    step = np.maximum(values.max(axis=(0, 1, 2)) - low, 1e-6) / STEPS
    stored: NDArray[np.uint16] = np.round((values - low) / step).astype("<u2")
    planes = np.ascontiguousarray(np.moveaxis(stored, -1, 0))
    return {**blobs.add(planes.tobytes()), "low": low.tolist(), "step": step.tolist()}


def _jpeg(rgb: U8) -> bytes:
    into = io.BytesIO()
    # All of its colours: where paint meets the picture, a codec's halved ones would show.
    Image.fromarray(rgb).save(into, "JPEG", quality=QUALITY, subsampling=0)
    return into.getvalue()


def _matte(mattes: U8, shown: Size) -> bytes:
    """(L, H, W) as the channels of one picture."""
    channels = [_small(each, shown) for each in mattes]
    if len(channels) == 1:
        return _png(channels[0])
    channels += [np.zeros_like(channels[0])] * (MOST_MATTES - len(channels))
    return _png(np.dstack(channels))


def _small(picture: U8, shown: Size) -> U8:
    height, width = picture.shape[:2]
    if (width, height) == (shown.width, shown.height):
        return np.ascontiguousarray(picture)
    made: U8 = cv2.resize(picture, (shown.width, shown.height), interpolation=cv2.INTER_AREA)
    return made


def _eighted(values: F32) -> U8:
    return np.clip(np.round(values * 255), 0, 255).astype(np.uint8)


def _png(picture: U8) -> bytes:
    into = io.BytesIO()
    Image.fromarray(picture).save(into, "PNG", compress_level=1)
    return into.getvalue()


def _write(to: Path, parts: Sequence[bytes]) -> None:
    beside = to.with_name(f".{to.name}.part")
    try:
        with beside.open("wb") as file:
            file.writelines(parts)
        beside.replace(to)
    except OSError as error:
        raise OutputError(f"cannot write {to}: {error}") from error
    finally:
        beside.unlink(missing_ok=True)
