"""Pages that are watched: a console error, a request to elsewhere or a dialog is a fault."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

__all__ = ["Eyes", "watching"]

LIMIT_MS = 90_000
# Headless Chromium draws in software and says so.
HARMLESS = re.compile(
    r"GPU stall due to ReadPixels|GL Driver Message|Automatic fallback to software"
)


class Eyes:
    """Opens pages and keeps a list of what they did wrong.

    Args:
        browser: Where they are opened.

    Attributes:
        faults: What was seen that must not be.
        allowed: Patterns of console errors that the test brings about itself.
    """

    def __init__(self, browser: Browser) -> None:
        self.faults: list[str] = []
        self.allowed: list[str] = []
        self._browser = browser
        self._contexts: list[BrowserContext] = []

    def context(self, *, camera: bool = False, **about: Any) -> BrowserContext:
        """Somebody's browser: cookies of its own, and the camera only if it is granted."""
        about.setdefault("viewport", {"width": 1100, "height": 700})
        made = self._browser.new_context(**about)
        made.grant_permissions(["camera"] if camera else [])
        made.set_default_timeout(LIMIT_MS)
        self._contexts.append(made)
        made.on("page", self._watch)
        return made

    def open(self, link: str, *, script: str = "", camera: bool = False, **about: Any) -> Page:
        """Open a link in a browser of its own, with a script that runs before the page's."""
        context = self.context(camera=camera, **about)
        if script:
            context.add_init_script(script)
        page = context.new_page()
        page.goto(link)
        return page

    def close(self) -> None:
        """Close every page."""
        for each in self._contexts:
            each.close()

    def _watch(self, page: Page) -> None:
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.faults.append(f"page error: {error}"))
        page.on("dialog", lambda dialog: self._dialog(dialog.message, dialog.dismiss))
        page.on("request", lambda request: self._asked(page, request.url))

    def _heard(self, message: ConsoleMessage) -> None:
        words = f"{message.text} ({message.location['url']})"
        if message.type != "error" or HARMLESS.search(words):
            return
        if not any(re.search(each, words) for each in self.allowed):
            self.faults.append(f"console: {words}")

    def _dialog(self, words: str, dismiss: Callable[[], object]) -> None:
        self.faults.append(f"dialog: {words}")
        dismiss()

    def _asked(self, page: Page, url: str) -> None:
        where, here = urlsplit(url), urlsplit(page.url)
        if where.scheme in ("http", "https") and here.netloc and where.netloc != here.netloc:
            self.faults.append(f"asked {url}")


@contextmanager
def watching(browser: Browser) -> Iterator[Eyes]:
    """Watch pages of this browser; afterwards they must have done nothing wrong."""
    eyes = Eyes(browser)
    try:
        yield eyes
    finally:
        eyes.close()
    assert not eyes.faults, "\n".join(eyes.faults)
