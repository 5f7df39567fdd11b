"""The picture of the clip's time, as SVG.

From top to bottom, on one time axis: an arc from the start of each loop to its end, so that one
sees how the returns lie over each other; the filmstrip; and the curve of the best mismatch at each
moment with the bound below which a seam is not seen. The vertical scale of the curve is the square
root of the mismatch, because what matters happens between nought and one.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from streaming.frames import Size
from streaming.results.curve import CurvePoint
from streaming.results.filmstrip import Still
from streaming.results.markup import Markup, join, tag
from streaming.results.pictures import strip_uri
from streaming.results.records import LoopRecord
from streaming.results.words import clock, seam_words

__all__ = ["Timeline", "loop_title", "timeline_svg"]

WIDTH, EDGE = 1000.0, 8.0
STRIP_TOP, STRIP_HEIGHT, TILES = 158.0, 74.0, 18
CURVE_TOP, CURVE_HEIGHT = 288.0, 104.0
WORDS_Y = CURVE_TOP - 10
HEIGHT = CURVE_TOP + CURVE_HEIGHT + 8
WORST = 4.0  # mismatches above are drawn here
TILE = Size(110, 148)
STEPS_S = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14400)


@dataclass(frozen=True, slots=True)
class Timeline:
    """What was gathered about the clip's time while it streamed.

    Attributes:
        stills: Pictures for the filmstrip, from `Filmstrip.stills`.
        points: The mismatch over time, from `Curve.points`.
    """

    stills: tuple[Still, ...] = ()
    points: tuple[CurvePoint, ...] = ()

    @property
    def first_s(self) -> Fraction:
        """When the part that was read begins: the strip always holds its first picture."""
        return self.stills[0].time_s if self.stills else Fraction(0)


def loop_title(record: LoopRecord) -> str:
    """What a loop is called on the page: "Loop 1", "Near-loop 2"."""
    word = "Near-loop" if record.loop.kind == "near" else "Loop"
    return word if record.rank is None else f"{word} {record.rank + 1}"


def timeline_svg(
    timeline: Timeline, records: Sequence[LoopRecord], duration_s: Fraction, bound: float
) -> Markup:
    """Draw it.

    Args:
        timeline: Filmstrip and curve.
        records: Loops and near-loops.
        duration_s: Length of the clip in seconds, positive.
        bound: The largest mismatch of a loop.
    """
    scale = _Scale(timeline.first_s, duration_s)
    top = 0.0 if records else STRIP_TOP - 10  # no empty sky where there are no arcs
    parts = [
        _defs(bound),
        *_curve(timeline.points, scale, bound),
        *_strip(timeline.stills, scale),
        *_axis(scale),
        *_arcs(records, scale),
    ]
    return tag(
        "svg",
        *parts,
        class_="timeline",
        viewBox=f"0 {top:g} {WIDTH:g} {HEIGHT - top:g}",
        role="group",
        aria_label="The clip's time: loops as arcs over a filmstrip, and the mismatch below",
    )


@dataclass(frozen=True, slots=True)
class _Scale:
    """The time axis: where the part that was read begins, and how long it is, in seconds."""

    first_s: Fraction
    length_s: Fraction

    def x(self, time_s: Fraction) -> float:
        share = min(1.0, max(0.0, float((time_s - self.first_s) / self.length_s)))
        return EDGE + share * (WIDTH - 2 * EDGE)


def _y(mismatch: float) -> float:
    return CURVE_TOP + CURVE_HEIGHT * (1 - math.sqrt(min(mismatch, WORST) / WORST))


def _defs(bound: float) -> Markup:
    squares = join(
        tag("rect", width=10, height=10, class_="check-a"),
        tag("rect", width=5, height=5, class_="check-b"),
        tag("rect", x=5, y=5, width=5, height=5, class_="check-b"),
    )
    check = tag("pattern", squares, id="check", width=10, height=10, patternUnits="userSpaceOnUse")
    below = tag("rect", x=0, y=_y(bound), width=WIDTH, height=HEIGHT)
    return tag(
        "defs",
        check,
        tag("clipPath", below, id="below"),
        tag("clipPath", _strip_box(), id="strip"),
    )


def _strip_box(**attributes: str) -> Markup:
    return tag(
        "rect",
        x=EDGE,
        y=STRIP_TOP,
        width=WIDTH - 2 * EDGE,
        height=STRIP_HEIGHT,
        rx=7,
        **attributes,
    )


def _strip(stills: Sequence[Still], scale: _Scale) -> list[Markup]:
    parts = [_strip_box(fill="url(#check)")]
    if stills:
        picture = tag(
            "image",
            href=strip_uri(stills, scale.length_s, TILES, TILE),
            x=EDGE,
            y=STRIP_TOP,
            width=WIDTH - 2 * EDGE,
            height=STRIP_HEIGHT,
            preserveAspectRatio="none",
            clip_path="url(#strip)",
        )
        parts.append(picture)
    wide = (WIDTH - 2 * EDGE) / TILES
    low = STRIP_TOP + STRIP_HEIGHT
    cuts = " ".join(f"M{EDGE + n * wide:.1f} {STRIP_TOP:g}V{low:g}" for n in range(1, TILES))
    return [*parts, tag("path", d=cuts, class_="cuts")]


def _axis(scale: _Scale) -> list[Markup]:
    length = float(scale.length_s)
    step = Fraction(str(next((each for each in STEPS_S if length / each <= 10), length)))
    marks: list[Markup] = []
    for number in range(math.ceil(scale.first_s / step), math.ceil(scale.first_s / step) + 11):
        time_s = number * step
        x, y = scale.x(time_s), STRIP_TOP + STRIP_HEIGHT + 20
        if time_s < scale.first_s + scale.length_s and x < WIDTH - 3 * EDGE:
            text = f"{float(time_s):g} s" if time_s < 60 else clock(time_s)[:-3]
            marks.append(tag("text", text, x=x + (2 if x == EDGE else 0), y=y, class_="tick"))
    return marks


def _arcs(records: Sequence[LoopRecord], scale: _Scale) -> list[Markup]:
    longest = max((float(each.loop.duration_s) for each in records), default=1.0)
    taken: list[tuple[float, float]] = []
    made = []
    for record in sorted(records, key=lambda each: -each.loop.duration_s):
        share = math.sqrt(float(record.loop.duration_s) / longest)
        made.append(_arc(record, scale, 24 + 112 * share, taken))
    return made


def _arc(
    record: LoopRecord, scale: _Scale, high: float, taken: list[tuple[float, float]]
) -> Markup:
    left, right = scale.x(record.loop.start_s), scale.x(record.loop.end_s)
    line = f"M{left:.1f} {STRIP_TOP:g}A{(right - left) / 2:.1f} {high:.1f} 0 0 1 {right:.1f} "
    line += f"{STRIP_TOP:g}"
    span = f"{clock(record.loop.start_s)} to {clock(record.loop.end_s)}"
    words = f"{loop_title(record)}, {span}, seam {seam_words(record)}"
    return tag(
        "a",
        tag("title", words),
        tag("path", d=line, class_="reach"),
        tag("rect", x=left, y=STRIP_TOP, width=right - left, height=STRIP_HEIGHT, class_="span"),
        tag("path", d=line, class_="line"),
        *(tag("circle", cx=x, cy=STRIP_TOP, r=3.5, class_="end") for x in (left, right)),
        tag("circle", cx=right, cy=_y(record.loop.mismatch), r=4, class_="dip"),
        *_number(record, (left + right) / 2, STRIP_TOP - high, taken),
        href=f"#loop-{record.loop.id}",
        class_=f"arc {record.shelf}",
        data_loop=record.loop.id,
        aria_label=words,
    )


def _number(
    record: LoopRecord, x: float, y: float, taken: list[tuple[float, float]]
) -> list[Markup]:
    """The loop's number on top of its arc, where there is room for it."""
    if record.rank is None or any(math.dist((x, y), other) < 21 for other in taken):
        return []
    taken.append((x, y))
    text = tag("text", str(record.rank + 1), x=x, y=y + 4, class_="number")
    return [tag("circle", cx=x, cy=y, r=10, class_="disc"), text]


def _curve(points: Sequence[CurvePoint], scale: _Scale, bound: float) -> list[Markup]:
    level = _y(bound)
    line, area = [], []
    for run in _unbroken(points):
        at = [f"{scale.x(p.time_s):.1f} {_y(p.best or 0.0):.1f}" for p in run]
        first, last = at[0].split()[0], at[-1].split()[0]
        line.append("M" + "L".join(at))
        area.append(f"M{first} {level:.1f}L" + "L".join(at) + f"L{last} {level:.1f}Z")
    right = WIDTH - EDGE
    return [
        tag("path", d=" ".join(area), class_="under", clip_path="url(#below)"),
        tag("path", d=f"M{EDGE:g} {level:.1f}H{right:g}", class_="bound"),
        tag("path", d=" ".join(line), class_="curve"),
        tag("path", d=" ".join(line), class_="curve good", clip_path="url(#below)"),
        tag("text", "how far off a seam would be here", x=EDGE, y=WORDS_Y, class_="words"),
        tag("path", d=f"M{right - 226:g} {WORDS_Y - 4:g}h24", class_="bound"),
        tag("text", "seam not visible below this line", x=right, y=WORDS_Y, class_="bound-words"),
    ]


def _unbroken(points: Sequence[CurvePoint]) -> list[list[CurvePoint]]:
    runs: list[list[CurvePoint]] = [[]]
    for point in points:
        if point.best is None or not math.isfinite(point.best):
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]
