"""Every form that browsers play, played in one, its transparency read from a canvas."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, Route

from streaming.frames import U8
from streaming.media.film import Film
from streaming.media.recipes import (
    ApngRecipe,
    AvifRecipe,
    GifRecipe,
    Recipe,
    StackedRecipe,
    WebmRecipe,
    WebpRecipe,
)
from streaming.media.written import write

SIDE = 64
KINDS = {
    ".html": "text/html",
    ".webm": "video/webm",
    ".webp": "image/webp",
    ".png": "image/png",
    ".gif": "image/gif",
    ".avif": "image/avif",
}
PICTURES: dict[str, Recipe] = {
    "a.webp": WebpRecipe(),
    "a.png": ApngRecipe(),
    "p.png": ApngRecipe(colours=32),
    "a.gif": GifRecipe(),
    "a.avif": AvifRecipe(),
}
LOOK = """
const pen = Object.assign(document.createElement("canvas"), { width: 64, height: 64 })
  .getContext("2d", { willReadFrequently: true });
const look = (film) => {
  pen.clearRect(0, 0, 64, 64);
  pen.drawImage(film, 0, 0);
  return [16, 48].map((x) => [...pen.getImageData(x, 32, 1, 1).data]);
};
"""
# What a film or canvas shows, left and right, each time that its sides have changed.
TURNS = """async (chosen) => {
  LOOK
  const film = document.querySelector(chosen);
  const turns = [];
  const end = performance.now() + 30000;
  while (turns.length < 5 && performance.now() < end) {
    await new Promise(requestAnimationFrame);
    const [left, right] = look(film);
    if (Math.abs(left[3] - right[3]) < 200) continue;
    const side = left[3] > right[3] ? "left" : "right";
    if (turns.at(-1)?.side !== side) turns.push({ side, left, right });
  }
  return turns;
}""".replace("LOOK", LOOK)
# A page's canvas shows the first frame of a picture alone, so the browser's decoder is asked.
FRAMES = """async ([name, type]) => {
  LOOK
  const decoder = new ImageDecoder({ data: (await fetch(name)).body, type });
  await decoder.completed;
  const track = decoder.tracks.selectedTrack;
  const frames = [];
  for (let frameIndex = 0; frameIndex < track.frameCount; frameIndex += 1) {
    const { image } = await decoder.decode({ frameIndex });
    const [left, right] = look(image);
    frames.push({ side: left[3] > right[3] ? "left" : "right", left, right, us: image.duration });
  }
  return { frames, again: track.repetitionCount === Infinity ? -1 : track.repetitionCount };
}""".replace("LOOK", LOOK)


def halves() -> Film:
    """An opaque red half that stands left for 0.4 s and right for 0.4 s; the rest is invisible."""
    frames: list[U8] = []
    for number in range(8):
        frame = np.zeros((SIDE, SIDE, 4), np.uint8)
        half = slice(0, SIDE // 2) if number < 4 else slice(SIDE // 2, SIDE)
        frame[:, half] = (200, 30 + 16 * number, 40, 255)
        frames.append(frame)
    return Film.of(frames, [Fraction(n, 10) for n in range(8)], Fraction(4, 5))


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported")
    for name, recipe in PICTURES.items():
        write(folder / name, halves(), recipe)
    write(folder / "a.webm", halves(), WebmRecipe())
    write(folder / "twice.gif", halves(), GifRecipe(plays=2))
    write(folder / "stacked.mp4", halves(), StackedRecipe())
    (folder / "blank.html").write_text("<!doctype html><title>blank</title>", "utf-8")
    return folder


@pytest.fixture
def page(browser: Browser, exported: Path) -> Iterator[Page]:
    """A page whose address is nowhere: what it asks for is read from the folder."""
    opened = browser.new_page()

    def answer(route: Route) -> None:
        name = route.request.url.rpartition("/")[2]
        route.fulfill(body=(exported / name).read_bytes(), content_type=KINDS[Path(name).suffix])

    opened.route("https://exported.example/*", answer)
    opened.goto("https://exported.example/blank.html")
    yield opened
    opened.close()


def check(shown: dict[str, Any]) -> None:
    """The red half is there, the other is not."""
    there, gone = (shown["left"], shown["right"])[:: 1 if shown["side"] == "left" else -1]
    assert there[3] >= 253 and gone[3] <= 2, shown
    assert abs(there[0] - 200) <= 14 and abs(there[2] - 40) <= 14, shown


@pytest.mark.parametrize("name", PICTURES)
def test_a_browser_plays_every_frame_with_transparency(page: Page, name: str) -> None:
    seen = page.evaluate(FRAMES, [name, KINDS[Path(name).suffix]])
    assert [each["side"] for each in seen["frames"]] == 4 * ["left"] + 4 * ["right"]
    assert [each["us"] for each in seen["frames"]] == 8 * [100_000]
    assert seen["again"] == -1
    for each in seen["frames"]:
        check(each)


def test_a_gif_plays_as_often_as_it_should(page: Page) -> None:
    assert page.evaluate(FRAMES, ["twice.gif", "image/gif"])["again"] == 1


def test_a_browser_plays_webm_over_and_over_with_transparency(page: Page) -> None:
    page.set_content('<video id="loop" src="a.webm" muted loop autoplay></video>')
    turns = page.evaluate(TURNS, "#loop")
    assert [each["side"] for each in turns] == ["left", "right", "left", "right", "left"]
    for each in turns:
        check(each)


def test_the_stacked_player_plays_from_its_own_file(browser: Browser, exported: Path) -> None:
    page = browser.new_page()
    faults: list[str] = []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.goto((exported / "stacked.html").as_uri())
    turns = page.evaluate(TURNS, "#loop")
    page.close()
    assert not faults
    assert [each["side"] for each in turns] == ["left", "right", "left", "right", "left"]
    for each in turns:
        check(each)
