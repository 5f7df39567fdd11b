"""A loop painted on in the page: one frame is painted, others follow, and a new loop plays."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from streaming.frames import U8
from tests.browser.clips import DISC
from tests.browser.easel import LOSE, rgba
from tests.browser.eyes import Eyes
from tests.browser.live import Live
from tests.browser.stage import video_alpha
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
    for _ in ("refining", "draft"):  # of a run that failed
        live.ask("DELETE", f"/api/sessions/{over}/loops/L1/edit")
    page = eyes.open(live.page(over))
    card(page).locator("[data-do=edit]").click()
    begin(page)
    undo, save = page.locator("[data-do=undo]"), page.locator("dialog#edit [data-do=save]")
    expect(page.locator(".edit-canvas")).to_be_visible()
    expect(undo).to_be_disabled()
    expect(save).to_be_disabled()
    assert (blue(page, 9), blue(page, 0)) == (0, 0)
    paint(page)
    shares = [blue(page, at) for at in (0, 9, 18)]
    assert min(shares) > 0.5 * max(shares) > 0.002, shares
    undo.click()
    assert blue(page, 9) == 0
    page.keyboard.press("Control+Shift+Z")
    assert blue(page, 9) == shares[1]
    is_made_exact(page, shares[1])

    loses_its_graphics(page)
    by_hand(page)
    leaves_only_when_asked(page, eyes)
    save.click()
    expect(page.locator("#toasts")).to_contain_text("A new version")
    expect(save).to_be_disabled()
    page.go_back()
    expect(page.locator("dialog#edit")).to_be_hidden()
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
    assert blue(page, 9) == pytest.approx(shares[1], rel=0.1)
    expect(save).to_be_disabled()
    page.get_by_text("Without it").click()
    expect(save).to_be_enabled()
    page.locator("dialog#edit [data-do=close]").click()
    expect(page.locator("dialog#edit")).to_be_hidden()
    for path in (f"L1.{made['id'].partition('.')[2]}", "L1/edit"):
        live.ask("DELETE", f"/api/sessions/{over}/loops/{path}")
    expect(page.locator(f'article[data-loop="{re.escape(made["id"])}"]')).to_have_count(0)


PACE = """async () => {
  const { Pace } = await import("/static/app/edit/pace.js");
  const pace = new Pace();
  const left = [pace.left(0)];
  for (const [share, at] of [[0, 0], [0.05, 5_000], [0.1, 10_000]]) pace.see(share, at);
  return [...left, ...[10_000, 40_000, 500_000].map((now) => Math.round(pace.left(now)))];
}"""


def begin(page: Page) -> None:
    """Have a draft made, told how long that takes."""
    expect(page.locator(".edit-offers .remark").nth(1)).to_contain_text("a few seconds, less exact")
    assert page.evaluate(PACE) == [None, 90, 60, 9]
    page.locator("[data-do=fit-draft]").click()


def is_made_exact(page: Page, share: float) -> None:
    """What was painted on the draft is there on the exact fit, and can still be undone."""
    page.get_by_text("Make it exact").click()
    expect(page.locator(".edit-fitting")).to_be_visible()
    expect(page.locator(".edit-canvas")).to_be_visible()
    expect(page.locator(".edit-message")).to_be_hidden()
    expect(page.get_by_text("Make it exact")).to_be_hidden()
    assert blue(page, 9) == pytest.approx(share, rel=0.1)
    page.locator("[data-do=undo]").click()
    assert blue(page, 9) == 0
    page.locator("[data-do=redo]").click()
    assert blue(page, 9) == pytest.approx(share, rel=0.1)


def loses_its_graphics(page: Page) -> None:
    """It says so, and when they are back, what was painted is there again."""
    before, message = blue(page, 9), page.locator(".edit-message")
    page.evaluate(EDITOR)
    page.evaluate(LOSE)
    expect(message).to_contain_text("lost its graphics")
    page.evaluate("() => lose.restoreContext()")
    expect(message).to_be_hidden()
    assert blue(page, 9) == before


EDITOR = """async () => {
  const { editor } = await import("/static/app/edit/edit.js");
  window.editor = editor();
}"""


def by_hand(page: Page) -> None:
    """A pen paints by how it presses, one finger paints, and two only move what is seen."""
    box = page.locator(".edit-canvas").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    wire = page.context.new_cdp_session(page)
    undo = page.locator("[data-do=undo]")
    shares = [blue(page, 0)]
    page.locator("[data-field=size]").fill("12")
    pen = {"button": "left", "pointerType": "pen", "x": x, "y": y - 60, "clickCount": 1}
    for force in (0.1, 0.7):
        for kind in ("mousePressed", "mouseReleased"):
            wire.send("Input.dispatchMouseEvent", {"type": kind, "force": force, **pen})
        shares.append(blue(page, 0))
    assert 0 < 3 * (shares[1] - shares[0]) < shares[2] - shares[0], shares

    def touch(kind: str, *places: tuple[float, float]) -> None:
        points = [{"x": a, "y": b, "id": at} for at, (a, b) in enumerate(places)]
        wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (x, y + 60))
    touch("touchMove", (x + 20, y + 60))
    touch("touchEnd")
    shares.append(blue(page, 0))
    assert shares[3] > shares[2]
    touch("touchStart", (x - 20, y))
    touch("touchStart", (x - 20, y), (x + 20, y))
    touch("touchMove", (x - 40, y), (x + 40, y))
    touch("touchEnd")
    wide = page.locator(".edit-canvas").bounding_box()
    assert wide
    assert wide["width"] > 1.5 * box["width"]
    assert blue(page, 0) == shares[3]
    for _ in range(3):
        undo.click()
    assert blue(page, 0) == shares[0]


def leaves_only_when_asked(page: Page, eyes: Eyes) -> None:
    """Escape, the back button and closing the page ask whoever has painted."""
    ask = page.locator("dialog.ask")
    for leave in (lambda: page.keyboard.press("Escape"), page.go_back):
        for _ in range(2):  # a browser lets nobody hold a dialog open twice in a row
            leave()
            expect(ask).to_contain_text("without saving")
            page.keyboard.press("Escape")
            expect(ask).to_have_count(0)
    with page.expect_event("dialog"):
        page.close(run_before_unload=True)
    assert eyes.faults == ["dialog: "]
    eyes.faults.clear()
    expect(page.locator(".edit-canvas")).to_be_visible()


def poster(live: Live, page: Page, sid: str, lid: str) -> U8:
    """The first frame of a loop's file."""
    answer = page.request.get(f"{live.origin}/api/sessions/{sid}/loops/{lid}/poster.webp")
    with Image.open(io.BytesIO(answer.body())) as picture:
        return np.asarray(picture.convert("RGB"))
