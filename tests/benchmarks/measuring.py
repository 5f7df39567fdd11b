"""What the benchmarks share: medians, rows of a table, the folder of footage."""

import os
import statistics
import time
from collections.abc import Callable
from pathlib import Path

__all__ = ["footage", "median_ms", "row", "title"]


def median_ms(work: Callable[[], object], *, times: int = 15, warm: int = 2) -> float:
    """Median milliseconds of calling `work`."""
    for _ in range(warm):
        work()
    spent = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        spent.append(time.perf_counter() - start)
    return statistics.median(spent) * 1000


def row(name: str, value: str, target: str = "") -> None:
    """Print one row: what was measured, the figure, and what it should be."""
    print(f"  {name:<58} {value:>24}   {target}", flush=True)


def title(name: str) -> None:
    """Print what the next rows are about."""
    print(f"  {name}", flush=True)


def footage(*parts: str) -> Path | None:
    """A clip of the real footage; prints why and gives None where there is none."""
    named = os.environ.get("LOOPMATTE_CLIPS")
    if not named:
        print("  skipped: LOOPMATTE_CLIPS names no folder of real footage")
        return None
    path = Path(named).joinpath(*parts).resolve()
    if not path.exists():
        print(f"  skipped: there is no {path}")
        return None
    return path
