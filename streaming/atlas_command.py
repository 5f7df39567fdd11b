"""What `loopmatte atlas` does; the flags are made in `atlas_flags.py`."""

import argparse
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from streaming.atlas.places import found_project, place_for_new
from streaming.atlas_masks import Cutting
from streaming.atlas_telling import Teller
from streaming.errors import LoopmatteError

__all__ = ["atlas"]


def atlas(given: argparse.Namespace, teller: Teller, cache: Path) -> int:
    """Run one of the five commands.

    Args:
        given: Its flags.
        teller: Says what goes on.
        cache: Folder for weights and converted networks.

    Raises:
        LoopmatteError: What went wrong and what to do.
    """
    with teller, _terminable():
        try:
            _DO[given.atlas](given, teller, cache)
        except LoopmatteError as error:
            teller.failed(str(error))
            raise
        except KeyboardInterrupt:
            teller.failed("interrupted")
            raise
    return 0


@contextmanager
def _terminable() -> Iterator[None]:
    """Let whoever ends this process have half-made files removed, as with Ctrl-C."""

    def hear(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, hear)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _new(given: argparse.Namespace, teller: Teller, cache: Path) -> None:
    from streaming.atlas_new import Wish, new_project

    folder = place_for_new(given.project, Path())
    wish = Wish(
        given.source,
        Cutting(cache),
        mask_from=given.mask_from or "auto",
        start_s=given.start,
        end_s=given.end,
        max_frames=given.max_frames,
        record=given.record,
    )
    origin = new_project(folder, wish, teller.progress, teller.say)
    frames, masks = len(origin.times_s), origin.mattes or "none yet; train makes them"
    told = {"project": str(folder), "frames": frames, "loop": origin.master is not None}
    teller.done(told, [folder], f"{folder.name}: {frames} frames; masks: {masks}")


def _train(given: argparse.Namespace, teller: Teller, cache: Path) -> None:
    from streaming.atlas_train import Training, train

    phases = ("steps", "pretrain_steps", "bootstrapping_steps", "global_rigidity_steps")
    learning = {each: getattr(given, each) for each in phases if getattr(given, each)}
    training = Training(
        Cutting(cache, given.device),
        config=given.config,
        quality=given.quality,
        engine=given.engine,
        mask_from=given.mask_from,
        learning=learning,
        weights=given.weights,
        force=given.force,
    )
    folder = found_project(given.project, Path())
    made = train(folder, training, teller.progress, teller.say)
    fit = made.fit
    told = {
        "project": str(folder),
        "fit": str(made.project.checkpoint),
        "atlases": [str(each) for each in made.atlases],
        "engine": fit.engine,
        "quality": fit.quality,
        "seconds": round(fit.seconds, 2),
        "fit_hash": made.fit_hash,
        "anew": made.anew,
    }
    words = f"{fit.engine}, {fit.quality}: {fit.count} frames of {fit.size}, {fit.seconds:.1f} s"
    words += f"; fit {made.fit_hash}"
    teller.done(told, list(made.atlases), words)


def _render(given: argparse.Namespace, teller: Teller, cache: Path) -> None:
    from streaming.atlas_render import Rendering, render
    from streaming.results import told_of

    rendering = Rendering(
        foregrounds=tuple(given.fg_atlas or ()),
        background=given.bg_atlas,
        remove=given.remove,
        fps=given.fps,
        output=given.output,
        force=given.force,
    )
    made = render(found_project(given.project, Path()), rendering, teller.progress, teller.say)
    told: dict[str, object] = {"path": str(made.path), "frames": made.frames}
    path, words = made.path, f"{made.frames} frames"
    if made.loop is not None:
        path, record = made.loop.file, made.loop.record
        told |= {"file": str(path), "master": str(made.loop.master), "loop": told_of(record)}
        words = f"{made.frames} frames, seam {record.seam_ratio or 0:.2f} steps"
        for problem in record.problems:
            teller.say(problem)
    teller.done(told, [path], words)


def _generate(given: argparse.Namespace, teller: Teller, cache: Path) -> None:
    from streaming.atlas_generate import Generating, generate

    wish = Generating(
        frame=given.custom_frame,
        layer=given.layer,
        animated=given.animated,
        fill=given.fill,
        folder=given.save_dir,
    )
    made = generate(found_project(given.project, Path()), wish, teller.progress, teller.say)
    words = "atlases to paint on, and to give back with render -f and -b"
    if given.custom_frame is not None:
        words = "what was painted on that frame, for render -f and -b"
    teller.done({"atlases": [str(each) for each in made]}, made, words)


def _evaluate(given: argparse.Namespace, teller: Teller, cache: Path) -> None:
    from streaming.atlas_evaluate import evaluate

    made = evaluate(found_project(given.project, Path()), teller.progress)
    told = {**made.facts, "layers": made.layers, "file": str(made.file), "page": str(made.page)}
    lines = [f"{name}: {_numbers(each)}" for name, each in made.layers.items()]
    teller.done(told, [made.file, made.page], "\n".join(lines))


def _numbers(told: Mapping[str, float]) -> str:
    """What was measured of a layer, in one line."""
    words = f"{told['psnr_atlas']:.2f} dB by its atlas, {told['psnr_lit']:.2f} with light"
    if "folded_cells" in told:
        words += f"; {told['folded_cells']:.0f} of {told['cells']:.0f} cells folded"
    if "swim_rms_px" in told:
        words += f"; swims {told['swim_rms_px']:.2f} px"
    if "seam_ratio" in told:
        words += f"; seam {told['seam_ratio']:.2f} usual steps"
    if "closure_px" in told:
        words += f", {told['closure_px']:.2f} px off after a turn"
    if told.get("faded", 0.0) >= 0.05:
        words += f"; edits fade on {told['faded']:.1f} %"
    return words


_DO: dict[str, Callable[[argparse.Namespace, Teller, Path], None]] = {
    "new": _new,
    "train": _train,
    "evaluate": _evaluate,
    "generate": _generate,
    "render": _render,
}
