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

HERE = Path(__file__).resolve().parent

# What is dear to have, and the tests that share it: a browser with its server; torch, whose import
# takes as long as a hundred tests. Each is had in one process of the suite.
SHARED = {
    "browser": ("browser/",),
    "torch": (
        "atlas/test_masks.py",
        "atlas/test_mlp.py",
        "matting/test_guided.py",
        "matting/test_network.py",
        "matting/test_stream.py",
        "motion/test_raft.py",
    ),
}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put what takes longest first, then what runs the whole program: it is directly in here."""
    if config.pluginmanager.hasplugin("xdist"):
        groups = {each: group_of(each.path) for each in items}
        items.sort(key=lambda each: (groups[each] not in SHARED, "/" in groups[each]))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """Keep the tests of a file, and of files that share what is dear, in one process.

    pytest-xdist can do so by marks, but not with every pytest that it accepts.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):  # type: ignore[misc] # untyped
        def _split_scope(self, nodeid: str) -> str:
            return group_of(HERE.parent / nodeid.split("::")[0])

    return Together(config, log)


def group_of(path: Path) -> str:
    """What it shares, or the name of the file itself."""
    name = path.relative_to(HERE).as_posix()
    return next((group for group, files in SHARED.items() if name.startswith(files)), name)


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
