"""The `loopmatte` command: what a person or a shell script sees of the engine.

Result paths go to stdout, everything else to stderr; with `--json` stdout holds one event per line
and nothing else. Exit codes: 0 done, 1 failed, 2 wrong usage, 130 interrupted (what was found by
then is written).
"""

import argparse
import io
import logging
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from platformdirs import user_data_path
from rich.console import Console

from streaming.atlas_flags import add_atlas
from streaming.errors import LoopmatteError, OutputError, SettingsError
from streaming.export_flags import add_export, add_targets
from streaming.interrupt import Interrupt
from streaming.options import add_options, chosen
from streaming.settings import (
    ExportSettings,
    LoopSettings,
    MattingSettings,
    OutputSettings,
    RunSettings,
    SourceSettings,
)

__all__ = ["main"]

log = logging.getLogger(__name__)

EXAMPLES = """examples:
  loopmatte run clip.mp4                        matte it and find its five best loops
  loopmatte run clip.mp4 --loops 3 --no-video   only the loops
  loopmatte run cat.mp4 --matte none            no person in it: loop the whole picture
  loopmatte run camera:0 --background blur      a camera, until Ctrl-C
  loopmatte run clip.mp4 --json                 one event per line, for programs
  loopmatte run clip.mp4 --target telegram-sticker --target web
  loopmatte export out-*/loop_0.webm --target discord-sticker -o sticker.png
  loopmatte targets                             where loops can go, and what is accepted there
  loopmatte atlas new -p dance --from out-*/loop_0.webm    edit a loop: loopmatte atlas --help
  loopmatte serve --open                        the live page in the browser
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and give its exit code.

    Args:
        arguments: What follows the program's name; None takes the process's own.
    """
    notes = Console(stderr=True, highlight=False, soft_wrap=True)  # a message is one line
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="surrogateescape")  # a path need not be text
    parser = _parser()
    try:
        given = _parsed(parser, list(sys.argv[1:] if arguments is None else arguments))
    except SettingsError as error:
        _complain(notes, str(error))
        return 2
    _log_to(notes, verbose=given.verbose)
    try:
        command: Callable[[argparse.Namespace, Console], int] = given.command
        return command(given, notes)
    except SettingsError as error:
        _complain(notes, str(error))
        return 2
    except LoopmatteError as error:
        _complain(notes, _words(error, given))
        return 1
    except KeyboardInterrupt:
        _complain(notes, "interrupted")
        return 130
    except BrokenPipeError:  # whoever read our stdout has gone: nobody is left to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:
        log.info("where it happened", exc_info=True)  # shown with --verbose
        what = f"unexpected {type(error).__name__}: {error or 'no words'}"
        _complain(notes, f"{what}; a fault of loopmatte: report it with what --verbose says")
        return 1


def _words(error: LoopmatteError, given: argparse.Namespace) -> str:
    """What went wrong, with the flag that names another folder where this command has one."""
    there = isinstance(error, OutputError) and error.elsewhere and "output" in given
    return f"{error} with --output" if there else str(error)


def _complain(notes: Console, what: str) -> None:
    """Say what went wrong in one line, whatever characters a name in it has."""
    from streaming.results.naming import display_name

    notes.print(f"loopmatte: {display_name(what)}", style="red", markup=False)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="loopmatte",
        description="Remove the background of a video and find its seamless loops while it runs.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=_version())
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    _add_run(commands)
    add_export(commands).set_defaults(command=_export)
    add_targets(commands).set_defaults(command=_targets)
    for each in add_atlas(commands):
        each.set_defaults(command=_atlas)
    _add_serve(commands)
    _add_weights(commands)
    _add_demo(commands)
    return parser


Commands = argparse._SubParsersAction  # argparse has no public name for it


def _add_run(commands: "Commands[argparse.ArgumentParser]") -> None:
    run = commands.add_parser(
        "run",
        help="matte a video and write its loops",
        description="Matte a video, find its seamless loops and write everything into one folder.",
        allow_abbrev=False,
    )
    run.add_argument(
        "input",
        nargs="?",
        metavar="INPUT",
        help="a video, an animated GIF, WebP or APNG, a folder of pictures, an URL "
        "(http, https, rtsp) or a camera (camera:0)",
    )
    run.add_argument("--file", metavar="INPUT", help="the same, under its older name")
    for settings, title in (
        (SourceSettings, "source"),
        (MattingSettings, "matting"),
        (LoopSettings, "loops"),
        (OutputSettings, "output"),
        (ExportSettings, "targets"),
    ):
        add_options(run, settings, title)
    run.add_argument("--json", action="store_true", help="print one event per line on stdout")
    run.add_argument("--stats", action="store_true", help="say at the end where the time went")
    _add_common(run)
    run.set_defaults(command=_run)


def _add_serve(commands: "Commands[argparse.ArgumentParser]") -> None:
    from server.settings import ServerSettings

    serve = commands.add_parser(
        "serve",
        help="serve the live page: mattes in the browser, loops as they appear",
        description="Serve the live page and print its link, which carries the token that lets "
        "a browser in. Ctrl-C stops.",
        allow_abbrev=False,
    )
    add_options(serve, ServerSettings, "server")
    serve.add_argument("-v", "--verbose", action="store_true", help="say more on stderr")
    serve.set_defaults(command=_serve)


def _add_weights(commands: "Commands[argparse.ArgumentParser]") -> None:
    weights = commands.add_parser(
        "weights",
        help="show, fetch or check the network's weights",
        description="The network's weights are data under their own licence (GPL-3.0); "
        "they are fetched once and kept in the cache.",
        allow_abbrev=False,
    )
    weights.add_argument("action", nargs="?", choices=("show", "fetch", "check"), default="show")
    weights.add_argument(
        "--variant",
        choices=("mobilenetv3", "resnet50"),
        default="mobilenetv3",
        help="which network",
    )
    weights.add_argument("--file", type=Path, metavar="FILE", help="check this file instead")
    weights.add_argument("--force", action="store_true", help="fetch although they are there")
    _add_common(weights)
    weights.set_defaults(command=_weights)


def _add_demo(commands: "Commands[argparse.ArgumentParser]") -> None:
    demo = commands.add_parser(
        "demo-clip",
        help="write a short clip of a person to try things with",
        description="Write a clip of a swaying astronaut, made from a public-domain photograph.",
        allow_abbrev=False,
    )
    demo.add_argument("path", type=Path, metavar="FILE.mp4", help="a file that does not exist yet")
    _add_common(demo)
    demo.set_defaults(command=_demo)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--cache", type=Path, metavar="DIR", help="folder for weights and converted networks"
    )
    parser.add_argument("-v", "--verbose", action="store_true", help="say more on stderr")


def _parsed(parser: argparse.ArgumentParser, arguments: list[str]) -> argparse.Namespace:
    """Parse, taking what looks like an option but is a file for the input (`-clip-.mp4`)."""
    given, unknown = parser.parse_known_args([_from_here(each) for each in arguments])
    for name in unknown:
        if "input" in given and given.input is None and Path(name).exists():
            given.input = name
        else:
            parser.error(f"{name}: no such option; see loopmatte --help")
    return given


def _from_here(argument: str) -> str:
    """A file whose name looks like several short options at once (`-video.mp4`), as a path."""
    looks_short = len(argument) > 2 and argument[0] == "-" != argument[1]
    return f"./{argument}" if looks_short and Path(argument).exists() else argument


def _run(given: argparse.Namespace, notes: Console) -> int:
    if given.input and given.file:
        raise SettingsError("an INPUT and --file INPUT are the same thing: give one of them")
    what = given.input or given.file
    if not what:
        raise SettingsError("no input: name a video, a folder, an URL or camera:0")
    settings = RunSettings(
        what,
        _cache(given),
        chosen(SourceSettings, given),
        chosen(MattingSettings, given),
        chosen(LoopSettings, given),
        chosen(OutputSettings, given),
        exports=chosen(ExportSettings, given),
    )
    from streaming.pipeline import run
    from streaming.telling import tell_json, tell_people

    words = "stopping: writing what was found (again to give up)"
    with Interrupt(lambda: notes.print(words, style="yellow")) as interrupt:
        events = run(settings, stop=interrupt.asked)
        tell = tell_json if given.json else tell_people
        interrupted = tell(events, notes, stats=given.stats)
    return interrupt.code if interrupted else 0


def _export(given: argparse.Namespace, notes: Console) -> int:
    from streaming.send_command import Order, export_all, export_pack
    from streaming.telling import tell_exports

    settings = chosen(ExportSettings, given)
    order = Order(tuple(given.inputs), given.output, settings, given.force)
    made = export_pack(order, given.pack) if given.pack else export_all(order)
    return 1 if tell_exports(made, notes, json=given.json) else 0


def _targets(given: argparse.Namespace, notes: Console) -> int:
    from streaming.send_command import targets_json, targets_table

    for line in [targets_json()] if given.json else targets_table():
        _print_now(line)
    return 0


def _atlas(given: argparse.Namespace, notes: Console) -> int:
    from streaming.atlas_command import atlas
    from streaming.atlas_telling import Teller

    return atlas(given, Teller(notes, objects=given.json), _cache(given))


def _serve(given: argparse.Namespace, notes: Console) -> int:
    from server.serving import serve
    from server.settings import ServerSettings

    given.cache = _cache(given)
    given.library = given.library or user_data_path("loopmatte") / "library"
    settings = chosen(ServerSettings, given)
    serve(settings, say=lambda words: notes.print(words, markup=False), link=_print_now)
    return 0


def _print_now(line: str) -> None:
    print(line, flush=True)  # noqa: T201 - results go to stdout


def _weights(given: argparse.Namespace, notes: Console) -> int:
    from streaming.matting.weights import cached, fetch, find_weights, published

    cache = _cache(given)
    entry = published(given.variant)
    if given.action == "fetch" and (given.force or cached(given.variant, cache) is None):
        fetch(given.variant, cache, progress=_bytes_to(notes))
    found = (
        find_weights(given.variant, cache, own=given.file)
        if given.file
        else cached(given.variant, cache)
    )
    notes.print(f"{entry.name}: {entry.origin}, licence {entry.licence}", markup=False)
    if found is None:
        notes.print(f"not in {cache}; fetch them with: loopmatte weights fetch", markup=False)
        return 1 if given.action == "check" else 0
    notes.print(f"sha256 {found.sha256}{' (as published)' if found.pinned else ''}", markup=False)
    if given.action == "check":
        from streaming.matting.loading import load_network

        load_network(found.path, given.variant)
        notes.print("names and shapes fit the network", markup=False)
    print(found.path)  # noqa: T201 - results go to stdout
    return 0


def _demo(given: argparse.Namespace, notes: Console) -> int:
    from streaming.demo import write_demo_clip

    write_demo_clip(given.path)
    print(given.path)  # noqa: T201 - results go to stdout
    return 0


def _cache(given: argparse.Namespace) -> Path:
    if given.cache is not None:
        return Path(given.cache)
    from streaming.matting.weights import default_cache

    return default_cache()


def _bytes_to(notes: Console) -> Callable[[int, int], None]:
    def told(done: int, total: int) -> None:
        share = f" of {total / 1e6:.0f}" if total else ""
        notes.print(f"{done / 1e6:.0f}{share} MB", end="\r", markup=False)

    return told


def _log_to(notes: Console, *, verbose: bool) -> None:
    logging.basicConfig(
        level=logging.INFO if verbose else logging.WARNING, handlers=[_Notes(notes)], force=True
    )


def _version() -> str:
    try:
        return f"loopmatte {version('loopmatte')}"
    except PackageNotFoundError:
        return "loopmatte (not installed)"


class _Notes(logging.Handler):
    """Prints log records as lines above the progress."""

    def __init__(self, notes: Console) -> None:
        super().__init__()
        self._notes = notes

    def emit(self, record: logging.LogRecord) -> None:
        from streaming.results.naming import display_name

        text = f"{record.levelname.lower()}: {display_name(record.getMessage())}"
        self._notes.print(text, style="yellow", markup=False)
        if record.exc_info:
            trace = logging.Formatter().formatException(record.exc_info)
            self._notes.print(trace, markup=False)
