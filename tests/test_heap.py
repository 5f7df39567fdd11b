"""Memory that was let go of does not stay with the process, not even what only a cycle held."""

import sys

import numpy as np
import psutil
import pytest

from streaming.heap import give_back

BLOCK = 100_000  # bytes: below what the C library asks the system for one by one
BLOCKS = 2_000


class Holder:
    """Refers to itself, and to much."""

    def __init__(self) -> None:
        self.me = self
        self.blocks = [np.full(BLOCK, n % 256, np.uint8) for n in range(BLOCKS)]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc gives memory back")
def test_what_only_a_cycle_held_goes_back_to_the_system() -> None:
    give_back()
    process = psutil.Process()
    before = process.memory_info().rss
    holder = Holder()
    last = np.full(BLOCK, 1, np.uint8)  # above everything else on the heap: it cannot just shrink
    assert process.memory_info().rss > before + 0.9 * BLOCK * BLOCKS
    del holder
    assert process.memory_info().rss > before + 0.9 * BLOCK * BLOCKS
    give_back()
    assert process.memory_info().rss < before + 0.2 * BLOCK * BLOCKS
    assert last.size
