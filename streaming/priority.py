"""Standing back: a process that lets others have the cores first.

It imports nothing of weight, so that a process can stand back before it loads anything. Linux's
idle class would disturb a live picture least, and get nothing done at all on a machine that others
keep busy: a loop of four seconds' work came after fifty. At this niceness a process that competes
for every core still gets a tenth of one.

Who has stood back cannot step forward again. But to Linux a thread is what stands back, with those
that it starts, so that a process may do so on one thread now, and work on others later.
"""

import os
from collections.abc import Iterator
from importlib import import_module
from types import ModuleType

__all__ = ["NICE", "gently", "give_way"]

NICE = 10  # of 19


def give_way() -> None:
    """Run after others, and yet run: this thread on Linux, elsewhere the whole process."""
    if hasattr(os, "nice"):
        os.nice(NICE)


def gently(module: str) -> Iterator[ModuleType]:
    """Give way on the thread where this is iterated, then load a module and give it.

    Args:
        module: Its full name.
    """
    give_way()
    yield import_module(module)
