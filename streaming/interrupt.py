"""What Ctrl-C and a polite kill do to a run: it ends with what it has found."""

import signal
from collections.abc import Callable
from types import FrameType

__all__ = ["Interrupt"]


class Interrupt:
    """Turns the first Ctrl-C or SIGTERM into a wish to stop, the second into an exception.

    Args:
        heard: Called at the first.
    """

    def __init__(self, heard: Callable[[], object]) -> None:
        self._heard = heard
        self._signal = 0
        self._before: dict[int, object] = {}

    def __enter__(self) -> "Interrupt":
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._hear)
        return self

    def __exit__(self, *_: object) -> None:
        for number, before in self._before.items():
            signal.signal(number, before)  # type: ignore[arg-type] # what signal() gave us

    @property
    def code(self) -> int:
        """The exit code that says which signal it was."""
        return 128 + self._signal

    def asked(self) -> bool:
        """Whether a stop is wished for."""
        return self._signal != 0

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self._signal:
            raise KeyboardInterrupt
        self._signal = number
        self._heard()
