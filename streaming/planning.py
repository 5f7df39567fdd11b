"""What a run needs to know before its first frame is matted: sizes, memory, where mattes come from.

The ring is sized once, for the longest loop that is asked for, and never grows: where the frames
would cost more than the budget, loops are written smaller instead.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from streaming.errors import SettingsError
from streaming.exports.targets import target_called
from streaming.exports.timing import TEMPO
from streaming.frames import Size, fit_short_side
from streaming.keeping import Keeper
from streaming.loops.emitter import ROLL
from streaming.loops.scan import LOOKAHEAD
from streaming.matting.governor import Governor
from streaming.matting.runtime import Runtime, choose_runtime
from streaming.matting.stream import NetworkMatting, SourceMatting, coarse_size
from streaming.matting.weights import find_weights
from streaming.media.source import SourceInfo
from streaming.settings import MattingSettings, RunSettings

__all__ = ["Plan", "matting_for", "plan_for", "within_targets"]

MB = 1_000_000
LEAST_LIVE_PX, LEAST_FILE_PX = 128, 256  # a file can be shown slower, a camera cannot
WAITING = 4 * ROLL  # frames that pre-roll, post-roll and a cut in the writer's hands add


@dataclass(frozen=True, slots=True)
class Plan:
    """Sizes and memory of one run.

    Attributes:
        loop_size: Size in which loops are written.
        coarse: Size of the network's picture, None where no network runs.
        ring_s: Seconds of frames that are held at most.
        ring_bytes: What they may cost.
        worst_bytes: What they cost at the very most.
    """

    loop_size: Size
    coarse: Size | None
    ring_s: float
    ring_bytes: int
    worst_bytes: float


def plan_for(info: SourceInfo, settings: RunSettings) -> Plan:
    """Settle sizes and memory for an input."""
    network = _network(info, settings.matting)
    coarse = coarse_size(info.size, settings.matting) if network else None
    longest_s = float(settings.ceiling_s or settings.loops.max_duration_s)
    frames = longest_s * float(info.rate) + 3 * ROLL + LOOKAHEAD
    budget = settings.output.ring_mb * MB
    size = fit_short_side(info.size, settings.output.max_height)
    worst = frames * Keeper.bytes_per_frame(size, coarse)
    while worst > budget and min(size.width, size.height) > 16:
        least = min(size.width, size.height)
        share = min(0.95, math.sqrt(budget / worst))
        size = fit_short_side(info.size, max(16, int(least * share)))
        worst = frames * Keeper.bytes_per_frame(size, coarse)
    return Plan(size, coarse, longest_s, budget, worst)


def matting_for(
    info: SourceInfo, settings: MattingSettings, cache: Path
) -> NetworkMatting | SourceMatting:
    """The matting stage for an input, with its network ready to run.

    Raises:
        SettingsError: The source's own alpha was asked for and there is none.
        WeightsError: The weights are missing, damaged or of another network.
        RuntimeMissing: The device or runtime is not there.
    """
    if not _network(info, settings):
        return SourceMatting(settings, whole=settings.matte == "none")
    weights = find_weights(settings.variant, cache, own=settings.weights)

    def build(coarse: Size, refined: bool) -> Runtime:
        return choose_runtime(
            settings, weights, coarse, refined=refined, cache=cache, late=not info.live
        )

    return NetworkMatting(settings, build, _pick(info, settings, build))


def _pick(
    info: SourceInfo, settings: MattingSettings, build: Callable[[Size, bool], Runtime]
) -> Callable[[Size], Size] | None:
    """What chooses the network's picture by the machine's speed, where anything does."""
    if settings.quality != "live" or settings.downsample_ratio is not None:
        return None
    least = LEAST_LIVE_PX if info.live else LEAST_FILE_PX
    return Governor(build, rate=info.rate, least_px=least).pick


def _network(info: SourceInfo, settings: MattingSettings) -> bool:
    if settings.matte == "source" and not info.has_alpha:
        raise SettingsError(
            f"--matte source: {info.name} carries no alpha channel; "
            "use --matte network (people) or --matte none (the whole picture)"
        )
    return settings.matte == "network" or (settings.matte == "auto" and not info.has_alpha)


def within_targets(settings: RunSettings) -> RunSettings:
    """Settings whose longest loop is no longer than what the targets take.

    The limit steers the search: where every target has one, the largest is the longest loop that
    is looked for, and a target that takes less chooses among the shorter ones.

    Raises:
        SettingsError: There is no such target.
    """
    targets = [target_called(name) for name in settings.exports.targets]
    limits = [each.most_s * (1 + TEMPO * each.whole_seconds) for each in targets if each.most_s]
    if not targets or len(limits) < len(targets):
        return settings
    loops = settings.loops
    if max(limits) >= loops.max_duration_s or max(limits) <= loops.min_duration_s:
        return settings
    return replace(settings, loops=replace(loops, max_duration_s=max(limits)))
