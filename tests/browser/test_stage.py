"""The stage: every background and view, a still, a hidden tab, and the way without WebRTC."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.eyes import Eyes
from tests.browser.live import Live
from tests.browser.stage import CLEAR, Pixel, await_frames, await_pixel

CORNER, OTHER, MIDDLE = (0.02, 0.02), (0.98, 0.02), (0.5, 0.5)


def like(*colour: int, off: int = 14) -> tuple[Pixel, Pixel]:
    """Bounds around an opaque colour."""
    r, g, b = colour
    low = (max(0, r - off), max(0, g - off), max(0, b - off), 250)
    return low, (r + off, g + off, b + off, 255)


RED = like(220, 40, 60)
BLUE = like(0x20, 0x40, 0xFF)
GREY = like(127, 127, 127)  # behind the disc in what the film itself shows
GLOW = (
    (100, 80, 80, 250),
    (190, 141, 141, 255),
)  # that grey where the disc's red is blurred into it
BLACK, WHITE = like(0, 0, 0), like(255, 255, 255)


def test_every_background_and_view_switches_the_picture_at_once_without_the_server(
    live: Live, disc: str, eyes: Eyes
) -> None:
    page = eyes.open(live.page(disc))
    await_pixel(page, MIDDLE, RED)
    page.locator("#pause").click()
    expect(page.locator("#state")).to_have_attribute("data-state", "paused")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(f"{request.method} {request.url}"))

    def shows(corner: tuple[Pixel, Pixel], middle: tuple[Pixel, Pixel]) -> None:
        for place, bounds in ((CORNER, corner), (OTHER, corner), (MIDDLE, middle)):
            await_pixel(page, place, bounds, limit_s=2)

    shows(CLEAR, RED)
    behind = Image.open(BytesIO(page.locator("#picture").screenshot())).convert("RGB")
    assert len(behind.crop((0, 0, 60, 40)).getcolors() or ()) >= 2, "no checkerboard in the corner"

    background(page, "color")
    shows(like(0x1F, 0xB3, 0x5A), RED)
    page.locator("#background input[type=color]").fill("#2040ff")
    shows(BLUE, RED)

    picture = page.locator("#stage input[type=file]")
    picture.set_input_files(halves((250, 220, 20), (20, 160, 250)))
    await_pixel(page, CORNER, like(250, 220, 20), limit_s=5)
    await_pixel(page, OTHER, like(20, 160, 250), limit_s=2)
    await_pixel(page, MIDDLE, RED, limit_s=2)

    background(page, "blur")
    shows(GLOW, RED)
    background(page, "color")
    view(page, "matte")
    shows(BLACK, WHITE)
    view(page, "original")
    shows(GREY, RED)
    view(page, "split")
    await_pixel(page, CORNER, GREY, limit_s=2)
    await_pixel(page, OTHER, BLUE, limit_s=2)
    page.locator(".divider").press("Home")
    shows(BLUE, RED)
    page.locator(".divider").press("End")
    shows(GREY, RED)
    view(page, "result")
    shows(BLUE, RED)
    assert not [each for each in asked if "blob:" not in each]


def test_a_still_is_a_picture_with_alpha_whatever_is_behind_it(
    live: Live, disc: str, eyes: Eyes
) -> None:
    page = eyes.open(live.page(disc))
    await_pixel(page, MIDDLE, RED)
    background(page, "color")
    view(page, "matte")
    with page.expect_download() as saving:
        page.locator("#still").click()
    assert saving.value.suggested_filename.startswith("disc.webm ")
    with Image.open(saving.value.path()) as still:
        assert (still.format, still.mode, still.size) == ("PNG", "RGBA", (192, 128))
        corner, middle = still.getpixel((2, 2)), still.getpixel((96, 64))
    assert isinstance(corner, tuple) and corner[3] == 0
    assert isinstance(middle, tuple)
    assert middle == pytest.approx((220, 40, 60, 255), abs=14)


HIDDEN = """(hidden) => {
  const put = (name, value) => Object.defineProperty(document, name, { value, configurable: true });
  put("hidden", hidden);
  put("visibilityState", hidden ? "hidden" : "visible");
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_hidden_tab_costs_no_preview_and_goes_on_when_it_is_back(
    live: Live, disc: str, eyes: Eyes
) -> None:
    page = eyes.open(live.page(disc))
    await_frames(page, 5)
    assert viewers(live, disc, 1)
    page.evaluate(HIDDEN, True)
    assert viewers(live, disc, 0)
    page.evaluate(HIDDEN, False)
    await_frames(page, 5)
    assert viewers(live, disc, 1)


def viewers(live: Live, sid: str, wanted: int) -> bool:
    """Wait until the server has so many."""
    return bool(live.until(sid, lambda facts: facts["numbers"]["viewers"] == wanted))


@pytest.mark.timeout(240)
def test_where_webrtc_does_not_connect_the_picture_comes_as_mjpeg_and_says_why(
    live: Live, disc: str, eyes: Eyes
) -> None:
    broken = "RTCPeerConnection.prototype.setRemoteDescription = async function () {};"
    page = eyes.open(live.page(disc), script=broken)
    expect(page.locator("#picture")).to_have_attribute("data-transport", "mjpeg")
    said = page.locator("#toasts .toast")
    expect(said).to_contain_text("WebRTC did not connect within five seconds")
    expect(said).to_contain_text("MJPEG")
    expect(page.locator(".frame > .badge")).to_have_text("MJPEG")
    await_pixel(page, CORNER, CLEAR)
    await_pixel(page, MIDDLE, RED)
    await_frames(page, 5)


def background(page: Page, kind: str) -> None:
    page.locator(f"input[name=background][value={kind}]").check(force=True)


def view(page: Page, kind: str) -> None:
    page.locator(f"input[name=view][value={kind}]").check(force=True)


def halves(left: tuple[int, int, int], right: tuple[int, int, int]) -> FilePayload:
    """A picture of two colours."""
    pixels = np.empty((40, 60, 3), np.uint8)
    pixels[:, :30], pixels[:, 30:] = left, right
    file = BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return {"name": "halves.png", "mimeType": "image/png", "buffer": file.getvalue()}


SAY = """async (left) => {
  const { store } = await import("/static/app/store.js");
  store.emit("session", { ...store.session, state: "ending", left });
}"""


# The answer to a change comes after an event that says more.
LATE = """async () => {
  const { store } = await import("/static/app/store.js");
  let answer;
  const change = store.adopt(new Promise((resolve) => { answer = resolve; }));
  store.emit("session", { ...store.session });
  answer({ state: "paused", loops: [] });
  await change;
}"""


def test_what_is_left_when_a_clip_is_over_is_told_and_can_be_left_out(
    live: Live, disc: str, eyes: Eyes
) -> None:
    page = eyes.open(live.page(disc))
    page.locator("#pause").click()
    expect(page.locator("#state")).to_have_attribute("data-state", "paused")
    page.evaluate(SAY, {"done": 2, "of": 7, "mends": True})
    expect(page.locator("#state")).to_have_text("Mending 3 of 7")
    expect(page.locator("#meanwhile")).to_be_visible()
    expect(page.locator("#stop")).to_be_enabled()
    assert "not been tried" in (page.locator("#stop").get_attribute("aria-label") or "")
    page.evaluate(SAY, {"done": 7, "of": 7, "mends": True})
    expect(page.locator("#state")).to_have_text("Finishing")
    expect(page.locator("#stop")).to_be_disabled()
    expect(page.locator("#meanwhile")).to_be_hidden()
    page.evaluate(LATE)
    expect(page.locator("#state")).to_have_text("Finishing")
