"""Somebody else's WHIP and WHEP clients, from the npm index: fetched once, pinned, and checked."""

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest

from streaming.matting.weights import default_cache

__all__ = ["clients"]

PACKAGE, VERSION = "whip-whep", "1.2.0"  # of medooze, MIT: plain modules for browsers
SHA512 = "CP+Tht3O/N6QLebW5LxsNKgzFN5KX6WinLr1SLs74feagYu+Gqy+0dw48p5RQuE+FlrM4xyOlOdW2UOQwljImA=="
LIMIT_S = 90


def clients() -> dict[str, bytes]:
    """The modules `whip.js` and `whep.js`; where they cannot be had the test is skipped."""
    packed = default_cache() / "npm" / f"{PACKAGE}-{VERSION}.tgz"
    if not packed.is_file():
        fetch(packed)
    seen = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    assert seen == SHA512, f"{packed} is not what was pinned; delete it to fetch it anew"
    with tarfile.open(packed) as archive:
        return {name: read(archive, f"package/{name}") for name in ("whip.js", "whep.js")}


def fetch(packed: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip(f"no npm, which would fetch {PACKAGE} {VERSION}; Debian has it as `npm`")
    part = packed.parent / f"{os.getpid()}.part"
    part.mkdir(parents=True)
    try:
        words = [npm, "pack", "--silent", "--pack-destination", str(part), f"{PACKAGE}@{VERSION}"]
        done = subprocess.run(words, capture_output=True, text=True, timeout=LIMIT_S, cwd=part)
        if done.returncode:
            pytest.skip(f"npm could not fetch {PACKAGE} {VERSION}: {done.stderr[-300:]}")
        (part / packed.name).replace(packed)
    finally:
        shutil.rmtree(part)


def read(archive: tarfile.TarFile, name: str) -> bytes:
    file = archive.extractfile(name)
    assert file is not None, name
    return file.read()
