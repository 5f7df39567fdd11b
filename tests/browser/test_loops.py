"""Loops on the page: the gallery, the seam inspector, the timeline, and names that stay names."""

import re

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.browser.eyes import Eyes
from tests.browser.live import Live
from tests.browser.stage import front, video_alpha

MARKUP = "<img src=x onerror=alert(1)>"


def card(page: Page, lid: str = "L1") -> Locator:
    return page.locator(f'article.loop-card[data-loop="{lid}"]')


def test_the_seam_inspector_moves_an_end_and_writes_a_version(
    live: Live, eyes: Eyes, over: str
) -> None:
    page = eyes.open(live.page(over))
    card(page).locator("[data-do=seam]").click()
    expect(page.locator("dialog#seam .seam-body")).to_be_visible()
    off, end = page.locator(".seam-off"), page.locator("input[data-side=end]")
    write = page.locator("[data-do=write]")
    before, stood = off.inner_text(), int(end.input_value())
    expect(write).to_be_disabled()
    page.locator("[data-do=end-back]").click()
    expect(end).to_have_value(str(stood - 1))
    expect(off).not_to_have_text(before)
    assert number(off) > number_in(before)
    page.locator("[data-do=reset]").click()
    expect(off).to_have_text(before)
    end.press("ArrowLeft")
    expect(end).to_have_value(str(stood - 1))
    write.click()
    expect(page.locator("dialog#seam")).to_be_hidden()

    version = page.locator(".versions [data-version][aria-pressed=true]")
    expect(version).not_to_have_attribute("data-version", "L1")
    lid = version.get_attribute("data-version")
    assert lid is not None
    expect(card(page, lid)).to_have_attribute("data-state", "written")
    expect(card(page)).to_be_hidden()
    assert video_alpha(card(page, lid).locator("video"), (0.02, 0.02), (0.5, 0.5)) == [0, 255]
    made = next(each for each in live.facts(over)["loops"] if each["id"] == lid)
    assert (made["version_of"], made["frames"]) == ("L1", 35)
    live.ask("DELETE", f"/api/sessions/{over}/loops/{lid}")
    expect(card(page)).to_be_visible()


def number(element: Locator) -> float:
    return number_in(element.inner_text())


def number_in(words: str) -> float:
    found = re.search(r"\d+(\.\d+)?", words)
    assert found, words
    return float(found[0])


def test_a_loop_is_made_for_a_place_and_saved_from_the_page(
    live: Live, eyes: Eyes, over: str
) -> None:
    page = eyes.open(live.page(over))
    card(page).locator("[data-do=export]").click()
    row = page.locator("dialog#exports [data-target=discord-emoji]")
    expect(row).to_contain_text("exactly 128x128 px")
    page.locator("[data-field=stroke]").fill("3")
    row.locator("[data-do=make]").click()
    expect(row).to_have_attribute("data-state", "ready")
    with page.expect_download() as saving:
        row.locator("[data-do=save]").click()
    assert saving.value.suggested_filename.endswith("discord-emoji.webp")
    with Image.open(saving.value.path()) as picture:
        assert (picture.format, picture.size, picture.mode) == ("WEBP", (128, 128), "RGBA")
    page.reload()
    card(page).locator("[data-do=export]").click()
    expect(row).to_have_attribute("data-state", "ready")
    live.ask("DELETE", f"/api/sessions/{over}/loops/L1/exports/discord-emoji")
    expect(row).to_have_attribute("data-state", "none")


def test_ways_to_mend_are_offered_for_other_ends(live: Live, eyes: Eyes, over: str) -> None:
    page = eyes.open(live.page(over))
    card(page).locator("[data-do=seam]").click()
    write = page.locator("[data-do=write]")
    expect(write).to_be_disabled()
    page.locator("[data-do=mends]").click()
    ways = page.locator(".mend:not([data-method=none])")
    expect(page.locator(".mending [role=status]")).not_to_contain_text("Trying")
    if ways.count():  # a loop that closes by itself may leave nothing to mend
        ways.first.click()
        expect(write).to_be_enabled()
        page.locator(".mend[data-method=none]").click()
        expect(write).to_be_disabled()
    page.keyboard.press("Escape")


def test_an_arc_and_its_card_light_each_other_and_a_press_plays_the_span(
    live: Live, eyes: Eyes, over: str
) -> None:
    page = eyes.open(live.page(over))
    arc, lit = page.locator('.arc[data-loop="L1"]'), re.compile(r"\blit\b")
    expect(card(page)).not_to_have_class(lit)
    arc.locator(".disc").hover()
    expect(card(page)).to_have_class(lit)
    page.locator("#bar").hover()
    expect(card(page)).not_to_have_class(lit)
    card(page).hover()
    expect(arc).to_have_class(lit)
    arc.press("Enter")
    expect(page.locator(".overlay")).to_have_attribute("data-asked", "true")
    expect(page.locator(".overlay video")).to_have_js_property("paused", False)
    page.keyboard.press("Escape")
    expect(page.locator(".overlay")).to_have_attribute("data-asked", "false")


def test_a_span_marked_by_hand_becomes_a_loop(live: Live, disc: str, eyes: Eyes) -> None:
    page = eyes.open(live.page(disc))
    live.until(disc, lambda facts: facts["time_s"] > 2.5)
    box = page.locator(".tl-plot").bounding_box()
    strip = page.locator(".tl-caret").bounding_box()
    assert box and strip
    y = strip["y"] + strip["height"] / 3
    page.mouse.move(box["x"] + 30, y)
    page.mouse.down()
    page.mouse.move(box["x"] + 60, y, steps=3)
    page.mouse.move(box["x"] + 90, y, steps=3)
    page.mouse.up()
    ends = [float(page.locator(f"[data-field={side}]").input_value()) for side in ("in", "out")]
    assert ends[0] < ends[1]
    page.locator("[data-do=cut]").click()
    expect(page.locator("article[data-kind=hand]")).to_have_attribute("data-state", "written")
    loop = next(each for each in live.facts(disc)["loops"] if each["kind"] == "hand")
    assert [loop["start_s"], loop["end_s"]] == pytest.approx(ends, abs=0.04)


def test_a_span_of_a_file_can_be_cut_when_all_is_over(live: Live, eyes: Eyes, over: str) -> None:
    page = eyes.open(live.page(over))
    expect(card(page)).to_have_attribute("data-state", "written")
    for side, time_s in (("in", "0.4"), ("out", "1.2")):
        page.locator(f"[data-field={side}]").fill(time_s)
        page.locator(f"[data-field={side}]").press("Enter")
    page.locator("[data-do=cut]").click()
    hand = page.locator("article[data-kind=hand]")
    expect(hand).to_have_attribute("data-state", "written")
    expect(hand).to_contain_text("0.80 s")
    live.ask("DELETE", f"/api/sessions/{over}/loops/{hand.get_attribute('data-loop')}")


def test_names_that_are_markup_stay_text_everywhere(live: Live, eyes: Eyes, over: str) -> None:
    page = eyes.open(live.page(over))
    title = card(page).locator(".loop-title")
    title.click()
    card(page).locator("h3 input").fill(MARKUP)
    card(page).locator("h3 input").press("Enter")
    expect(title).to_have_text(MARKUP)
    page.locator("#now .name").click()
    page.locator("#now input").fill(MARKUP)
    page.locator("#now input").press("Enter")
    expect(page.locator("#now .name")).to_have_text(MARKUP)

    page.reload()
    expect(page.locator("#now .name")).to_have_text(MARKUP)
    expect(page.locator('.arc[data-loop="L1"] title')).to_contain_text(MARKUP)
    page.locator('.arc[data-loop="L1"]').press("Enter")
    expect(page.locator(".overlay .badge")).to_have_text(MARKUP)
    page.keyboard.press("Escape")
    card(page).locator("[data-do=seam]").click()
    expect(page.locator("dialog#seam h2")).to_contain_text(MARKUP)
    page.locator("dialog#seam [data-do=close]").click()
    front(page)
    entry = page.locator(f'.entry[data-session="{over}"]')
    expect(entry.locator(".title")).to_have_text(MARKUP)
    entry.locator("button.danger").click()
    expect(page.locator("dialog.ask")).to_contain_text(MARKUP)
    page.keyboard.press("Escape")
    assert page.locator("img[src=x], [onerror]").count() == 0


@pytest.mark.timeout(300)
def test_by_keyboard_alone_the_clip_is_started_its_seam_looked_at_and_a_loop_kept(
    live: Live, eyes: Eyes
) -> None:
    page = eyes.open(live.page())
    front(page)
    walk(page, "#start-demo")
    page.keyboard.press("Enter")
    expect(page.locator("#state")).to_have_attribute("data-state", "running")
    sid = live.all()[0]["id"]
    live.tell("PATCH", f"/api/sessions/{sid}", limits={"loops": 1})  # more would only cost time
    live.until(sid, lambda facts: facts["loops"])
    live.tell("PATCH", f"/api/sessions/{sid}", state="stopped")  # and so would the clip's rest
    made = page.locator("[data-shelf=loops] article[data-state=written]").first
    expect(made).to_be_visible()
    walk(page, "article[data-state=written] [data-do=seam]")
    page.keyboard.press("Enter")
    expect(page.locator("dialog#seam .seam-body")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog#seam")).to_be_hidden()
    walk(page, "article[data-state=written] [data-do=keep]")
    page.keyboard.press("Space")
    kept = page.locator("article[data-kept=true]")
    expect(kept).to_have_count(1)
    loops = live.facts(sid)["loops"]
    assert [each["kept"] for each in loops].count(True) == 1


def walk(page: Page, wanted: str, *, most: int = 120) -> None:
    """Press Tab until something of that kind has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate("(wanted) => document.activeElement.matches(wanted)", wanted):
            return
    raise AssertionError(f"{most} times Tab does not lead to {wanted}")
