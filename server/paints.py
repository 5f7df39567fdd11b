"""Pictures that a page has painted, on disk: bounded, looked into, whole or not at all."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Literal

from PIL import Image

from server.errors import RequestError

__all__ = ["LAYER", "PaintKind", "receive"]

PaintKind = Literal["paint", "change"]
LAYER = r"background|foreground_\d"
MOST_BYTES = 64_000_000
MOST_PX = 32_000_000  # an atlas of 4K, twice as fine as that is
LONGEST_S = 120.0


async def receive(folder: Path, name: str, chunks: AsyncIterator[bytes]) -> None:
    """Write a picture as it comes; it appears when it is whole and was opened once.

    Args:
        folder: Where to; made if it is not there.
        name: Of the file.
        chunks: Its bytes.

    Raises:
        RequestError: 408 too slow, 413 too large, 422 no PNG with alpha.
    """
    part = folder / f".{name}.{secrets.token_hex(4)}.part"
    data = bytearray()
    try:
        async with asyncio.timeout(LONGEST_S):
            async for chunk in chunks:
                data += chunk
                if len(data) > MOST_BYTES:
                    most = f"at most {MOST_BYTES // 1_000_000} MB are taken"
                    raise RequestError(413, f"{name}: {most}")
    except TimeoutError as error:
        raise RequestError(408, f"{name}: too slow; try again") from error
    try:
        await asyncio.to_thread(_keep, part, bytes(data), folder / name)
    finally:
        part.unlink(missing_ok=True)


def _keep(part: Path, data: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(data)
    try:
        with Image.open(part, formats=("PNG",)) as picture:
            if picture.mode != "RGBA" or picture.width * picture.height > MOST_PX:
                seen = f"{picture.width}x{picture.height} {picture.mode}"
                raise RequestError(
                    422, f"{path.name} is {seen}; send RGBA of at most 32 megapixels"
                )
            picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise RequestError(422, f"{path.name} is no whole PNG ({error})") from error
    part.replace(path)
