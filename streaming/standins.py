"""Animated WebP beside loops' WEBM, for browsers that drop the alpha of VP9: Safari, all of iOS.

They are what the report shows there, no exports: small, made from the loop's file as every other
browser shows it (7 ms a frame on one core), after the run's last loop is written, so that none has
to wait for them.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from streaming.frames import Size
from streaming.media.alpha import read_rgba
from streaming.media.film import Film
from streaming.media.recipes import WebpRecipe
from streaming.media.webp import write_webp
from streaming.results import LoopRecord

__all__ = ["with_stand_ins"]

LONG_PX = 360
RECIPE = WebpRecipe(quality=70, method=1)


def with_stand_ins(folder: Path, records: Iterable[LoopRecord]) -> Iterator[LoopRecord]:
    """Write a stand-in for each loop, or for near-loops where there is none; others go without.

    Args:
        folder: The result folder, with all names final.
        records: Its loops.

    Yields:
        Them, with the stand-ins' names.

    Raises:
        OutputError: One cannot be written.
    """
    records = tuple(records)
    shown = "loops" if any(each.shelf == "loops" for each in records) else "near"
    for record in records:
        if record.shelf != shown:
            yield record
            continue
        file = str(Path(record.file).with_suffix(".webp").as_posix())
        _write(folder / record.file, folder / file, record)
        yield replace(record, stand_in=file)


def _write(source: Path, to: Path, record: LoopRecord) -> None:
    scale = min(1.0, LONG_PX / max(record.size.width, record.size.height))
    wide, high = (max(1, round(each * scale)) for each in (record.size.width, record.size.height))
    shown = list(read_rgba(source, Size(wide, high)))
    times_s = (each.time_s for each in shown)
    end_s = max(record.duration_s, shown[-1].time_s + Fraction(1, 1000))
    film = Film.of((each.rgba for each in shown), times_s, end_s)
    write_webp(to, film, RECIPE, replace=True)
