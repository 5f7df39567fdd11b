"""The report of a run in a browser: its loops play on, and where VP9 loses alpha a picture does."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from streaming.frames import Size
from streaming.settings import LoopSettings
from tests.browser.eyes import Eyes
from tests.media.figures import orbit
from tests.runs import OWN, clip_of, play

APPLE = (
    "Object.defineProperty(Navigator.prototype, 'vendor', { get: () => 'Apple Computer, Inc.' })"
)
# The times of the frames that a loop shows while it goes round twice.
SHOWN = """(film) => new Promise((done) => {
  const times = [];
  let rounds = 0;
  const see = (now, { mediaTime }) => {
    if (times.length && mediaTime < times.at(-1)) rounds += 1;
    times.push(mediaTime);
    if (rounds === 3) done(times);
    else film.requestVideoFrameCallback(see);
  };
  film.requestVideoFrameCallback(see);
})"""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("report")
    disc = orbit(Size(96, 64), 18, np.array([200, 60, 40], np.uint8))
    clip = clip_of(folder / "disc.webm", (disc[index % 18] for index in range(60)))
    loops = LoopSettings(loops=1)
    made = play(clip, folder / "out", matting=OWN, loops=loops)
    return Path(made.folder / "index.html").as_uri()


def test_a_loop_plays_over_and_over_without_leaving_out_its_ends(eyes: Eyes, report: str) -> None:
    page = eyes.open(report)
    film = page.locator(".card video").first
    assert page.locator("img.stand-in").count() == 0
    film.scroll_into_view_if_needed()
    times = film.evaluate(SHOWN)
    length = film.evaluate("film => film.duration")
    turns = [(before, after) for before, after in pairwise(times) if after < before]
    assert len(turns) == 3
    step = 1 / 30
    for before, after in turns:  # a busy machine may drop a frame or two anywhere
        assert length - before + after <= 6 * step, (before, after, length)


def test_where_vp9_loses_its_alpha_a_picture_stands_in(eyes: Eyes, report: str) -> None:
    page = eyes.open(report, script=APPLE)
    picture = page.locator(".card img.stand-in").first
    picture.wait_for()
    page.wait_for_function("() => document.querySelector('img.stand-in').complete")
    assert picture.evaluate("each => [each.naturalWidth, each.naturalHeight]") == [96, 64]
    assert picture.get_attribute("src").endswith(".webp")  # type: ignore[union-attr]
    assert page.locator(".card video").count() == 0
    box = picture.bounding_box()
    assert box is not None and box["width"] > 100, "it fills its stage as the video did"
