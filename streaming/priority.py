"""Standing back: a process that lets others have the cores first.

It imports nothing of weight, so that a process can stand back before it loads anything. Linux's
idle class would disturb a live picture least, and get nothing done at all on a machine that others
keep busy: a loop of four seconds' work came after fifty. At this niceness a process that competes
for every core still gets a tenth of one.
"""

import os

__all__ = ["give_way"]

NICE = 10  # of 19


def give_way() -> None:
    """Run after others, and yet run."""
    if hasattr(os, "nice"):
        os.nice(NICE)
