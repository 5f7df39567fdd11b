"""The editing of one loop in a process of its own, which answers as `answering.py` says.

    {"do": "fit", "master": ..., "told": {...}, "folder": ..., "bundle": ..., "quality": "final",
     "cache": ...}

makes a project of a loop in `folder`, takes the loop apart, and packs what a page needs to paint on
it into the file `bundle`. What is there already is used again.

    {"do": "refine", "folder": ..., "told": {...}, "to": ..., "bundle": ..., "cache": ...,
     "paints": [{"from": {"foreground_0": {"paint": PNG}}, "to": ..., "frame": 3}]}

takes a loop whose draft lies in `folder` apart exactly, in a project of its own in the folder `to`,
and packs that; what was painted on the draft is written to each folder `to` as it lies on the exact
one: where it lay in a frame of the loop, or in the one that the atlases look like, where that is
null. The draft stays as it is.

    {"do": "save", "folder": ..., "edits": {"foreground_0": {"paint": PNG, "change": PNG}},
     "show": "subject", "to": ...}

writes the loop with what was painted into the folder `to`, with a master of its own; it shows the
subject cut out, the "whole" picture, or what is "behind" alone. Paint is a picture over the whole
atlas of its layer, at any resolution; a change is added to the atlas's colours, where 128 is none
and 127 steps are all.
"""

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from streaming.answering import Progress, answer
from streaming.errors import InputError, OutputError
from streaming.frames import U8, Size

if TYPE_CHECKING:
    from streaming.atlas.edits import Edit
    from streaming.atlas.model import Layer
    from streaming.atlas.packed import Turn
    from streaming.atlas.project import Project
    from streaming.atlas_masks import Cutting
    from streaming.results import LoopRecord

__all__ = ["main"]

PROJECT_SHARE, FIT_SHARE, PACK_SHARE = 0.15, 0.8, 0.05  # of the time that taking a loop apart takes
REFIT_SHARE = 0.9  # of the time that making a draft exact takes
NO_CHANGE, MOST_CHANGE = 128, 127  # bytes of a picture that says what is added to an atlas


def main() -> None:
    """Carry out one order."""
    answer(_done)


def _done(order: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    do = {"fit": _fit, "refine": _refine, "save": _save}[order["do"]]
    return do(order, progress)


def _fit(order: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    from streaming.atlas.packed import pack
    from streaming.atlas_masks import Cutting
    from streaming.atlas_train import Training, train

    folder, cutting = Path(order["folder"]), Cutting(Path(order["cache"]))
    _require_project(folder, order, cutting, _part(progress, 0.0, PROJECT_SHARE))
    training = Training(cutting, quality=order["quality"], mask_from="matte")
    trained = train(folder, training, _part(progress, PROJECT_SHARE, FIT_SHARE))
    packing = partial(_part(progress, PROJECT_SHARE + FIT_SHARE, PACK_SHARE), "packing")
    project, bundle = trained.project, Path(order["bundle"])
    pack(trained.fit, project.footage(), _turn(order["told"], project), bundle, packing)
    return {"bytes": Path(order["bundle"]).stat().st_size}


def _refine(order: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    from streaming.atlas.fitted import load_fitted
    from streaming.atlas.packed import pack
    from streaming.atlas.project import open_project
    from streaming.atlas_masks import Cutting
    from streaming.atlas_train import Training, train
    from streaming.refining import carry, twin

    folder, cutting = Path(order["to"]), Cutting(Path(order["cache"]))
    twin(Path(order["folder"]), folder)
    training = Training(cutting, quality="final", mask_from="matte")
    trained = train(folder, training, _part(progress, 0.0, REFIT_SHARE))
    packing = partial(_part(progress, REFIT_SHARE, PACK_SHARE), "packing")
    project, footage, bundle = trained.project, trained.project.footage(), Path(order["bundle"])
    turn = _turn(order["told"], project)
    pack(trained.fit, footage, turn, bundle, packing)
    progress("carrying", REFIT_SHARE + PACK_SHARE)
    draft = load_fitted(open_project(Path(order["folder"])))
    for each in order["paints"]:
        at = each["frame"]
        frame = draft.reference if at is None else turn.frames[at % len(turn.frames)]
        carry(draft, trained.fit, footage, each["from"], Path(each["to"]), frame)
    return {"bytes": Path(order["bundle"]).stat().st_size}


def _require_project(
    folder: Path, order: Mapping[str, Any], cutting: "Cutting", progress: Progress
) -> None:
    """Make the project, where it is not there: it appears when it is complete."""
    from streaming.atlas_new import Wish, new_project

    if (folder / "source.json").is_file():
        return
    folder.parent.mkdir(parents=True, exist_ok=True)
    record = folder.with_name("told.json")
    record.write_text(json.dumps(order["told"]), "utf-8")
    new_project(folder, Wish(Path(order["master"]), cutting, record=record), progress)


def _turn(told: Mapping[str, Any], project: "Project") -> "Turn":
    """The frames of the loop's span, among those of its master."""
    from streaming.atlas.packed import Turn
    from streaming.media.master import read_master

    assert project.master is not None
    indices = read_master(project.master).indices
    times_s, before = project.origin.times_s, project.origin.first
    first, last = (indices.index(int(told[each])) - before for each in ("start_frame", "end_frame"))
    return Turn(tuple(range(first, last)), float(times_s[last] - times_s[first]))


def _save(order: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    from streaming.atlas.animation import StillEdit
    from streaming.atlas.fitted import load_fitted
    from streaming.atlas.project import open_project
    from streaming.atlas.removal import Plate
    from streaming.atlas_loops import LoopWork, edited_loop

    project, to = open_project(Path(order["folder"])), Path(order["to"])
    fit = load_fitted(project)
    edits = [StillEdit(_painted(each, order["edits"].get(each.name, {}))) for each in fit.layers]
    show = order["show"]
    plate = Plate(fit) if show == "behind" else None
    work = LoopWork(project, fit, project.footage(), edits, whole=show != "subject", plate=plate)
    made = edited_loop(work, to, progress, replace_it=True)
    if made.record.problems:
        raise OutputError(f"the new loop failed its check: {'; '.join(made.record.problems)}")
    files = {"file": made.file, "master": made.master}
    return {**_shown(made.record), **{each: str(files[each].relative_to(to)) for each in files}}


def _painted(layer: "Layer", sent: Mapping[str, str]) -> "Edit | None":
    """What was painted on a layer, None where that is nothing."""
    from streaming.atlas.edits import Edit, Place, multiplied
    from streaming.atlas.model import F32

    found = {kind: _picture(Path(path)) for kind, path in sent.items()}
    if not found:
        return None
    high, wide = next(iter(found.values())).shape[:2]
    paint: F32 = np.zeros((high, wide, 4), np.float32)
    change: F32 = np.zeros((high, wide, 3), np.float32)
    if "paint" in found:
        paint = multiplied(found["paint"])
    if "change" in found:
        steps = found["change"][..., :3].astype(np.float32) - NO_CHANGE
        change = np.asarray(steps / MOST_CHANGE, np.float32)
    if paint.shape[:2] != change.shape[:2]:
        raise InputError(f"paint and change of {layer.name} differ in size: send both anew")
    return Edit.of(paint, change, Place.over(layer.size, Size(wide, high)))


def _picture(path: Path) -> U8:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGBA"))


def _shown(record: "LoopRecord") -> dict[str, Any]:
    """A loop as whoever serves it tells of it."""
    from streaming.results import told_of
    from streaming.results.words import seam_words

    loop, mending = record.loop, record.mending
    return {
        "start": loop.start,
        "end": loop.end,
        "start_s": float(loop.start_s),
        "end_s": float(loop.end_s),
        "mismatch": loop.mismatch,
        "seam_ratio": record.seam_ratio,
        "seam": seam_words(record),
        "width": record.size.width,
        "height": record.size.height,
        "frames": record.frames,
        "bytes": record.bytes,
        "length_s": float(record.duration_s),
        "mending": mending
        and {
            "method": mending.method,
            "words": mending.words,
            "before": mending.seam_before,
            "after": mending.seam_after,
        },
        "told": told_of(record),
    }


def _part(progress: Progress, begin: float, share: float) -> Progress:
    """Progress of a part of the work as that of all of it."""

    def tell(words: str, done: float) -> None:
        if words != "done":  # this part is
            progress(words, begin + share * min(1.0, done))

    return tell


if __name__ == "__main__":
    main()
