"""`results/report.html` of an atlas: everything on one page that refers only to files beside it."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

from streaming.atlas.atlases import atlas_name
from streaming.atlas.checking import Checks
from streaming.atlas.fitted import REPORT
from streaming.atlas.model import Fit
from streaming.atlas.project import Project
from streaming.media.whole import whole_file
from streaming.results.markup import Markup, join, tag, url
from streaming.results.naming import display_name

__all__ = ["write_atlas_report"]

STYLE = """
:root { color-scheme: light dark; --line: #8884; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 75rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem; margin: 0 } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem }
.row { display: flex; flex-wrap: wrap; gap: 1rem }
figure { margin: 0; flex: 1 1 20rem; min-width: 0; max-width: 45rem }
figure img, figure video { width: 100%; height: auto; max-height: 30rem; object-fit: contain;
  border: 1px solid var(--line); border-radius: 4px;
  background: repeating-conic-gradient(#bbb 0 25%, #ddd 0 50%) 0 / 16px 16px }
figcaption { font-size: .85rem; opacity: .8 }
.scroll { overflow-x: auto } table { border-collapse: collapse; font-variant-numeric: tabular-nums }
th, td { padding: .25rem .75rem; border-bottom: 1px solid var(--line); text-align: right }
th:first-child { text-align: left }
"""
WORDS = {
    "psnr_atlas": "atlas alone, dB",
    "psnr_lit": "with light, dB",
    "psnr_exact": "unedited render",
    "folded_cells": "folded cells",
    "swim_rms_px": "swim, px RMS",
    "swim_median_px": "swim, px median",
    "seam_ratio": "seam / usual step",
    "closure_px": "after one turn, px off",
    "faded": "faded, %",
}
FILMS = {".mp4", ".webm"}
EQUAL_DB = 99.0
FADES = (
    "A still picture cannot show a head that turns, limbs that cross, or water: where what is seen "
    "moves otherwise than its map, an edit fades."
)
WHOSE = (
    "Numbers, maps, errors and mattes are of the fit {fit_hash}; atlases and edits are those that "
    "lie beside this page now. Where there is another fit, this writes it anew: "
)
Numbers = Mapping[str, Mapping[str, float]]


def write_atlas_report(
    project: Project, fit: Fit, layers: Numbers, facts: Mapping[str, object]
) -> Path:
    """Write the page.

    Args:
        project: The project, evaluated.
        fit: Its fit.
        layers: What was measured of each layer.
        facts: What was measured, in short.

    Returns:
        The page.

    Raises:
        OutputError: It cannot be written.
    """
    name = display_name(project.name)
    hashed = b64encode(sha256(STYLE.encode()).digest()).decode()
    media = "img-src 'self' file:; media-src 'self' file:"
    policy = f"default-src 'none'; {media}; style-src 'sha256-{hashed}'"
    head = join(
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        Markup('<meta name="viewport" content="width=device-width, initial-scale=1">'),
        tag("title", f"{name}: atlas"),
        tag("style", Markup(STYLE)),
    )
    body = join(*_sections(project, fit, layers, facts))
    page = join(Markup("<!doctype html>\n"), tag("html", tag("head", head), tag("body", body),
                                                 lang="en"))  # fmt: skip
    file = project.results / REPORT
    with whole_file(file, replace=True) as part:
        part.write_text(f"{page}\n", "utf-8")
    return file


def _sections(
    project: Project, fit: Fit, layers: Numbers, facts: Mapping[str, object]
) -> Iterator[Markup]:
    said = "{frames} frames of {width}\u00d7{height}; {engine}, {quality}, fitted in {seconds} s"
    yield tag("h1", display_name(project.name))
    yield tag("p", said.format_map(dict(facts)))
    yield tag("p", WHOSE.format_map(dict(facts)), tag("code", "loopmatte atlas evaluate"))
    yield tag("div", _table(layers), class_="scroll", tabindex=0, role="region",
              aria_label="Numbers")  # fmt: skip
    checks = Checks(project.results / "debug", fit)
    edits = sorted(
        [*project.results.glob("edited_video.*"), *project.results.glob("edited_loop/*.webm")]
    )
    shown = [each for each in edits if each.suffix in (*FILMS, ".webp", ".png")]
    if shown:
        yield tag("h2", "Edited, beside what the layers make of the clip")
        yield _row(project, [checks.reconstruction, *shown])
    yield tag("h2", "Atlases")
    yield _row(project, [project.atlases / f"{atlas_name(each.name)}.png" for each in fit.layers])
    yield tag("h2", "Maps, as checkerboards painted on the atlases")
    yield _row(project, [checks.maps, *([] if shown else [checks.reconstruction])])
    if fading := [_fading(name, told["faded"]) for name, told in layers.items() if "faded" in told]:
        yield tag("p", f"{FADES} Here that is {'; '.join(fading)}.")
    yield tag("h2", "What the layers do not explain, eight times as strong")
    yield _row(project, [checks.errors, checks.error])
    yield tag("h2", "Mattes")
    yield _row(project, checks.alphas)


def _table(layers: Numbers) -> Markup:
    used = [key for key in WORDS if any(key in told for told in layers.values())]
    head = tag("tr", tag("th", "layer"), *(tag("th", WORDS[key]) for key in used))
    rows = [
        tag("tr", tag("th", name, scope="row"), *(tag("td", _told(key, told)) for key in used))
        for name, told in layers.items()
    ]
    return tag("table", tag("thead", head), tag("tbody", *rows))


def _fading(name: str, percent: float) -> str:
    return f"{percent:.1f} % of what is seen of {name.replace('_', ' ')}"


def _told(key: str, told: Mapping[str, float]) -> str:
    value = told.get(key)
    if value is None:
        return ""
    if key == "psnr_exact" and value >= EQUAL_DB:
        return "equal"
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.2f}"


def _row(project: Project, files: list[Path]) -> Markup:
    shown = [_figure(project, each) for each in files if each.is_file()]
    return tag("div", *shown, class_="row")


def _figure(project: Project, file: Path) -> Markup:
    place = url(file.relative_to(project.results).as_posix())
    inside = tag("img", src=place, alt=file.stem)
    if file.suffix in FILMS:
        inside = tag("video", src=place, muted=True, loop=True, autoplay=True, controls=True,
                     playsinline=True, aria_label=file.stem)  # fmt: skip
    return tag("figure", inside, tag("figcaption", file.stem.replace("_", " ")))
