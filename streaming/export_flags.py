"""The flags of `loopmatte export` and `loopmatte targets`."""

import argparse
from pathlib import Path

from streaming.options import add_options
from streaming.settings import ExportSettings

__all__ = ["add_export", "add_targets"]

Commands = argparse._SubParsersAction  # argparse has no public name for it


def add_export(commands: "Commands[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Add `loopmatte export`; gives its parser."""
    export = commands.add_parser(
        "export",
        help="make a loop ready for a place: a sticker, a web page, an editor",
        description="Make files of loops for other places. Each starts from the loop's master, is "
        "fitted to the place's limits, and is read again and measured before it gets its name.",
        allow_abbrev=False,
    )
    export.add_argument(
        "inputs",
        nargs="+",
        type=Path,
        metavar="LOOP",
        help="a loop's WEBM in its result folder, a file of masters/, or a result folder, whose "
        "best loop is taken",
    )
    export.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="the file to make; a folder where several are made (default: exports/ beside the "
        "loops)",
    )
    add_options(export, ExportSettings, "targets")
    export.add_argument(
        "--pack",
        metavar="NAME",
        help="make a folder of 3 to 30 loops as a WhatsApp pack of this name",
    )
    export.add_argument("--force", action="store_true", help="replace files that are there")
    export.add_argument("--json", action="store_true", help="print one event per line on stdout")
    export.add_argument("-v", "--verbose", action="store_true", help="say more on stderr")
    return export


def add_targets(commands: "Commands[argparse.ArgumentParser]") -> argparse.ArgumentParser:
    """Add `loopmatte targets`; gives its parser."""
    targets = commands.add_parser(
        "targets",
        help="list where loops can go, and what each place accepts",
        description="Where loops can go, and what each place accepts.",
        allow_abbrev=False,
    )
    targets.add_argument("--json", action="store_true", help="print the table as JSON")
    targets.add_argument("-v", "--verbose", action="store_true", help="say more on stderr")
    return targets
