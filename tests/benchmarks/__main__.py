"""`make bench`: every benchmark, one after the other, or those that are named.

`python -m tests.benchmarks matting run` runs two of them. Each prints its own table and compares
with the alternative in the same run. What needs real footage finds it through LOOPMATTE_CLIPS.
"""

import importlib
import sys
from pathlib import Path

NAMES = sorted(
    path.stem.removeprefix("bench_") for path in Path(__file__).parent.glob("bench_*.py")
)


def main(names: list[str]) -> int:
    """Run the benchmarks named, all where none is."""
    unknown = [name for name in names if name not in NAMES]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(NAMES)}")
        return 2
    for name in names or NAMES:
        print(f"\n== {name}")
        importlib.import_module(f"tests.benchmarks.bench_{name}").main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
