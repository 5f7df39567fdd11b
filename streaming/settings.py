"""Every setting of a run: one frozen dataclass per concern, each default chosen once.

The command line is built from these fields (`metadata` carries the help), so flag, default and help
cannot drift apart. Nothing here reads the environment, arguments or the working directory.
"""

import re
from dataclasses import dataclass, field, fields
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from streaming.errors import SettingsError

__all__ = [
    "ExportSettings",
    "LoopSettings",
    "MattingSettings",
    "OutputSettings",
    "Repair",
    "RunSettings",
    "SourceSettings",
    "option",
]

Quality = Literal["live", "fast", "balanced", "best"]
Variant = Literal["mobilenetv3", "resnet50"]
MatteFrom = Literal["auto", "network", "source", "none"]
Repair = Literal["auto", "none", "drift", "morph", "crossfade", "bridge", "pingpong"]
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def option(default: Any, help: str, *, metavar: str | None = None, flag: str | None = None) -> Any:
    """A settings field with what the command line needs to know about it.

    Args:
        default: The field's default; immutable.
        help: One line for `--help`, without the default (it is added).
        metavar: How the value is called in `--help`.
        flag: The flag where it is not the field's name with dashes.
    """
    return field(default=default, metadata={"help": help, "metavar": metavar, "flag": flag})


def _require(good: bool, seen: str, wanted: str) -> None:
    if not good:
        raise SettingsError(f"{seen}: {wanted}")


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """What to read of the input, and how much of it is trusted."""

    start_s: Fraction | None = option(
        None, "skip what comes before this time", metavar="TIME", flag="--start"
    )
    end_s: Fraction | None = option(None, "stop at this time", metavar="TIME", flag="--end")
    max_pixels: int = option(36_000_000, "refuse pictures with more pixels than this", metavar="N")

    def __post_init__(self) -> None:
        start, end = self.start_s, self.end_s
        _require(
            start is None or start >= 0,
            f"--start {start}",
            "a start is 0 or later (seconds or h:mm:ss)",
        )
        _require(
            end is None or end > (start or 0),
            f"--end {end}",
            f"the end must come after the start ({start or 0} s)",
        )
        _require(self.max_pixels >= 1, f"--max-pixels {self.max_pixels}", "give at least 1")


@dataclass(frozen=True, slots=True)
class MattingSettings:
    """How the subject is separated from its background."""

    quality: Quality = option(
        "balanced",
        "long side of the network's picture: 256, 384 or 512 px; live is what keeps up with the "
        "source's own rate",
    )
    downsample_ratio: float | None = option(
        None, "the network's picture as a share of the frame, instead of --quality", metavar="R"
    )
    matte: MatteFrom = option(
        "auto",
        "where the matte comes from: the network (people only), the source's own alpha, "
        "or none (the whole picture); auto takes the source's alpha where there is one",
    )
    variant: Variant = option("mobilenetv3", "which of the two published networks")
    weights: Path | None = option(
        None, "a weights file (.onnx or .pth) instead of the fetched one", metavar="FILE"
    )
    runtime: Literal["auto", "torch", "openvino"] = option(
        "auto", "what runs the network; auto is openvino on a CPU, torch elsewhere"
    )
    device: str = option("auto", "auto, cpu, cuda, cuda:N or mps")
    precision: Literal["auto", "fp32", "bf16", "fp16"] = option(
        "auto", "arithmetic; auto is bf16 on CPUs that have it, fp16 on CUDA, else fp32"
    )
    threads: int = option(0, "CPU threads for the network, 0 for all", metavar="N")

    def __post_init__(self) -> None:
        ratio = self.downsample_ratio
        _require(
            ratio is None or 0 < ratio <= 1,
            f"--downsample-ratio {ratio}",
            "give a share above 0 and up to 1, for example 0.25 for 1080p",
        )
        _require(self.threads >= 0, f"--threads {self.threads}", "give 0 (all cores) or more")


@dataclass(frozen=True, slots=True)
class LoopSettings:
    """What counts as a loop, and how many are wanted."""

    loops: int = option(5, "how many of the best loops to keep", metavar="N")
    min_duration_s: Fraction = option(
        Fraction(1, 2), "shortest loop in seconds", metavar="S", flag="--min-duration"
    )
    max_duration_s: Fraction = option(
        Fraction(6), "longest loop in seconds", metavar="S", flag="--max-duration"
    )
    seam: float = option(
        1.0,
        "largest mismatch at the seam, in ordinary steps of the motion: "
        "0.5 strict, 1 not visible, 2 lenient",
        metavar="M",
    )
    anchor: Literal["subject", "off"] = option(
        "subject",
        "subject: a subject that drifts still closes the loop and is led back over its length; "
        "off: frames stay in place",
    )
    repair: Repair = option(
        "auto",
        "what may be done to a near-loop so that it closes: auto takes the least that makes its "
        "seam invisible, none leaves near-loops as they are",
    )
    whole_subject: bool = option(
        False, "only loops whose subject is not cut by the frame's edge at the seam"
    )

    def __post_init__(self) -> None:
        _require(self.loops >= 1, f"--loops {self.loops}", "ask for at least 1 loop")
        _require(
            self.min_duration_s > 0, f"--min-duration {self.min_duration_s}", "give more than 0 s"
        )
        _require(
            self.max_duration_s > self.min_duration_s,
            f"--min-duration {float(self.min_duration_s):g} with "
            f"--max-duration {float(self.max_duration_s):g}",
            "the longest loop must be longer than the shortest; swap them?",
        )
        _require(
            self.max_duration_s <= 60, f"--max-duration {self.max_duration_s}", "give at most 60 s"
        )
        _require(0 < self.seam <= 4, f"--seam {self.seam:g}", "give more than 0, up to 4")


@dataclass(frozen=True, slots=True)
class OutputSettings:
    """What is written, and where."""

    output: Path | None = option(
        None, "the result folder itself (default: out-<timestamp> beside the input)", metavar="DIR"
    )
    force: bool = option(False, "write into --output although it holds something")
    background: str = option(
        "green",
        "behind the subject in no_background: green, #RRGGBB, a picture, a video, blur, "
        "or none for a transparent WEBM",
        metavar="WHAT",
    )
    video: bool = option(True, "write no_background", flag="--video")
    alpha: bool = option(False, "also write alpha.mp4, the matte as grey")
    foreground: bool = option(False, "also write foreground.mp4, the subject's own colours")
    copy: bool = option(
        True, "put a copy of the input, or a link to it, beside the results", flag="--copy"
    )
    max_height: int = option(
        720, "short side of the written loops at most, in pixels", metavar="PX"
    )
    ring_mb: int = option(
        900,
        "memory for the frames that a loop may still be cut from; loops get smaller to fit",
        metavar="MB",
    )

    def __post_init__(self) -> None:
        _require(self.max_height >= 16, f"--max-height {self.max_height}", "give at least 16")
        _require(self.ring_mb >= 16, f"--ring-mb {self.ring_mb}", "give at least 16")


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """Where loops go, and how they look there."""

    targets: tuple[str, ...] = option(
        (),
        "make a file for this destination, proven to be within its limits; may be given several "
        "times (the list: loopmatte targets)",
        metavar="NAME",
        flag="--target",
    )
    stroke_px: int = option(
        0, "outline around the subject, in the target's pixels", metavar="PX", flag="--stroke"
    )
    stroke_colour: str = option("#FFFFFF", "colour of the outline", metavar="#RRGGBB")
    margin_px: int | None = option(
        None,
        "empty room around the subject, in the target's pixels (default: the target's)",
        metavar="PX",
        flag="--margin",
    )
    start_frame: int | None = option(
        None,
        "begin with this frame of the loop, counted from 0 (default: the best still where a "
        "target shows it, else the calmest)",
        metavar="N",
    )
    rate: Fraction | None = option(None, "frames per second at most", metavar="FPS", flag="--rate")
    matte_colour: str = option(
        "#FFFFFF", "what soft edges lie over where alpha has one bit (GIF)", metavar="#RRGGBB"
    )

    def __post_init__(self) -> None:
        _require(0 <= self.stroke_px <= 64, f"--stroke {self.stroke_px}", "give 0 to 64")
        margin = self.margin_px
        _require(margin is None or 0 <= margin <= 256, f"--margin {margin}", "give 0 to 256")
        _require(
            self.start_frame is None or self.start_frame >= 0,
            f"--start-frame {self.start_frame}",
            "frames are counted from 0",
        )
        _require(self.rate is None or self.rate > 0, f"--rate {self.rate}", "give more than 0")
        for flag, colour in (("stroke", self.stroke_colour), ("matte", self.matte_colour)):
            good = COLOUR.fullmatch(colour) is not None
            _require(good, f"--{flag}-colour {colour}", "give it as #RRGGBB, like #FFFFFF")


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Everything one run needs to know.

    Attributes:
        input: A path, a URL (http, https, rtsp) or a camera (`camera:0`).
        cache: Folder for weights and converted networks.
        ceiling_s: Longest loop that may be asked for while the run goes on; None for what is asked
            for at its start. It sizes the memory.
    """

    input: str
    cache: Path
    source: SourceSettings = SourceSettings()
    matting: MattingSettings = MattingSettings()
    loops: LoopSettings = LoopSettings()
    output: OutputSettings = OutputSettings()
    ceiling_s: Fraction | None = None
    exports: ExportSettings = ExportSettings()

    def as_dict(self) -> dict[str, object]:
        """The settings as plain values for JSON, without the groups' names."""
        flat: dict[str, object] = {"input": self.input}
        for group in (self.source, self.matting, self.loops, self.output, self.exports):
            for each in fields(group):
                value = getattr(group, each.name)
                flat[each.name] = _plain(value)
        return flat


def _plain(value: object) -> object:
    if isinstance(value, Fraction):
        return float(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    return value
