"""What a user asked the web face for, as the engine's settings."""

import os
from fractions import Fraction
from pathlib import Path

from server.errors import RequestError
from server.library import RESULT
from server.model import Limits, SessionFacts, Wanted
from streaming import (
    LoopSettings,
    MattingSettings,
    OutputSettings,
    RunSettings,
    SourceSettings,
)
from streaming.live import SettingsError

__all__ = ["checked", "limits_for_engine", "run_settings"]

MICRO = 1_000_000


def limits_for_engine(limits: Limits, ceiling_s: float | None = None) -> LoopSettings:
    """The engine's settings for what counts as a loop.

    Args:
        limits: What is asked for.
        ceiling_s: Longest loop that may be asked for.

    Raises:
        RequestError: They make no sense.
    """
    if ceiling_s is not None and limits.max_duration_s > ceiling_s:
        raise RequestError(
            422,
            f"max_duration_s {limits.max_duration_s:g}: this server holds {ceiling_s:g} s of "
            "frames, give at most that (or start it with a larger --ceiling)",
        )
    try:
        return LoopSettings(
            loops=limits.loops,
            min_duration_s=_exact(limits.min_duration_s),
            max_duration_s=_exact(limits.max_duration_s),
            seam=limits.seam,
        )
    except SettingsError as error:
        raise RequestError(422, str(error).replace("--", "")) from error


def checked(limits: Limits, ceiling_s: float) -> Limits:
    """The limits themselves, if the engine can use them.

    Raises:
        RequestError: It cannot.
    """
    limits_for_engine(limits, ceiling_s)
    return limits


def run_settings(wanted: Wanted, facts: SessionFacts, folder: Path, cache: Path) -> RunSettings:
    """The engine's settings for a session.

    Args:
        wanted: Its source.
        facts: Its limits.
        folder: Its folder in the library.
        cache: Folder for weights and converted networks.
    """
    quality = wanted.quality
    if quality == "auto":  # somebody watches, unless it is to be over soon
        quality = "live" if wanted.pace == "real" else "balanced"
    return RunSettings(
        wanted.address or wanted.name,
        cache,
        SourceSettings(),
        MattingSettings(matte=wanted.matte, quality=quality, threads=_threads(facts)),
        limits_for_engine(facts.limits),
        OutputSettings(output=folder / RESULT, video=False, copy=False),
        _exact(facts.ceiling_s),
    )


def _threads(facts: SessionFacts) -> int:
    """The network's threads, 0 for as many as there are cores.

    Before a camera every core but one: threads that share a frame wait for each other by turning in
    place, and where that takes all cores, whoever decodes and shows the picture stands still.
    """
    return max(1, (os.cpu_count() or 2) - 1) if facts.live else 0


def _exact(seconds: float) -> Fraction:
    return Fraction(round(seconds * MICRO), MICRO)
