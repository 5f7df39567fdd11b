"""A process that carries out one order of the engine: see `streaming/answering.py`.

Such work keeps cores busy for seconds and longer, and a library may bring its process down; neither
may cost the picture of a session that runs.
"""

import asyncio
import contextlib
import json
import sys
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["carried_out"]

LONGEST_LINE = 1 << 20


async def carried_out(
    module: str, order: Mapping[str, Any], heard: Callable[[dict[str, Any]], object]
) -> int:
    """Have a module carry out an order, in a process that does not outlive this call.

    Args:
        module: Its full name.
        order: What the process is told.
        heard: Called with everything that it says.

    Returns:
        The process's exit code.
    """
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=LONGEST_LINE,
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            child.stdin.write(json.dumps(order).encode())
            await child.stdin.drain()
        child.stdin.close()
        async for line in child.stdout:
            heard(json.loads(line))
        return await child.wait()
    finally:
        if child.returncode is None:
            child.kill()
            await child.wait()
