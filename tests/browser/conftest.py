"""A real browser for the tests of the page, a server for it, and an eye on what each page does.

The browser is the package's and not the session's: playwright's event loop stays entered as long as
it lives, and the tests after these run loops of their own.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect, sync_playwright

from tests.browser.clips import camera_film, disc_film
from tests.browser.eyes import Eyes, watching
from tests.browser.live import Live, serving
from tests.server.servers import saved, written

AWAY = "away.example"  # the server under another machine's name, as a phone sees it
WHOLE = ("chromium", "chromium-browser", "google-chrome")
SHELL = (
    "chromium-headless-shell"  # the same without windows, for half the work, but it has no camera
)
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
    "--allow-loopback-in-peer-connection",
    f"--host-resolver-rules=MAP {AWAY} 127.0.0.1",
)
WAIT_MS = 90_000


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Once more for what fails here: browser, server and network share two cores with strangers."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


def installed(*names: str) -> str:
    """The first of these browsers; where there is none the test is skipped, but never in CI."""
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        why = f"no browser: none of {', '.join(names)} is installed (apt-get install chromium)"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return found


@pytest.fixture(scope="package")
def driver() -> Iterator[Playwright]:
    with sync_playwright() as playwright:
        expect.set_options(timeout=WAIT_MS)
        yield playwright


@pytest.fixture(scope="package")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `disc.webm` of 20 s, `brief.webm` of 3 s and `camera.y4m`."""
    folder = tmp_path_factory.mktemp("films")
    disc_film(folder / "disc.webm", frames=600)
    disc_film(folder / "brief.webm", frames=90)
    camera_film(folder / "camera.y4m")
    return folder


@pytest.fixture(scope="package")
def browser(driver: Playwright) -> Iterator[Browser]:
    """The browser that most tests share; it has no camera."""
    launched = driver.chromium.launch(executable_path=installed(SHELL, *WHOLE), args=FLAGS)
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def seeing(driver: Playwright, films: Path) -> Iterator[Browser]:
    """A browser whose camera shows a person; who may use it is for each context to say."""
    flags = [*FLAGS, "--use-fake-device-for-media-stream"]
    flags.append(f"--use-file-for-fake-video-capture={films / 'camera.y4m'}")
    launched = driver.chromium.launch(executable_path=installed(*WHOLE), args=flags)
    yield launched
    launched.close()


@pytest.fixture(scope="package")
def live(driver: Playwright, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """The server that most tests share, with a session of old."""
    folder = tmp_path_factory.mktemp("live")
    saved(folder / "library", "old", written(folder / "library", "old"))
    with serving(folder, "--max-sessions", "4", "--allow-host", AWAY) as running:
        yield running


@pytest.fixture(scope="package")
def over(live: Live, films: Path) -> str:
    """A session that is over and found the disc's loop, L1, which has its master."""
    sid = live.play(films / "brief.webm", pace="fast", limits={"loops": 1})
    facts = live.until(sid, lambda facts: facts["state"] == "ended")
    assert facts["loops"][0]["id"] == "L1", facts
    assert facts["loops"][0]["has_master"], facts
    return sid


@pytest.fixture(autouse=True)
def tidy(live: Live) -> Iterator[None]:
    """Delete what a test began, once its pages are closed: it must cost the next one nothing."""
    before = {each["id"] for each in live.all()}
    yield
    for each in live.all():
        if each["id"] not in before:
            live.forget(each["id"])


@pytest.fixture
def disc(live: Live, films: Path) -> str:
    """A session that plays the disc's film at its own rate for 20 s."""
    return live.play(films / "disc.webm")


@pytest.fixture
def eyes(browser: Browser) -> Iterator[Eyes]:
    """Opens pages and watches them; what they did wrong fails the test when it is over."""
    with watching(browser) as seen:
        yield seen
