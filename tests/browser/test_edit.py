"""A loop painted on in the page: one frame is painted, others follow, and a new loop plays."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from streaming.frames import U8
from tests.browser.clips import DISC
from tests.browser.eyes import Eyes
from tests.browser.live import Live
from tests.browser.stage import video_alpha
from tests.browser.test_editor import rgba
from tests.browser.test_loops import card

BLUE = "#2040e0"
SEEN = """async (at) => {
  const { editor } = await import("/static/app/edit/edit.js");
  await editor().show(at);
  const bytes = Array.from(editor().renderer.pixels(), (each) => String.fromCharCode(each));
  return btoa(bytes.join(""));
}"""


def blue(page: Page, at: int) -> float:
    """How many pixels of a frame are blue, and how far they are from the disc's colour."""
    return bluish(rgba(page.evaluate(SEEN, at), DISC)[..., :3])


def bluish(rgb: U8) -> float:
    wide = rgb.astype(int)
    return float(((wide[..., 2] > 160) & (wide[..., 0] < 90)).mean())


def paint(page: Page) -> None:
    """A stroke over the middle of the picture, which the disc always covers."""
    page.locator("[data-field=colour]").fill(BLUE)
    box = page.locator(".edit-canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x - 8, y)
    page.mouse.down()
    page.mouse.move(x + 8, y, steps=3)
    page.mouse.up()


@pytest.mark.timeout(300)
def test_paint_on_one_frame_follows_into_others_and_is_saved_as_a_loop(
    live: Live, eyes: Eyes, over: str
) -> None:
    page = eyes.open(live.page(over))
    card(page).locator("[data-do=edit]").click()
    page.locator("[data-do=fit-draft]").click()
    undo, save = page.locator("[data-do=undo]"), page.locator("dialog#edit [data-do=save]")
    expect(page.locator(".edit-canvas")).to_be_visible()
    expect(undo).to_be_disabled()
    expect(save).to_be_disabled()
    assert blue(page, 9) == 0
    blue(page, 0)
    paint(page)
    shares = [blue(page, at) for at in (0, 9, 18)]
    assert min(shares) > 0.5 * max(shares) > 0.002, shares
    undo.click()
    assert blue(page, 9) == 0
    page.keyboard.press("Control+Shift+Z")
    assert blue(page, 9) == shares[1]

    page.keyboard.press("Escape")
    expect(page.locator("dialog.ask")).to_contain_text("without saving")
    page.keyboard.press("Escape")
    save.click()
    expect(page.locator("#toasts")).to_contain_text("A new version")
    expect(save).to_be_disabled()
    page.locator("dialog#edit [data-do=close]").click()
    made = next(each for each in live.facts(over)["loops"] if each["version_of"] == "L1")
    assert (made["state"], made["has_master"], made["frames"]) == ("written", True, 36)
    version = card(page, made["id"])
    expect(version).to_be_visible()
    assert video_alpha(version.locator("video"), (0.02, 0.02), (0.5, 0.5)) == [0, 255]
    assert bluish(poster(live, page, over, made["id"])) > 0.5 * shares[0]

    page.reload()  # the version goes on where it was left
    version.locator("[data-do=edit]").click()
    expect(page.locator(".edit-canvas")).to_be_visible()
    expect(page.locator(".edit-message")).to_be_hidden()
    assert blue(page, 9) == pytest.approx(shares[1], rel=0.02)
    expect(save).to_be_disabled()
    page.locator("dialog#edit [data-do=close]").click()
    expect(page.locator("dialog#edit")).to_be_hidden()
    for path in (f"L1.{made['id'].partition('.')[2]}", "L1/edit"):
        live.ask("DELETE", f"/api/sessions/{over}/loops/{path}")
    expect(page.locator(f'article[data-loop="{re.escape(made["id"])}"]')).to_have_count(0)


def poster(live: Live, page: Page, sid: str, lid: str) -> U8:
    """The first frame of a loop's file."""
    answer = page.request.get(f"{live.origin}/api/sessions/{sid}/loops/{lid}/poster.webp")
    with Image.open(io.BytesIO(answer.body())) as picture:
        return np.asarray(picture.convert("RGB"))
