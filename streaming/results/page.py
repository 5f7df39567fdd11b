"""`index.html`: what a person gets to see when a run is over.

The page is made once and must still work in ten years, mailed inside a zip: so it is one file with
its style, script and small pictures inside, refers to nothing but the media files beside it, and a
content policy lets the browser refuse anything else (style and script are named by their hash).
Without the script everything is still there to be read.
"""

from base64 import b64encode
from hashlib import sha256
from pathlib import Path
from string import Template

from streaming.assets import asset
from streaming.results.cards import shelf_section
from streaming.results.jsonfile import write_text
from streaming.results.markup import Markup, join, tag, url
from streaming.results.naming import display_name
from streaming.results.records import RunRecord, Version
from streaming.results.timeline import Timeline, timeline_svg
from streaming.results.words import clock, summary

__all__ = ["write_report"]

PAGE_NAME = "index.html"
PLAYABLE = {".mp4", ".m4v", ".webm", ".mov", ".mkv", ".ogv"}
SHOWN = {".gif", ".webp", ".png", ".apng", ".avif"}


def write_report(folder: Path, run: RunRecord, timeline: Timeline) -> Path:
    """Write the page.

    Args:
        folder: The result folder; the files that `run` names lie in it.
        run: What happened.
        timeline: Filmstrip and curve.

    Returns:
        The page.

    Raises:
        OutputError: If it cannot be written.
    """
    style, script = (asset(f"report.{kind}").read_text("utf-8") for kind in ("css", "js"))
    page = Template(asset("report.html").read_text("utf-8")).substitute(
        style_hash=_hash(style),
        script_hash=_hash(script),
        style=style,
        script=script,
        title=join(display_name(run.input.name)),
        head=_head(run),
        timeline=_time(run, timeline),
        clips=_clips(run),
        loops=_shelves(run, timeline),
        foot=_foot(run),
    )
    return write_text(folder / PAGE_NAME, page)


def _hash(text: str) -> str:
    return "sha256-" + b64encode(sha256(text.encode()).digest()).decode("ascii")


def _head(run: RunRecord) -> Markup:
    facts = [str(run.input.size).replace("x", "\u00d7"), clock(run.input.duration_s)]
    if run.input.rate is not None:
        facts.append(f"{float(run.input.rate):.4g} frames per second")
    facts.append(f"{run.input.frames} frames")
    if run.input.skipped:
        facts.append(f"{run.input.skipped} skipped")
    notes = [display_name(note) for note in run.input.notes]
    if run.interrupted:
        notes.insert(0, "The run was stopped early: this is what had been found by then.")
    return join(
        tag("h1", display_name(run.input.name)),
        tag("p", summary(run), class_="summary"),
        tag("ul", *(tag("li", fact) for fact in facts), class_="chips"),
        *(tag("p", note, class_="notice") for note in notes),
        _diagnosis(run),
    )


def _diagnosis(run: RunRecord) -> Markup:
    if run.diagnosis is None:
        return Markup("")
    what = "Why there are few loops" if run.on("loops") else "Why there is no loop"
    said = [tag("h2", what), tag("p", run.diagnosis.text)]
    miss = run.diagnosis.nearest
    if miss is not None:
        span = f"{clock(miss.start_s)} to {clock(miss.end_s)}"
        near = f"The nearest miss: {span}, {miss.mismatch:.2f} steps off; {miss.stopped_by}."
        said.append(tag("p", near))
    return tag("div", *said, class_="diagnosis", role="note")


def _time(run: RunRecord, timeline: Timeline) -> Markup:
    if run.input.duration_s <= 0:
        return Markup("")
    svg = timeline_svg(timeline, run.loops, run.input.duration_s, run.settings.loops.seam)
    hint = "Each arc is a loop, from its first frame to the frame that looks the same."
    if not run.loops:
        hint = "Where the curve dips, the motion comes nearest to a return."
    return tag(
        "section",
        tag("div", svg, class_="scroll", tabindex=0, role="region", aria_label="Time"),
        tag("p", hint, class_="remark"),
        class_="time",
    )


def _clips(run: RunRecord) -> Markup:
    shown = []
    if run.input.file is not None:
        shown.append(_clip("Input", run.input.file))
    if run.result is not None:
        shown.append(_clip("Result", run.result))
    shown += [_clip(Path(name).stem.capitalize(), name) for name in run.extras]
    if not shown:
        return Markup("")
    return tag("section", tag("h2", "The whole clip"), tag("div", *shown, class_="clips"))


def _clip(title: str, file: str) -> Markup:
    suffix = Path(file).suffix.lower()
    link = tag("a", file, href=url(file))
    inside = tag("p", "Not a format that browsers play.", class_="unplayable")
    if suffix in PLAYABLE:
        inside = tag(
            "video",
            src=url(file),
            controls=True,
            muted=True,
            playsinline=True,
            preload="metadata",
            aria_label=title,
        )
    elif suffix in SHOWN:
        inside = tag("img", src=url(file), alt=title)
    words = tag("figcaption", tag("strong", title), link)
    return tag("figure", tag("div", inside, class_="stage"), words, class_="clip")


def _shelves(run: RunRecord, timeline: Timeline) -> Markup:
    return join(
        *(shelf_section(each, run.on(each), timeline.stills) for each in ("loops", "near", "more"))
    )


def _version(package: Version) -> str:
    return package.name if package.version == "unknown" else f"{package.name} {package.version}"


def _foot(run: RunRecord) -> Markup:
    rows = [
        tag(
            "tr",
            tag("th", stage.name, scope="row"),
            tag("td", str(stage.items)),
            tag("td", f"{stage.total_ms / 1000:.2f} s"),
            tag("td", f"{stage.total_ms / stage.items if stage.items else 0:.1f} ms each"),
        )
        for stage in run.stages
    ]
    spent = tag("details", tag("summary", "Where the time went"), tag("table", *rows))
    made_with = ", ".join(_version(each) for each in run.versions)
    when = f"{run.made:%d %B %Y, %H:%M}"
    return join(
        spent if rows else "",
        tag("p", f"Made {when} with {made_with}. ", tag("a", "loops.json", href="./loops.json")),
    )
