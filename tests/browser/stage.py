"""What the stage of a page shows, read from its pixels."""

from playwright.sync_api import Locator, Page, expect

__all__ = ["CLEAR", "SOLID", "Pixel", "await_frames", "await_pixel", "front", "video_alpha"]

Pixel = tuple[int, int, int, int]

# Least and largest values of nothing, and of something that hides what is behind it.
CLEAR: tuple[Pixel, Pixel] = ((0, 0, 0, 0), (12, 12, 12, 12))
SOLID: tuple[Pixel, Pixel] = ((0, 0, 0, 243), (255, 255, 255, 255))

# A page's security policy refuses `eval`, so conditions are spelled out here and not handed over
# as text: wait until each channel of what the canvas shows lies within its bounds.
AWAIT_PIXEL = """async ([x, y, low, high, limit_ms]) => {
  const { stage } = await import("/static/app/stage/stage.js");
  const end = performance.now() + limit_ms;
  for (;;) {
    const { width, height } = document.getElementById("picture") ?? {};
    const seen = stage.pixel(Math.round(x * (width - 1)), Math.round(y * (height - 1)));
    if (seen?.every((value, at) => value >= low[at] && value <= high[at])) return seen;
    if (performance.now() > end) throw new Error(`${x}, ${y}: ${seen}, not ${low} to ${high}`);
    await new Promise((resolve) => setTimeout(resolve, 30));
  }
}"""


AWAIT_FRAMES = """([more, limit_ms]) => new Promise((resolve, reject) => {
  const shown = () => Number(document.getElementById("picture")?.dataset.frames ?? 0);
  const wanted = shown() + more;
  const end = performance.now() + limit_ms;
  const look = () => {
    if (shown() >= wanted) resolve();
    else if (performance.now() > end) reject(new Error(`${shown()} of ${wanted} frames`));
    else requestAnimationFrame(look);
  };
  look();
})"""

# The alpha of the next frame that a video shows, at the given places.
VIDEO_ALPHA = """(video, [places, limit_ms]) => new Promise((resolve, reject) => {
  video.scrollIntoView({ block: "center" }); // what is out of sight does not play
  setTimeout(() => reject(new Error(`no frame of ${video.src}`)), limit_ms);
  video.requestVideoFrameCallback(() => {
    const canvas = document.createElement("canvas");
    const [wide, tall] = [canvas.width = video.videoWidth, canvas.height = video.videoHeight];
    const pen = canvas.getContext("2d");
    pen.drawImage(video, 0, 0);
    const { data } = pen.getImageData(0, 0, wide, tall);
    const at = ([x, y]) => Math.round(y * (tall - 1)) * wide + Math.round(x * (wide - 1));
    resolve(places.map((place) => data[4 * at(place) + 3]));
  });
})"""


def await_pixel(
    page: Page, place: tuple[float, float], bounds: tuple[Pixel, Pixel], *, limit_s: float = 30
) -> Pixel:
    """Wait until the stage's canvas shows such a pixel.

    Args:
        page: The page.
        place: From left, 0, to right, 1, and from top to bottom.
        bounds: Least and largest value of each of [r, g, b, a], premultiplied.
        limit_s: For how long.
    """
    r, g, b, a = page.evaluate(AWAIT_PIXEL, [*place, *map(list, bounds), limit_s * 1000])
    return (r, g, b, a)


def await_frames(page: Page, more: int) -> None:
    """Wait until so many more frames have been shown."""
    page.evaluate(AWAIT_FRAMES, [more, 30_000])


def video_alpha(video: Locator, *places: tuple[float, float]) -> list[int]:
    """The alpha of a video's next frame at these places; it plays once it is in sight."""
    found: list[int] = video.evaluate(VIDEO_ALPHA, [[list(each) for each in places], 30_000])
    return found


def front(page: Page) -> None:
    """Go to the front page, from wherever the link led."""
    expect(page.locator("body")).not_to_have_attribute("data-view", "loading")
    if page.locator("body").get_attribute("data-view") == "work":
        page.locator("#new").click()
    expect(page.locator("body")).to_have_attribute("data-view", "home")
