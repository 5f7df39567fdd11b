"""One loop as a card: it plays over a checkerboard, and says where it is from and how good it is.

A card holds what somebody needs to choose a loop: first how it looks, then whether its seam shows,
then times and sizes, then the files. Numbers that only a specialist reads stand last.
"""

from collections.abc import Sequence

from streaming.results.exported import exports_markup
from streaming.results.filmstrip import Still
from streaming.results.markup import Markup, join, tag, url
from streaming.results.pictures import nearest, picture_uri
from streaming.results.records import LoopRecord, Shelf
from streaming.results.timeline import loop_title
from streaming.results.words import bytes_text, clock, seam_level, seam_words, seconds

__all__ = ["shelf_section"]

HEADINGS: dict[Shelf, str] = {"loops": "Loops", "more": "More loops", "near": "Near-loops"}
REMARKS: dict[Shelf, str] = {
    "loops": "Best first. Each plays over and over from its own file, without its background.",
    "more": "These close as well, and were beyond the number that was asked for.",
    "near": "The motion comes back here, though not quite: a small jump shows at the seam. "
    "They are starting points for mending, not finished loops.",
}


def shelf_section(shelf: Shelf, records: Sequence[LoopRecord], stills: Sequence[Still]) -> Markup:
    """The cards of one part of the result, nothing where there are none."""
    if not records:
        return Markup("")
    return tag(
        "section",
        tag("h2", HEADINGS[shelf], tag("span", str(len(records)), class_="count")),
        tag("p", REMARKS[shelf], class_="remark"),
        tag("div", *(_card(each, stills) for each in records), class_="cards"),
        class_=f"shelf {shelf}",
        aria_label=HEADINGS[shelf],
    )


def _card(record: LoopRecord, stills: Sequence[Still]) -> Markup:
    title = loop_title(record)
    seam = tag("span", seam_words(record), class_=f"seam level-{seam_level(record)}")
    return tag(
        "article",
        tag("div", _video(record, title, stills), _button(title), class_="stage"),
        tag("header", tag("h3", title), seam),
        tag("p", f"{clock(record.loop.start_s)} \u2192 {clock(record.loop.end_s)}", class_="when"),
        _facts(record),
        *_remarks(record),
        _links(record),
        exports_markup(record.loop.id, record.exports),
        class_=f"card {_shape(record)}",
        id=f"loop-{record.loop.id}",
        data_loop=record.loop.id,
        tabindex=-1,
        aria_label=title,
    )


def _shape(record: LoopRecord) -> str:
    ratio = record.size.width / record.size.height
    return "wide" if ratio > 1.3 else "square" if ratio > 0.85 else "tall"


def _video(record: LoopRecord, title: str, stills: Sequence[Still]) -> Markup:
    poster = picture_uri(nearest(stills, record.loop.start_s).rgba) if stills else None
    return tag(
        "video",
        src=url(record.file),
        data_stand_in=url(record.stand_in) if record.stand_in else None,
        poster=poster,
        width=record.size.width,
        height=record.size.height,
        loop=True,
        muted=True,
        playsinline=True,
        preload="none",
        controls=True,  # until the script takes over
        aria_label=f"{title} playing",
    )


def _button(title: str) -> Markup:
    return tag("button", class_="play", type="button", aria_label=f"Play or pause {title}")


def _facts(record: LoopRecord) -> Markup:
    ratio = "not measured" if record.seam_ratio is None else f"{record.seam_ratio:.2f} steps"
    facts = (
        ("Length", seconds(record.duration_s)),
        ("Frames", str(record.frames)),
        ("Picture", f"{record.size.width}\u00d7{record.size.height}"),
        ("File", bytes_text(record.bytes)),
        ("Seam", ratio),
        ("Mismatch", f"{record.loop.mismatch:.2f}"),
    )
    return tag("dl", *(tag("div", tag("dt", n), tag("dd", v)) for n, v in facts), class_="facts")


def _remarks(record: LoopRecord) -> list[Markup]:
    made = []
    if record.mending is not None:
        made.append(tag("p", f"Mended: {record.mending.words}.", class_="note mended"))
    anchoring = record.anchoring
    moved = max(abs(anchoring.shift_x_px), abs(anchoring.shift_y_px))
    if anchoring.applied and moved >= 0.05:
        shift = f"{anchoring.shift_x_px:+.1f}, {anchoring.shift_y_px:+.1f} px"
        made.append(tag("p", f"The subject drifted by {shift} and is led back.", class_="note"))
    if anchoring.note:
        made.append(tag("p", anchoring.note, class_="note"))
    if record.problems:
        made.append(tag("p", "Check: " + "; ".join(record.problems), class_="note problem"))
    else:
        opacity = f"opacity {record.alpha_min} to {record.alpha_max}"
        made.append(tag("p", f"File checked: {record.frames} frames, {opacity}.", class_="note ok"))
    return made


def _links(record: LoopRecord) -> Markup:
    links = [tag("a", record.file, href=url(record.file), download=True)]
    if record.master is not None:
        links.append(tag("a", "master", href=url(record.master), download=True))
    return tag("p", join(*links), class_="links")
