"""What a fingerprint and the detector cost per frame, and whether an hour changes it.

    python -m tests.benchmarks.bench_detector

Targets: a fingerprint 1 ms, the detector 0.5 ms with 300 frames in its window, both flat. Beside
them stands what hashing the full frame would cost. Time is that of the thread, on one thread of
linear algebra as in a run: neighbours on the machine then count for their caches alone.
"""

import itertools
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction

import imagehash
import numpy as np
from PIL import Image
from threadpoolctl import threadpool_limits

from streaming.loops.detector import LoopDetector
from streaming.loops.fingerprint import Fingerprint, Fingerprinter
from streaming.settings import LoopSettings
from tests.loops.figures import Swing

FPS = 48  # 6 s are 288 frames, with the lookahead 300
MINUTE = 60 * FPS
HOUR = 60 * MINUTE


def timed(work: Callable[[], object]) -> float:
    start = time.thread_time()
    work()
    return (time.thread_time() - start) * 1000


def fingerprint_ms(size: tuple[int, int], frames: int = 200) -> float:
    looks = list(Swing(37, frames=frames, noise=4, size=size, fps=FPS).looks())
    maker = Fingerprinter()
    costs = [timed(lambda look=look: maker.push(look)) for look in looks]  # type: ignore[misc]
    return statistics.median(costs[20:])


def endless() -> Iterator[Fingerprint]:
    """A swing of no whole period, with noise, for ever."""
    maker = Fingerprinter()
    swing = Swing(37.5, frames=750, noise=6, size=(256, 144), fps=FPS)
    kept = [print_ for look in swing.looks() for print_ in maker.push(look)]
    for index, print_ in enumerate(itertools.cycle(kept)):
        yield replace(print_, index=index, time_s=Fraction(index, FPS))


def detector_ms(minutes: int) -> list[float]:
    """Median cost of a frame in each minute."""
    detector, frames = LoopDetector(LoopSettings()), endless()
    medians = []
    for _ in range(minutes):
        costs = [
            timed(lambda print_=print_: list(detector.push(print_)))  # type: ignore[misc]
            for print_ in itertools.islice(frames, MINUTE)
        ]
        medians.append(statistics.median(costs))
    return medians


def full_hash_ms() -> float:
    picture = Image.fromarray(np.random.default_rng(0).integers(0, 256, (720, 1280, 3), np.uint8))
    return statistics.median(timed(lambda: imagehash.phash(picture)) for _ in range(15))


def main() -> None:
    with threadpool_limits(1, user_api="blas"):
        report()


def report() -> None:
    print("what                                            median ms   target")
    for size in ((256, 144), (384, 216), (512, 288)):
        cost = fingerprint_ms(size)
        print(f"fingerprint of a {size[0]}x{size[1]} look (two phashes in it)  {cost:8.2f}   1.0")
    print(f"phash alone of a 1280x720 frame                   {full_hash_ms():8.2f}   -")
    medians = detector_ms(60)
    first, last = medians[1], medians[-1]
    print(f"detector, 300 frames in the window, minute 2      {first:8.2f}   0.5")
    print(f"the same, minute 60                               {last:8.2f}   0.5")
    print(f"ratio                                             {last / first:8.2f}   1.0")


if __name__ == "__main__":
    main()
