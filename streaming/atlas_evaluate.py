"""`loopmatte atlas evaluate`: numbers, pictures and a page that say how good a fit is."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from streaming.atlas.checking import write_checks
from streaming.atlas.fitted import EVALUATION, hash_of_fit, load_fitted
from streaming.atlas.grids import spread
from streaming.atlas.measures import closing, folds, likenesses, seam_of, swims
from streaming.atlas.model import F32, Fit, Footage
from streaming.atlas.project import Project, open_project
from streaming.atlas_report import write_atlas_report
from streaming.media.whole import whole_file

__all__ = ["Evaluated", "evaluate"]

HALF = 0.5  # of an edit: below it hardly stands out

Progress = Callable[[str, float], object]
Numbers = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What was measured.

    Attributes:
        layers: For every layer, `all` first, its numbers by name.
        facts: What was measured, in short.
        file: The same as JSON.
        page: The same for people, with pictures.
    """

    layers: Numbers
    facts: Mapping[str, object]
    file: Path
    page: Path


def evaluate(folder: Path, progress: Progress = lambda words, share: None) -> Evaluated:
    """Measure a project's fit and write everything by which it can be judged.

    Args:
        folder: Where it lies.
        progress: Told what goes on, and about which share of it is done.

    Raises:
        InputError: The project is not fitted, or its masks are gone.
        OutputError: Something cannot be written.
    """
    project = open_project(folder)
    fit, footage = load_fitted(project), project.footage()
    layers = numbers(project, fit, footage, progress)
    facts = {
        "frames": fit.count,
        "width": fit.size.width,
        "height": fit.size.height,
        "engine": fit.engine,
        "quality": fit.quality,
        "seconds": round(fit.seconds, 2),
        "fit_hash": hash_of_fit(project),
    }
    told = {**facts, "clip": project.origin.name, "frames_hash": project.mark, "layers": layers}
    for words, share in write_checks(fit, footage, project.origin, project.results / "debug"):
        progress(words, 0.6 + 0.35 * share)
    page = write_atlas_report(project, fit, layers, facts)
    file = project.results / EVALUATION
    with whole_file(file, replace=True) as part:  # last: until then all of it is outdated
        part.write_text(json.dumps(told, indent=2) + "\n", "utf-8")
    progress("done", 1.0)
    return Evaluated(layers, facts, file, page)


def numbers(
    project: Project,
    fit: Fit,
    footage: Footage,
    progress: Progress = lambda words, share: None,
) -> dict[str, dict[str, float]]:
    """Everything that is measured of a fit, by layer; distances in px, likeness in dB."""
    progress("likeness", 0.0)
    made: dict[str, dict[str, float]] = {
        each.name: {"psnr_atlas": each.atlas, "psnr_lit": each.lit, "psnr_exact": each.exact}
        for each in likenesses(fit, footage)
    }
    progress("folds", 0.2)
    for fold in folds(fit, footage):
        made[fold.name] |= {"folded_cells": fold.folded, "cells": fold.cells}
    for layer, share in zip(fit.layers, faded(fit, footage), strict=True):
        made[layer.name]["faded"] = 100 * share
    progress("swim", 0.25)
    for swim in swims(fit, footage):
        made[swim.name] |= {"swim_rms_px": swim.rms_px, "swim_median_px": swim.median_px}
    progress("seam", 0.45)
    for seam in seam_of(fit, footage):
        made[seam.name] |= {"seam_step_px": seam.step_px, "usual_step_px": seam.usual_px}
        made[seam.name] |= {"seam_off_px": seam.off_px, "usual_off_px": seam.usual_off_px}
        made[seam.name] |= {"seam_ratio": seam.ratio}
    if footage.seams:
        for name, away in closing(fit, footage, _turn(project, footage)).items():
            made[name] |= {"closure_px": away}
    progress("seam", 0.6)
    return {
        name: {key: round(float(value), 4) for key, value in told.items()}
        for name, told in made.items()
    }


def faded(fit: Fit, footage: Footage) -> F32:
    """Which share of what is seen of each layer shows an edit by less than half, (L + 1,)."""
    seen, lost = np.zeros(len(fit.layers)), np.zeros(len(fit.layers))
    for frame in range(fit.count):
        shares = footage.shares(frame)
        for number, layer in enumerate(fit.layers):
            trust = spread(layer.trust[frame], layer.spacing_px, fit.size)
            seen[number] += shares[number].sum()
            lost[number] += shares[number][trust < HALF].sum()
    return np.asarray(lost / np.maximum(seen, 1), np.float32)


def _turn(project: Project, footage: Footage) -> list[int] | None:
    """The frames of one turn of a loop: its end shows its start again and is none of them."""
    if project.master is None:
        return None
    ends = footage.seams[0]
    return list(range(ends.second, ends.first))
