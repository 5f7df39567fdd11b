"""Ten minutes of frames cost no more per frame, and no more memory, than one."""

import itertools
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction

import psutil
import pytest

from streaming.loops import detector as detector_module
from streaming.loops.candidates import Candidate
from streaming.loops.detector import LoopDetector
from streaming.loops.fingerprint import Fingerprint, Fingerprinter
from streaming.settings import LoopSettings
from tests.loops.figures import Swing

FPS = 4
MINUTE = 60 * FPS


def endless() -> Iterator[Fingerprint]:
    """A swing whose period is no whole number, repeated for ever."""
    maker = Fingerprinter()
    kept = [
        print_
        for look in Swing(20.5, frames=82, noise=4, fps=FPS).looks()
        for print_ in maker.push(look)
    ]
    for index, print_ in enumerate(itertools.cycle(kept)):
        yield replace(print_, index=index, time_s=Fraction(index, FPS))


def test_ten_minutes_stay_flat(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = 0

    class Counted(Candidate):
        def __init__(self, *args: object) -> None:
            nonlocal looked
            looked += 1
            super().__init__(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(detector_module, "Candidate", Counted)
    detector = LoopDetector(LoopSettings())
    frames, counts, memory, found = endless(), [], [], 0
    for _ in range(10):
        before = looked
        for print_ in itertools.islice(frames, MINUTE):
            found += sum(len(moment.found) for moment in detector.push(print_))
        counts.append(looked - before)
        memory.append(psutil.Process().memory_info().rss)
    assert counts[-1] <= 1.1 * counts[1]
    assert memory[-1] <= memory[1] + 4_000_000  # what leaks would be 40 MB of thumbnails
    assert 1 <= found <= 30
