"""Giving memory back to the system when a long-lived program has let go of much at once.

A run holds hundreds of megabytes of frames. Freed, they stay with the C library, which keeps a heap
for each thread for the next time: a server that had ten sessions looked as large as all of them.
That is glibc's way; elsewhere there is nothing to do.
"""

import ctypes
import gc
import sys

__all__ = ["give_back"]


def give_back() -> None:
    """Look for what only refers to itself, and give freed memory back where the C library can."""
    gc.collect()
    if not sys.platform.startswith("linux"):
        return
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
