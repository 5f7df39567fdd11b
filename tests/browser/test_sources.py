"""Files that are dropped and picked, and a server that goes and comes back under an open page."""

import base64
import re
import signal
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, expect

from tests.browser.eyes import Eyes
from tests.browser.live import Live, serving
from tests.browser.stage import CLEAR, SOLID, await_frames, await_pixel, front

LOST = r"ERR_(CONNECTION_REFUSED|CONNECTION_RESET|EMPTY_RESPONSE|INCOMPLETE_CHUNKED_ENCODING)"

DROP = """([name, base64]) => {
  const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], name, { type: "video/webm" }));
  const over = { dataTransfer, bubbles: true, cancelable: true };
  const place = document.getElementById("drop");
  for (const kind of ["dragenter", "dragover", "drop"]) {
    place.dispatchEvent(new DragEvent(kind, over));
  }
}"""


def test_a_file_that_is_none_is_refused_in_the_servers_words(live: Live, eyes: Eyes) -> None:
    eyes.allowed.append(r"status of 4\d\d .*/api/uploads")
    page = eyes.open(live.page())
    front(page)
    playlist = b"#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n"
    nasty: FilePayload = {"name": "film.mp4", "mimeType": "video/mp4", "buffer": playlist}
    with page.expect_response("**/api/uploads") as answer:
        page.locator("#file").set_input_files(nasty)
    said = answer.value.json()["error"]
    expect(page.locator("#drop .problem")).to_have_text(said)
    expect(page.locator("#choose-file")).to_be_visible()
    assert answer.value.status in (415, 422)


def test_a_dropped_file_plays_without_its_background(live: Live, eyes: Eyes, films: Path) -> None:
    page = eyes.open(live.page())
    front(page)
    film = base64.b64encode((films / "brief.webm").read_bytes()).decode()
    page.evaluate(DROP, ["brief.webm", film])
    expect(page.locator("body")).to_have_attribute("data-view", "work")
    expect(page.locator("#now .name")).to_have_text("brief.webm")
    await_pixel(page, (0.02, 0.02), CLEAR)
    await_pixel(page, (0.5, 0.5), SOLID)


@pytest.mark.timeout(240)
def test_a_server_that_is_killed_and_started_again_has_its_page_and_its_loops_back(
    eyes: Eyes, films: Path, tmp_path: Path
) -> None:
    eyes.allowed.append(LOST)
    with serving(tmp_path) as live:
        sid = live.play(films / "disc.webm")
        page = eyes.open(live.page(sid))
        loop = page.locator('article[data-loop="L1"]')
        expect(loop).to_have_attribute("data-state", "written")
        await_frames(page, 5)
        live.end(signal.SIGKILL)
        expect(page.locator("#lost")).to_contain_text("The server does not answer")

        live.begin()
        expect(page.locator("#lost")).to_be_hidden()
        expect(page.locator("#state")).to_have_attribute("data-state", re.compile("ended|failed"))
        expect(loop).to_have_attribute("data-state", "written")
        page.reload()  # the new start's link was not opened: the cookie of old must do
        expect(loop.locator("video")).to_have_js_property("paused", False)
        front(page)
        entry = page.locator(f'.entry[data-session="{sid}"]')
        expect(entry).to_contain_text("disc.webm")
        expect(entry.locator(".facts")).to_contain_text("loop")
        again = live.play(films / "brief.webm")
        page.goto(f"{live.origin}/#s/{again}")
        await_frames(page, 5)
