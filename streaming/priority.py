"""Standing back: a process that works on what everybody else leaves of the cores.

It imports nothing of weight, so that a process can stand back before it loads anything.
"""

import os

__all__ = ["give_way"]

NICE = 15  # of 19


def give_way() -> None:
    """Run on what others leave: elsewhere than on Linux, on little more than that."""
    if hasattr(os, "SCHED_IDLE"):  # a thread of theirs that wakes has its core at once
        os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))
    elif hasattr(os, "nice"):
        os.nice(NICE)
