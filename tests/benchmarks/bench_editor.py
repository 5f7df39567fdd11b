"""The editor's page in Chromium without a graphics card: how quickly it plays an edited loop.

    python -m tests.benchmarks.bench_editor

Target: the 25 frames a second of the renderer. Beside it stands what a frame costs all processes of
Chromium together, for which neighbours on the machine count less.
"""

import shutil
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from playwright.sync_api import Page, Route, sync_playwright

from streaming.atlas.packed import Turn, pack
from streaming.frames import Size
from tests.atlas.scene import Scene
from tests.benchmarks.measuring import row, title
from tests.browser.easel import BUNDLE, OPEN, STROKE
from tests.commands import ROOT

SIZES = (Size(640, 360), Size(1280, 720))
COUNT, FPS, WARM_S, MEASURE_S = 48, 30, 3.0, 5.0
KINDS = {"": "text/html", ".js": "text/javascript"}
# The player shows what is due; frames that come too late are left out.
PLAY = """async (seconds) => {
  const { Player } = await import("/static/app/edit/player.js");
  window.player ??= new Player(editor);
  const { renderer } = editor;
  let drawn = 0;
  const draw = renderer.draw.bind(renderer);
  renderer.draw = (how) => { drawn += 1; draw(how); };
  player.run(true);
  await new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
  player.run(false);
  renderer.draw = draw;
  return drawn;
}"""
STROKES: dict[str, list[tuple[int, list[list[float]], float]]] = {
    "nothing": [],
    "a mark on the subject": [(0, [[0.47, 0.42], [0.53, 0.56]], 0.02)],
    "marks, and a band across what is behind": [(1, [[0.08, 0.14], [0.94, 0.83]], 0.05)],
}


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        flags = ["--no-sandbox", "--disable-gpu"]
        browser = playwright.chromium.launch(executable_path=found, args=flags)
        for size in SIZES:
            page = opened(browser.new_page(), size, Path(folder) / "bundle.bin")
            title(f"{size.width}x{size.height}, {COUNT} frames of {FPS} a second")
            for name, strokes in STROKES.items():
                for layer, places, share in strokes:
                    at = [[x * size.width, y * size.height] for x, y in places]
                    page.evaluate(STROKE, [layer, at, share * size.width, {"opacity": 0.8}])
                page.evaluate(PLAY, WARM_S)
                measured(page, name)
            page.close()
        browser.close()


def measured(page: Page, name: str) -> None:
    """Print what playing takes."""
    before = spent_s()
    drawn = page.evaluate(PLAY, MEASURE_S)
    cost_ms = 1000 * (spent_s() - before) / max(1, drawn)
    row(name, f"{drawn / MEASURE_S:.1f} /s, {cost_ms:.0f} core-ms each", ">= 25 /s")


def spent_s() -> float:
    """Processor time of the browser and its processes."""
    all_of_it = [
        each.cpu_times()
        for each in psutil.Process().children(recursive=True)
        if "chrom" in each.name()
    ]
    return float(sum(each.user + each.system for each in all_of_it))


def opened(page: Page, size: Size, path: Path) -> Page:
    """The editor on a page of its own, with what a server would give it."""
    scene = Scene(size, COUNT)
    pack(scene.truth(), scene.footage(), Turn(tuple(range(COUNT)), COUNT / FPS), path)

    def answer(route: Route) -> None:
        place = urlsplit(route.request.url).path
        if place == BUNDLE:
            return route.fulfill(body=path.read_bytes())
        file = ROOT / place.lstrip("/")
        text = file.read_text("utf-8") if file.is_file() else "<!doctype html>"
        return route.fulfill(body=text, content_type=KINDS.get(file.suffix, "text/plain"))

    page.route("**/*", answer)
    page.goto("http://editor.test/")
    page.evaluate(OPEN)
    return page


if __name__ == "__main__":
    main()
