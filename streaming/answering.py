"""What a process does that carries out one order: JSON comes in, lines of JSON go out.

The order is read from standard input; then follow `{"step": words, "share": 0..1}` as often as
there is something to say, and one `{"done": {...}}` or `{"error": words}`. Others go first: a live
picture may be running beside it.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping
from typing import Any

from streaming.errors import LoopmatteError
from streaming.priority import give_way

__all__ = ["Progress", "answer"]

Progress = Callable[[str, float], object]


def answer(do: Callable[[Mapping[str, Any], Progress], Mapping[str, Any]]) -> None:
    """Carry out one order; the exit code says nothing, the last line everything.

    Args:
        do: Told the order, and what to call with what goes on and about which share of it is done;
            gives what was made.
    """
    give_way()
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    os.dup2(2, 1)  # what a library prints must not stand among the answers

    def say(**what: object) -> None:
        answers.write(json.dumps(what) + "\n")

    try:
        order = json.loads(sys.stdin.buffer.read())
        say(done=do(order, lambda step, share: say(step=step, share=round(share, 4))))
    except (LoopmatteError, OSError) as error:
        say(error=str(error))
