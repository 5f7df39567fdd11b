"""What every test is held to: it logs no error and leaves no thread behind."""

import logging
import os
import threading
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from streaming.matting.weights import default_cache, find_weights
from streaming.results import ResultFolder


@pytest.fixture(autouse=True)
def no_error_logs(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Fail a test during which something was logged as an error."""
    yield
    errors = [each for each in caplog.get_records("call") if each.levelno >= logging.ERROR]
    assert not errors, f"logged as errors: {[each.getMessage() for each in errors]}"


@pytest.fixture(autouse=True)
def no_leaked_threads() -> Iterator[None]:
    """Fail a test that leaves one of our threads running."""
    before = set(threading.enumerate())
    yield
    left = [each for each in set(threading.enumerate()) - before if each.is_alive()]
    assert not left, f"threads left running: {[each.name for each in left]}"


@pytest.fixture(scope="session")
def clips() -> Path:
    """The folder of real footage, named by LOOPMATTE_CLIPS; without it the test is skipped."""
    named = os.environ.get("LOOPMATTE_CLIPS")
    if not named or not Path(named).is_dir():
        pytest.skip("LOOPMATTE_CLIPS names no folder of real footage")
    return Path(named).resolve()


@pytest.fixture(scope="session")
def cache() -> Path:
    """The user's own cache, which `make test` has filled; a wrong file in it is an error."""
    return default_cache()


@pytest.fixture(scope="session")
def weights(cache: Path) -> Path:
    """The real weights of the small network, fetched once."""
    return find_weights("mobilenetv3", cache).path


@pytest.fixture
def folder(tmp_path: Path) -> ResultFolder:
    """An empty result folder."""
    now = datetime(2026, 1, 1)
    return ResultFolder.create(None, output=tmp_path / "out", force=False, now=now, here=tmp_path)
