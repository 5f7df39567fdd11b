"""The browser's camera: a person goes in, stands there without a background, and loops."""

import psutil
import pytest
from playwright.sync_api import Browser, Page, Playwright, expect

from tests.browser.conftest import AWAY, FLAGS, WHOLE, installed
from tests.browser.eyes import Eyes, watching
from tests.browser.live import Live
from tests.browser.stage import CLEAR, SOLID, await_frames, await_pixel, front, video_alpha

CORNER, CHEST = (0.02, 0.02), (0.5, 0.9)

RECORDING = """
window.configurations = [];
window.RTCPeerConnection = class extends RTCPeerConnection {
  constructor(configuration) { super(configuration); configurations.push(this.getConfiguration()); }
};
"""
MULTICAST_DNS = "224.0.0.251"  # asks this network who a browser's `.local` candidate is


# A loop that gives way to a better one may be gone while a page still asks for it.
REPLACED = r"status of 404 .*/loops/L\d+/(file|poster)"


@pytest.fixture(scope="module")
def browser(seeing: Browser) -> Browser:
    return seeing


@pytest.mark.timeout(300)
def test_a_camera_is_matted_and_loops_for_two_viewers_without_a_word_to_a_stun_server(
    live: Live, eyes: Eyes
) -> None:
    eyes.allowed.append(REPLACED)
    page = eyes.open(live.page(), camera=True, script=RECORDING)
    front(page)
    page.locator("#open-camera").click()
    page.locator("#start-camera").click()
    shows_a_person(page)
    facts = live.all()[0]
    assert (facts["kind"], facts["live"], facts["size"]) == ("whip", True, [320, 240])

    other = eyes.open(live.page(facts["id"]), script=RECORDING)
    shows_a_person(other)
    live.until(facts["id"], lambda facts: facts["numbers"]["viewers"] == 2)
    written = page.locator("[data-shelf=loops] article[data-state=written]").first
    lid = written.get_attribute("data-loop")
    for each in (page, other):
        video = each.locator(f'article[data-loop="{lid}"] video')
        corner, chest = video_alpha(video, CORNER, CHEST)
        assert corner < 12
        assert chest > 243
        expect(video).to_have_js_property("paused", False)
        used = each.evaluate("configurations.map((each) => each.iceServers)")
        assert used and not any(used)
    assert not asked_elsewhere(live)

    page.locator("#camera-stop").click()
    expect(other.locator("#state")).to_have_attribute("data-state", "ended")
    expect(page.locator("#camera-stop")).to_be_hidden()


def test_a_camera_that_is_refused_is_told_of_and_can_be_tried_again(live: Live, eyes: Eyes) -> None:
    page = eyes.open(live.page())
    front(page)
    problem = page.locator("#camera .problem")
    page.locator("#open-camera").click()
    expect(problem).to_contain_text("The browser was not allowed to use the camera")
    page.context.grant_permissions(["camera"])
    page.locator("#open-camera").click()
    expect(page.locator("video.self")).to_be_visible()
    expect(problem).to_be_hidden()


def test_a_page_of_another_machine_says_what_a_camera_needs(live: Live, eyes: Eyes) -> None:
    eyes.allowed.append("Cross-Origin-Opener-Policy header has been ignored")  # for want of https
    page = eyes.open(live.page().replace("127.0.0.1", AWAY), camera=True)
    front(page)
    page.locator("#open-camera").click()
    expect(page.locator("#camera .problem")).to_contain_text("--tls-cert")


def test_no_camera_is_told_of(live: Live, driver: Playwright) -> None:
    flags = [*FLAGS, "--use-fake-device-for-media-stream=device-count=0"]
    browser = driver.chromium.launch(executable_path=installed(*WHOLE), args=flags)
    with watching(browser) as eyes:
        page = eyes.open(live.page(), camera=True)
        front(page)
        page.locator("#open-camera").click()
        expect(page.locator("#camera .problem")).to_contain_text("No camera was found")
    browser.close()


def shows_a_person(page: Page) -> None:
    expect(page.locator("#picture")).to_have_attribute("data-transport", "webrtc")
    await_pixel(page, CORNER, CLEAR)
    await_pixel(page, CHEST, SOLID)
    await_frames(page, 8)


def asked_elsewhere(live: Live) -> list[str]:
    """What the server's spy saw that was not meant for this machine or its own network's DNS."""
    own = {
        each.address.partition("%")[0] for all_ in psutil.net_if_addrs().values() for each in all_
    }
    seen = live.spied()
    assert any(line.startswith("socket.sendto") for line in seen), "the spy saw no packet at all"
    return [line for line in seen if not any(repr(name) in line for name in (*own, MULTICAST_DNS))]
