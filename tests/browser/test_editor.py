"""The editor's drawing against the renderer, pixel by pixel, on a scene whose layers are known."""

import base64
import io
from collections.abc import Iterator

import cv2
import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page

from streaming.atlas.edits import Edit, Place, split
from streaming.atlas.model import F32, Fit, Footage
from streaming.atlas.packed import Turn, pack
from streaming.atlas.removal import Plate, without_foreground
from streaming.atlas.render import edited
from streaming.frames import U8
from tests.browser.easel import (
    BUNDLE,
    LOSE,
    OPEN,
    PARTS,
    RESTORE,
    SCENE,
    STROKE,
    WORDS,
    edit_of,
    page_frame,
    pixels,
    seen,
)
from tests.browser.eyes import watching
from tests.browser.live import Live


@pytest.fixture(scope="module")
def footage() -> Footage:
    return SCENE.footage()


@pytest.fixture(scope="module")
def fit() -> Fit:
    return SCENE.truth()


@pytest.fixture(scope="module")
def opened(
    live: Live,
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    fit: Fit,
    footage: Footage,
) -> Iterator[Page]:
    """One page for all: what it costs is to begin to draw."""
    path = tmp_path_factory.mktemp("packed") / "bundle.bin"
    pack(fit, footage, Turn(tuple(range(SCENE.count)), 0.4), path)
    data = path.read_bytes()
    with watching(browser) as eyes:
        page = eyes.context().new_page()
        page.route(f"**{BUNDLE}", lambda route: route.fulfill(body=data))
        page.goto(live.origin + "/healthz")
        page.evaluate(OPEN)
        yield page


@pytest.fixture
def page(opened: Page) -> Page:
    """An editor in which nothing is painted."""
    opened.evaluate("() => { while (editor.history.canUndo) editor.undo(); }")
    opened.evaluate("() => editor.look({ view: 'frame', shows: 'whole', layer: 0 })")
    return opened


def agrees(page: Page, fit: Fit, footage: Footage) -> None:
    edits = [edit_of(page, number, fit) for number in range(len(fit.layers))]
    assert any(edits)
    for at in (0, 3, 6):
        own = page_frame(page, at)
        wanted = edited(fit, footage.shares(at), own, at, edits)
        off = np.abs(seen(page, at).astype(int) - wanted)
        touched = (wanted != own).any(axis=2)
        assert touched.mean() > 0.02, at
        assert off[touched].mean() < 0.3, at  # of 255
        assert off.max() <= 3, at  # the renderer's samples know 32 places between two texels


def test_without_an_edit_the_frame_is_shown_as_it_is(page: Page) -> None:
    page.evaluate("() => { editor.pictures.most = 2; }")  # the others are let go, and come again
    for at in (0, 5, 6, 1, 0):
        assert (seen(page, at) == page_frame(page, at)).all()


def test_paint_on_both_layers_is_drawn_as_the_renderer_draws_it(
    page: Page, fit: Fit, footage: Footage
) -> None:
    page.evaluate(STROKE, [0, [[70, 50], [90, 70]], 9, {"colour": "#e01010", "opacity": 0.7}])
    page.evaluate(STROKE, [0, [[88, 45], [70, 75]], 5, {"colour": "#20f0f0"}])
    page.evaluate(STROKE, [1, [[10, 20], [150, 100]], 6, {"colour": "#10d020"}])
    agrees(page, fit, footage)
    assert page.evaluate(DRAWN, 1) > 0.5
    page.evaluate("() => editor.undo()")
    page.evaluate(STROKE, [1, [[12, 14]], 3, {}])
    page.evaluate(STROKE, [1, [[150, 108]], 3, {}])
    agrees(page, fit, footage)
    assert page.evaluate(DRAWN, 1) < 0.2  # of the frame, though the dots lie in opposite corners


def test_without_its_subject_a_frame_is_shown_as_the_renderer_leaves_it(
    page: Page, fit: Fit, footage: Footage
) -> None:
    plate = Plate(fit)
    assert looked(page, {"shows": "behind"}) == ["behind", 1]
    clean = {at: seen(page, at) for at in (0, 3, 6)}
    for at, shown in clean.items():
        own = page_frame(page, at)
        wanted = without_foreground(fit, plate, footage.shares(at), own, at)
        off, gone = np.abs(shown.astype(int) - wanted), (wanted != own).any(axis=2)
        assert np.abs(own.astype(int) - wanted)[gone].mean() > 8 * off[gone].mean(), at
        assert (off[gone].mean() < 1.5, off.max() < 16) == (True, True), at  # a JPEG's
        far = cv2.dilate(gone.astype(np.uint8), np.ones((9, 9), np.uint8)) == 0
        assert np.abs(shown.astype(int) - own)[far].mean() < 1

    page.evaluate(STROKE, [1, [[60, 40], [100, 80]], 9, {"colour": "#e01010", "opacity": 0.7}])
    laid = [None, edit_of(page, 1, fit)]
    alone = np.zeros_like(footage.shares(0))
    alone[1] = 1
    for at, before in clean.items():
        shown = seen(page, at).astype(int)
        assert (shown != before).any(axis=2)[footage.mattes[0, at] == 255].mean() > 0.2, at
        assert np.abs(shown - edited(fit, alone, before, at, laid)).max() <= 3, at
        own, shares = page_frame(page, at), footage.shares(at)
        off = np.abs(shown - without_foreground(fit, plate, shares, own, at, laid))
        assert off.mean() < 0.8, at  # a JPEG once more
    assert looked(page, {"layer": 0}) == ["whole", 0]
    page.evaluate("() => editor.undo()")
    assert (seen(page, 3) == page_frame(page, 3)).all()
    assert looked(page, {"shows": "subject"}) == ["subject", 0]
    assert looked(page, {"layer": 1}) == ["whole", 1]


def looked(page: Page, how: dict[str, object]) -> list[object]:
    """Look at something else; gives what is shown then, and what is painted on."""
    asked: list[object] = page.evaluate(
        "(how) => { editor.look(how); return [editor.shows, editor.layer]; }", how
    )
    return asked


def test_where_nothing_is_told_of_what_is_behind_the_frame_is_shown(page: Page) -> None:
    page.evaluate("() => { window.told = editor.bundle.behind; editor.pictures.most = 1; }")
    page.evaluate(
        "() => { editor.bundle.behind = told.map((each, at) => (at === 5 ? null : each)); }"
    )
    looked(page, {"shows": "behind"})
    assert (seen(page, 4) != page_frame(page, 4)).any()
    assert (seen(page, 5) == page_frame(page, 5)).all()
    page.evaluate("() => { delete editor.bundle.behind; }")  # as of an older server
    assert (seen(page, 4) == page_frame(page, 4)).all()
    page.evaluate("() => { editor.bundle.behind = told; }")


def test_a_lost_graphics_context_takes_no_paint_with_it(page: Page) -> None:
    given = atlas_of(page.evaluate(DOWNLOAD, 1))
    upload(page, repainted(given), 1)
    retouched = seen(page, 3)
    page.evaluate(STROKE, [1, [[10, 20], [150, 100]], 6, {"colour": "#10d020"}])
    page.evaluate(STROKE, [0, [[70, 50], [90, 70]], 9, {"colour": "#e01010", "opacity": 0.7}])
    page.evaluate("() => editor.undo()")
    painted, sent = seen(page, 3), page.evaluate(PARTS)
    assert [each is not None for each in sent] == [False, False, True, True]

    assert "lost its graphics" in page.evaluate(LOSE)
    assert page.evaluate(PARTS) == sent  # what can be saved
    page.evaluate("async () => { await editor.show(6); await editor.show(3); editor.drawNow(); }")
    page.evaluate("() => { editor.redo(); editor.undo(); }")
    page.evaluate(STROKE, [0, [[80, 60]], 9, {}])  # nobody could see what they do
    page.evaluate(WORDS)
    assert page.evaluate(RESTORE) == ""
    assert page.evaluate("() => [editor.at, editor.layer, editor.lost]") == [3, 0, False]
    page.evaluate("() => new Promise(requestAnimationFrame)")
    lettered = pixels(page)
    assert 0.005 < (lettered != painted).any(axis=2).mean() < 0.1  # not placed yet, but there
    page.evaluate("() => editor.paint.drop()")
    assert (pixels(page) == painted).all()
    assert (seen(page, 3) == painted).all()
    assert page.evaluate(PARTS) == sent

    assert page.evaluate(LOSE)  # and once more
    page.evaluate("() => editor.look({ shows: 'behind' })")
    assert page.evaluate(RESTORE) == ""
    assert (pixels(page) != painted).any()
    page.evaluate("() => editor.look({ shows: 'whole' })")
    page.evaluate("() => { editor.redo(); editor.undo(); editor.undo(); }")
    assert (seen(page, 3) == retouched).all()
    page.evaluate("() => editor.undo()")
    assert (seen(page, 3) == page_frame(page, 3)).all()
    page.evaluate("() => editor.redo()")
    assert (seen(page, 3) == retouched).all()


DRAWN = """(number) => {
  const edit = editor.renderer.edits[number];
  const [width, height] = editor.bundle.size;
  const parts = edit.layer.parts(editor.at, edit.meeting());
  let area = 0;
  for (let n = 0; n < parts.length; n += 4) {
    const [right, bottom] = [Math.min(width, parts[n + 2]), Math.min(height, parts[n + 3])];
    area += (right - parts[n]) * (bottom - parts[n + 1]);
  }
  return area / (width * height);
}"""
DOWNLOAD = """async (number) => {
  const { picture } = await import("/static/app/edit/atlases.js");
  const bytes = new Uint8Array(await (await picture(editor.renderer.edits[number])).arrayBuffer());
  return btoa(Array.from(bytes, (each) => String.fromCharCode(each)).join(""));
}"""
UPLOAD = """async ([number, data, type]) => {
  const { taken } = await import("/static/app/edit/atlases.js");
  const file = new Blob([Uint8Array.from(atob(data), (each) => each.charCodeAt(0))], { type });
  const { paint, change } = await taken(editor.renderer.edits[number], file);
  editor.replace(number, paint, change);
}"""


def test_an_atlas_comes_back_as_a_retouch_and_as_paint(
    page: Page, fit: Fit, footage: Footage
) -> None:
    given = atlas_of(page.evaluate(DOWNLOAD, 1))
    upload(page, given, 1)
    assert edit_of(page, 1, fit) is None  # nobody did anything to it
    upload(page, repainted(given), 1)
    retouched = edit_of(page, 1, fit)
    assert retouched is not None
    assert retouched.paint is not None
    assert retouched.change is not None
    assert 0.4 < (retouched.change != 0).any(axis=2).mean() < 0.8
    agrees(page, fit, footage)
    page.evaluate("() => editor.undo()")
    assert (seen(page, 3) == page_frame(page, 3)).all()


def repainted(given: U8) -> U8:
    """An atlas whose left half is a little brighter, and with a yellow patch in its right half."""
    made = given.copy()
    high, wide = made.shape[:2]
    made[:, : wide // 2, :3] = np.clip(made[:, : wide // 2, :3].astype(int) + 18, 0, 255)
    made[high // 3 : high // 2, wide // 2 :] = (250, 240, 20, 255)
    return made


def test_the_page_tells_paint_from_change_as_the_command_line_does(page: Page, fit: Fit) -> None:
    given = atlas_of(page.evaluate(DOWNLOAD, 0))
    faint = (given[..., 3] > 0) & (given[..., 3] < 255)
    assert faint.any()
    high, wide = given.shape[:2]
    made = repainted(given)
    made[: high // 2, : wide // 3, :3] = given[: high // 2, : wide // 3, :3] + 1
    half = cv2.resize(made, (wide // 2, high // 2), interpolation=cv2.INTER_AREA)
    flat = np.dstack((made[..., :3], np.where(given[..., 3:] >= 128, 255, 0))).astype(np.uint8)
    for picture, form in ((made, "PNG"), (half, "PNG"), (flat, "JPEG")):
        back = upload(page, picture, 0, form)
        back = back if form == "PNG" else np.dstack((back[..., :3], flat[..., 3]))
        wanted = whole(split(back, given, Place(), lossy=form == "JPEG"), back)
        own = whole(edit_of(page, 0, fit), given)
        wanted = cv2.resize(wanted, (wide, high), interpolation=cv2.INTER_LINEAR)
        assert wanted[..., 3].mean() > 0.02
        assert np.abs(wanted[..., 4:]).mean() > 0.003
        assert np.abs(own - wanted).max() < 0.01


def whole(edit: Edit | None, like: U8) -> F32:
    """Paint and difference of a whole picture, (h, w, 7); the place is in its own pixels."""
    made = np.zeros((*like.shape[:2], 7), np.float32)
    assert edit is not None
    x = round((edit.place.left + 0.5) * edit.place.across)
    y = round((edit.place.top + 0.5) * edit.place.down)
    part = slice(y, y + edit.size.height), slice(x, x + edit.size.width)
    if edit.paint is not None:
        made[part][..., :4] = edit.paint
    if edit.change is not None:
        made[part][..., 4:] = edit.change
    return made


def upload(page: Page, picture: U8, number: int, form: str = "PNG") -> U8:
    """Bring a picture back; gives what a reader of the file sees."""
    into = io.BytesIO()
    image = Image.fromarray(picture)
    (image if form == "PNG" else image.convert("RGB")).save(into, form)
    data = base64.b64encode(into.getvalue()).decode()
    page.evaluate(UPLOAD, [number, data, f"image/{form.lower()}"])
    return atlas_of(data)


def atlas_of(png: str) -> U8:
    with Image.open(io.BytesIO(base64.b64decode(png))) as picture:
        return np.array(picture.convert("RGBA"))


def test_words_are_moved_until_they_are_placed_and_rubbed_out_again(page: Page) -> None:
    page.evaluate(WORDS)
    page.evaluate("() => editor.paint.placed()")
    words = seen(page, 2) != page_frame(page, 2)
    assert 0.005 < words.any(axis=2).mean() < 0.2
    rubbed = {"erase": True}
    page.evaluate(STROKE, [0, [[40, 60], [120, 60]], 50, rubbed])
    assert (seen(page, 2) == page_frame(page, 2)).mean() > 0.999
    page.evaluate("() => { editor.undo(); editor.undo(); editor.redo(); }")
    assert ((seen(page, 2) != page_frame(page, 2)) == words).all()
