"""The flags of `loopmatte atlas`: those of NeuralAtlases under their names, and a few of ours."""

import argparse
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import get_args

from streaming.atlas.choices import Engine, MaskFrom, Quality
from streaming.options import parse_time

__all__ = ["add_atlas"]

Commands = argparse._SubParsersAction  # argparse has no public name for it

EXAMPLES = """examples:
  loopmatte atlas new -p swan --from out-20261122-101500/loop_0.webm
  loopmatte atlas train -p swan
  loopmatte atlas generate -p swan -cf edited/00012.png --layer foreground
  loopmatte atlas render -p swan -f painted.png -o swan.webm

A project is a folder, or the name of one in ./projects. What NeuralAtlases calls `python train.py`
is `loopmatte atlas train` here, likewise evaluate, generate (generate_atlases.py) and render
(render_video.py)."""


def add_atlas(commands: "Commands[argparse.ArgumentParser]") -> Iterator[argparse.ArgumentParser]:
    """Add `loopmatte atlas`; gives the parser of each of its five commands."""
    atlas = commands.add_parser(
        "atlas",
        help="edit a loop or a clip once, and have the edit in every frame",
        description="Take a clip apart into layers, each a still picture and a map for every "
        "frame. What is painted on the picture, or on one frame, stands in all of them.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    inner = atlas.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, (add, words) in _COMMANDS.items():
        parser = inner.add_parser(name, help=words, description=add.__doc__, allow_abbrev=False)
        parser.add_argument(
            "-p", "--project", type=Path, required=True, metavar="PROJECT",
            help="a folder, or the name of one in ./projects",
        )  # fmt: skip
        add(parser)
        parser.add_argument(
            "--json", action="store_true", help="print progress as one JSON object per line"
        )
        parser.add_argument(
            "--cache", type=Path, metavar="DIR", help="folder for weights and converted networks"
        )
        parser.add_argument("-v", "--verbose", action="store_true", help="say more on stderr")
        parser.set_defaults(atlas=name)
        yield parser


def _new(parser: argparse.ArgumentParser) -> None:
    """Make a project of a clip, with mattes, or of a loop, with its master's frames and mattes."""
    parser.add_argument(
        "--from", dest="source", type=Path, required=True, metavar="INPUT",
        help="a video or whatever else `run` reads; a loop's WEBM in its result folder, the "
        "folder (its best loop), or a file of masters/",
    )  # fmt: skip
    parser.add_argument(
        "--record", type=Path, metavar="FILE.json",
        help="for a master: the loop's entry of loops.json, which says its span and mending",
    )  # fmt: skip
    parser.add_argument("--start", type=parse_time, metavar="TIME", help="of a clip: begin here")
    parser.add_argument("--end", type=parse_time, metavar="TIME", help="of a clip: stop here")
    parser.add_argument(
        "--max-frames", type=_whole, default=100, metavar="N",
        help="of a clip: take at most so many frames (default: 100)",
    )  # fmt: skip
    _add_masks(parser)


def _train(parser: argparse.ArgumentParser) -> None:
    """Fit the layers of a project; again on a draft, it goes on to the final fit."""
    parser.add_argument(
        "-s", "--steps", type=_whole, metavar="N",
        help="steps of the mlp engine (default: 400000); for the grid, up to 10000 asks for a "
        "draft and more for the final fit",
    )  # fmt: skip
    for short, name, default in (
        ("-ps", "pretrain_steps", 100),
        ("-bs", "bootstrapping_steps", 10000),
        ("-rs", "global_rigidity_steps", 5000),
    ):
        parser.add_argument(
            short, f"--{name}", type=_whole, metavar="N",
            help=f"the same phase of the mlp engine (default: {default})",
        )  # fmt: skip
    parser.add_argument(
        "-c", "--config", type=Path, metavar="FILE.json",
        help="a configuration; it is stored, and wins over the stored one",
    )  # fmt: skip
    parser.add_argument("--quality", choices=get_args(Quality), help="how far to fit")
    parser.add_argument("--engine", choices=get_args(Engine), help="what fits (default: grid)")
    _add_masks(parser)
    parser.add_argument(
        "--weights", type=Path, metavar="FILE", help="weights of Mask R-CNN or MODNet"
    )
    _add_device(parser)
    parser.add_argument(
        "--force", action="store_true",
        help="fit anew although a fit is there; what networks had learnt is moved aside",
    )  # fmt: skip


def _evaluate(parser: argparse.ArgumentParser) -> None:
    """Measure a fit: numbers, pictures and films for checking, and a page with all of them."""
    _add_device(parser)


def _generate(parser: argparse.ArgumentParser) -> None:
    """Write the atlases to paint on, or carry an edited frame into them."""
    parser.add_argument(
        "-cf", "--custom_frame", type=Path, metavar="FRAME.png",
        help="an edited frame, called by its number (00012.png): its edit becomes an atlas",
    )  # fmt: skip
    parser.add_argument(
        "--layer", choices=("foreground", "background", "both"), default="both",
        help="which layers an edited frame is carried into (default: both)",
    )  # fmt: skip
    parser.add_argument(
        "-a",
        "--animated",
        action="store_true",
        help="a folder of atlases, one for each frame; with -cf, of the paint",
    )
    parser.add_argument(
        "-f", "--fill", action="store_true", help="foregrounds without transparency"
    )
    parser.add_argument(
        "-s", "--save_dir", type=Path, metavar="DIR",
        help="where to write (default: results/atlases or results/animated_atlases)",
    )  # fmt: skip
    _add_device(parser)


def _render(parser: argparse.ArgumentParser) -> None:
    """Draw the clip with edited atlases, or without one of its layers."""
    parser.add_argument(
        "-f", "--fg_atlas", nargs="+", metavar="ATLAS",
        help="edited foreground atlases, the front one first: a picture, a folder of pictures or "
        "a video; none leaves one out",
    )  # fmt: skip
    parser.add_argument("-b", "--bg_atlas", metavar="ATLAS", help="an edited background atlas")
    parser.add_argument(
        "-r", "--remove", choices=("foreground", "background"), help="leave a layer out"
    )
    parser.add_argument(
        "-fps", "--fps", "--frame_rate", type=_rate, metavar="FPS",
        help="frames a second (default: the source's; 10 for a bare folder of frames)",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", type=Path, metavar="OUT",
        help="a file: .mp4, or with transparency .webm, .webp, .mov (ProRes), .png (animated), "
        ".gif (hard edges); without a suffix a folder of PNG (default: results/edited_video.mp4, "
        "for a loop results/edited_loop/)",
    )  # fmt: skip
    _add_device(parser)
    parser.add_argument("--force", action="store_true", help="replace what has that name")


def _add_masks(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--mask-from", choices=get_args(MaskFrom),
        help="what tells the foreground: your own masks/, the matte that a loop has, RVM (people), "
        "Mask R-CNN (things), MODNet (portraits); auto takes the first of these that is there",
    )  # fmt: skip


def _add_device(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "-d", "--device", choices=("auto", "cpu", "cuda"), default="auto",
        help="where networks run (default: auto)",
    )  # fmt: skip


def _whole(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number from 1")
    return int(text)


def _rate(text: str) -> Fraction:
    try:
        rate = Fraction(text)
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not 0 < rate <= 1000:
        raise argparse.ArgumentTypeError(f"{text!r} is no rate; wanted frames a second, like 25")
    return rate


_COMMANDS: dict[str, tuple[Callable[[argparse.ArgumentParser], None], str]] = {
    "new": (_new, "make a project of a clip or a loop"),
    "train": (_train, "fit its layers"),
    "evaluate": (_evaluate, "measure the fit"),
    "generate": (_generate, "write the atlases to paint on"),
    "render": (_render, "draw the clip with what was painted"),
}
