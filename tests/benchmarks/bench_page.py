"""The page in Chromium on the same cores: how soon there is a picture, how many, what stays behind.

Chromium composites in software here and takes more than the server does, so the server's own share
stands beside each number.
"""

import asyncio
import contextlib
import shutil
import statistics
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import av
import psutil
from playwright.async_api import Browser, Page, async_playwright

from streaming.demo import PERIOD, demo_frame
from tests.benchmarks.bench_live import leak
from tests.benchmarks.measuring import row, title
from tests.benchmarks.serving import Server, served

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-background-networking",
)
SETTLE_S, MEASURE_S, RELOADS = 8.0, 10.0, 20
PICTURE = "canvas#picture[data-frames]:not([data-frames='0'])"


@asynccontextmanager
async def browser(camera: Path | None = None) -> AsyncIterator[Browser]:
    """Chromium, with a file for its camera."""
    fake = (f"--use-file-for-fake-video-capture={camera}",) if camera else ()
    async with async_playwright() as playwright:
        found = shutil.which("chromium") or shutil.which("chromium-browser")
        launched = await playwright.chromium.launch(executable_path=found, args=[*FLAGS, *fake])
        try:
            yield launched
        finally:
            await launched.close()


def camera_file(folder: Path, width: int, height: int) -> Path:
    """One period of a swaying person as the file that Chromium takes for a camera."""
    path = folder / "camera.mjpeg"
    with av.open(str(path), "w", format="mjpeg") as out:
        stream = out.add_stream("mjpeg", rate=30)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuvj420p"
        for index in range(PERIOD):
            frame = av.VideoFrame.from_ndarray(demo_frame(index), "rgb24")
            out.mux(stream.encode(frame.reformat(width, height, "yuvj420p")))
        out.mux(stream.encode(None))
    return path


async def first_picture() -> None:
    """From the click on the link to a matted frame, on a server that is warm."""
    took = []
    async with served() as server, browser() as chromium:
        for turn in range(4):
            page = await chromium.new_page()
            start = time.perf_counter()
            await page.goto(server.link)
            if await page.locator("body[data-view=home]").count():
                await page.locator("#start-demo").click()
            await page.wait_for_selector(PICTURE, timeout=60_000)
            if turn:  # the first one warms the server
                took.append(time.perf_counter() - start)
            await page.close()
            await _clear(server)
    title("built-in clip, warm server, Chromium")
    row("link opened -> first matted frame", f"{statistics.median(took):.2f} s", "<= 1.5 s")


async def camera() -> None:
    """Chromium's camera by the page's own button, and what it shows of it."""
    for width, height in ((640, 480), (1280, 720)):
        with tempfile.TemporaryDirectory() as folder:
            file = camera_file(Path(folder), width, height)
            async with served() as server, browser(file) as chromium:
                page = await chromium.new_page()
                await page.goto(server.link)
                await _home(page)
                await _clear(server)  # the built-in clip would run beside the camera
                await asyncio.sleep(SETTLE_S)
                await page.locator("#open-camera").click()
                await page.locator("#start-camera").click()
                await page.wait_for_selector(PICTURE, timeout=60_000)
                await asyncio.sleep(SETTLE_S)
                before, frames, browsers = server.cost(), await _shown(page), _browser_s()
                await asyncio.sleep(MEASURE_S)
                after, more = server.cost(), await _shown(page)
                browsers = _browser_s() - browsers
                delay = await page.locator("[data-number=delay]").inner_text()
        lasted = after.at_s - before.at_s
        title(f"Chromium's camera, {width}x{height}, on the page")
        row("pictures composited a second", f"{(more - frames) / lasted:.1f}", ">= 15 at 640x480")
        row("delay as the page says it", delay)
        row("the server's own share", f"{(after.cpu_s - before.cpu_s) / lasted:.2f} cores")
        row("Chromium's: camera, encoder, decoder, software GL", f"{browsers / lasted:.2f} cores")


def _browser_s() -> float:
    """CPU seconds of every process of Chromium so far."""
    spent = 0.0
    for each in psutil.process_iter(["name", "cpu_times"]):
        if "chrom" in (each.info["name"] or "") and each.info["cpu_times"]:
            spent += each.info["cpu_times"].user + each.info["cpu_times"].system
    return spent


async def reloads() -> None:
    """Twenty reloads, and twenty sessions that come and go."""
    async with served() as server, browser() as chromium, server.client() as http:
        page = await chromium.new_page()
        await page.goto(server.link)
        await page.wait_for_selector(PICTURE, timeout=60_000)
        await _clear(server)
        await asyncio.sleep(5)
        await _come_and_go(http, 3)  # what is loaded once is loaded by then
        before = server.cost()
        for _ in range(RELOADS):
            await page.reload()
            await page.wait_for_selector("body[data-view]")
        await _come_and_go(http, RELOADS)
        await page.close()
        await _clear(server)  # a page that finds nothing begins the built-in clip
        await asyncio.sleep(5)
        after = server.cost()
    title(f"{RELOADS} reloads and {RELOADS} sessions opened and closed")
    row("what stays", leak(before, after), "within 5 %")


async def _come_and_go(http: aiohttp.ClientSession, times: int) -> None:
    for _ in range(times):
        wanted = {"source": {"kind": "demo"}, "matte": "none"}
        async with http.post("/api/sessions", json=wanted) as answer:
            sid = (await answer.json())["id"]
        await asyncio.sleep(1)
        async with http.delete(f"/api/sessions/{sid}"):
            pass


async def _home(page: Page) -> None:
    with contextlib.suppress(Exception):
        await page.wait_for_selector("body[data-view=work]", timeout=5_000)
        await page.locator("#new").click()
    await page.wait_for_selector("body[data-view=home]")


async def _shown(page: Page) -> int:
    return int(await page.locator("canvas#picture").get_attribute("data-frames") or 0)


async def _clear(server: Server) -> None:
    async with server.client() as http:
        async with http.get("/api/sessions") as answer:
            sessions = (await answer.json())["sessions"]
        for each in sessions:
            async with http.delete(f"/api/sessions/{each['id']}?kept=too"):
                pass


def main() -> None:
    if not (shutil.which("chromium") or shutil.which("chromium-browser")):
        print("  skipped: there is no chromium")
        return
    asyncio.run(_all())


async def _all() -> None:
    await first_picture()
    await camera()
    await reloads()


if __name__ == "__main__":
    main()
