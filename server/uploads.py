"""Videos that came from outside, on disk: written as they come, looked into, then given an id.

An upload gets a random name of ours; what its owner calls it is text that is shown and never a
path. It lies under a hidden name until the engine has opened it and read a frame, with the formats
and protocols that the engine allows for a file that nobody trusts. Whatever fails on the way, by
size, by time, by content or because the sender left, leaves nothing behind.
"""

import asyncio
import errno
import json
import re
import secrets
import shutil
from collections.abc import AsyncIterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

from server.errors import RequestError
from streaming import SourceSettings
from streaming.live import InputError, display_name, open_source

__all__ = ["Bounds", "Upload", "Uploads", "plain_name"]

ID = re.compile(r"u[0-9a-f]{32}")
BLOCK = 1 << 20  # bytes that are written at once
SPARE = 300_000_000  # bytes that an upload leaves free on the disk
AT_ONCE = 4
LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much, and how long, an upload may be.

    Attributes:
        bytes: Largest.
        total_s: Longest time for all of it.
        stall_s: Longest time in which nothing comes.
    """

    bytes: int
    total_s: float
    stall_s: float


@dataclass(frozen=True, slots=True)
class Upload:
    """A video that can be opened.

    Attributes:
        upload: Its id.
        name: What its owner calls it; text, never a path.
        bytes: Its size.
        size: Width and height.
        duration_s: Its length, where it states one.
    """

    upload: str
    name: str
    bytes: int
    size: tuple[int, int]
    duration_s: float | None

    def as_json(self) -> dict[str, Any]:
        """Plain values for the API."""
        return {**asdict(self), "size": list(self.size)}


class Uploads:
    """The folder of uploads.

    Args:
        folder: Where they lie.
        bounds: How large, and how slow, one may be.

    Attributes:
        bounds: The same.
    """

    def __init__(self, folder: Path, bounds: Bounds) -> None:
        self._folder = folder
        self.bounds = bounds
        self._coming = 0

    async def receive(
        self, chunks: AsyncIterable[bytes], *, name: str, declared: int | None = None
    ) -> Upload:
        """Write a video to disk and open it once.

        Args:
            chunks: Its bytes.
            name: What its owner calls it.
            declared: How many bytes were announced.

        Raises:
            RequestError: 413 too large, 408 too slow, 422 no video, 503 too many, 507 no room.
        """
        self._check_room(declared or 0)
        upload = f"u{secrets.token_hex(16)}"
        part = self._folder / f".{upload}.part"
        self._coming += 1
        try:
            count = await self._write(part, chunks)
            if declared is not None and count < declared:
                raise RequestError(400, f"{name}: it broke off after {count} of {declared} bytes")
            size, duration = await asyncio.to_thread(_look_into, part, name)
            made = Upload(upload, name, count, size, duration)
            self._note(upload).write_text(json.dumps(made.as_json()), encoding="utf-8")
            part.replace(self._folder / upload)
            return made
        finally:
            self._coming -= 1
            part.unlink(missing_ok=True)

    def find(self, upload: str) -> tuple[Upload, Path]:
        """An upload and where it lies; it counts as used from now.

        Raises:
            RequestError: 404: there is none of that id.
        """
        path = self._folder / upload
        if ID.fullmatch(upload) and path.is_file():
            try:
                plain = json.loads(self._note(upload).read_text("utf-8"))
                path.touch()
                return Upload(**{**plain, "size": tuple(plain["size"])}), path
            except (OSError, ValueError, TypeError, KeyError):
                pass
        raise RequestError(404, f"upload {upload}: there is none (or no more); upload it again")

    def expire(self, now: datetime, days: int) -> int:
        """Delete what was not used for so many days, and what was left half written.

        Args:
            now: With time zone.
            days: 0 for never.

        Returns:
            How many files were deleted.
        """
        limits_s = {
            True: (now - timedelta(seconds=self.bounds.total_s)).timestamp(),  # half written
            False: (now - timedelta(days=days)).timestamp() if days else 0.0,
        }
        gone = 0
        for path in list(self._folder.iterdir()):
            with suppress(FileNotFoundError):
                if path.stat().st_mtime < limits_s[path.name.startswith(".")]:
                    path.unlink()
                    gone += 1
        return gone

    def _note(self, upload: str) -> Path:
        return self._folder / f"{upload}.json"

    def _check_room(self, declared: int) -> None:
        if declared > self.bounds.bytes:
            raise self._too_large(declared)
        if self._coming >= AT_ONCE:
            raise RequestError(503, f"{AT_ONCE} uploads are under way; wait until one is done")
        if shutil.disk_usage(self._folder).free - declared < SPARE:
            raise RequestError(507, "the library's disk is nearly full; delete old sessions first")

    def _too_large(self, count: int) -> RequestError:
        return RequestError(
            413,
            f"{count / 1e6:.0f} MB: at most {self.bounds.bytes / 1e6:.0f} MB are taken; "
            "cut the video, offer its folder with --media, or raise --max-upload-mb",
        )

    async def _write(self, part: Path, chunks: AsyncIterable[bytes]) -> int:
        """Write everything that comes; give its length."""
        now = asyncio.get_running_loop().time
        end = now() + self.bounds.total_s
        count, waiting = 0, bytearray()
        try:
            with part.open("xb") as file:
                async with asyncio.timeout_at(min(end, now() + self.bounds.stall_s)) as limit:
                    async for chunk in chunks:
                        count += len(chunk)
                        if count > self.bounds.bytes:
                            raise self._too_large(count)
                        waiting += chunk
                        if len(waiting) >= BLOCK:
                            await _append(file, waiting)
                        limit.reschedule(min(end, now() + self.bounds.stall_s))
                await _append(file, waiting)
        except TimeoutError as error:
            raise RequestError(
                408, f"too slow: {count / 1e6:.1f} MB had come when the time was over; try again"
            ) from error
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise RequestError(507, "the library's disk is full; delete old sessions") from error
        return count


def plain_name(given: str) -> str:
    """What to call a file that somebody named: one line of text, without folders."""
    last = re.split(r"[/\\]", given)[-1].strip()
    return display_name(last)[:LONGEST_NAME] or "video"


async def _append(file: BinaryIO, waiting: bytearray) -> None:
    block = bytes(waiting)
    waiting.clear()
    await asyncio.to_thread(file.write, block)


def _look_into(path: Path, name: str) -> tuple[tuple[int, int], float | None]:
    """Open a video as the engine will, and read a frame of it."""
    try:
        with open_source(str(path), SourceSettings()) as source:
            next(source.frames())
            size, length = source.info.size, source.info.duration_s
    except InputError as error:
        raise RequestError(422, str(error).replace(path.name, name)) from error
    return (size.width, size.height), _seconds(length)


def _seconds(length: Fraction | None) -> float | None:
    return None if length is None else float(length)
