"""The errors a user of loopmatte can meet.

    LoopmatteError
    |- SettingsError     a setting is out of range or contradicts another     (exit 2)
    |- InputError        what was given cannot be read
    |- OutputError       the result cannot be written
    |- WeightsError      the network's weights are missing, damaged or of another shape
    `- RuntimeMissing    the computing device or runtime that was asked for is not there

One small tree, so that a caller catches `LoopmatteError` and shows its text: every message says
what was seen, what was wanted and what to do. Exceptions of foreign libraries are converted in
the file that imports the library.
"""

__all__ = [
    "InputError",
    "LoopmatteError",
    "OutputError",
    "RuntimeMissing",
    "SettingsError",
    "WeightsError",
]


class LoopmatteError(Exception):
    """Anything that went wrong and that the user can do something about."""


class SettingsError(LoopmatteError):
    """A setting is out of range or contradicts another one."""


class InputError(LoopmatteError):
    """What was given as input cannot be read, or is not what it says it is."""


class OutputError(LoopmatteError):
    """A result cannot be written where it was asked for.

    Args:
        message: What was seen, wanted and is to be done.
        elsewhere: Whether it could be written to another folder; who has a flag for that names it.
    """

    def __init__(self, message: str, *, elsewhere: bool = False) -> None:
        super().__init__(message)
        self.elsewhere = elsewhere


class WeightsError(LoopmatteError):
    """The network's weights are missing, damaged, or do not fit the network."""


class RuntimeMissing(LoopmatteError):  # noqa: N818 - reads as what it says in a message
    """The device or runtime that was asked for is not on this machine."""
