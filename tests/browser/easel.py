"""The editor on a canvas of its own, without the page around it: what is asked of it, and shown."""

import base64

import numpy as np
from playwright.sync_api import Page

from streaming.atlas.edits import Edit, Place
from streaming.atlas.model import Fit
from streaming.frames import U8, Size
from tests.atlas.scene import Scene

SCENE = Scene(Size(160, 120), 8)
BUNDLE = "/a-bundle-of-the-test"

# An editor on a canvas of its own, in the page's own origin.
OPEN = f"""async () => {{
  const {{ Bundle }} = await import("/static/app/edit/bundle.js");
  const {{ Editor }} = await import("/static/app/edit/editor.js");
  const bundle = new Bundle(await (await fetch("{BUNDLE}")).arrayBuffer());
  const canvas = document.body.appendChild(document.createElement("canvas"));
  window.editor = await Editor.open(canvas, bundle, () => {{}});
  await editor.show(0);
}}"""
SHOWN = """async (at) => {
  await editor.show(at);
  return btoa(Array.from(editor.renderer.pixels(), (each) => String.fromCharCode(each)).join(""));
}"""
PIXELS = """() => {
  const bytes = editor.renderer.pixels();
  return btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join(""));
}"""
STROKE = """([layer, places, r, how]) => {
  editor.look({ layer });
  const [first, ...others] = places;
  editor.paint.begin(...first, r, { colour: "#000", opacity: 1, erase: false, ...how });
  for (const each of others) editor.paint.lead(...each, r);
  editor.paint.end();
}"""
EDIT = """(number) => {
  const { size, base, change } = editor.renderer.edits[number];
  const text = (bytes) => btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join(""));
  return [size, text(base.read()), change && text(change.bytes)];
}"""
FRAME = """async (at) => {
  const as = { premultiplyAlpha: "none", colorSpaceConversion: "none" };
  const frame = await createImageBitmap(editor.bundle.frame(at), as);
  const canvas = new OffscreenCanvas(frame.width, frame.height);
  const pen = canvas.getContext("2d");
  pen.drawImage(frame, 0, 0);
  const { data } = pen.getImageData(0, 0, frame.width, frame.height);
  return btoa(Array.from(data, (each) => String.fromCharCode(each)).join(""));
}"""
LOSE = """async () => {
  const { canvas } = editor;
  const gone = new Promise((resolve) => {
    canvas.addEventListener("webglcontextlost", resolve, { once: true });
  });
  window.lose = editor.renderer.gl.getExtension("WEBGL_lose_context");
  lose.loseContext();
  await gone;
  return editor.context.words;
}"""
# Resolves when the editor says that all is there again.
RESTORE = """() => new Promise((resolve) => {
  const { changed } = editor;
  editor.changed = (what) => {
    if (what === "graphics") { editor.changed = changed; resolve(editor.context.words); }
  };
  lose.restoreContext();
})"""
PARTS = """async () => {
  const { parts } = await import("/static/app/edit/atlases.js");
  const made = await Promise.all(editor.renderer.edits.map((each) => parts(each)));
  const text = async (png) => {
    const bytes = png && new Uint8Array(await png.arrayBuffer());
    return png && btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join(""));
  };
  return Promise.all(made.flatMap(({ paint, change }) => [text(paint), text(change)]));
}"""
WORDS = """() => {
  editor.paint.put({ words: "HO", colour: "#ff0000" }, { opacity: 1 });
  Object.assign(editor.paint.thing, { x: 80, y: 60 });
  editor.paint.moved();
}"""


def seen(page: Page, at: int) -> U8:
    """What the editor shows of a frame, (H, W, 3)."""
    return rgba(page.evaluate(SHOWN, at), SCENE.size)[..., :3]


def rgba(text: str, size: Size) -> U8:
    flat = np.frombuffer(base64.b64decode(text), np.uint8)
    return flat.reshape(size.height, size.width, 4)


def edit_of(page: Page, number: int, fit: Fit) -> Edit | None:
    """What was done to a layer, as the renderer takes it."""
    size, paint, change = page.evaluate(EDIT, number)
    made = Size(*size)
    atlas = fit.layers[number].atlas
    place = Place.over(Size(atlas.shape[1], atlas.shape[0]), made)
    more = np.zeros((made.height, made.width, 3), np.float32)
    if change is not None:
        more = ((rgba(change, made)[..., :3].astype(np.float32) - 128) / 127).astype(np.float32)
    return Edit.of((rgba(paint, made) / np.float32(255)).astype(np.float32), more, place)


def page_frame(page: Page, at: int) -> U8:
    """A frame as the page has unpacked it."""
    return np.ascontiguousarray(rgba(page.evaluate(FRAME, at), SCENE.size)[..., :3])


def pixels(page: Page) -> U8:
    """What is shown now, (H, W, 3)."""
    return rgba(page.evaluate(PIXELS), SCENE.size)[..., :3]
