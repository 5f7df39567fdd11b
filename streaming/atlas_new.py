"""`loopmatte atlas new`: a project out of a clip, or out of a loop that a run has found.

A clip gives its first frames, with mattes. A loop gives everything that its master holds, its own
matte, which frames meet at its seam, and the master itself: rendering writes an edited one, and
from there on the loop is made as every other.

The project appears under its name when it is complete.
"""

import contextlib
import json
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import cast

import numpy as np
from PIL import Image

from streaming.atlas.choices import MaskFrom
from streaming.atlas.films import over_black
from streaming.atlas.ledger import Ledger
from streaming.atlas.masks.looking import shown_share, tidied, too_little
from streaming.atlas.model import Pair
from streaming.atlas.origin import Origin, write_origin
from streaming.atlas.project import RESULTS
from streaming.atlas_masks import MASKS, Cutting, matted
from streaming.cycles import recorded_loop, recorded_mend
from streaming.errors import InputError, OutputError
from streaming.frames import U8, Size
from streaming.media.master import Master, read_master
from streaming.media.source import open_source
from streaming.media.whole import telling
from streaming.results.jsonfile import JSON_NAME
from streaming.sending import Origin as Found
from streaming.sending import origin_of
from streaming.settings import SourceSettings

__all__ = ["Wish", "new_project", "project_of_loop"]

KEPT_MASTER = "source.mkv"
FRAMES, MATTES = "frames", "results/masks"
LOOK = Size(32, 18)  # pixels that tell one shot from another
CUT, LEAST_CUT = 3.0, 4.0  # times the largest step of a loop, and that at least, of 255: a cut
PEOPLE, OWN_MATTE = "the network for people", "the loop's own matte"

Progress = Callable[[str, float], object]
Say = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a project is made of.

    Attributes:
        source: A clip, a loop, a result folder or a master.
        cutting: How mattes are made of a clip.
        mask_from: What tells the foreground.
        start_s: Where a clip begins.
        end_s: Where it stops.
        max_frames: How many frames of a clip are taken at most.
        record: The loop's entry of `loops.json`, for a master that lies elsewhere.
    """

    source: Path
    cutting: Cutting
    mask_from: MaskFrom = "auto"
    start_s: Fraction | None = None
    end_s: Fraction | None = None
    max_frames: int = 100
    record: Path | None = None


def new_project(
    folder: Path,
    wish: Wish,
    progress: Progress = lambda words, share: None,
    say: Say = lambda words: None,
) -> Origin:
    """Make a project.

    Args:
        folder: Where to: nothing, or an empty folder.
        wish: Of what.
        progress: Told what goes on, and about which share of it is done.
        say: Told, in sentences, what a person should know.

    Raises:
        OutputError: Something is there already, or it cannot be written.
        InputError: The source cannot be read.
    """
    loop = _loop(wish)
    if loop is not None:
        if wish.source.is_dir() and loop[1].get("kind") == "near":
            say("no loop was found there; this is the span that comes nearest to one")
        return project_of_loop(folder, *loop, progress)
    with _appearing(folder) as part:
        origin = _of_clip(part, wish, progress, say)
        write_origin(origin, part / "source.json")
        if wish.mask_from not in ("auto", "rvm", "matte"):
            told = {"mask_from": wish.mask_from}
            (part / "config.json").write_text(json.dumps(told) + "\n", "utf-8")
    progress("done", 1.0)
    return origin


def project_of_loop(
    folder: Path,
    master: Path,
    told: Mapping[str, object],
    progress: Progress = lambda words, share: None,
) -> Origin:
    """Make a project of a loop.

    Args:
        folder: Where to: nothing, or an empty folder.
        master: The loop's master.
        told: What `loops.json` says of the loop.
        progress: Told what goes on, and about which share of it is done.

    Raises:
        OutputError: Something is there already, or it cannot be written.
        InputError: The master is damaged or is not that loop's.
    """
    recorded_loop(master, read_master(master), told)
    with _appearing(folder) as part:
        origin = _of_loop(part, master, told, progress)
        write_origin(origin, part / "source.json")
    progress("done", 1.0)
    return origin


@contextlib.contextmanager
def _appearing(folder: Path) -> Iterator[Path]:
    """A folder beside the final one, which gets its name when all went well."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError(f"{folder} is there already: choose another name, or remove it first")
    part = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}.part")
    with telling(folder):
        part.mkdir(parents=True)
        try:
            yield part
            if folder.is_dir():
                folder.rmdir()  # an empty one
            part.rename(folder)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _of_clip(folder: Path, wish: Wish, progress: Progress, say: Say) -> Origin:
    """Write a clip's frames and mattes."""
    settings = SourceSettings(start_s=wish.start_s, end_s=wish.end_s)
    cut = wish.mask_from in ("auto", "rvm", "matte")
    times_s: list[Fraction] = []
    shares: list[float] = []
    end_s = Fraction(0)
    with open_source(str(wish.source), settings) as source:
        whole = min(wish.max_frames, source.info.frames or wish.max_frames)
        for each in matted(source, wish.cutting, wanted=cut):
            matte = tidied(each.matte)
            _write(folder, len(times_s), each.rgb, matte if cut else None)
            shares.append(shown_share(matte))
            times_s.append(each.time_s)
            end_s = each.end_s
            progress("frames and mattes" if cut else "frames", len(times_s) / max(1, whole))
            if len(times_s) == wish.max_frames:
                break
        alpha = source.info.has_alpha
    if cut:
        Ledger(folder / RESULTS).note_fact(MASKS, "rvm")
        if little := too_little(shares):
            say(little)
    first_s = times_s[0]
    how = ("the clip's own alpha" if alpha else PEOPLE) if cut else None
    own_s = tuple(each - first_s for each in times_s)
    return Origin(wish.source.name, own_s, end_s - first_s, mattes=how)


def _loop(wish: Wish) -> tuple[Path, Mapping[str, object]] | None:
    """The master of the loop that was named and what its run says of it; None for a clip."""
    source = wish.source
    if wish.record is not None:
        return source, _recorded(wish.record)
    if (source / JSON_NAME).is_file():
        found = _best(source)
        return found.master, found.told
    beside = any((each / JSON_NAME).is_file() for each in (source.parent, source.parent.parent))
    if beside and source.suffix in (".webm", ".mkv") and source.name != "no_background.webm":
        found = origin_of(source)
        return found.master, found.told
    if source.suffix == ".mkv" and source.is_file() and _is_master(source):
        found = origin_of(source)
        return found.master, found.told
    return None


def _best(folder: Path) -> Found:
    """The best loop of a result folder; the nearest span where none closes.

    Raises:
        InputError: There is neither.
    """
    for name in ("loop_0.webm", "near/near_0.webm"):
        if (folder / name).is_file():
            return origin_of(folder / name)
    raise InputError(
        f"{folder} holds no loop: name a folder in which a run has found one, a loop's WEBM, or "
        "the clip itself"
    )


def _is_master(path: Path) -> bool:
    try:
        read_master(path)
    except InputError:
        return False
    return True


def _recorded(path: Path) -> Mapping[str, object]:
    try:
        told = json.loads(path.read_text("utf-8"))
        return cast(Mapping[str, object], {**told})
    except (OSError, ValueError, TypeError) as error:
        raise InputError(f"{path} is no entry of a loops.json: {error}") from error


def _of_loop(folder: Path, path: Path, told: Mapping[str, object], progress: Progress) -> Origin:
    """Write the frames of a loop's master that are of its shot, before and after its span too."""
    master = read_master(path)
    seams, looks = tuple(_seams(master, told)), []
    for number, frame in enumerate(master.frames()):
        looks.append(frame.source.rgb(LOOK))
        rgb, matte = frame.source.rgb(master.size), tidied(frame.rgba[..., 3])
        if master.about.get("alpha"):  # what was never shown has any colour
            rgb = over_black(np.dstack((rgb, matte)))
        _write(folder, number, rgb, matte)
        progress("frames of the loop", (number + 1) / len(master.indices))
    first, last = _shot(looks, seams)
    _keep_only(folder, first, last)
    shutil.copyfile(path, folder / KEPT_MASTER)
    marks = (*master.times_s, master.end_s)[first : last + 2]
    *times_s, end_s = (each - marks[0] for each in marks)
    return Origin(
        path.name,
        tuple(times_s),
        end_s,
        seams=tuple(Pair(each.first - first, each.second - first) for each in seams),
        master=KEPT_MASTER,
        told=told,
        mattes=OWN_MATTE,
        first=first,
    )


def _shot(looks: Sequence[U8], seams: Sequence[Pair]) -> tuple[int, int]:
    """The first and the last frame around a loop before which, or after which, nothing was cut.

    A master goes on beyond its loop. A frame of another shot there would put a second head into an
    atlas; it is known by a step far larger than any within the loop.
    """
    steps = [float(np.abs(a.astype(int) - b).mean()) for a, b in pairwise(looks)]
    used = [at for each in seams for at in (each.first, each.second)]
    first, last = min(used, default=0), max(used, default=len(looks) - 1)
    cut = CUT * max([*steps[first:last], LEAST_CUT])
    while first > 0 and steps[first - 1] < cut:
        first -= 1
    while last < len(looks) - 1 and steps[last] < cut:
        last += 1
    return first, last


def _keep_only(folder: Path, first: int, last: int) -> None:
    """Take the frames and mattes before and after a shot away, and count it from 0."""
    for name in (FRAMES, MATTES):
        for number, file in enumerate(sorted((folder / name).iterdir())):
            if first <= number <= last:
                file.rename(file.with_name(f"{number - first:05d}.png"))
            else:
                file.unlink()


def _seams(master: Master, told: Mapping[str, object]) -> Iterator[Pair]:
    """The loop's two ends, and whatever frames its mend lays over each other, without repeats."""
    at = {index: place for place, index in enumerate(master.indices)}
    start, end = (int(str(told[key])) for key in ("start_frame", "end_frame"))
    pairs = [(end, start)]
    mend = recorded_mend(master.path, told)
    if mend is not None:
        pairs += [(each.frame, each.other) for each in mend.frames if each.other is not None]
    for first, second in dict.fromkeys(pairs):
        if first in at and second in at and first != second:
            yield Pair(at[first], at[second])


def _write(folder: Path, number: int, rgb: U8, matte: U8 | None) -> None:
    """One frame and its matte."""
    pictures = {FRAMES: rgb} if matte is None else {FRAMES: rgb, MATTES: matte}
    for name, pixels in pictures.items():
        (folder / name).mkdir(parents=True, exist_ok=True)
        image = Image.fromarray(np.ascontiguousarray(pixels))
        image.save(folder / name / f"{number:05d}.png", compress_level=1)
